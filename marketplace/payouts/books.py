"""The books against the deals and against Stripe: by a job, by `flask ledger check`, and after each money test."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from time import perf_counter

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, text, true

from marketplace.chargebacks.check import (
    frozen_escrow_is_the_rest,
    held_is_with_banks,
    nobody_owes_less_than_nothing,
)
from marketplace.deals.lifecycle import FINAL, FUNDED, State
from marketplace.escrow.models import (
    BooksCheck,
    Checkout,
    CheckoutState,
    Payment,
    PaymentState,
    Refund,
    RefundState,
    Settlement,
)
from marketplace.escrow.queries import last_check
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.ledger.accounts import Account, AccountKind, stripe_clearing
from marketplace.ledger.check import Check, Problem, check_books
from marketplace.ledger.closings import closed_through
from marketplace.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from marketplace.ledger.queries import balance
from marketplace.payouts.models import Transfer, TransferReversal, TransferState
from marketplace.payouts.own_money import only_ours_left
from marketplace.payouts.payee_books import payees_hold_what_they_earned
from marketplace.reconciliation.queries import missing_since
from marketplace.reconciliation.service import reconcile

logger = structlog.get_logger(__name__)
_MOST = 100


@dataclass(frozen=True, slots=True)
class AtStripe:
    """What Stripe held when it was asked, None where it didn't answer; `since` is the newest entry from before."""

    held: dict[str, Money] | None
    since: int
    at: datetime


def check_everything() -> list[Problem]:
    """All that is wrong with the books, from the first line on, kept as a row; an empty list says that they balance.

    Owns its transactions, as it asks Stripe for its balance.
    """
    return _check(None)


def check_recent() -> list[Problem]:
    """The same for what was posted since the newest closing: its cost doesn't grow with the age of the books."""
    return _check(closed_through())


def _check(closed: datetime | None) -> list[Problem]:
    started = perf_counter()
    stripe = _ask_until_it_fits()
    with transaction():
        own: list[Check] = [
            partial(final_escrow_is_zero, closed=closed),
            funded_escrow_is_full,
            held_is_with_banks,
            frozen_escrow_is_the_rest,
            nobody_owes_less_than_nothing,
            partial(on_its_way_is_prepared, closed=closed),
            partial(payees_hold_what_they_earned, closed=closed),
            partial(settlements_are_whole, closed),
            partial(clearing_is_stripes, stripe),
            only_ours_left,
        ]
        found = check_books(own, since=closed)
        sentences = [f"{problem.where}: {problem.sentence}" for problem in found]
        new = _count_new(found, last_check())
        took = round((perf_counter() - started) * 1000)
        check = BooksCheck(at=clock.now(), milliseconds=took, problems=sentences)
        db.session.add(check)
        db.session.flush()
        if new:
            defer("notifications.tell_books", check_id=check.id, number=new)
    for sentence in sentences:
        logger.error("books", problem=sentence)
    return found


def _count_new(found: Sequence[Problem], before: BooksCheck | None) -> int:
    """How many the check before didn't have, as administrators hear of each once. The same place is the same problem:
    sentences hold figures that go on changing, and are in the language of whoever ran the check."""
    known = [problem.partition(": ")[0] for problem in before.problems] if before is not None else []
    return (Counter(problem.where for problem in found) - Counter(known)).total()


def ask_stripe() -> AtStripe:
    """Ask Stripe what it holds, with no transaction open."""
    newest, now = db.session.scalar(select(func.max(LedgerEntry.id))) or 0, clock.now()
    end_transaction()
    return AtStripe(held_by_stripe(), newest, now)


def _ask_until_it_fits() -> AtStripe:
    """Where it differs from our clearing, what Stripe has reported since the last reconciliation may be why: fees and
    payouts to our own bank are booked from there alone. So that is read, and Stripe asked once more."""
    stripe = ask_stripe()
    fits = not any(clearing_is_stripes(stripe))
    end_transaction()
    if fits:
        return stripe
    try:
        reconcile(whole=False)
    except gateway.ProviderUnavailable:
        return stripe
    return ask_stripe()


def held_by_stripe() -> dict[str, Money] | None:
    """Stripe's own balance; None where it can't be asked now, which is no fault of the books."""
    if not gateway.configured():
        return None
    try:
        return gateway.get_balance()
    except gateway.ProviderUnavailable:
        return None


# What the accounts of a kind hold in all: the newest closing's total, and the lines since. OFFSET has each account that
# moved be looked up by itself: through the kind's index all would be read, and most have been at rest for years.
_HELD = """
    SELECT total.commodity, -total.balance AS amount FROM ledger_closing_totals total
    JOIN ledger_closings closing ON closing.id = total.closing_id
    WHERE closing.through = :closed AND total.kind = :kind
    UNION ALL
    SELECT account.commodity, -moved.amount FROM (
        SELECT account_id, sum(amount) AS amount FROM ledger_lines WHERE posted_at >= :closed GROUP BY account_id
    ) moved
    CROSS JOIN LATERAL (SELECT kind, commodity FROM ledger_accounts WHERE id = moved.account_id OFFSET 0) account
    WHERE account.kind = :kind
"""
# As nobody's account holds less than nothing, where the sums agree nobody else's holds anything.
_BESIDE_DEALS_AT_WORK = text(f"""
    SELECT commodity FROM (
        {_HELD} UNION ALL
        SELECT account.commodity, account.balance FROM deals deal
        JOIN ledger_accounts account ON account.owner = 'deal:' || deal.id AND account.kind = :kind
        WHERE deal.state = ANY(:at_work)
    ) held GROUP BY commodity HAVING sum(amount) <> 0
""")


def final_escrow_is_zero(deal_ids: Sequence[int] | None = None, *, closed: datetime | None = None) -> Iterable[Problem]:
    """A deal that has ended holds no money; of all deals, or of these.

    With the newest closing it is first asked whether deals at work hold all that escrow holds: that costs what they and
    a day's lines are, however many deals there ever were.
    """
    if closed is not None:
        at_work = [state.value for state in (*FUNDED, State.FROZEN)]
        values = {"closed": closed, "kind": AccountKind.ESCROW.value, "at_work": at_work}
        if db.session.execute(_BESIDE_DEALS_AT_WORK, values).first() is None:
            return
    query = text("""
        SELECT deal.id, -account.balance, account.commodity FROM ledger_accounts account
        JOIN deals deal ON account.owner = 'deal:' || deal.id
        WHERE account.kind = :kind AND account.balance <> 0 AND deal.state = ANY(:final)
            AND (CAST(:deals AS bigint[]) IS NULL OR deal.id = ANY(CAST(:deals AS bigint[])))
        ORDER BY deal.id LIMIT :most
    """)
    for deal_id, held, commodity in db.session.execute(query, _escrow_of(deal_ids)):
        yield Problem(
            _l("The deal has ended and its escrow still holds %(held)s %(commodity)s.", held=held, commodity=commodity),
            f"deal:{deal_id}",
        )


def funded_escrow_is_full(deal_ids: Sequence[int] | None = None) -> Iterable[Problem]:
    """A deal at work holds just what its brand paid; of all deals, or of these."""
    query = text("""
        SELECT deal.id, payment.amount, coalesce(-account.balance, 0) FROM deals deal
        JOIN payments payment ON payment.deal_id = deal.id AND payment.state = 'succeeded'
        LEFT JOIN ledger_accounts account ON account.owner = 'deal:' || deal.id
            AND account.kind = :kind AND account.commodity = payment.currency
        WHERE deal.state = ANY(:funded) AND coalesce(-account.balance, 0) <> payment.amount
            AND (CAST(:deals AS bigint[]) IS NULL OR deal.id = ANY(CAST(:deals AS bigint[])))
        ORDER BY deal.id LIMIT :most
    """)
    for deal_id, paid, held in db.session.execute(query, _escrow_of(deal_ids)):
        yield Problem(_l("The brand paid %(paid)s and escrow holds %(held)s.", paid=paid, held=held), f"deal:{deal_id}")


def _escrow_of(deal_ids: Sequence[int] | None) -> dict[str, object]:
    """The values of a check's query."""
    return {
        "kind": AccountKind.ESCROW.value,
        "final": [state.value for state in FINAL],
        "funded": [state.value for state in FUNDED],
        "deals": list(deal_ids) if deal_ids is not None else None,
        "most": _MOST,
    }


_PREPARED = """
    SELECT CASE WHEN agency_id IS NULL THEN 'creator:' || creator_id ELSE 'agency:' || agency_id END AS owner,
           CAST(:transfers AS text) AS kind, currency AS commodity, sum(amount) AS total
    FROM transfers WHERE state = 'prepared' GROUP BY 1, 3
    UNION ALL
    SELECT 'deal:' || deal_id, :refunds, currency, sum(amount)
    FROM refunds WHERE state IN ('prepared', 'failed') GROUP BY 1, 3
"""
_BESIDE_WHAT_IS_PREPARED = text(f"""
    WITH prepared AS ({_PREPARED})
    SELECT commodity FROM (
        {_HELD} UNION ALL SELECT commodity, -total FROM prepared WHERE kind = :kind
    ) held GROUP BY commodity HAVING sum(amount) <> 0
    UNION ALL
    SELECT commodity FROM prepared LEFT JOIN ledger_accounts account USING (owner, kind, commodity)
    WHERE prepared.kind = :kind AND coalesce(-account.balance, 0) <> prepared.total
""")


def on_its_way_is_prepared(owners: Sequence[str] | None = None, *, closed: datetime | None = None) -> Iterable[Problem]:
    """What is on its way is what transfers and refunds of unknown outcome were prepared for: of all, or of these.

    A refund that the provider refused stays on its way until somebody has found another one. With the newest closing
    it is first asked, as of escrow, whether there is more on its way than was prepared, or elsewhere.
    """
    kinds = {"transfers": AccountKind.TRANSFER_IN_TRANSIT.value, "refunds": AccountKind.REFUND_IN_TRANSIT.value}
    if closed is not None:
        each = [{**kinds, "closed": closed, "kind": kind} for kind in kinds.values()]
        if all(db.session.execute(_BESIDE_WHAT_IS_PREPARED, values).first() is None for values in each):
            return
    query = text(f"""
        SELECT owner, account.kind, commodity, -account.balance, coalesce(prepared.total, 0)
        FROM ledger_accounts account
        LEFT JOIN ({_PREPARED}) prepared USING (owner, kind, commodity)
        WHERE account.kind IN (:transfers, :refunds) AND -account.balance <> coalesce(prepared.total, 0)
            AND (CAST(:owners AS text[]) IS NULL OR owner = ANY(CAST(:owners AS text[])))
        ORDER BY account.id LIMIT :most
    """)
    values = {**kinds, "owners": list(owners) if owners is not None else None, "most": _MOST}
    for owner, kind, commodity, held, prepared in db.session.execute(query, values):
        yield Problem(
            _l(
                "%(held)s minor units are on their way, and what was prepared comes to %(prepared)s.",
                held=held,
                prepared=int(prepared),
            ),
            f"account {Account(owner, AccountKind(kind), commodity)}",
        )


def settlements_are_whole(since: datetime | None) -> Iterable[Problem]:
    """The parts of a settlement, the agency's among them, sum to what the brand paid; of all of them if None."""
    parts = (
        Settlement.creator_amount
        + Settlement.agency_amount
        + Settlement.creator_fee_amount
        + Settlement.brand_fee_amount
        + Settlement.refund_amount
    )
    query = (
        select(Settlement.deal_id, Payment.amount, parts)
        .join(Payment, (Payment.deal_id == Settlement.deal_id) & (Payment.state == PaymentState.SUCCEEDED))
        .where(parts != Payment.amount, Settlement.settled_at >= since if since is not None else true())
        .order_by(Settlement.deal_id)
        .limit(_MOST)
    )
    for deal_id, paid, settled in db.session.execute(query):
        yield Problem(
            _l("The brand paid %(paid)s and the settlement says %(settled)s.", paid=paid, settled=settled),
            f"deal:{deal_id}",
        )


def clearing_is_stripes(stripe: AtStripe) -> Iterable[Problem]:
    """What Stripe holds equals our clearing, but for what is on its way between the two, and for a day at most for what
    Stripe reported and nobody has explained yet."""
    held = stripe.held
    if held is None:
        return
    ahead, behind = _on_the_way(stripe.since)
    unexplained = missing_since(stripe.at)
    currencies = select(LedgerAccount.commodity).where(LedgerAccount.kind == AccountKind.STRIPE_CLEARING)
    for currency in sorted({*held, *db.session.scalars(currencies)}):
        ours, theirs = balance(stripe_clearing(currency)), held.get(currency, Money.zero(currency)).amount
        if not -behind[currency] <= theirs - ours - unexplained.get(currency, 0) <= ahead[currency]:
            yield Problem(
                _l("Our clearing holds %(ours)s and Stripe %(theirs)s minor units.", ours=ours, theirs=theirs),
                f"stripe_clearing:{currency}",
            )


def _on_the_way(since: int) -> tuple[Counter[str], Counter[str]]:
    """By currency, the most that Stripe may hold above and below our clearing: payments that may have arrived, refunds
    and transfers that may have left, and what we recorded after Stripe was asked. Nothing else explains a difference:
    a checkout that somebody leaves open must not hide what is missing."""
    ahead = _sums(Checkout, CheckoutState.PREPARED, CheckoutState.OPEN, CheckoutState.CONFIRMING)
    ahead += _sums(TransferReversal, TransferState.PREPARED)
    behind = _sums(Refund, RefundState.PREPARED) + _sums(Transfer, TransferState.PREPARED)
    query = (
        select(LedgerLine.commodity, LedgerLine.amount)
        .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
        .where(LedgerAccount.kind == AccountKind.STRIPE_CLEARING, LedgerLine.entry_id > since)
    )
    for currency, amount in db.session.execute(query):
        (behind if amount > 0 else ahead)[currency] += abs(amount)
    return ahead, behind


def _sums(table: type[Checkout | Refund | Transfer | TransferReversal], *states: StrEnum) -> Counter[str]:
    query = select(table.currency, func.sum(table.amount)).where(table.state.in_(states)).group_by(table.currency)
    return Counter({currency: int(total) for currency, total in db.session.execute(query)})
