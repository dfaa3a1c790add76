"""Who did what to the fee rules, when and why: kept for good, beside the rules themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from marketplace.fees.models import FeeRuleEvent, RuleAction
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.kit import clock

_TOLD = (RuleAction.PROPOSED, RuleAction.RETURNED, RuleAction.PUBLISHED)


@dataclass(frozen=True, slots=True)
class Author:
    """A person who may change the rules, as an opaque key ("user:7") and the name that is kept with what they do."""

    key: str
    name: str


def policy_subject(version: int) -> str:
    return f"policy:{version}"


def agreement_subject(agreement_id: int) -> str:
    return f"agreement:{agreement_id}"


def note(author: Author, subject: str, action: RuleAction, why: str = "") -> None:
    """Append what was done; what needs somebody else's eyes, or their answer to it, is told."""
    event = FeeRuleEvent(subject=subject, action=action, at=clock.now(), by=author.key, name=author.name, why=why)
    db.session.add(event)
    db.session.flush()
    if action in _TOLD:
        defer("notifications.tell_fee_rules", event_id=event.id)


def events_of(*subjects: str) -> Sequence[FeeRuleEvent]:
    """What was done to these, the newest first."""
    query = select(FeeRuleEvent).where(FeeRuleEvent.subject.in_(subjects)).order_by(FeeRuleEvent.id.desc())
    return db.session.scalars(query).all()
