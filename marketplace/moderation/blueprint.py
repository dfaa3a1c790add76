"""The blueprint of reports. Its pages stand in the console's floor, above everything that can be reported."""

from flask import Blueprint

bp = Blueprint("moderation", __name__)
