"""Pages of brands."""

from flask import Blueprint

bp = Blueprint("brands", __name__)
