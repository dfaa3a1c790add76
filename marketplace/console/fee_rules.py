"""Reads of the fee rules as an administrator looks at them: versions, what each changed, whom agreements are with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func, or_, select

from marketplace.accounts.actor import Actor
from marketplace.brands.models import Brand
from marketplace.brands.queries import brands_by_ids
from marketplace.creators.models import Creator
from marketplace.creators.queries import creators_by_ids
from marketplace.fees.events import Author, events_of, policy_subject
from marketplace.fees.models import FeeAgreement, FeePolicy, FeeRuleEvent, RuleAction
from marketplace.fees.policy import Policy
from marketplace.fees.queries import as_policy, fee_day
from marketplace.fees.words import PolicyChange, compare
from marketplace.infra.db import db
from marketplace.infra.i18n import listed
from marketplace.infra.labels import register
from marketplace.kit.errors import Invalid, NotAllowed

_SAME_NAME = 6


class VersionState(StrEnum):
    DRAFT = "draft"
    PROPOSED = "proposed"
    COMING = "coming"
    IN_FORCE = "in_force"
    REPLACED = "replaced"


register(
    VersionState,
    {
        VersionState.DRAFT: _l("Draft"),
        VersionState.PROPOSED: _l("Proposed"),
        VersionState.COMING: _l("To come"),
        VersionState.IN_FORCE: _l("In force"),
        VersionState.REPLACED: _l("Replaced"),
    },
)
register(
    RuleAction,
    {
        RuleAction.DRAFTED: _l("%(name)s started the draft"),
        RuleAction.EDITED: _l("%(name)s changed it"),
        RuleAction.PROPOSED: _l("%(name)s proposed it"),
        RuleAction.RETURNED: _l("%(name)s returned it"),
        RuleAction.PUBLISHED: _l("%(name)s published it"),
        RuleAction.DISCARDED: _l("%(name)s discarded it"),
        RuleAction.ENDED: _l("%(name)s brought its end forward"),
    },
)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the rules, what it says otherwise than the one before (None for the first), and who did what."""

    row: FeePolicy
    state: VersionState
    policy: Policy
    before: Policy | None
    change: PolicyChange | None
    events: Sequence[FeeRuleEvent]


@dataclass(frozen=True, slots=True)
class PartyName:
    """Somebody whom an agreement is with: `handle` fills in the form, `href` leads to their page."""

    name: str
    handle: str
    href: str


def author_of(actor: Actor) -> Author:
    """The administrator as the rules know them.

    Raises:
        NotAllowed: the actor is none.
    """
    if not actor.is_admin or actor.user_id is None:
        raise NotAllowed
    return Author(f"user:{actor.user_id}", actor.name)


def describe_versions(rows: Iterable[FeePolicy]) -> list[Version]:
    """Each with what it changed and its events, the newest number first; `rows` are all versions. One query."""
    ordered = sorted(rows, key=lambda row: row.version)
    events: dict[str, list[FeeRuleEvent]] = {}
    for event in events_of(*(policy_subject(row.version) for row in ordered)):
        events.setdefault(event.subject, []).append(event)
    policies = {row.version: as_policy(row) for row in ordered}
    found = []
    for row, before in zip(ordered, [None, *ordered], strict=False):
        policy, other = policies[row.version], policies[before.version] if before is not None else None
        change = compare(other, policy) if other is not None else None
        done = events.get(policy_subject(row.version), [])
        found.append(Version(row, _state(row, ordered), policy, other, change, done))
    return found[::-1]


def _state(row: FeePolicy, rows: Sequence[FeePolicy]) -> VersionState:
    if row.published_at is None:
        return VersionState.DRAFT if row.proposed_at is None else VersionState.PROPOSED
    today = fee_day()
    if row.effective_from > today:
        return VersionState.COMING
    begun = [one for one in rows if one.published_at is not None and one.effective_from <= today]
    newest = max(begun, key=lambda one: (one.effective_from, one.version))
    return VersionState.IN_FORCE if newest is row else VersionState.REPLACED


def name_parties(rows: Iterable[FeeAgreement]) -> Mapping[str, PartyName]:
    """Whom the agreements are with, by key; two queries."""
    keys = {key for row in rows for key in (row.creator, row.brand) if key is not None}
    creators = creators_by_ids(_numbers(keys, "creator"))
    brands = brands_by_ids(_numbers(keys, "brand"))
    return {f"creator:{number}": _party(found, "creators.profile") for number, found in creators.items()} | {
        f"brand:{number}": _party(found, "brands.profile") for number, found in brands.items()
    }


def _party(found: Creator | Brand, endpoint: str) -> PartyName:
    return PartyName(found.name, found.handle, url_for(endpoint, handle=found.handle))


def _numbers(keys: Iterable[str], wanted: str) -> list[int]:
    split = (key.partition(":") for key in keys)
    return [int(number) for kind, _colon, number in split if kind == wanted]


def lost_currencies(before: Policy, after: Policy) -> list[str]:
    """In which currencies deals can be signed under `before` and could not under `after`."""
    if after.currencies is None or before.currencies is None:
        return sorted(before.currencies or ()) if after.currencies is not None and before.currencies else []
    return sorted(before.currencies - after.currencies)


def creator_called(typed: str) -> int:
    """The creator who has this handle, or this name if nobody else has it.

    Raises:
        Invalid: nobody has either, or several have the name (field `creator`).
    """
    return _called(Creator, typed, "creator", _l("No creator has this handle or name."))


def brand_called(typed: str) -> int:
    """The company that has this handle, or this name if no other has it.

    Raises:
        Invalid: none has either, or several have the name (field `brand`).
    """
    return _called(Brand, typed, "brand", _l("No company has this handle or name."))


def _called(table: type[Creator] | type[Brand], typed: str, field: str, nobody: object) -> int:
    # The first narrows by the index of names, the second to those that are the same.
    named = and_(table.name.icontains(typed, autoescape=True), func.lower(table.name) == typed.lower())
    same = or_(table.handle == typed, named)
    rows = db.session.execute(select(table.id, table.handle).where(same).order_by(table.id).limit(_SAME_NAME)).all()
    by_handle = [row.id for row in rows if row.handle == typed]
    if by_handle or len(rows) == 1:
        return int(by_handle[0] if by_handle else rows[0].id)
    if not rows:
        raise Invalid(nobody, field=field)
    handles = listed([row.handle for row in rows])
    raise Invalid(_l("Several have this name. Write one of these handles: %(handles)s.", handles=handles), field=field)
