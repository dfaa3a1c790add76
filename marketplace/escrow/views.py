"""Pages of escrow."""

from flask import Blueprint

bp = Blueprint("escrow", __name__)
