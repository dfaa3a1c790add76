"""The blueprint that all pages of the console stand on."""

from flask import Blueprint

bp = Blueprint("console", __name__)
