"""Payees' accounts for the console: those that Stripe asks something of, failed payouts, debts, and money held back."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.orm import aliased

from marketplace.accounts.models import User
from marketplace.agencies.models import Agency
from marketplace.creators.models import Creator
from marketplace.deals.models import Deal
from marketplace.escrow.models import Settlement
from marketplace.infra.db import db
from marketplace.infra.labels import register
from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.ledger.accounts import AccountKind
from marketplace.ledger.queries import accounts
from marketplace.payouts.history import is_held_back
from marketplace.payouts.models import ASKED, ConnectedAccount, Payout, PayoutState, Transfer, TransferReversal
from marketplace.payouts.pause_models import PayoutPause
from marketplace.payouts.payday_report import reason_words
from marketplace.payouts.payee import Payee
from marketplace.payouts.refusals import is_refused
from marketplace.payouts.requirements import failure_words
from marketplace.payouts.standing import State, balances_of_account, standing

PAGE = 50


class Heap(StrEnum):
    """What of a payee's account may need somebody."""

    ASKED = "asked"
    FAILED = "failed"
    REFUSED = "refused"
    DEBT = "debt"
    HELD = "held"
    PAUSED = "paused"
    ALL = "all"


register(
    Heap,
    {
        Heap.ASKED: _l("Stripe wants something"),
        Heap.FAILED: _l("Payouts that came back"),
        Heap.REFUSED: _l("Refused transfers"),
        Heap.DEBT: _l("Below zero"),
        Heap.HELD: _l("Held until it is sent again"),
        Heap.PAUSED: _l("Paused by us"),
        Heap.ALL: _l("All"),
    },
)


@dataclass(frozen=True, slots=True)
class PayeeRow:
    """One account in a heap, or a payee whose payouts are paused, who may have none. `amount` is what the heap is
    about, `words` say more of it; `stripe_id` is what the row is at Stripe (an account, or a payout or transfer of it),
    and `transfer_id` and `pause` are set where it is one transfer, or one pause."""

    account: ConnectedAccount | None
    name: str
    state: State
    words: Sequence[str]
    amount: Money | None
    at: datetime | None
    stripe_id: str | None
    transfer_id: uuid.UUID | None = None
    pause: PayoutPause | None = None

    @property
    def is_agency(self) -> bool:
        owner = self.pause or self.account
        return owner is not None and owner.agency_id is not None


def _names(*columns: Any) -> Select[*tuple[Any, ...]]:
    name = func.coalesce(Creator.name, Agency.name)
    return (
        select(ConnectedAccount, name, *columns)
        .outerjoin(Creator, Creator.id == ConnectedAccount.creator_id)
        .outerjoin(Agency, Agency.id == ConnectedAccount.agency_id)
    )


def _last_failed() -> Any:
    """Payouts that came back and that no later one of the account has followed."""
    later = aliased(Payout)
    followed = select(later.id).where(later.account_id == Payout.account_id, later.created_at > Payout.created_at)
    return (Payout.state == PayoutState.FAILED, ~followed.exists())


_HELD = is_held_back()
_PAUSED = PayoutPause.resumed_at.is_(None)
# A count stands on every page: where our balance was too small for a whole payday, so many say enough.
_MOST_COUNTED = 1_000
_ASKED = text(ASKED)


def lengths() -> dict[Heap, int]:
    """How much is in each heap; one query."""
    counts = {
        Heap.ASKED: select(func.count()).select_from(ConnectedAccount).where(_ASKED),
        Heap.FAILED: select(func.count()).select_from(Payout).where(*_last_failed()),
        Heap.REFUSED: _count_refused(),
        Heap.DEBT: select(func.count()).select_from(ConnectedAccount).where(ConnectedAccount.in_debt),
        Heap.HELD: select(func.count()).select_from(Transfer).where(_HELD),
        Heap.PAUSED: select(func.count()).select_from(PayoutPause).where(_PAUSED),
    }
    found = db.session.execute(select(*(one.scalar_subquery() for one in counts.values()))).one()
    return dict(zip(counts, found, strict=True))


def waiting_payees() -> Select[int]:
    """How much waits for an administrator: payouts that came back, refused transfers, and money that is held."""
    failed = select(func.count()).select_from(Payout).where(*_last_failed()).scalar_subquery()
    held = select(func.count()).select_from(Transfer).where(_HELD).scalar_subquery()
    return select(failed + _count_refused().scalar_subquery() + held)


def _count_refused() -> Select[int]:
    refused = select(Transfer.id).where(is_refused()).limit(_MOST_COUNTED)
    return select(func.count()).select_from(refused.subquery())


def list_payees(heap: Heap, number: int) -> tuple[list[PayeeRow], bool]:
    """One page of a heap, and whether there is another."""
    heaps: dict[Heap, tuple[Select[*tuple[Any, ...]], Callable[..., PayeeRow]]] = {
        Heap.ASKED: (_names().where(_ASKED).order_by(ConnectedAccount.read_at.desc()), _asked_row),
        Heap.FAILED: (
            _names(Payout)
            .join(Payout, Payout.account_id == ConnectedAccount.id)
            .where(*_last_failed())
            .order_by(Payout.created_at.desc()),
            _failed_row,
        ),
        Heap.REFUSED: (
            _names(Transfer)
            .join(Transfer, Transfer.account_id == ConnectedAccount.id)
            .where(is_refused())
            .order_by(Transfer.finished_at.desc(), Transfer.id),
            _refused_row,
        ),
        Heap.DEBT: (_names().where(ConnectedAccount.in_debt).order_by(ConnectedAccount.id), _debt_row),
        Heap.HELD: (
            _names(Transfer)
            .join(Transfer, Transfer.account_id == ConnectedAccount.id)
            .where(_HELD)
            .order_by(Transfer.finished_at.desc()),
            _held_row,
        ),
        Heap.PAUSED: (_pauses(), _paused_row),
        Heap.ALL: (
            _names().where(ConnectedAccount.replaced_at.is_(None)).order_by(ConnectedAccount.created_at.desc()),
            _asked_row,
        ),
    }
    query, row_of = heaps[heap]
    found = db.session.execute(query.limit(PAGE + 1).offset((number - 1) * PAGE)).all()
    return [row_of(*row) for row in found[:PAGE]], len(found) > PAGE


def _asked_row(account: ConnectedAccount, name: str) -> PayeeRow:
    found = standing(account)
    words = [*found.missing, *([found.reason] if found.reason else [])]
    return PayeeRow(account, name, found.state, words, None, found.deadline, account.stripe_account_id)


def _failed_row(account: ConnectedAccount, name: str, payout: Payout) -> PayeeRow:
    words = [failure_words(payout.failure)]
    return PayeeRow(account, name, standing(account).state, words, payout.total, payout.created_at, payout.id)


def _refused_row(account: ConnectedAccount, name: str, transfer: Transfer) -> PayeeRow:
    words, at_stripe = [reason_words(transfer.failure)], (account.stripe_account_id, transfer.id)
    return PayeeRow(account, name, standing(account).state, words, transfer.total, transfer.finished_at, *at_stripe)


def _debt_row(account: ConnectedAccount, name: str) -> PayeeRow:
    owed = min((one.total for one in balances_of_account(account)), key=lambda total: total.amount, default=None)
    return PayeeRow(account, name, standing(account).state, [], owed, account.read_at, account.stripe_account_id)


def _held_row(account: ConnectedAccount, name: str, transfer: Transfer) -> PayeeRow:
    state, at_stripe = standing(account).state, (transfer.stripe_transfer_id, transfer.id)
    return PayeeRow(account, name, state, [], transfer.held_back, transfer.finished_at, *at_stripe)


def _pauses() -> Select[*tuple[Any, ...]]:
    theirs = or_(
        ConnectedAccount.creator_id == PayoutPause.creator_id, ConnectedAccount.agency_id == PayoutPause.agency_id
    )
    return (
        select(ConnectedAccount, func.coalesce(Creator.name, Agency.name), PayoutPause)
        .select_from(PayoutPause)
        .outerjoin(Creator, Creator.id == PayoutPause.creator_id)
        .outerjoin(Agency, Agency.id == PayoutPause.agency_id)
        .outerjoin(ConnectedAccount, theirs & ConnectedAccount.replaced_at.is_(None))
        .where(_PAUSED)
        .order_by(PayoutPause.id.desc())
    )


def _paused_row(account: ConnectedAccount | None, name: str, pause: PayoutPause) -> PayeeRow:
    stripe_id = account.stripe_account_id if account is not None else None
    words, state = [pause.reason], standing(account).state
    return PayeeRow(account, name, state, words, None, pause.paused_at, stripe_id, pause=pause)


def our_balances() -> list[Money]:
    """What the books say that Stripe holds for us, by currency; below zero is ours to settle."""
    found = accounts(AccountKind.STRIPE_CLEARING).accounts
    return [Money(held, account.commodity) for account, held in found]


def get_account(account_id: uuid.UUID) -> tuple[ConnectedAccount, str]:
    """An account, replaced or not, and its owner's name.

    Raises:
        NotFound: there is no such account.
    """
    found = db.session.execute(_names().where(ConnectedAccount.id == account_id)).first()
    if found is None:
        raise NotFound
    return found[0], found[1]


def name_of(payee: Payee) -> str:
    """
    Raises:
        NotFound: there is no such creator or agency.
    """
    table, number = (Agency, payee.agency_id) if payee.is_agency else (Creator, payee.creator_id)
    name = db.session.scalar(select(table.name).where(table.id == number))
    if name is None:
        raise NotFound
    return name


def other_accounts(account: ConnectedAccount) -> list[ConnectedAccount]:
    """The owner's other accounts, the newest first: one that isn't replaced at most."""
    owner = (
        ConnectedAccount.creator_id == account.creator_id
        if account.creator_id is not None
        else ConnectedAccount.agency_id == account.agency_id
    )
    query = select(ConnectedAccount).where(owner, ConnectedAccount.id != account.id)
    return list(db.session.scalars(query.order_by(ConnectedAccount.created_at.desc())))


@dataclass(frozen=True, slots=True)
class TransferPage:
    """One transfer with the deal that it is of, its account, and what was taken back of it, each with who did it."""

    transfer: Transfer
    deal: Deal
    account: ConnectedAccount
    name: str
    reversals: Sequence[tuple[TransferReversal, str | None]]
    again: Sequence[Transfer]


def transfer_page(transfer_id: uuid.UUID) -> TransferPage:
    """
    Raises:
        NotFound: there is no such transfer.
    """
    query = (
        _names(Transfer, Deal)
        .join(Transfer, Transfer.account_id == ConnectedAccount.id)
        .join(Settlement, Settlement.id == Transfer.settlement_id)
        .join(Deal, Deal.id == Settlement.deal_id)
        .where(Transfer.id == transfer_id)
    )
    found = db.session.execute(query).first()
    if found is None:
        raise NotFound
    account, name, transfer, deal = found
    reversals = (
        select(TransferReversal, User.name)
        .outerjoin(User, User.id == TransferReversal.user_id)
        .where(TransferReversal.transfer_id == transfer_id)
        .order_by(TransferReversal.created_at)
    )
    again = select(Transfer).where(Transfer.resends_id == transfer_id).order_by(Transfer.created_at)
    return TransferPage(
        transfer,
        deal,
        account,
        name,
        [(row, who) for row, who in db.session.execute(reversals)],
        list(db.session.scalars(again)),
    )
