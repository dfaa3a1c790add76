"""The blueprint that all pages of companies stand on."""

from flask import Blueprint

bp = Blueprint("brands", __name__)
