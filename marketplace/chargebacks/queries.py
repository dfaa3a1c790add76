"""Reads of chargebacks: what they hold back of a settlement, what payees have paid of their debts, and their lists."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ColumnElement, Select, case, cast, exists, func, or_, select, tuple_
from sqlalchemy.orm import joinedload

from marketplace.agencies.models import Agency
from marketplace.brands.models import Brand
from marketplace.chargebacks.models import (
    ONLY_ASKS,
    WAITS_FOR_ANSWER,
    Chargeback,
    ChargebackPart,
    PartState,
    Recovery,
    Stage,
)
from marketplace.creators.models import Creator
from marketplace.deals.models import Deal
from marketplace.escrow.models import Checkout, Payment, PaymentState, Settlement
from marketplace.infra.db import db
from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.ledger.accounts import AccountKind
from marketplace.ledger.models import LedgerAccount, LedgerEntry

OWES = (AccountKind.CREATOR_OWES, AccountKind.AGENCY_OWES)
_LARGEST_ID = 2**63 - 1
# In seconds since 1970: later than any day on which evidence is due.
_NEVER = 10**12


def withheld() -> ColumnElement[bool]:
    """The condition for settlements of which nothing is sent: a bank has the payment, and hasn't decided. One that the
    deal didn't take, as another had paid for it, is no matter of the settlement's."""
    return exists().where(
        ChargebackPart.deal_id == Settlement.deal_id,
        ChargebackPart.state == PartState.HELD,
        Payment.id == ChargebackPart.payment_id,
        Payment.state == PaymentState.SUCCEEDED,
    )


def is_lost(payment_id: uuid.UUID) -> bool:
    """Whether a bank has kept something of the payment: nothing more can be sent out of its charge."""
    lost = exists().where(ChargebackPart.payment_id == payment_id, ChargebackPart.state == PartState.BORNE)
    return bool(db.session.scalar(select(lost)))


def claims_on(deal_id: int) -> list[ChargebackPart]:
    """What of the deal's own payment a bank has taken and not given back: undecided, or kept for good."""
    query = (
        select(ChargebackPart)
        .join(Payment, Payment.id == ChargebackPart.payment_id)
        .where(ChargebackPart.deal_id == deal_id, Payment.state == PaymentState.SUCCEEDED)
        .where(ChargebackPart.state.in_((PartState.HELD, PartState.BORNE)))
        .order_by(ChargebackPart.id)
    )
    return list(db.session.scalars(query))


def is_claim() -> ColumnElement[bool]:
    """The condition for chargebacks by which a bank has money, undecided or for good: while it only asks, none has
    moved."""
    kept = Chargeback.stage.in_((Stage.LOST, Stage.PREVENTED))
    return kept | Chargeback.closed_at.is_(None) & Chargeback.stage.not_in(ONLY_ASKS)


def claims_on_payments(deal_ids: Collection[int], checkout_ids: Collection[uuid.UUID]) -> Sequence[Chargeback]:
    """By which banks have money of what was paid for deals, or by checkouts; the oldest first."""
    of_deals = select(Payment.checkout_id).where(Payment.deal_id.in_(deal_ids))
    theirs = or_(Chargeback.checkout_id.in_(of_deals), Chargeback.checkout_id.in_(checkout_ids))
    return db.session.scalars(select(Chargeback).where(is_claim(), theirs).order_by(Chargeback.id)).all()


def recovered(*, to_agencies: bool) -> ColumnElement[int]:
    """What of a settlement's earning, or of its agency's share, has paid debts and is sent to nobody. Minor units."""
    theirs = Recovery.agency_id.is_not(None) if to_agencies else Recovery.creator_id.is_not(None)
    query = select(func.coalesce(func.sum(Recovery.amount - Recovery.returned_amount), 0))
    query = query.where(Recovery.settlement_id == Settlement.id, theirs)
    return query.scalar_subquery()


def overpaid(currency: str, *, creator_id: int | None, agency_id: int | None) -> int:
    """How much of what a payee's earnings have paid of debts wasn't needed for those that still stand, in minor units.
    What was paid otherwise, or written off, is booked of no single debt, and counts as if it had paid none of these."""
    to_agency = agency_id is not None
    theirs = Recovery.agency_id == agency_id if to_agency else Recovery.creator_id == creator_id
    payee = Settlement.agency_id == agency_id if to_agency else Settlement.creator_id == creator_id
    part = ChargebackPart.agency_amount if to_agency else ChargebackPart.creator_amount
    paid = select(func.sum(Recovery.amount - Recovery.returned_amount)).where(theirs, Recovery.currency == currency)
    stands = (
        select(func.sum(part))
        .join(Settlement, Settlement.deal_id == ChargebackPart.deal_id)
        .where(payee, ChargebackPart.state == PartState.BORNE, ChargebackPart.currency == currency)
    )
    owed = select(LedgerAccount.balance).where(
        LedgerAccount.owner == (f"agency:{agency_id}" if to_agency else f"creator:{creator_id}"),
        LedgerAccount.kind == (AccountKind.AGENCY_OWES if to_agency else AccountKind.CREATOR_OWES),
        LedgerAccount.commodity == currency,
    )
    # One statement, so that a debt that arises meanwhile is in both of its figures, or in none.
    figures = [func.coalesce(query.scalar_subquery(), 0) for query in (paid, stands, owed)]
    by_earnings, borne, still_owed = (int(figure) for figure in db.session.execute(select(*figures)).one())
    return max(0, by_earnings - (borne - still_owed))


class Heap(StrEnum):
    """Which chargebacks a list shows."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ChargebackRow:
    """A chargeback in a list, with who paid, and what its parts come to by who bears them."""

    chargeback: Chargeback
    brand: Brand
    deals: int
    payees: Money
    platform: Money


@dataclass(frozen=True, slots=True)
class ChargebackPage:
    """`place` is the id to go on from, None on the last page."""

    rows: list[ChargebackRow]
    place: int | None


@dataclass(frozen=True, slots=True)
class PartRow:
    """One deal's part, with the names of those whose money it is."""

    part: ChargebackPart
    deal: Deal

    @property
    def creator(self) -> Money:
        return Money(self.part.creator_amount, self.part.currency)

    @property
    def agency(self) -> Money:
        return Money(self.part.agency_amount, self.part.currency)

    @property
    def platform(self) -> Money:
        return Money(self.part.platform_amount, self.part.currency)

    @property
    def given_back(self) -> Money:
        return Money(self.part.given_back_amount, self.part.currency)

    @property
    def returned(self) -> Money:
        return Money(self.part.returned_amount, self.part.currency)


# What waits for an answer first, by when it is due; what has no such day last.
_IN_QUEUE = (
    case((Chargeback.stage.in_(WAITS_FOR_ANSWER) & Chargeback.submitted_at.is_(None), 0), else_=1),
    func.coalesce(func.extract("epoch", Chargeback.evidence_due_at), _NEVER),
    Chargeback.id,
)


def list_chargebacks(heap: Heap, limit: int, before: int | None = None) -> ChargebackPage:
    """Open ones by when their evidence is due, as they are a queue; closed ones newest first. `before` is the last one
    of the page before."""
    of_it = (ChargebackPart.chargeback_id == Chargeback.id,)
    columns = (
        func.count(ChargebackPart.id),
        func.coalesce(func.sum(ChargebackPart.creator_amount + ChargebackPart.agency_amount), 0),
        func.coalesce(func.sum(ChargebackPart.platform_amount), 0),
    )
    query = (
        select(Chargeback, Brand, *columns)
        .join(Checkout, Checkout.id == Chargeback.checkout_id)
        .join(Brand, Brand.id == Checkout.brand_id)
        .outerjoin(ChargebackPart, *of_it)
        .group_by(Chargeback.id, Brand.id)
    )
    if heap is Heap.OPEN:
        query = query.where(Chargeback.closed_at.is_(None)).order_by(*_IN_QUEUE)
        ended = select(*_IN_QUEUE).where(Chargeback.id == before)
        place = db.session.execute(ended).first() if before is not None else None
        query = query.where(tuple_(*_IN_QUEUE) > tuple_(*place)) if place is not None else query
    else:
        query = query.where(Chargeback.closed_at.is_not(None)).order_by(Chargeback.id.desc())
        query = query.where(Chargeback.id < before) if before is not None else query
    found = [
        ChargebackRow(row, brand, deals, Money(int(payees), row.currency), Money(int(platform), row.currency))
        for row, brand, deals, payees, platform in db.session.execute(query.limit(limit + 1))
    ]
    return ChargebackPage(found[:limit], found[limit - 1].chargeback.id if len(found) > limit else None)


def waiting_chargebacks() -> Select[int]:
    """The query of how many wait for an administrator's answer."""
    return (
        select(func.count())
        .select_from(Chargeback)
        .where(
            Chargeback.stage.in_(WAITS_FOR_ANSWER), Chargeback.submitted_at.is_(None), Chargeback.accepted_by.is_(None)
        )
    )


def get_chargeback(chargeback_id: int) -> Chargeback:
    """
    Raises:
        NotFound: there is none.
    """
    found = db.session.get(Chargeback, chargeback_id) if chargeback_id <= _LARGEST_ID else None
    if found is None:
        raise NotFound
    return found


def same_dispute(chargeback: Chargeback) -> Sequence[Chargeback]:
    """The others by which a bank took money of the same dispute, the oldest first."""
    query = select(Chargeback).where(Chargeback.stripe_dispute_id == chargeback.stripe_dispute_id)
    return db.session.scalars(query.where(Chargeback.id != chargeback.id).order_by(Chargeback.round)).all()


def parts_with_deals(chargeback_id: int) -> list[PartRow]:
    """The parts of a chargeback, with both sides of each deal at hand."""
    query = (
        select(ChargebackPart, Deal)
        .join(Deal, Deal.id == ChargebackPart.deal_id)
        .where(ChargebackPart.chargeback_id == chargeback_id)
        .order_by(ChargebackPart.deal_id)
        .options(joinedload(Deal.creator), joinedload(Deal.brand))
    )
    return [PartRow(part, deal) for part, deal in db.session.execute(query)]


def entries_of(chargeback: Chargeback, deal_ids: Sequence[int]) -> Sequence[LedgerEntry]:
    """Its entries in the books, those of Stripe's fee among them, oldest first; `deal_ids` are those of its parts."""
    owners = [f"deal:{deal_id}" for deal_id in deal_ids]
    owners.append(f"checkout:{chargeback.checkout_id}")
    keys = [
        f"chargeback:{chargeback.id}:{what}:{owner}"
        for what in ("withdrawn", "reinstated", "borne")
        for owner in owners
    ]
    moved = (chargeback.withdrawn_transaction_id, chargeback.reinstated_transaction_id)
    keys += [f"txn:{transaction_id}:fee" for transaction_id in moved if transaction_id is not None]
    query = select(LedgerEntry).where(LedgerEntry.idempotency_key.in_(keys))
    return db.session.scalars(query.order_by(LedgerEntry.posted_at, LedgerEntry.id)).all()


@dataclass(frozen=True, slots=True)
class Debt:
    """What a creator or an agency owes of chargebacks, in one currency; `since` is when the newest of which they bore a
    part was lost."""

    owner: str
    name: str
    amount: Money
    since: datetime | None


def list_debts(limit: int) -> list[Debt]:
    """The largest first."""
    # Nothing for an owner without a number, such as an entry by hand may once have named.
    number = cast(func.substring(LedgerAccount.owner, "^[a-z]+:([0-9]{1,18})$"), BigInteger)
    is_agency = LedgerAccount.kind == AccountKind.AGENCY_OWES
    lost = (
        select(func.max(Chargeback.closed_at))
        .join(ChargebackPart, ChargebackPart.chargeback_id == Chargeback.id)
        .join(Settlement, Settlement.deal_id == ChargebackPart.deal_id)
        .where(case((is_agency, Settlement.agency_id), else_=Settlement.creator_id) == number)
        .where(case((is_agency, ChargebackPart.agency_amount), else_=ChargebackPart.creator_amount) > 0)
        .where(ChargebackPart.currency == LedgerAccount.commodity)
        .scalar_subquery()
    )
    query = (
        select(LedgerAccount, func.coalesce(Agency.name, Creator.name), lost)
        .outerjoin(Agency, (Agency.id == number) & is_agency)
        .outerjoin(Creator, (Creator.id == number) & ~is_agency)
        .where(LedgerAccount.kind.in_(OWES), LedgerAccount.balance > 0)
        .order_by(LedgerAccount.balance.desc(), LedgerAccount.id)
        .limit(limit)
    )
    return [
        Debt(account.owner, name, Money(account.balance or 0, account.commodity), since)
        for account, name, since in db.session.execute(query)
    ]


@dataclass(frozen=True, slots=True)
class LostPart:
    """What one payee had to bear of a chargeback on one of their deals."""

    deal_id: int
    title: str
    amount: Money
    closed_at: datetime | None


def lost_parts(
    currency: str, limit: int, *, creator_id: int | None = None, agency_id: int | None = None
) -> list[LostPart]:
    """The newest chargebacks that a creator or an agency had to bear a part of."""
    amount = ChargebackPart.agency_amount if agency_id is not None else ChargebackPart.creator_amount
    payee = Settlement.agency_id == agency_id if agency_id is not None else Settlement.creator_id == creator_id
    query = (
        select(Deal.id, Deal.title, amount, Chargeback.closed_at)
        .join(ChargebackPart, ChargebackPart.deal_id == Deal.id)
        .join(Chargeback, Chargeback.id == ChargebackPart.chargeback_id)
        .join(Settlement, Settlement.deal_id == Deal.id)
        .where(payee, amount > 0, ChargebackPart.currency == currency)
        .order_by(ChargebackPart.id.desc())
        .limit(limit)
    )
    return [
        LostPart(deal_id, title, Money(part, currency), at) for deal_id, title, part, at in db.session.execute(query)
    ]
