"""Posting what was proposed by hand: the second administrator's word, and what would speak against it.

An entry by hand may mend the books, never break them: where a check finds nothing before it and something after it,
nothing is posted.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from flask_babel import lazy_gettext as _l

from marketplace.accounts.actor import Actor
from marketplace.chargebacks.check import (
    frozen_escrow_is_the_rest,
    held_is_with_banks,
    nobody_owes_less_than_nothing,
)
from marketplace.console.manual import decide, lines_of, lock_proposed, require_admin, require_second
from marketplace.console.models import ManualEntry, ManualEntryState
from marketplace.console.words import deal_of, owner_words
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.kit.errors import Conflict, DomainError, NotFound
from marketplace.kit.ids import new_uuid
from marketplace.ledger.accounts import Account, AccountKind
from marketplace.ledger.check import Problem
from marketplace.ledger.postings import Entry, Line
from marketplace.ledger.queries import balances
from marketplace.ledger.service import post, reverse
from marketplace.payouts.books import (
    AtStripe,
    ask_stripe,
    clearing_is_stripes,
    final_escrow_is_zero,
    funded_escrow_is_full,
    on_its_way_is_prepared,
)
from marketplace.payouts.payee_books import payees_hold_what_they_earned
from marketplace.reconciliation.matching import explain


@dataclass(frozen=True, slots=True)
class Effect:
    """What one account holds before and after an entry, in minor units and its natural sign; `debit` and `credit` are
    the sums of its lines."""

    account: Account
    debit: int
    credit: int
    before: int
    after: int

    @property
    def overdraws(self) -> bool:
        """Whether the database would refuse it: more is taken out than is in."""
        return self.account.rule.guarded and self.after < 0


def effects_of(lines: Sequence[Line]) -> list[Effect]:
    """Each account that the lines touch, once, in their order; one query."""
    accounts = list(dict.fromkeys(line.account for line in lines))
    held = balances(accounts)
    found = []
    for account in accounts:
        amounts = [line.amount for line in lines if line.account == account]
        debits, credits_ = sum(amount for amount in amounts if amount > 0), -sum(a for a in amounts if a < 0)
        after = held[account] + sum(amounts) * account.natural_sign
        found.append(Effect(account, debits, credits_, held[account], after))
    return found


def objections(lines: Sequence[Line]) -> str:
    """Why these lines could not be posted now, or nothing. They are tried and taken back; Stripe isn't asked."""
    trial, key = db.session.begin_nested(), f"trial:{new_uuid()}"
    try:
        _post_unless_it_breaks(lambda: post("manual.entry", key, lines, key), lines, None)
    except DomainError as refused:
        return str(refused)
    finally:
        trial.rollback()
    return ""


def approve(actor: Actor, manual_id: int) -> Entry:
    """Post what another administrator proposed, once: its key is made of the row. The password was asked before.

    Owns its transactions, as it asks Stripe what it holds where an entry says that this changed.

    Raises:
        NotFound: there is no such proposal.
        NotAllowed: the actor is no administrator, or proposed it.
        Conflict: it is decided already, the ledger refuses it, or a check would find something that was right before;
            it stays as it was.
    """
    stripe = _ask_stripe(actor, manual_id)
    with transaction():
        found = lock_proposed(actor, manual_id)
        require_second(actor, found)
        posted = _post_unless_it_breaks(lambda: _post(found), lines_of(found), stripe)
        found.entry_id = posted.id
        decide(actor, found, ManualEntryState.POSTED)
    return posted


def _post(found: ManualEntry) -> Entry:
    key = f"manual:{found.id}"
    if found.reverses_id is not None:
        return reverse(found.reverses_id, key, found.reason)
    posted = post(
        "manual.entry",
        key,
        lines_of(found),
        found.reference or key,
        description=found.reason,
        external_id=found.external_id,
    )
    # The movement that it books is explained from now on, not from the next run.
    explain([found.external_id] if found.external_id else [])
    return posted


def _ask_stripe(actor: Actor, manual_id: int) -> AtStripe | None:
    """Only where the entry moves what Stripe holds for us. No transaction is open while it is asked."""
    require_admin(actor)
    found = db.session.get(ManualEntry, manual_id)
    if found is None:
        raise NotFound
    moved = sum(line.amount for line in lines_of(found) if line.account.kind is AccountKind.STRIPE_CLEARING)
    end_transaction()
    if not moved or not gateway.configured():
        return None
    stripe = ask_stripe()
    if stripe.held is None:
        raise Conflict(
            _l("Stripe can’t be asked now what it holds, and this entry says that it changed. Try again in a minute.")
        )
    return stripe


def _post_unless_it_breaks(post_it: Callable[[], Entry], lines: Sequence[Line], stripe: AtStripe | None) -> Entry:
    """
    Raises:
        Conflict: a check finds something after it, in a place where it found nothing before.
    """
    deals = {deal for line in lines if (deal := deal_of(line.account.owner)) is not None}
    owners = {line.account.owner for line in lines}
    wrong_before = {problem.where for problem in _problems(deals, owners, stripe)}
    posted = post_it()
    # What was recorded since Stripe was asked explains a difference; the entry itself must not.
    for problem in _problems(deals, owners, replace(stripe, since=posted.id) if stripe else None):
        if problem.where not in wrong_before:
            raise Conflict(
                _l(
                    "The books’ check would fail after it. %(where)s: %(problem)s Nothing was posted.",
                    where=owner_words(problem.where),
                    problem=problem.sentence,
                )
            )
    return posted


def _problems(deals: Collection[int], owners: Collection[str], stripe: AtStripe | None) -> list[Problem]:
    found = [*final_escrow_is_zero(list(deals)), *funded_escrow_is_full(list(deals))] if deals else []
    found += [*held_is_with_banks(), *frozen_escrow_is_the_rest()] if deals else []
    found += [*on_its_way_is_prepared(list(owners)), *payees_hold_what_they_earned(list(owners))]
    found += nobody_owes_less_than_nothing(list(owners))
    return found + list(clearing_is_stripes(stripe)) if stripe is not None else found
