"""The blueprint that all pages of deals stand on."""

from flask import Blueprint

bp = Blueprint("deals", __name__)
