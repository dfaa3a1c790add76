"""Whom a document is for, by name: creators, brands and agencies of many owner keys in one query a kind."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.agencies.models import Agency
from marketplace.brands.models import Brand
from marketplace.creators.models import Creator
from marketplace.infra.db import db
from marketplace.ledger.accounts import agency_owner, brand_owner, creator_owner

Party = dict[str, Any]


def owner_of(actor: Actor) -> str | None:
    """Whose documents the actor reads: who answers for a creator reads the agency's, never the creator's own.

    None where the actor's side has no profile yet, or needs none.
    """
    if actor.brand_id is not None:
        return brand_owner(actor.brand_id)
    if actor.agency_id is not None:
        return agency_owner(actor.agency_id)
    return creator_owner(actor.creator_id) if actor.creator_id is not None else None


def parties(owners: Iterable[str]) -> dict[str, Party]:
    """Each owner as a document names it: `name` by law where known, `known_as` on the marketplace."""
    ids: dict[str, list[int]] = {"creator": [], "brand": [], "agency": []}
    for owner in owners:
        side, _colon, number = owner.partition(":")
        ids[side].append(int(number))
    found: dict[str, Party] = {}
    if ids["creator"]:
        query = select(Creator.id, Creator.name, User.name).join(User, User.id == Creator.user_id)
        for creator_id, known_as, name in db.session.execute(query.where(Creator.id.in_(ids["creator"]))):
            owner = creator_owner(creator_id)
            found[owner] = _party(owner, known_as, name, "")
    for table, owner_key, side in ((Brand, brand_owner, "brand"), (Agency, agency_owner, "agency")):
        if ids[side]:
            columns = select(table.id, table.name, table.legal_name, table.registration_number)
            for row in db.session.execute(columns.where(table.id.in_(ids[side]))):
                key = owner_key(row.id)
                found[key] = _party(key, row.name, row.legal_name, row.registration_number)
    return found


def _party(owner: str, known_as: str, legal: str, registration: str) -> Party:
    return {"owner": owner, "name": legal or known_as, "known_as": known_as, "registration_number": registration}
