"""The verbs of a policy's draft: written by one administrator or several, published by one who wrote nothing of it.

Each names the state of the draft that its author has `seen`; on any other they change nothing.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from marketplace.fees.events import Author, note, policy_subject
from marketplace.fees.models import FeePolicy, RuleAction
from marketplace.fees.policy import Policy, Rule
from marketplace.fees.queries import as_policy, fee_day, policy_in_force
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound

MOST_RULES = 20


class DraftChanged(Conflict):
    """Somebody else has changed the draft since it was seen."""


def find_draft() -> FeePolicy | None:
    return db.session.scalars(select(FeePolicy).where(FeePolicy.published_at.is_(None))).one_or_none()


def draft_digest(row: FeePolicy) -> str:
    """Names everything about the draft that one can see: another digest is another state of it."""
    seen = [row.version, row.effective_from.isoformat(), row.rules, row.why, row.editors, str(row.proposed_at or "")]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def published_policies() -> Sequence[FeePolicy]:
    """Every published version, the one that takes effect last first."""
    query = select(FeePolicy).where(FeePolicy.published_at.is_not(None))
    return db.session.scalars(query.order_by(FeePolicy.effective_from.desc(), FeePolicy.version.desc())).all()


def first_day() -> date:
    """The first day on which changed rules may take effect: no day is changed that has begun."""
    return fee_day() + timedelta(days=1)


def start_draft(author: Author) -> FeePolicy:
    """A draft with the rules of the version that takes effect last.

    Raises:
        Conflict: there is a draft already.
    """
    newest = published_policies()[0]
    version = select(func.max(FeePolicy.version) + 1).scalar_subquery()
    values = {"version": version, "effective_from": first_day(), "rules": newest.rules, "editors": [author.key]}
    made = db.session.scalar(insert(FeePolicy).values(values).on_conflict_do_nothing().returning(FeePolicy.version))
    if made is None:
        raise Conflict(_l("Somebody has started a draft already. There is one at a time: go on with that one."))
    note(author, policy_subject(made), RuleAction.DRAFTED)
    return db.session.get_one(FeePolicy, made, populate_existing=True)


def save_facts(author: Author, seen: str, *, effective_from: date, creator_floor: int, why: str) -> FeePolicy:
    """Write the draft's day, floor (basis points) and reason.

    Raises:
        DraftChanged, Conflict: as `_open_draft`.
        Invalid: the day has begun, or the rules contradict the floor.
    """
    row = _open_draft(seen)
    _require_day(effective_from)
    policy = Policy(row.version, as_policy(row).rules, creator_floor)
    return _write(author, row, policy, effective_from=effective_from, why=why)


def save_rule(author: Author, seen: str, rule: Rule, replaces: str = "") -> FeePolicy:
    """Put a rule into the draft, in the place of the one called `replaces` if that is given.

    Raises:
        DraftChanged, Conflict: as `_open_draft`.
        NotFound: no rule is called `replaces`.
        Invalid: the rules contradict each other, or there are too many.
    """
    row = _open_draft(seen)
    policy = as_policy(row)
    rules = list(policy.rules)
    if replaces:
        rules[_place(rules, replaces)] = rule
    else:
        rules.append(rule)
    if len(rules) > MOST_RULES:
        raise Invalid(_l("A policy has at most %(most)s rules.", most=MOST_RULES))
    return _write(author, row, Policy(row.version, tuple(rules), policy.creator_floor))


def remove_rule(author: Author, seen: str, name: str) -> FeePolicy:
    """
    Raises:
        DraftChanged, Conflict: as `_open_draft`.
        NotFound: no rule is called so.
    """
    row = _open_draft(seen)
    policy = as_policy(row)
    rules = list(policy.rules)
    rules.pop(_place(rules, name))
    return _write(author, row, Policy(row.version, tuple(rules), policy.creator_floor))


def propose_draft(author: Author, seen: str) -> FeePolicy:
    """Ask for a second pair of eyes; nothing of it is edited until it comes back.

    Raises:
        DraftChanged, Conflict: as `_open_draft`; Conflict also when it changes nothing.
        Invalid: no reason is given, or the day has begun.
    """
    row = _open_draft(seen)
    _require_day(row.effective_from)
    if not row.why:
        raise Invalid(_l("Write why the rules change: everybody who looks at this version reads it."), field="why")
    _require_change(row)
    row.proposed_at, row.editors = clock.now(), with_editor(row.editors, author)
    note(author, policy_subject(row.version), RuleAction.PROPOSED, row.why)
    return row


def return_draft(author: Author, seen: str, why: str) -> FeePolicy:
    """Give a proposed draft back to be edited; its editors may take it back themselves.

    Raises:
        DraftChanged, Conflict: as `_proposed_draft`.
        Invalid: no reason is given.
    """
    row = _proposed_draft(seen)
    if not why:
        raise Invalid(_l("Write what has to change before it can be published."), field="why")
    row.proposed_at = None
    note(author, policy_subject(row.version), RuleAction.RETURNED, why)
    return row


def publish_draft(author: Author, seen: str) -> FeePolicy:
    """Make the proposed draft the policy from its day on. The caller has asked for the password again.

    Raises:
        DraftChanged, Conflict: as `_proposed_draft`; Conflict also when its day has begun.
        NotAllowed: the author has written on it.
    """
    row = _proposed_draft(seen)
    if author.key in row.editors:
        raise NotAllowed(_l("You have written on this draft. Another administrator publishes it."))
    if row.effective_from < first_day():
        raise Conflict(
            _l("The day on which this draft takes effect has begun. Return it, so that it gets a later one.")
        )
    row.published_at, row.published_by = clock.now(), author.key
    note(author, policy_subject(row.version), RuleAction.PUBLISHED, row.why)
    return row


def discard_draft(author: Author, seen: str) -> None:
    """Remove the draft; that it was there stays in the history.

    Raises:
        DraftChanged, Conflict: as `_draft`.
    """
    row = _draft(seen)
    note(author, policy_subject(row.version), RuleAction.DISCARDED, row.why)
    db.session.delete(row)
    db.session.flush()


def _draft(seen: str) -> FeePolicy:
    """The draft, locked until the transaction ends.

    Raises:
        Conflict: there is none any more.
        DraftChanged: it is another than the one that was seen.
    """
    query = select(FeePolicy).where(FeePolicy.published_at.is_(None)).with_for_update()
    row = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise Conflict(_l("There is no draft any more: somebody has published or discarded it. Nothing was done."))
    if draft_digest(row) != seen:
        raise DraftChanged(_l("Somebody else has changed this draft since you opened it. Nothing was done."))
    return row


def _open_draft(seen: str) -> FeePolicy:
    """The draft, as long as it may be edited.

    Raises:
        DraftChanged, Conflict: as `_draft`; Conflict also while it waits for a second pair of eyes.
    """
    row = _draft(seen)
    if row.proposed_at is not None:
        raise Conflict(_l("This draft waits to be published. Whoever wants to change it returns it first."))
    return row


def _proposed_draft(seen: str) -> FeePolicy:
    """The draft, as long as it waits for a second pair of eyes.

    Raises:
        DraftChanged, Conflict: as `_draft`; Conflict also when it was not proposed.
    """
    row = _draft(seen)
    if row.proposed_at is None:
        raise Conflict(_l("This draft isn’t proposed: it is still being written."))
    return row


def _write(
    author: Author, row: FeePolicy, policy: Policy, *, effective_from: date | None = None, why: str | None = None
) -> FeePolicy:
    rules = {name: value for name, value in policy.to_json().items() if name != "version"}
    effective_from, why = effective_from or row.effective_from, row.why if why is None else why
    if (rules, effective_from, why) == (row.rules, row.effective_from, row.why):
        return row
    row.rules, row.effective_from, row.why = rules, effective_from, why
    row.editors = with_editor(row.editors, author)
    note(author, policy_subject(row.version), RuleAction.EDITED)
    return row


def with_editor(editors: Sequence[str], author: Author) -> list[str]:
    """Those who wrote on something, with one who does so now: none of them publishes it."""
    return list(dict.fromkeys([*editors, author.key]))


def _place(rules: Sequence[Rule], name: str) -> int:
    places = [place for place, rule in enumerate(rules) if rule.id == name]
    if not places:
        raise NotFound
    return places[0]


def _require_day(day: date) -> None:
    if day < first_day():
        refusal = _l("The day can’t be before %(day)s: rules never change on a day that has begun.", day=first_day())
        raise Invalid(refusal, field="effective_from")


def _require_change(row: FeePolicy) -> None:
    before, after = policy_in_force(row.effective_from), as_policy(row)
    if (before.rules, before.creator_floor) == (after.rules, after.creator_floor):
        raise Conflict(_l("This draft has the same rules as version %(version)s.", version=before.version))
