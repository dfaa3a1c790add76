"""Pages of briefs."""

from flask import Blueprint

bp = Blueprint("briefs", __name__)
