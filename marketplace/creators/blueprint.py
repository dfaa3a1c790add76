"""The blueprint of the pages that creators keep."""

from flask import Blueprint

bp = Blueprint("creators", __name__)
