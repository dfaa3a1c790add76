"""What is told of agencies: representation offered, agreed, ended, and who joined or left."""

from sqlalchemy.orm import joinedload

from marketplace.accounts.acting import Acting
from marketplace.accounts.models import User
from marketplace.agencies.models import Agency, Representation, RepresentationStatus
from marketplace.infra.db import db
from marketplace.notifications.recipients import Recipient, agency_people, creator_themselves, without
from marketplace.notifications.service import News, tell
from marketplace.notifications.told import Detail, moment_detail, percent_detail

_TO_CREATOR = frozenset({"offered", "withdrawn"})
_TO_AGENCY = frozenset({"consented", "declined"})


def tell_of_representation(representation_id: int, what: str, by: int | None) -> None:
    sides = (joinedload(Representation.agency), joinedload(Representation.creator))
    found = db.session.get(Representation, representation_id, options=sides)
    if found is None or (what == "offered" and found.status is not RepresentationStatus.OFFERED):
        return
    creator, agency = creator_themselves(found.creator_id), agency_people(found.agency_id)
    both_told = what not in _TO_CREATOR | _TO_AGENCY
    if what not in _TO_AGENCY:
        _tell(found, f"{what}.creator" if both_told else what, what, without(creator, (by,)))
    if what not in _TO_CREATOR:
        _tell(found, f"{what}.agency" if both_told else what, what, without(agency, (by,)))


def _tell(found: Representation, kind: str, what: str, people: list[Recipient]) -> None:
    details: dict[str, Detail] = {
        "agency": found.agency.name,
        "creator": found.creator.name,
        "share": percent_detail(found.share),
    }
    if found.ends_at is not None:
        details["ends"] = moment_detail(found.ends_at)
    for to in people:
        values = {} if to.acting is not None and to.acting.side == "creator" and what != "offered" else _values(found)
        tell(to, f"representation.{kind}", News(f"representation:{found.id}:{what}", "agency", values, details))


def _values(found: Representation) -> dict[str, int]:
    return {"representation_id": found.id}


def tell_of_member(agency_id: int, user_id: int, member_id: int, what: str, by: str) -> None:
    """`member_id` is the place that was given or taken, so that each time somebody joins is told."""
    user = db.session.get(User, user_id)
    if user is None or user.suspended_at is not None:
        return
    agency = db.session.get_one(Agency, agency_id)
    details: dict[str, Detail] = {"who": by, "agency": agency.name}
    acting = Acting("agency", agency_id=agency_id) if what == "added" else None
    news = News(f"agency_member:{member_id}:{what}", "agency", {}, details)
    tell(Recipient(user, acting), f"agency.member_{what}", news)
