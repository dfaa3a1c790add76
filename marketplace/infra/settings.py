"""The running application's settings, for code below the views."""

from flask import current_app

from marketplace.config import Settings


def settings() -> Settings:
    """The settings this application was made with; needs an application context."""
    found = current_app.extensions["mutuals_settings"]
    assert isinstance(found, Settings)
    return found
