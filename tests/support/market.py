"""Creators, brands, offers, briefs and selections for tests, made by the verbs that people use.

Call inside an application context and a transaction: `with transaction(): creator = make_creator()`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Protocol

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext
from sqlalchemy import text

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import Side, User
from marketplace.accounts.service import create_user
from marketplace.app import load_actor
from marketplace.brands.models import Brand, Member
from marketplace.brands.queries import get_brand
from marketplace.brands.service import BrandFacts, create_brand
from marketplace.briefs.facts import BriefFacts, Deliverable
from marketplace.briefs.models import Brief, Visibility
from marketplace.briefs.policy import platform_today
from marketplace.briefs.service import create_brief, open_brief
from marketplace.creators.channels import add_channel
from marketplace.creators.models import Category, Creator, Platform
from marketplace.creators.queries import get_creator
from marketplace.creators.readings import review_reading, submit_reading
from marketplace.creators.service import CreatorFacts, save_profile
from marketplace.infra.db import db
from marketplace.infra.uploads import Upload
from marketplace.kit import clock
from marketplace.kit.deal_kinds import ContentKind, DealKind
from marketplace.kit.money import Money
from marketplace.matching.models import Selection
from marketplace.matching.service import apply_to_brief, invite_creator
from marketplace.offers.models import Offer
from marketplace.offers.service import OfferFacts, PackageFacts, create_offer, list_offer

PASSWORD = "a long and winding password"
_numbers = count(1)
_ADDRESSES = {
    Platform.DOUYIN: "https://www.douyin.com/user/{}",
    Platform.BILIBILI: "https://space.bilibili.com/{}",
    Platform.YOUTUBE: "https://www.youtube.com/@{}",
}
_PICTURE = Upload("fans.png", "image/png", b"a picture of the figure")
_CONTENT = {content.deal_kind: content for content in ContentKind} | {DealKind.VIDEO: ContentKind.VIDEO_LONG}


@dataclass(frozen=True, slots=True)
class CreatorSide:
    """A creator who can act. Plain values, so that they outlast the session that made them."""

    id: int
    handle: str
    user_id: int
    session_id: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class BrandSide:
    """A brand's member who can act, its owner unless told otherwise."""

    id: int
    handle: str
    user_id: int
    session_id: str
    actor: Actor


def make_user(side: Side, name: str = "", *, confirmed: bool = True, is_admin: bool = False) -> User:
    number = next(_numbers)
    return create_user(
        email=f"person{number}@example.com",
        password=PASSWORD,
        name=name or f"Person {number}",
        side=side,
        locale="en",
        timezone="Asia/Shanghai",
        confirmed=confirmed,
        is_admin=is_admin,
    )


def make_admin(name: str = "Arbiter Wei") -> Actor:
    return load_actor(make_user(Side.NONE, name, is_admin=True))


def make_creator(
    name: str = "Lin Yue",
    *,
    eligible: bool = True,
    fans: int = 50_000,
    platform: Platform = Platform.DOUYIN,
    category: Category = Category.FOOD,
    confirmed: bool = True,
    reviewer: Actor | None = None,
) -> CreatorSide:
    """A creator with one channel; `eligible` has an administrator, a new one unless given, accept a reading of `fans`.

    News of a reading or a report goes to every administrator there is: who makes many creators gives one `reviewer`.
    """
    user = make_user(Side.CREATOR, name, confirmed=confirmed)
    handle = f"creator-{user.id}"
    facts = CreatorFacts(name=name, handle=handle, category=category, headline_en="Slow suppers in a small kitchen")
    creator = save_profile(load_actor(user), facts)
    side = CreatorSide(creator.id, handle, user.id, user.get_id(), load_actor(user))
    channel = add_channel(side.actor, platform, handle, _ADDRESSES[platform].format(handle))
    if eligible:
        reading = submit_reading(side.actor, channel.id, fans, platform_today(), _PICTURE)
        review_reading(reviewer or make_admin(), reading.id, accept=True)
    return side


def make_brand(name: str = "Tidewell", *, complete: bool = True, confirmed: bool = True) -> BrandSide:
    """A brand with its owner; `complete` fills in all that opening a brief needs."""
    user = make_user(Side.BRAND, f"{name} owner", confirmed=confirmed)
    handle = f"brand-{user.id}"
    facts = BrandFacts(
        name=name,
        handle=handle,
        legal_name=f"{name} Co., Ltd.",
        registration_number="91310000MA1K00000X" if complete else "",
        industry="Kitchenware" if complete else "",
        region="Shanghai" if complete else "",
    )
    brand = create_brand(load_actor(user), facts)
    return BrandSide(brand.id, handle, user.id, user.get_id(), load_actor(user))


def make_member(brand: BrandSide, role: str) -> BrandSide:
    """Another member of the brand in `role`."""
    user = make_user(Side.BRAND, f"{role} of {brand.handle}")
    db.session.add(Member(brand_id=brand.id, user_id=user.id, role=role, joined_at=clock.now()))
    db.session.flush()
    return BrandSide(brand.id, brand.handle, user.id, user.get_id(), load_actor(user))


def brief_facts(
    *,
    title: str = "A week of suppers",
    kind: DealKind = DealKind.VIDEO,
    category: Category = Category.FOOD,
    platforms: tuple[str, ...] = (Platform.DOUYIN.value, Platform.BILIBILI.value),
    minimum_fans: int = 20_000,
    budget: tuple[int, int] = (8_000_00, 15_000_00),
    slots: int = 2,
    apply_by: date | None = None,
    publish_by: date | None = None,
    visibility: Visibility = Visibility.PUBLIC,
) -> BriefFacts:
    """What a brief says; `budget` in minor units."""
    today = platform_today()
    return BriefFacts(
        title=title,
        goal="Show that one pot is enough for a week of suppers.",
        deliverables=(Deliverable(_CONTENT[kind]),),
        details="One film of 60 to 180 s and its cover.",
        visibility=visibility,
        category=category,
        platforms=platforms,
        minimum_fans=minimum_fans,
        budget_min=Money(budget[0]),
        budget_max=Money(budget[1]),
        slots=slots,
        apply_by=apply_by or today + timedelta(days=14),
        publish_by=publish_by or (apply_by or today) + timedelta(days=45),
    )


def make_brief(brand: BrandSide, facts: BriefFacts | None = None, *, opened: bool = True) -> Brief:
    """A brief of the brand, open unless told otherwise."""
    brief = create_brief(brand.actor, facts or brief_facts())
    return open_brief(brand.actor, brief.id) if opened else brief


def make_offer(
    creator: CreatorSide,
    *,
    title: str = "One-pot supper film",
    prices: tuple[int, ...] = (6_800_00, 12_000_00),
    category: Category = Category.FOOD,
    listed: bool = True,
) -> Offer:
    """An offer with a package for each of `prices` (minor units), listed unless told otherwise."""
    packages = [
        PackageFacts(
            None, name, ContentKind.VIDEO_LONG, f"{name}: one film and its cover.", 10 + number, number, Money(price)
        )
        for number, (name, price) in enumerate(zip(("Basic", "Standard", "Premium"), prices, strict=False))
    ]
    facts = OfferFacts(title, "Slow suppers in a small kitchen.", category, packages)
    offer = create_offer(creator.actor, facts)
    return list_offer(creator.actor, offer.id) if listed else offer


def make_application(creator: CreatorSide, brief_id: int, price: int = 12_000_00) -> Selection:
    """The creator's application to a brief, at `price` minor units."""
    return apply_to_brief(creator.actor, brief_id, Money(price), "I cook every evening anyway.")


def sign_in(client: FlaskClient, side: CreatorSide | BrandSide) -> None:
    """Sign in without the form."""
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = side.session_id, True


def invite(brand: BrandSide, creator: CreatorSide, price: int = 9_000_00) -> int:
    """The brand's invitation to a brief made for it, at `price` minor units; returns its id."""
    brief = make_brief(brand)
    return invite_creator(brand.actor, creator.id, brief.id, Money(price), "Your suppers are just right.").id


class HasSession(Protocol):
    """Whoever can be signed in: a side, or a person of the small world."""

    @property
    def session_id(self) -> str: ...


def sign_in_browser(app: Flask, context: BrowserContext, side: HasSession, url: str) -> None:
    """The same for a browser on the site at `url`."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    value = str(serializer.dumps({"_user_id": side.session_id, "_fresh": True}))
    context.add_cookies([{"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": url}])


def brand_of(side: BrandSide) -> Brand:
    return get_brand(side.id)


def creator_of(side: CreatorSide) -> Creator:
    return get_creator(side.id)


def told_of_selections() -> list[str]:
    """What the two sides are going to be told of selections, in order."""
    told = text(
        "SELECT args->>'what' FROM procrastinate_jobs WHERE task_name = 'notifications.tell_selection' ORDER BY id"
    )
    return [str(what) for what in db.session.scalars(told)]
