"""What tests of creators' fans share: settings for one test, and counts that were accepted."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.creators.models import Channel, FanReading
from marketplace.creators.policy import today
from marketplace.creators.readings import review_reading, submit_reading
from marketplace.infra.db import db
from marketplace.infra.uploads import Upload
from tests.support.market import CreatorSide, make_admin

SHOT = Upload("fans.png", "image/png", b"picture")
Setting = Callable[..., None]


@pytest.fixture
def setting(app: Flask) -> Iterator[Setting]:
    """Gives the application other settings for the length of a test: `setting(fan_rule="sum")`."""
    before = app.extensions["mutuals_settings"]

    def change(**values: object) -> None:
        app.extensions["mutuals_settings"] = app.extensions["mutuals_settings"].model_copy(update=values)

    yield change
    app.extensions["mutuals_settings"] = before


def channel_of(creator: CreatorSide) -> int:
    """The creator's first channel."""
    return (
        db.session.scalars(select(Channel.id).where(Channel.creator_id == creator.id).order_by(Channel.id)).first() or 0
    )


def accept(
    creator: CreatorSide, fans: int, *, day: date | None = None, channel: int | None = None, admin: Actor | None = None
) -> FanReading:
    """A reading of the creator's, handed in with evidence and accepted."""
    reading = submit_reading(creator.actor, channel or channel_of(creator), fans, day or today(), SHOT)
    return review_reading(admin or make_admin(), reading.id, accept=True)
