"""A chargeback's money in the books: taken out of a deal, given back to it, or lost, and then borne by somebody.

Each function books one part, within the caller's transaction, under a key of its own: a repeat books nothing.
"""

from collections.abc import Sequence

import structlog
from sqlalchemy import func, select

from marketplace.chargebacks.dividing import Burden, Kept, burden
from marketplace.chargebacks.models import Chargeback, ChargebackPart, PartState
from marketplace.chargebacks.queries import OWES
from marketplace.escrow.models import Checkout, Refund, RefundState, Settlement
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.ids import new_uuid
from marketplace.kit.money import Money, allot
from marketplace.ledger.accounts import (
    Account,
    AccountKind,
    agency_owes,
    chargeback_held,
    chargebacks,
    creator_owes,
    deal_owner,
    escrow,
    fees_brand,
    fees_creator,
    refund_in_transit,
    stripe_clearing,
    suspense,
)
from marketplace.ledger.models import LedgerAccount, LedgerEntry, LedgerLine
from marketplace.ledger.postings import Line, Posting, credit, debit
from marketplace.ledger.queries import balance
from marketplace.ledger.service import post

logger = structlog.get_logger(__name__)


def key_of(chargeback: Chargeback, what: str, owner: str) -> str:
    """The key of one of its entries; `owner` is whose part it is."""
    return f"chargeback:{chargeback.id}:{what}:{owner}"


def place_of(part: ChargebackPart) -> Account:
    """What the part was taken out of: the escrow of a deal at work, or else what banks hold of that deal."""
    return (escrow if part.from_escrow else chargeback_held)(part.deal_id, part.currency)


def book_withdrawn(chargeback: Chargeback, part: ChargebackPart) -> None:
    lines = [debit(place_of(part), part.total), credit(stripe_clearing(part.currency), part.total)]
    _post(chargeback, "withdrawn", part, lines, chargeback.withdrawn_transaction_id or "")


def give_back(chargeback: Chargeback, part: ChargebackPart, amount: Money, owed: dict[Account, int]) -> Posting:
    """What the bank has given back of a part returns to where it was taken out of; of one that somebody has borne, to
    them. The entry is given back, to be posted with those of the other parts.

    `owed` are the payees' debts, locked, in minor units: they are lessened there as the entry will lessen them.
    """
    borne = part.state is PartState.BORNE and not part.from_escrow
    shares = _shares_of_who_bore(chargeback, part, amount) if borne else [(place_of(part), amount.amount)]
    part.given_back_amount += amount.amount
    for account, share in shares if borne else ():
        _lessen(part, account.kind, share)
    if not part.left:
        part.state = PartState.REINSTATED
    places = [line for account, share in shares for line in _given_to(part, account, share, owed)]
    lines = (debit(stripe_clearing(part.currency), amount), *places)
    owner, transaction_id = deal_owner(part.deal_id), chargeback.reinstated_transaction_id or ""
    key = key_of(chargeback, "reinstated", owner)
    return Posting("chargeback.reinstated", key, lines, owner, external_id=transaction_id)


def _shares_of_who_bore(chargeback: Chargeback, part: ChargebackPart, amount: Money) -> list[tuple[Account, int]]:
    """In proportion to what each bore, as the entry by which they did says."""
    lines = _lines_of(key_of(chargeback, "borne", deal_owner(part.deal_id)))
    borne = [(line.account, line.amount) for line in lines if line.amount > 0]
    shares = allot(amount.amount, [share for _account, share in borne])
    return [(account, share) for (account, _all), share in zip(borne, shares, strict=True)]


def _given_to(part: ChargebackPart, account: Account, share: int, owed: dict[Account, int]) -> list[Line]:
    """Less is owed, the platform has its fees again. What had been paid of a debt by then, and what the brand was owed
    anyway, waits in suspense, each on its owner's account."""
    if account.kind is AccountKind.REFUND_IN_TRANSIT:
        logger.error("a bank gives back what was a refund", deal=part.deal_id, amount=share, currency=part.currency)
        return [credit(suspense(part.currency, account.owner), share)]
    if account.kind not in OWES:
        return [credit(account, share)]
    lessened = min(share, owed.get(account, 0))
    owed[account] = owed.get(account, 0) - lessened
    if share > lessened:
        _return_what_was_paid(part, account, share - lessened)
    return [credit(account, lessened), credit(suspense(part.currency, account.owner), share - lessened)]


def _lessen(part: ChargebackPart, kind: AccountKind, share: int) -> None:
    if kind is AccountKind.CREATOR_OWES:
        part.creator_amount -= share
    elif kind is AccountKind.AGENCY_OWES:
        part.agency_amount -= share
    elif kind is AccountKind.REFUND_IN_TRANSIT:
        part.returned_amount -= share
    else:
        part.platform_amount -= share
        part.commission_amount -= share if kind is AccountKind.FEES_CREATOR else 0
        part.service_fee_amount -= share if kind is AccountKind.FEES_BRAND else 0


def _return_what_was_paid(part: ChargebackPart, owes: Account, amount: int) -> None:
    """Who prepares transfers knows which earnings had paid it."""
    to_agency = owes.kind is AccountKind.AGENCY_OWES
    if to_agency:
        part.agency_repaid_amount += amount
    else:
        part.creator_repaid_amount += amount
    defer("payouts.return_recovered", part_id=part.id, to_agency=to_agency)


def book_unplaced_withdrawn(chargeback: Chargeback, checkout: Checkout, amount: Money) -> None:
    """What belongs to no deal: of money that waited in suspense, and what a bank takes above the charge."""
    if not amount:
        return
    owner, currency = f"checkout:{checkout.id}", amount.currency
    waiting = Money(min(max(balance(suspense(currency, owner)), 0), amount.amount), currency)
    lines = [
        debit(suspense(currency, owner), waiting),
        debit(chargebacks(currency), amount - waiting),
        credit(stripe_clearing(currency), amount),
    ]
    key, transaction_id = key_of(chargeback, "withdrawn", owner), chargeback.withdrawn_transaction_id
    post("chargeback.withdrawn", key, lines, owner, external_id=transaction_id or "")


def book_unplaced_reinstated(chargeback: Chargeback, checkout: Checkout, amount: Money) -> None:
    """What of it is given back: first what had waited in suspense. More than was taken waits there, too."""
    if not amount:
        return
    owner, currency = f"checkout:{checkout.id}", amount.currency
    taken = {line.account.kind: line.amount for line in _lines_of(key_of(chargeback, "withdrawn", owner))}
    over = max(0, amount.amount - taken.get(AccountKind.SUSPENSE, 0))
    ours = Money(min(over, taken.get(AccountKind.CHARGEBACKS, 0)), currency)
    lines = [
        debit(stripe_clearing(currency), amount),
        credit(suspense(currency, owner), amount - ours),
        credit(chargebacks(currency), ours),
    ]
    key, transaction_id = key_of(chargeback, "reinstated", owner), chargeback.reinstated_transaction_id
    post("chargeback.reinstated", key, lines, owner, external_id=transaction_id or "")


def _lines_of(key: str) -> list[Line]:
    query = (
        select(LedgerAccount, LedgerLine.amount)
        .join(LedgerLine, LedgerLine.account_id == LedgerAccount.id)
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(LedgerEntry.idempotency_key == key)
        .order_by(LedgerLine.line_no)
    )
    found = db.session.execute(query)
    return [Line(Account(account.owner, account.kind, account.commodity), amount) for account, amount in found]


def bear(chargeback: Chargeback, part: ChargebackPart, settlement: Settlement | None) -> Posting | None:
    """The bank has kept it. What escrow gave is gone with the deal; anything else is borne by who had it, by the entry
    that is given back: those of one chargeback are posted together, as recoveries lock many debts at once, too.

    `settlement` is None where the payment was not the one that it divided.
    """
    if part.from_escrow:
        part.state = PartState.BORNE
        return None
    returned = _take_over_refunds(part)
    shares = burden(part.left.amount - returned.amount, _kept(part, settlement))
    part.state, part.returned_amount, part.platform_amount = PartState.BORNE, returned.amount, shares.platform
    part.creator_amount, part.agency_amount = shares.creator, shares.agency
    part.commission_amount, part.service_fee_amount = shares.commission, shares.service_fee
    lines = (
        debit(refund_in_transit(part.deal_id, part.currency), returned),
        *_burden_lines(shares, settlement, part.currency),
        credit(chargeback_held(part.deal_id, part.currency), part.left),
    )
    owner = deal_owner(part.deal_id)
    return Posting("chargeback.borne", key_of(chargeback, "borne", owner), lines, owner)


def _burden_lines(shares: Burden, settlement: Settlement | None, currency: str) -> list[Line]:
    lines = [debit(chargebacks(currency), shares.lost)]
    if settlement is None:
        return lines
    lines.append(debit(creator_owes(settlement.creator_id, currency), shares.creator))
    if settlement.agency_id is not None:
        lines.append(debit(agency_owes(settlement.agency_id, currency), shares.agency))
    lines.append(debit(fees_creator(currency), shares.commission))
    lines.append(debit(fees_brand(currency), shares.service_fee))
    return lines


def _kept(part: ChargebackPart, settlement: Settlement | None) -> Kept:
    """What the settlement gave to each, less what they have borne of it before."""
    if settlement is None:
        return Kept(0, 0, 0, 0)
    columns = (
        ChargebackPart.creator_amount,
        ChargebackPart.agency_amount,
        ChargebackPart.commission_amount,
        ChargebackPart.service_fee_amount,
    )
    earlier = select(*(func.coalesce(func.sum(column), 0) for column in columns)).where(
        ChargebackPart.payment_id == part.payment_id, ChargebackPart.state == PartState.BORNE
    )
    creator, agency, commission, service_fee = (int(found) for found in db.session.execute(earlier).one())
    return Kept(
        settlement.creator_amount - creator,
        settlement.agency_amount - agency,
        settlement.creator_fee_amount - commission,
        settlement.brand_fee_amount - service_fee,
    )


def _take_over_refunds(part: ChargebackPart) -> Money:
    """The brand has from its bank what we could not send: such refunds are over, as far as the part goes."""
    query = (
        select(Refund)
        .where(Refund.payment_id == part.payment_id, Refund.state == RefundState.FAILED)
        .order_by(Refund.created_at)
        .with_for_update()
    )
    taken = 0
    for refund in db.session.scalars(query.execution_options(populate_existing=True)):
        some = min(refund.amount, part.left.amount - taken)
        if some:
            refund.state = RefundState.REPLACED
            taken += some
        if 0 < some < refund.amount:
            _keep_rest(refund, refund.amount - some)
    db.session.flush()
    return Money(taken, part.currency)


def _keep_rest(refund: Refund, amount: int) -> None:
    rest = Refund(
        id=new_uuid(),
        deal_id=refund.deal_id,
        payment_id=refund.payment_id,
        state=RefundState.FAILED,
        amount=amount,
        currency=refund.currency,
        replaces_id=refund.id,
        failure=refund.failure,
        created_at=refund.created_at,
        finished_at=clock.now(),
    )
    db.session.add(rest)


def _post(chargeback: Chargeback, what: str, part: ChargebackPart, lines: Sequence[Line], transaction_id: str) -> None:
    owner = deal_owner(part.deal_id)
    post(f"chargeback.{what}", key_of(chargeback, what, owner), lines, owner, external_id=transaction_id)
