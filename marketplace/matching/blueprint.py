"""The blueprint of selections, whose pages stand in several modules."""

from flask import Blueprint

bp = Blueprint("matching", __name__)
