"""The places that a person can act in, each with how much waits there: the page behind the switch in the header."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from marketplace.accounts.acting import Acting
from marketplace.accounts.actor import AgencyRole, BrandRole
from marketplace.agencies.models import Agency, AgencyMember, Representation
from marketplace.agencies.queries import in_force
from marketplace.brands.models import Brand, Member
from marketplace.creators.models import Creator
from marketplace.deals.lifecycle import FINAL
from marketplace.deals.models import Deal, DealSide
from marketplace.deals.queries import waits_for
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.matching.models import Selection, SelectionKind, SelectionStatus


class PlaceKind(StrEnum):
    CREATOR = "creator"
    BRAND = "brand"
    AGENCY = "agency"
    REPRESENTED = "represented"


@dataclass(frozen=True, slots=True)
class Place:
    """One place. `row_id` and `face_id` draw it: of the creator, the brand or the agency. `below` are an agency's
    creators."""

    kind: PlaceKind
    acting: Acting
    row_id: int
    name: str
    face_id: int | None = None
    role: BrandRole | AgencyRole | None = None
    waiting: int = 0
    below: Sequence["Place"] = field(default=())


def places_of(user_id: int) -> list[Place]:
    """All places of a person, their own profile first, then brands and agencies, the oldest first. Five queries."""
    creators = db.session.execute(
        select(Creator.id, Creator.name, Creator.avatar_id).where(Creator.user_id == user_id)
    ).all()
    brands = db.session.execute(_brands(user_id)).all()
    agencies = db.session.execute(_agencies(user_id)).all()
    represented = db.session.execute(_represented([row.id for row in agencies])).all() if agencies else []
    waiting = _waiting([row.id for row in (*creators, *represented)], [row.id for row in brands])
    found = []
    for own in creators:
        waits = waiting["creator", own.id]
        found.append(Place(PlaceKind.CREATOR, Acting("creator"), own.id, own.name, own.avatar_id, waiting=waits))
    for brand in brands:
        acting, waits = Acting("brand", brand_id=brand.id), waiting["brand", brand.id]
        found.append(Place(PlaceKind.BRAND, acting, brand.id, brand.name, brand.logo_id, brand.role, waits))
    for agency in agencies:
        acting, below = Acting("agency", agency_id=agency.id), _below(agency.id, represented, waiting)
        found.append(Place(PlaceKind.AGENCY, acting, agency.id, agency.name, role=agency.role, below=below))
    return found


def _below(agency_id: int, represented: Sequence[Any], waiting: "_Waiting") -> list[Place]:
    """The agency's creators, as places of its people."""
    return [
        Place(
            PlaceKind.REPRESENTED,
            Acting("agency", agency_id=agency_id, for_creator_id=row.id),
            row.id,
            row.name,
            row.avatar_id,
            waiting=waiting["creator", row.id],
        )
        for row in represented
        if row.agency_id == agency_id
    ]


def _brands(user_id: int) -> Select[int, str, int | None, BrandRole]:
    query = select(Brand.id, Brand.name, Brand.logo_id, Member.role).join(Member, Member.brand_id == Brand.id)
    return query.where(Member.user_id == user_id).order_by(Member.id)


def _agencies(user_id: int) -> Select[int, str, AgencyRole]:
    query = select(Agency.id, Agency.name, AgencyMember.role).join(AgencyMember, AgencyMember.agency_id == Agency.id)
    return query.where(AgencyMember.user_id == user_id).order_by(AgencyMember.id)


def _represented(agency_ids: Sequence[int]) -> Select[int, int, str, int | None]:
    query = select(Representation.agency_id, Creator.id, Creator.name, Creator.avatar_id)
    query = query.join(Representation, Representation.creator_id == Creator.id)
    return query.where(Representation.agency_id.in_(agency_ids), in_force()).order_by(Creator.name, Creator.id)


class _Waiting(dict[tuple[str, int], int]):
    def __missing__(self, _key: tuple[str, int]) -> int:
        return 0


def _waiting(creator_ids: Sequence[int], brand_ids: Sequence[int]) -> _Waiting:
    """Selections to answer and deals whose turn it is, by side and its id, in one query."""
    counted = _Waiting()
    if not creator_ids and not brand_ids:
        return counted
    by_creator = Selection.kind == SelectionKind.APPLICATION
    parts = [
        _selections("creator", Selection.creator_id, creator_ids, ~by_creator),
        _selections("brand", Selection.brand_id, brand_ids, by_creator),
        _deals("creator", Deal.creator_id, creator_ids, DealSide.CREATOR),
        _deals("brand", Deal.brand_id, brand_ids, DealSide.BRAND),
    ]
    for side, row_id, number in db.session.execute(union_all(*parts)):
        counted[side, row_id] = counted[side, row_id] + number
    return counted


def _selections(
    side: str, column: InstrumentedAttribute[int], ids: Sequence[int], theirs: ColumnElement[bool]
) -> Select[str, int, int]:
    waits = and_(Selection.status == SelectionStatus.OPEN, Selection.expires_at > clock.now(), theirs)
    return select(literal(side), column, func.count()).where(column.in_(ids), waits).group_by(column)


def _deals(
    side: str, column: InstrumentedAttribute[int], ids: Sequence[int], waiting: DealSide
) -> Select[str, int, int]:
    waits = and_(Deal.state.not_in(FINAL), waits_for(waiting))
    return select(literal(side), column, func.count()).where(column.in_(ids), waits).group_by(column)
