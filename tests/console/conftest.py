"""An administrator at the console."""

from dataclasses import dataclass

import pytest
from flask import Flask

from marketplace.accounts.actor import Actor
from marketplace.infra.db import transaction
from tests.support.market import BrandSide, make_admin, sign_in
from tests.support.web import Client


@dataclass(frozen=True)
class Admin:
    """A signed-in administrator: who they are, and their browser."""

    actor: Actor
    client: Client

    @property
    def user_id(self) -> int:
        assert self.actor.user_id is not None
        return self.actor.user_id


def admin_at(app: Flask, name: str = "Arbiter Wei") -> Admin:
    """Another administrator, signed in."""
    with app.app_context(), transaction():
        actor = make_admin(name)
    assert actor.user_id is not None
    client = app.test_client()
    assert isinstance(client, Client)
    sign_in(client, BrandSide(0, "", actor.user_id, f"{actor.user_id}:1", actor))
    return Admin(actor, client)


@pytest.fixture
def admin(app: Flask) -> Admin:
    return admin_at(app)
