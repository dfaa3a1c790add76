"""The blueprint that all pages of escrow stand on."""

from flask import Blueprint

bp = Blueprint("escrow", __name__)
