"""Who belongs to the demo's companies besides their founders: roles, a spending limit, a place in two, an open mail."""

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from marketplace.accounts.actor import BrandRole
from marketplace.accounts.models import Side
from marketplace.accounts.service import create_user
from marketplace.brands.invitations import accept_invitation, invite
from marketplace.brands.members import set_limit
from marketplace.demo.spec import BRAND, DOMAIN, MANAGER, PASSWORD
from marketplace.demo.world import Story, World
from marketplace.infra.db import db, transaction
from marketplace.infra.mail import Mail
from marketplace.infra.settings import settings
from marketplace.kit.money import Money


@dataclass(frozen=True, slots=True)
class _Colleague:
    """Joined `since` days before today; `limit` is in yuan a month. Without a `name` they have an account already."""

    handle: str
    brand: str
    email: str
    role: BrandRole
    since: int
    name: str = ""
    locale: str = "en"
    limit: int | None = None


_OPEN: Final = "nadia.holt@studio-holt.example"
_COLLEAGUES: Final = (
    _Colleague(MANAGER, BRAND, "manager", BrandRole.MANAGER, 236, "Nora Quist", limit=40_000),
    _Colleague("tidewell-finance", BRAND, "finance", BrandRole.FINANCE, 210, "Hugo Lim", limit=60_000),
    _Colleague("tidewell-viewer", BRAND, "viewer", BrandRole.VIEWER, 88, "Pei Shan"),
    # The demo's brand owner looks on at a second company.
    _Colleague("quietware-guest", "quietware", "brand", BrandRole.VIEWER, 140),
    _Colleague(
        "weiguang-manager", "weiguang-lights", "weiguang-manager", BrandRole.MANAGER, 120, "骆一帆", "zh", 50_000
    ),
)


def teams(world: World, password_hash: str) -> list[Story]:
    return [*(_joins(world, one, password_hash) for one in _COLLEAGUES), _invited(world)]


def _joins(world: World, one: _Colleague, password_hash: str) -> Story:
    """Asked one day, in by the link of the mail on the next."""
    email = f"{one.email}@{DOMAIN}"
    yield world.at(one.since, 10, 5)
    with transaction():
        invite(world.actors[one.brand], email, one.role, one.locale)
    yield world.at(one.since - 1, 9, 40)
    with transaction():
        if one.name:
            _sign_up(one, email, password_hash)
        accept_invitation(world.learn(one.handle, email), _token(email))
        member = world.learn(one.handle, email)
    if one.limit is not None:
        assert member.user_id is not None
        yield world.at(one.since - 1, 11, 15)
        with transaction():
            set_limit(world.actors[one.brand], member.user_id, Money(one.limit * 100))


def _sign_up(one: _Colleague, email: str, password_hash: str) -> None:
    create_user(
        email=email,
        password=PASSWORD,
        name=one.name,
        side=Side.BRAND,
        locale=one.locale,
        timezone=settings().default_timezone,
        confirmed=True,
        password_hash=password_hash,
    )


def _token(email: str) -> str:
    """What stands in the link of the mail."""
    mails = select(Mail.body_text).where(Mail.address == email, Mail.message == "brand_invitation")
    found = re.search(r"/join/([\w-]+)", db.session.scalars(mails.order_by(Mail.id.desc())).first() or "")
    assert found is not None
    return found[1]


def _invited(world: World) -> Story:
    yield world.at(2, 15, 30)
    with transaction():
        invite(world.actors[BRAND], _OPEN, BrandRole.MANAGER, "en")
