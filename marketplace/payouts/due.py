"""What of a payee's released earnings no transfer has taken, and what of it their plan sends now."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select

from marketplace.chargebacks.queries import recovered, withheld
from marketplace.escrow.holding import holding
from marketplace.escrow.models import Payment, PaymentState, Settlement
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.ledger.accounts import AccountKind
from marketplace.payouts.held import Slice, has_money
from marketplace.payouts.models import (
    ConnectedAccount,
    Payday,
    PaydayState,
    PayoutPlan,
    Schedule,
    Transfer,
    TransferState,
)
from marketplace.payouts.pausing import is_paused
from marketplace.payouts.payee import Payee
from marketplace.payouts.plans import has_schedule, minimum_of_row, plan_of

# A transfer that the provider refused is tried again after this long.
RETRY_AFTER = timedelta(hours=6)
# Ours, not Stripe's, of a transfer whose payee left the account and had no other yet that took it: it isn't refused.
REPLACED = "account_replaced"
# Ours, too: by the time that it was to be sent a bank had taken the payment, or an administrator paused the payouts.
WITHHELD, PAUSED = "payment_withheld", "payouts_paused"
GIVEN_BACK = (REPLACED, WITHHELD, PAUSED)
# What was prepared so long ago and has no outcome was left by a crash or by a provider that didn't answer.
LEFT_FOR = timedelta(minutes=2)
# What was withheld or paused waits for its plan, as if it had never been prepared.
_REFUSED = (Transfer.state == TransferState.FAILED, Transfer.failure.not_in((WITHHELD, PAUSED)))
# What one turn of a sweeper takes up; there are more turns.
_MOST = 500


@dataclass(frozen=True, slots=True)
class Part:
    """A payee's whole part of a released settlement, to be sent to their account; what they owe is taken out of it when
    it is prepared. `resends_id` names the transfer whose reversed money it is, None where it is sent the first time."""

    settlement_id: int
    deal_id: int
    payee: Payee
    account_id: uuid.UUID
    amount: Money
    resends_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class _Unsent:
    """`left` is what no debt has taken of the part. `urgent`: sent whatever the plan says, as Stripe lets us hold it no
    longer or as a transfer of it failed."""

    part: Part
    left: Money
    urgent: bool
    refused_lately: bool


def due_parts(payee: Payee, *, asked: bool = False, currency: str | None = None) -> list[Part]:
    """What the payee's plan sends now, the oldest first: by itself, or with `asked` because they want it now.

    Nothing where their account takes no transfers. Less than the minimum of a currency waits, whoever asks. The payee
    must be locked by whoever prepares transfers of it.
    """
    found = [one for one in _unsent(payee, currency) if asked or not one.refused_lately]
    plan = plan_of(payee)
    by_currency: dict[str, list[_Unsent]] = defaultdict(list)
    for one in found:
        by_currency[one.part.amount.currency].append(one)
    due = []
    for code, those in by_currency.items():
        total = sum((one.left for one in those), Money.zero(code))
        all_of_it = (asked or plan.schedule is Schedule.AS_EARNED) and total >= plan.minimum(code)
        due += [one.part for one in those if all_of_it or one.urgent]
    return due


def _unsent(payee: Payee, currency: str | None) -> list[_Unsent]:
    agencies = payee.is_agency
    refused = _transfers(agencies, *_REFUSED)
    taken = recovered(to_agencies=agencies)
    columns = (Settlement, ConnectedAccount.id, taken, _too_long(), refused, _refused_lately(agencies))
    query = _released(*columns, agencies=agencies).where(payee.owns(Settlement)).order_by(Settlement.id)
    if currency is not None:
        query = query.where(Settlement.currency == currency)
    found = []
    for settlement, account_id, gone, late, was_refused, lately in db.session.execute(query):
        part = Part(settlement.id, settlement.deal_id, payee, account_id, payee.part_of(settlement))
        left = part.amount - Money(int(gone), settlement.currency)
        found.append(_Unsent(part, left, late or was_refused, lately))
    return found


def _released(*columns: Any, agencies: bool) -> Select[*tuple[Any, ...]]:
    """The released parts of settlements that no transfer, debt or bank has taken, of payees who can be sent them and
    whose payouts aren't paused."""
    owner, amount = _columns(agencies)
    account = ConnectedAccount.agency_id if agencies else ConnectedAccount.creator_id
    live = _transfers(agencies, Transfer.state != TransferState.FAILED)
    return (
        select(*columns)
        .select_from(Settlement)
        .join(ConnectedAccount, and_(account == owner, ConnectedAccount.replaced_at.is_(None)))
        .join(Payment, and_(Payment.deal_id == Settlement.deal_id, Payment.state == PaymentState.SUCCEEDED))
        .where(Settlement.released_at.is_not(None), ConnectedAccount.transfers_enabled, ~live)
        .where(amount > recovered(to_agencies=agencies), ~withheld(), ~is_paused(owner, agencies=agencies))
    )


def _columns(agencies: bool) -> tuple[Any, Any]:
    """Whose a part is, and how much it is."""
    if agencies:
        return Settlement.agency_id, Settlement.agency_amount
    return Settlement.creator_id, Settlement.creator_amount


def _transfers(agencies: bool, *wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the payee has such a transfer of the settlement, those aside that send something again."""
    payee = Transfer.agency_id if agencies else Transfer.creator_id
    first = (Transfer.settlement_id == Settlement.id, payee.is_not(None), Transfer.resends_id.is_(None))
    return exists().where(*first, *wanted)


def _refused_lately(agencies: bool) -> ColumnElement[bool]:
    refused = (Transfer.state == TransferState.FAILED, Transfer.failure.not_in(GIVEN_BACK))
    return _transfers(agencies, *refused, Transfer.finished_at > clock.now() - RETRY_AFTER)


def _too_long() -> ColumnElement[bool]:
    """Payments in the last days for which Stripe lets us hold them."""
    return Payment.finished_at <= clock.now() - holding().last_days


@dataclass(frozen=True, slots=True)
class Waiting:
    """Released parts of one currency that no transfer has taken, whether an account is there for them or not."""

    amount: Money
    parts: int


def waiting(payee: Payee) -> list[Waiting]:
    """What the payee could be sent, by currency: without what debts have taken, and what a bank has taken back."""
    _owner, amount = _columns(payee.is_agency)
    left = amount - recovered(to_agencies=payee.is_agency)
    live = _transfers(payee.is_agency, Transfer.state != TransferState.FAILED)
    query = (
        select(Settlement.currency, func.sum(left), func.count())
        .where(payee.owns(Settlement), Settlement.released_at.is_not(None), left > 0, ~live, ~withheld())
        .group_by(Settlement.currency)
        .order_by(Settlement.currency)
    )
    return [Waiting(Money(int(total), code), parts) for code, total, parts in db.session.execute(query)]


def sent_as_earned(settlement_ids: Sequence[int], *, agencies: bool) -> Sequence[int]:
    """Those of these settlements of which a part goes to somebody who is paid as they earn."""
    owner, amount = _columns(agencies)
    plan = PayoutPlan.agency_id if agencies else PayoutPlan.creator_id
    query = select(Settlement.id).outerjoin(PayoutPlan, plan == owner).order_by(Settlement.id)
    return db.session.scalars(
        query.where(Settlement.id.in_(settlement_ids), amount > 0, has_schedule(Schedule.AS_EARNED))
    ).all()


def payees_due(*, agencies: bool) -> list[Payee]:
    """Payees whose plan sends something by itself now, for the sweeper: those paid as they earn."""
    owner, amount = _columns(agencies)
    plan = PayoutPlan.agency_id if agencies else PayoutPlan.creator_id
    query = (
        _released(owner, agencies=agencies)
        .outerjoin(PayoutPlan, plan == owner)
        .where(_holds(agencies), has_schedule(Schedule.AS_EARNED), ~_refused_lately(agencies))
        .group_by(owner, Settlement.currency, PayoutPlan.id)
        .having(func.sum(amount - recovered(to_agencies=agencies)) >= minimum_of_row(Settlement.currency))
        .order_by(owner)
        .limit(_MOST)
    )
    return _as_payees(db.session.scalars(query).all(), agencies=agencies)


def payees_of_old_money(among: Slice, *, agencies: bool) -> list[Payee]:
    """Those of whom a part can't wait for their plan, as Stripe lets us hold it no longer."""
    owner, _amount = _columns(agencies)
    return _waiting_for_nothing(agencies, among.holds(owner), _too_long())


def payees_refused(*, agencies: bool) -> list[Payee]:
    """Payees of whom a transfer was refused, some time ago, and nothing was sent instead."""
    return _waiting_for_nothing(agencies, _transfers(agencies, *_REFUSED))


def _waiting_for_nothing(agencies: bool, *which: ColumnElement[bool]) -> list[Payee]:
    owner, _amount = _columns(agencies)
    query = _released(owner, agencies=agencies).where(_holds(agencies), *which, ~_refused_lately(agencies))
    found = db.session.scalars(query.order_by(owner).distinct().limit(_MOST))
    return _as_payees(found.all(), agencies=agencies)


def _holds(agencies: bool) -> ColumnElement[bool]:
    """Whether the payee has money available in the books: few have, beside all who were ever paid."""
    if agencies:
        return has_money("agency", Settlement.agency_id, [AccountKind.AGENCY_AVAILABLE])
    return has_money("creator", Settlement.creator_id, [AccountKind.CREATOR_AVAILABLE])


def _as_payees(ids: Sequence[int], *, agencies: bool) -> list[Payee]:
    return [Payee(agency_id=one) if agencies else Payee(creator_id=one) for one in dict.fromkeys(ids)]


def left_prepared() -> Sequence[uuid.UUID]:
    """Transfers that a crash or a silent provider left prepared; a payday sends its own for as long as it runs."""
    running = exists().where(Payday.id == Transfer.payday_id, Payday.state != PaydayState.FINISHED)
    query = (
        select(Transfer.id)
        .where(Transfer.state == TransferState.PREPARED, Transfer.created_at < clock.now() - LEFT_FOR, ~running)
        .order_by(Transfer.created_at)
        .limit(_MOST)
    )
    return db.session.scalars(query).all()
