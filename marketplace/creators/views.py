"""Pages of creators."""

from flask import Blueprint

bp = Blueprint("creators", __name__)
