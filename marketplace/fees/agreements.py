"""The verbs of agreements, and their lists: one fee rule for one creator, one brand or both, under four eyes.

Whoever writes one proposes it with that. Each verb names the state that its author has `seen`.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text

from marketplace.fees.drafts import first_day, with_editor
from marketplace.fees.events import Author, agreement_subject, note
from marketplace.fees.models import FeeAgreement, FeePolicy, RuleAction
from marketplace.fees.policy import Rule, rule_to_json
from marketplace.fees.queries import fee_day
from marketplace.infra.db import db
from marketplace.infra.i18n import short_date
from marketplace.infra.labels import register
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound

PAGE = 20
_ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:parties, 4021))")


class AgreementTab(StrEnum):
    """Where an agreement stands today."""

    WAITING = "waiting"
    CURRENT = "current"
    COMING = "coming"
    ENDED = "ended"


register(
    AgreementTab,
    {
        AgreementTab.WAITING: _l("Not published yet"),
        AgreementTab.CURRENT: _l("In force"),
        AgreementTab.COMING: _l("To come"),
        AgreementTab.ENDED: _l("Ended"),
    },
)


@dataclass(frozen=True, slots=True)
class AgreementFacts:
    """What an agreement says. `creator` and `brand` are opaque keys, one of them at least; `ends` None is for good."""

    creator: str | None
    brand: str | None
    rule: Rule
    starts: date
    ends: date | None
    why: str


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """Newest first; `older` is the id to go on from, None on the last page."""

    rows: Sequence[FeeAgreement]
    older: int | None


class AgreementChanged(Conflict):
    """Somebody else has changed the agreement since it was seen."""


# --- Reading ----------------------------------------------------------------------------------------------------------
def get_agreement(agreement_id: int) -> FeeAgreement:
    """
    Raises:
        NotFound: there is no such agreement.
    """
    found = db.session.get(FeeAgreement, agreement_id)
    if found is None:
        raise NotFound
    return found


def agreement_digest(row: FeeAgreement) -> str:
    """Names everything about the agreement that one can see: another digest is another state of it."""
    days = [row.starts.isoformat(), row.ends and row.ends.isoformat()]
    seen = [row.creator, row.brand, row.rule, days, row.why, row.editors, str(row.proposed_at or "")]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def tab_of(row: FeeAgreement) -> AgreementTab:
    today = fee_day()
    if row.published_at is None:
        return AgreementTab.WAITING
    if row.ends is not None and row.ends < max(today, row.starts):
        return AgreementTab.ENDED
    return AgreementTab.CURRENT if row.starts <= today else AgreementTab.COMING


def _stands(tab: AgreementTab) -> ColumnElement[bool]:
    today, published = fee_day(), FeeAgreement.published_at.is_not(None)
    ended = and_(FeeAgreement.ends.is_not(None), FeeAgreement.ends < func.greatest(today, FeeAgreement.starts))
    match tab:
        case AgreementTab.WAITING:
            return FeeAgreement.published_at.is_(None)
        case AgreementTab.ENDED:
            return and_(published, ended)
        case AgreementTab.CURRENT:
            return and_(published, ~ended, FeeAgreement.starts <= today)
        case AgreementTab.COMING:
            return and_(published, ~ended, FeeAgreement.starts > today)


def count_agreements() -> dict[AgreementTab, int]:
    """How many stand under each tab; one query."""
    counts = [func.count().filter(_stands(tab)) for tab in AgreementTab]
    found = db.session.execute(select(*counts).select_from(FeeAgreement)).one()
    return dict(zip(AgreementTab, found, strict=True))


def list_agreements(
    tab: AgreementTab, before: int | None = None, *, creator: str | None = None, brand: str | None = None
) -> AgreementPage:
    """One page of those under the tab, of one creator's or one brand's if asked."""
    query = select(FeeAgreement).where(_stands(tab)).order_by(FeeAgreement.id.desc()).limit(PAGE + 1)
    if creator is not None:
        query = query.where(FeeAgreement.creator == creator)
    if brand is not None:
        query = query.where(FeeAgreement.brand == brand)
    if before is not None:
        query = query.where(FeeAgreement.id < before)
    rows = db.session.scalars(query).all()
    return AgreementPage(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def count_proposed_rules() -> Select[int]:
    """The query of how many proposals wait for a second administrator: agreements, and the draft."""
    waiting = [
        select(func.count()).where(table.published_at.is_(None), table.proposed_at.is_not(None)).scalar_subquery()
        for table in (FeeAgreement, FeePolicy)
    ]
    return select(waiting[0] + waiting[1])


# --- The verbs --------------------------------------------------------------------------------------------------------
def propose_agreement(author: Author, facts: AgreementFacts) -> FeeAgreement:
    """
    Raises:
        Invalid: it is with nobody, without a reason, its days have begun or are out of order, or another agreement of
            the same parties about the same fee holds on some of them.
    """
    _check(facts)
    now = clock.now()
    row = FeeAgreement(**_values(facts), editors=[author.key], created_at=now, proposed_at=now)
    db.session.add(row)
    db.session.flush()
    note(author, agreement_subject(row.id), RuleAction.PROPOSED, facts.why)
    return row


def edit_agreement(author: Author, agreement_id: int, seen: str, facts: AgreementFacts) -> FeeAgreement:
    """Write it anew, and propose it with that.

    Raises:
        NotFound, AgreementChanged, Conflict: as `_unpublished`.
        Invalid: as `propose_agreement`.
    """
    row = _unpublished(agreement_id, seen)
    _check(facts)
    for name, value in _values(facts).items():
        setattr(row, name, value)
    row.editors, row.proposed_at = with_editor(row.editors, author), clock.now()
    note(author, agreement_subject(row.id), RuleAction.EDITED)
    note(author, agreement_subject(row.id), RuleAction.PROPOSED, facts.why)
    return row


def return_agreement(author: Author, agreement_id: int, seen: str, why: str) -> FeeAgreement:
    """Say what has to change before it can be published.

    Raises:
        NotFound, AgreementChanged, Conflict: as `_unpublished`; Conflict also when it was returned already.
        Invalid: no reason is given.
    """
    row = _unpublished(agreement_id, seen)
    _require_proposed(row)
    if not why:
        raise Invalid(_l("Write what has to change before it can be published."), field="why")
    row.proposed_at = None
    note(author, agreement_subject(row.id), RuleAction.RETURNED, why)
    return row


def publish_agreement(author: Author, agreement_id: int, seen: str) -> FeeAgreement:
    """Let it hold from its first day on. The caller has asked for the password again.

    Raises:
        NotFound, AgreementChanged, Conflict: as `_unpublished`; Conflict also when it was returned, its first day has
            begun, or another agreement of the same parties about the same fee holds on some of its days.
        NotAllowed: the author has written on it.
    """
    row = _unpublished(agreement_id, seen)
    _require_proposed(row)
    if author.key in row.editors:
        raise NotAllowed(_l("You have written on this agreement. Another administrator publishes it."))
    if row.starts < first_day():
        raise Conflict(_l("The first day of this agreement has begun. Return it, so that it gets a later one."))
    # Two that overlap may be published at once: the second waits here, then finds the first.
    db.session.execute(_ONE_BY_ONE, {"parties": f"{row.creator} {row.brand}"})
    if (other := _overlapping(row.creator, row.brand, row.rule["kind"], row.starts, row.ends)) is not None:
        raise Conflict(_overlap_words(other))
    row.published_at, row.published_by = clock.now(), author.key
    note(author, agreement_subject(row.id), RuleAction.PUBLISHED, row.why)
    return row


def discard_agreement(author: Author, agreement_id: int, seen: str) -> None:
    """Remove an unpublished one; that it was there stays in the history.

    Raises:
        NotFound, AgreementChanged, Conflict: as `_unpublished`.
    """
    row = _unpublished(agreement_id, seen)
    note(author, agreement_subject(row.id), RuleAction.DISCARDED, row.why)
    db.session.delete(row)
    db.session.flush()


def end_agreement(author: Author, agreement_id: int, ends: date, why: str) -> FeeAgreement:
    """Bring the last day of a published one forward; one administrator is enough, as the policy holds again then.

    Raises:
        NotFound: there is no such agreement.
        Conflict: it isn't published, or has ended.
        Invalid: no reason is given, or the day is past, before the one before its first, or not before its last.
    """
    row = _locked(agreement_id)
    if tab_of(row) in (AgreementTab.WAITING, AgreementTab.ENDED):
        raise Conflict(_l("This agreement isn’t in force or to come. Nothing was done."))
    # One that hasn't begun may never begin: it then ends on the day before its first.
    earliest = max(fee_day(), row.starts - timedelta(days=1))
    if ends < earliest:
        raise Invalid(_l("The day can’t be before %(day)s.", day=earliest.isoformat()), field="ends")
    if row.ends is not None and ends >= row.ends:
        raise Invalid(_l("It ends on %(day)s already; the end can only come earlier.", day=row.ends), field="ends")
    if not why:
        raise Invalid(_l("Write why it ends: whoever looks at this agreement later reads it."), field="why")
    row.ends = ends
    note(author, agreement_subject(row.id), RuleAction.ENDED, why)
    return row


def _locked(agreement_id: int) -> FeeAgreement:
    query = select(FeeAgreement).where(FeeAgreement.id == agreement_id).with_for_update()
    row = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound(_l("There is no such agreement. Somebody may have discarded it."))
    return row


def _unpublished(agreement_id: int, seen: str) -> FeeAgreement:
    """One that is not published, locked until the transaction ends.

    Raises:
        NotFound: there is no such agreement.
        Conflict: it is published.
        AgreementChanged: it is another than the one that was seen.
    """
    row = _locked(agreement_id)
    if row.published_at is not None:
        raise Conflict(_l("This agreement is published already. Nothing was done."))
    if agreement_digest(row) != seen:
        raise AgreementChanged(_l("Somebody else has changed this agreement since you opened it. Nothing was done."))
    return row


def _require_proposed(row: FeeAgreement) -> None:
    if row.proposed_at is None:
        raise Conflict(_l("This agreement was returned: it has to be edited first."))


def _check(facts: AgreementFacts) -> None:
    if facts.creator is None and facts.brand is None:
        raise Invalid(_l("Choose a creator, a company, or both."), field="creator")
    if facts.starts < first_day():
        refusal = _l("The day can’t be before %(day)s: rules never change on a day that has begun.", day=first_day())
        raise Invalid(refusal, field="starts")
    if facts.ends is not None and facts.ends < facts.starts:
        raise Invalid(_l("The last day is before the first."), field="ends")
    if not facts.why:
        raise Invalid(_l("Write why: whoever looks at this agreement later reads it."), field="why")
    other = _overlapping(facts.creator, facts.brand, facts.rule.kind.value, facts.starts, facts.ends)
    if other is not None:
        raise Invalid(_overlap_words(other), field="starts")


def _overlapping(
    creator: str | None, brand: str | None, kind: str, starts: date, ends: date | None
) -> FeeAgreement | None:
    """A published agreement of exactly these parties about the same fee that holds on one of the days."""
    days = [or_(FeeAgreement.ends.is_(None), FeeAgreement.ends >= starts)]
    if ends is not None:
        days.append(FeeAgreement.starts <= ends)
    query = select(FeeAgreement).where(
        FeeAgreement.published_at.is_not(None),
        FeeAgreement.creator.is_not_distinct_from(creator),
        FeeAgreement.brand.is_not_distinct_from(brand),
        FeeAgreement.rule["kind"].astext == kind,
        *days,
    )
    return db.session.scalars(query.order_by(FeeAgreement.starts).limit(1)).first()


def _overlap_words(other: FeeAgreement) -> object:
    values = {"number": other.id, "first": short_date(other.starts)}
    if other.ends is None:
        return _l("Agreement %(number)s with the same parties holds from %(first)s on. End that one first.", **values)
    return _l(
        "Agreement %(number)s with the same parties holds from %(first)s to %(last)s.",
        last=short_date(other.ends),
        **values,
    )


def _values(facts: AgreementFacts) -> dict[str, object]:
    return {
        "creator": facts.creator,
        "brand": facts.brand,
        "rule": rule_to_json(facts.rule),
        "starts": facts.starts,
        "ends": facts.ends,
        "why": facts.why,
    }
