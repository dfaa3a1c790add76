"""What can be reported, by its key: what it is called, where it stands, who stands behind it, who may see it."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from flask import url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import Actor, BrandRole
from marketplace.brands.blocks import hides_brand, hides_creator
from marketplace.brands.models import Brand, Member
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.briefs.queries import get_brief
from marketplace.creators.models import Creator
from marketplace.deals.models import Message
from marketplace.deals.queries import get_deal
from marketplace.infra.db import db
from marketplace.kit.errors import NotFound
from marketplace.offers.models import Offer
from marketplace.offers.queries import visible_offer

_FORM: Final = re.compile(r"(?P<kind>brief|creator|offer|message|brand):(?P<id>\d{1,18})", re.ASCII)
_EXCERPT: Final = 80
KINDS: Final[dict[str, LazyString]] = {
    "brief": _l("Brief"),
    "creator": _l("Creator"),
    "offer": _l("Offer"),
    "message": _l("Message"),
    "brand": _l("Company"),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that people may report, and whose it is. `owner_id` is the user whom an administrator would turn to."""

    key: str
    kind: str
    title: str
    says: str
    href: str
    by: str
    owner_id: int | None
    creator_id: int | None = None
    brand_id: int | None = None
    is_open_brief: bool = False

    def is_own(self, actor: Actor) -> bool:
        """Whether it is the actor's, or of the company or creator that they act for."""
        mine = self.creator_id is not None and self.creator_id == actor.creator_id
        ours = self.brand_id is not None and self.brand_id == actor.brand_id
        return mine or ours or self.owner_id == actor.user_id


Found: TypeAlias = dict[int, Subject]


def read_key(key: str) -> tuple[str, int]:
    """
    Raises:
        NotFound: it is no key of anything that can be reported.
    """
    found = _FORM.fullmatch(key)
    if found is None:
        raise NotFound
    return found["kind"], int(found["id"])


def subjects(keys: Iterable[str]) -> dict[str, Subject]:
    """The things by their keys, in at most two queries a kind; those that are gone are left out."""
    by_kind: dict[str, set[int]] = {}
    for key in keys:
        kind, row_id = read_key(key)
        by_kind.setdefault(kind, set()).add(row_id)
    found = [subject for kind, ids in by_kind.items() for subject in _LOADERS[kind](ids).values()]
    return {subject.key: subject for subject in found}


def get_subject(key: str) -> Subject:
    """
    Raises:
        NotFound: there is no such thing, or it is gone.
    """
    found = subjects([key]).get(key)
    if found is None:
        raise NotFound
    return found


def visible_subject(actor: Actor, key: str) -> Subject:
    """The thing, if the actor may see it.

    Raises:
        NotFound: there is none for the actor.
    """
    kind, row_id = read_key(key)
    subject = get_subject(key)
    _require_sight(actor, kind, row_id)
    return subject


def _require_sight(actor: Actor, kind: str, row_id: int) -> None:
    match kind:
        case "brief":
            get_brief(actor, row_id)
        case "offer":
            visible_offer(actor, row_id)
        case "message":
            get_deal(actor, db.session.get_one(Message, row_id).deal_id)
        case "creator" if hides_creator(actor, row_id):
            raise NotFound
        case "brand" if hides_brand(actor, row_id):
            raise NotFound


def _creators(ids: Collection[int]) -> Found:
    rows = db.session.scalars(select(Creator).where(Creator.id.in_(ids)))
    return {
        row.id: Subject(
            key=f"creator:{row.id}",
            kind="creator",
            title=row.name,
            says="\n\n".join(text for text in (row.headline, row.biography) if text),
            href=url_for("creators.profile", handle=row.handle),
            by=row.name,
            owner_id=row.user_id,
            creator_id=row.id,
        )
        for row in rows
    }


def _offers(ids: Collection[int]) -> Found:
    rows = db.session.execute(
        select(Offer, Creator).join(Creator, Creator.id == Offer.creator_id).where(Offer.id.in_(ids))
    )
    return {
        offer.id: Subject(
            key=f"offer:{offer.id}",
            kind="offer",
            title=offer.title,
            says=offer.description,
            href=url_for("offers.show", offer_id=offer.id),
            by=creator.name,
            owner_id=creator.user_id,
            creator_id=creator.id,
        )
        for offer, creator in rows
    }


def _brands(ids: Collection[int]) -> Found:
    rows = db.session.scalars(select(Brand).where(Brand.id.in_(ids))).all()
    owners = _owners(row.id for row in rows)
    return {
        row.id: Subject(
            key=f"brand:{row.id}",
            kind="brand",
            title=row.name,
            says=row.about,
            href=url_for("brands.profile", handle=row.handle),
            by=row.name,
            owner_id=owners.get(row.id),
            brand_id=row.id,
        )
        for row in rows
    }


def _briefs(ids: Collection[int]) -> Found:
    rows = db.session.execute(
        select(Brief, Brand).join(Brand, Brand.id == Brief.brand_id).where(Brief.id.in_(ids))
    ).all()
    owners = _owners(brand.id for _brief, brand in rows)
    return {
        brief.id: Subject(
            key=f"brief:{brief.id}",
            kind="brief",
            title=brief.title,
            says=brief.goal,
            href=url_for("briefs.show", brief_id=brief.id),
            by=brand.name,
            owner_id=owners.get(brand.id),
            brand_id=brand.id,
            is_open_brief=brief.status is BriefStatus.OPEN,
        )
        for brief, brand in rows
    }


def _messages(ids: Collection[int]) -> Found:
    rows = db.session.scalars(select(Message).where(Message.id.in_(ids)))
    return {
        row.id: Subject(
            key=f"message:{row.id}",
            kind="message",
            title=_excerpt(row.body),
            says=row.body,
            href=url_for("deals.messages", deal_id=row.deal_id),
            by=row.author_name,
            owner_id=row.user_id,
        )
        for row in rows
    }


def _owners(brand_ids: Iterable[int]) -> Mapping[int, int]:
    """Of each brand the member who has owned it longest."""
    owners = select(Member).where(Member.brand_id.in_(set(brand_ids)), Member.role == BrandRole.OWNER)
    return {member.brand_id: member.user_id for member in db.session.scalars(owners.order_by(Member.id.desc()))}


def _excerpt(body: str) -> str:
    words = " ".join(body.split())
    return words if len(words) <= _EXCERPT else words[: _EXCERPT - 1].rstrip() + "…"


_LOADERS: Final[dict[str, Callable[[Collection[int]], Found]]] = {
    "brief": _briefs,
    "creator": _creators,
    "offer": _offers,
    "message": _messages,
    "brand": _brands,
}
