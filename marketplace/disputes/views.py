"""Pages of disputes."""

from flask import Blueprint

bp = Blueprint("disputes", __name__)
