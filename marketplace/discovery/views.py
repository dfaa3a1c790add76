"""Pages of discovery."""

from flask import Blueprint

bp = Blueprint("discovery", __name__)
