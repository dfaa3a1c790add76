"""The blueprint of offers, which its modules of pages share."""

from flask import Blueprint

bp = Blueprint("offers", __name__)
