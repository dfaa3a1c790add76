"""Entries that administrators post by hand: one proposes, another approves or refuses. None of these verbs commits."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, select

from marketplace.accounts.actor import Actor
from marketplace.console.models import ManualEntry, ManualEntryState
from marketplace.infra.db import db
from marketplace.infra.i18n import money_text
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.kit.money import Money
from marketplace.ledger.accounts import Account, AccountKind
from marketplace.ledger.models import LedgerEntry
from marketplace.ledger.postings import Line
from marketplace.ledger.queries import entry as posted_entry

MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an administrator wants posted. `reference` is as the books write it ("deal:17"), or empty; `external_id` the
    movement at Stripe that it books, or empty."""

    reason: str
    reference: str
    lines: tuple[Line, ...]
    external_id: str = ""


def propose(actor: Actor, proposal: Proposal) -> ManualEntry:
    """Ask for an entry of these lines; it changes nothing before a second administrator has approved it.

    Raises:
        NotAllowed: the actor is no administrator.
        Invalid: no reason is given (field `reason`), or the lines don't balance.
    """
    require_balance(proposal.lines)
    if len(proposal.lines) > MOST_LINES:
        raise Invalid(_l("An entry by hand has at most %(most)s lines.", most=MOST_LINES))
    return _keep(actor, proposal, None)


def propose_reversal(actor: Actor, entry_id: int, reason: str) -> ManualEntry:
    """Ask for the opposite of an entry.

    Raises:
        NotAllowed, Invalid: as `propose`.
        NotFound: there is no such entry.
        Conflict: it was reversed, or its reversal waits for approval already.
    """
    reference = posted_entry(entry_id).entry.reference
    reversed_already = exists().where(LedgerEntry.reverses_id == entry_id)
    waits = exists().where(ManualEntry.reverses_id == entry_id, ManualEntry.state == ManualEntryState.PROPOSED)
    was_reversed, is_proposed = db.session.execute(select(reversed_already, waits)).one()
    if was_reversed:
        raise Conflict(_l("This entry has been reversed already."))
    if is_proposed:
        raise Conflict(_l("Its reversal is proposed already and waits for a second administrator."))
    return _keep(actor, Proposal(reason, reference, ()), entry_id)


def refuse(actor: Actor, manual_id: int, note: str) -> ManualEntry:
    """Decline what another administrator proposed; `note` says why.

    Raises:
        NotFound: there is no such proposal.
        NotAllowed: the actor is no administrator, or proposed it.
        Conflict: it is decided already.
        Invalid: no note is given (field `note`).
    """
    found = lock_proposed(actor, manual_id)
    require_second(actor, found)
    if not note.strip():
        raise Invalid(_l("Write why: whoever proposed it reads it."), field="note")
    decide(actor, found, ManualEntryState.REFUSED, note)
    return found


def withdraw(actor: Actor, manual_id: int) -> ManualEntry:
    """Take one's own proposal back.

    Raises:
        NotFound, Conflict: as `refuse`.
        NotAllowed: somebody else proposed it.
    """
    found = lock_proposed(actor, manual_id)
    if found.proposed_by != actor.user_id:
        raise NotAllowed(_l("Only %(name)s, who proposed this entry, can withdraw it.", name=found.proposed_name))
    decide(actor, found, ManualEntryState.WITHDRAWN)
    return found


def require_second(actor: Actor, found: ManualEntry) -> None:
    """
    Raises:
        NotAllowed: the actor proposed it, and one person's word isn't enough.
    """
    if found.proposed_by == actor.user_id:
        raise NotAllowed(
            _l("You proposed this entry, so another administrator decides. You can withdraw it. Nothing was posted.")
        )


def lock_proposed(actor: Actor, manual_id: int) -> ManualEntry:
    """The proposal, its row locked until the transaction ends.

    Raises:
        NotAllowed: the actor is no administrator.
        NotFound: there is none.
        Conflict: somebody has decided it; the message says who.
    """
    require_admin(actor)
    query = select(ManualEntry).where(ManualEntry.id == manual_id).with_for_update()
    found = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    if found.state is not ManualEntryState.PROPOSED:
        raise Conflict(_DECIDED[found.state] % {"name": found.decided_name})
    return found


_DECIDED = {
    ManualEntryState.POSTED: _l("%(name)s was faster and approved this entry: it is posted. You changed nothing."),
    ManualEntryState.REFUSED: _l("%(name)s was faster and refused this entry. You changed nothing."),
    ManualEntryState.WITHDRAWN: _l("%(name)s has withdrawn this entry meanwhile. You changed nothing."),
}


def require_admin(actor: Actor) -> None:
    if not actor.is_admin:
        raise NotAllowed


def decide(actor: Actor, found: ManualEntry, state: ManualEntryState, note: str = "") -> None:
    """Note on the locked row what became of it, by whom and when."""
    found.state, found.decision_note = state, note.strip()
    found.decided_by, found.decided_name, found.decided_at = actor.user_id, actor.name, clock.now()
    db.session.flush()
    _tell(found, actor)


def lines_of(found: ManualEntry) -> tuple[Line, ...]:
    """The lines that it would post, or has posted: its own, or the opposite of those that it reverses."""
    if found.reverses_id is not None:
        return tuple(Line(line.account, -line.amount) for line in posted_entry(found.reverses_id).lines)
    return tuple(
        Line(Account(line["owner"], AccountKind(line["kind"]), line["commodity"]), line["amount"])
        for line in found.lines
    )


def _keep(actor: Actor, proposal: Proposal, reverses_id: int | None) -> ManualEntry:
    require_admin(actor)
    assert actor.user_id is not None, "an administrator is somebody"
    if not proposal.reason.strip():
        raise Invalid(_l("Write why: whoever reads the books later needs it."), field="reason")
    found = ManualEntry(
        state=ManualEntryState.PROPOSED,
        reason=proposal.reason.strip(),
        reference=proposal.reference,
        external_id=proposal.external_id,
        lines=[_as_json(line) for line in proposal.lines],
        reverses_id=reverses_id,
        proposed_by=actor.user_id,
        proposed_name=actor.name,
        proposed_at=clock.now(),
    )
    db.session.add(found)
    db.session.flush()
    _tell(found, actor)
    return found


def _tell(found: ManualEntry, actor: Actor) -> None:
    defer(
        "notifications.tell_manual_entry",
        manual_id=found.id,
        what=found.state.value,
        proposed_by=found.proposed_by,
        by=actor.user_id,
        who=actor.name,
        reason=found.reason,
    )


def _as_json(line: Line) -> dict[str, object]:
    account = line.account
    return {
        "owner": account.owner,
        "kind": account.kind.value,
        "commodity": account.commodity,
        "amount": line.amount,
    }


def require_balance(lines: Sequence[Line]) -> None:
    """
    Raises:
        Invalid: there are fewer than two lines, or debits and credits differ in a currency; it says by how much.
    """
    if len(lines) < 2:
        raise Invalid(_l("An entry needs at least two lines."))
    off: Counter[str] = Counter()
    for line in lines:
        off[line.account.commodity] += line.amount
    for currency, difference in off.items():
        if difference:
            words = (
                _l("In %(currency)s the debits are %(amount)s more than the credits. They must be equal.")
                if difference > 0
                else _l("In %(currency)s the credits are %(amount)s more than the debits. They must be equal.")
            )
            raise Invalid(words % {"currency": currency, "amount": money_text(Money(abs(difference), currency))})
