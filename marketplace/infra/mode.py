"""Test and live never mix: a database that has heard of the one is not opened with the keys of the other."""

import structlog
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from marketplace.config import SettingsError
from marketplace.infra.db import db, end_transaction
from marketplace.infra.inbox import InboxEvent
from marketplace.infra.settings import settings

logger = structlog.get_logger(__name__)


def require_one_mode(app: Flask) -> None:
    """Hold the keys against the newest event that the database has of the provider; events of the other mode are never
    kept, so that one speaks for all. A database that can't be asked now is no reason not to start.

    Raises:
        SettingsError: the keys are of the other mode.
    """
    with app.app_context():
        try:
            newest = select(InboxEvent.livemode).order_by(InboxEvent.received_at.desc()).limit(1)
            livemode = db.session.scalar(newest)
        except DBAPIError as error:
            # Away, or without tables yet.
            logger.warning("mode not checked", reason=type(error).__name__)
            return
        finally:
            end_transaction()
        if livemode is not None and settings().stripe_secret_key is not None and livemode != settings().live:
            kept, given = ("live", "test") if livemode else ("test", "live")
            raise SettingsError(
                f"STRIPE_SECRET_KEY is a {given} key, but this database holds {kept} payments: their ids mean nothing "
                f"to Stripe’s {given} mode. Give the {kept} key, or another DATABASE_URL."
            )
