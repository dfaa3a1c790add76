"""Pages of accounts."""

from flask import Blueprint

bp = Blueprint("account", __name__)
mailbox_bp = Blueprint("mailbox", __name__)
