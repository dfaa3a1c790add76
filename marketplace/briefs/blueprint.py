"""The blueprint that all pages of briefs stand on, those with selections too."""

from flask import Blueprint

bp = Blueprint("briefs", __name__)
