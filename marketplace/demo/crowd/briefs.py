"""A crowd of companies with their briefs, and the applications and invitations that wait at each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from marketplace.accounts.actor import BrandRole
from marketplace.accounts.models import Side
from marketplace.briefs.models import BriefStatus, Visibility
from marketplace.demo.crowd.chances import Zipf, zipf_number
from marketplace.demo.crowd.creators import CATEGORIES, CONTENTS, PLATFORMS, REGIONS
from marketplace.kit.deal_kinds import ContentKind
from marketplace.matching.models import SelectionKind, SelectionStatus

Row = dict[str, Any]
_TITLES = Zipf(
    ["新品试用", "秋季上新", "开学季", "直播专场", "城市漫步", "双十一预热", "A week with it", "Spring launch"]
)
_BUSY = 60
_MOST_APPLICATIONS = 80


@dataclass(frozen=True, slots=True)
class Ids:
    """Where the crowd's own rows begin: ids follow each other from there."""

    brand: int
    user: int
    brief: int
    creator: int
    creators: int


def company_rows(first: int, number: int, user_id: int, password_hash: str, now: datetime) -> tuple[Row, Row, Row]:
    """A company's owner, the company, and the owner's place in it."""
    brand_id, rng = first + number, Random(number)  # noqa: S311 - the same every time
    joined = now - timedelta(days=30 + rng.random() * 900)
    user: Row = {
        "id": user_id,
        "email": f"company{user_id}@crowd.mutuals.example",
        "password_hash": password_hash,
        "name": f"Owner {brand_id}",
        "side": Side.BRAND,
        "locale": "zh",
        "timezone": "Asia/Shanghai",
        "email_confirmed_at": joined,
        "created_at": joined,
    }
    brand: Row = {
        "id": brand_id,
        "handle": f"crowd-brand-{brand_id}",
        "name": f"Company {brand_id}",
        "legal_name": f"Company {brand_id} Ltd.",
        "registration_number": f"CROWD{brand_id}",
        "industry": "Retail",
        "region": REGIONS.choose(rng),
        "created_at": joined,
    }
    member: Row = {"brand_id": brand_id, "user_id": user_id, "role": BrandRole.OWNER, "joined_at": joined}
    return user, brand, member


def brief_row(ids: Ids, number: int, companies: int, seed: int, now: datetime) -> Row:
    """Six in ten are open; the first companies have most of them."""
    rng = Random(seed * 999_983 + number)  # noqa: S311 - the same every time
    place = zipf_number(rng, companies)
    status = BriefStatus.OPEN if rng.random() < 0.6 else BriefStatus.CLOSED if rng.random() < 0.8 else BriefStatus.DRAFT
    opened = now - timedelta(days=rng.random() * 40, seconds=number % 60)
    content, lowest = CONTENTS.choose(rng), (1 + zipf_number(rng, 300)) * 100_00
    return {
        "id": ids.brief + number,
        "brand_id": ids.brand + place,
        "created_by": ids.user + place,
        "title": f"{_TITLES.choose(rng)} {number + 1}",
        "goal": "Show how it is used.",
        "deliverables": "One piece of work and its cover.",
        "kind": content.deal_kind,
        "category": CATEGORIES.choose(rng),
        "platforms": sorted({PLATFORMS.choose(rng).value, PLATFORMS.choose(rng).value}),
        "minimum_fans": zipf_number(rng, 60) * 5_000,
        "visibility": Visibility.PUBLIC if rng.random() < 0.9 else Visibility.PRIVATE,
        "budget_min_amount": lowest,
        "budget_max_amount": lowest * 2,
        "currency": "CNY",
        "slots": 1 + zipf_number(rng, 30),
        "apply_by": (opened + timedelta(days=45)).date(),
        "publish_by": (opened + timedelta(days=90)).date(),
        "status": status,
        "created_at": opened,
        "changed_at": opened,
        "opened_at": None if status is BriefStatus.DRAFT else opened,
        "closed_at": now if status is BriefStatus.CLOSED else None,
    }


def deliverable_row(brief: Row, number: int) -> Row:
    kinds = [kind for kind in ContentKind if kind.deal_kind is brief["kind"]]
    return {"brief_id": brief["id"], "position": 1, "content": kinds[number % len(kinds)], "count": 1 + number % 3}


def selection_rows(brief: Row, ids: Ids, number: int, seed: int, now: datetime) -> Iterator[Row]:
    """Few briefs have many applications; who has many fans or came first chooses no more often than others."""
    if brief["status"] is BriefStatus.DRAFT or not ids.creators:
        return
    rng = Random(seed * 700_001 + number)  # noqa: S311 - the same every time
    wanted = min(zipf_number(rng, _MOST_APPLICATIONS), ids.creators)
    for creator_id in _creators(rng, ids, wanted):
        kind = SelectionKind.APPLICATION if rng.random() < 0.85 else SelectionKind.INVITATION
        made = max(brief["opened_at"], now - timedelta(hours=rng.random() * 60))
        still_open = brief["status"] is BriefStatus.OPEN and rng.random() < 0.5
        status = SelectionStatus.OPEN if still_open else _CLOSED[int(rng.random() * len(_CLOSED))]
        yield {
            "kind": kind,
            "status": status,
            "creator_id": creator_id,
            "brand_id": brief["brand_id"],
            "brief_id": brief["id"],
            "title": brief["title"],
            "deal_kind": brief["kind"],
            "deliverables": brief["deliverables"],
            "price_amount": brief["budget_min_amount"] + int(rng.random() * 10) * 10_00,
            "price_currency": "CNY",
            "publish_by": brief["publish_by"],
            "message": "I would like to.",
            "created_by": brief["created_by"],
            "created_by_name": "Crowd",
            "created_at": made,
            "changed_at": made,
            "expires_at": now + timedelta(hours=1 + rng.random() * 71),
            "answered_at": None if still_open else now,
        }


_CLOSED: Sequence[SelectionStatus] = (SelectionStatus.WITHDRAWN, SelectionStatus.EXPIRED)


def _creators(rng: Random, ids: Ids, wanted: int) -> Iterator[int]:
    """That many different creators; one in five from the busy few."""
    few, seen = min(_BUSY, ids.creators), set[int]()
    for _ in range(wanted * 3):
        if len(seen) == wanted:
            return
        found = ids.creator + int(rng.random() * (few if rng.random() < 0.2 else ids.creators))
        if found not in seen:
            seen.add(found)
            yield found
