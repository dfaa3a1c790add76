"""Reads of paydays: the list, how far one is, its report, its transfers one by one, and what one would pay now."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, func, select

from marketplace.accounts.models import User
from marketplace.agencies.models import Agency
from marketplace.creators.models import Creator
from marketplace.escrow.models import Settlement
from marketplace.infra.db import db
from marketplace.infra.labels import register
from marketplace.kit import clock
from marketplace.kit.errors import NotFound
from marketplace.kit.money import Money
from marketplace.payouts.due import GIVEN_BACK, PAUSED, REPLACED, WITHHELD
from marketplace.payouts.models import ConnectedAccount, Payday, PaydayShare, PaydayState, Transfer, TransferState
from marketplace.payouts.payday import unfinished
from marketplace.payouts.payday_due import AGENCIES, CREATORS, Verdict, first_holders, sums_due

_ROWS_AT_ONCE = 500
LOOKED_AT = 10_000

register(
    PaydayState,
    {
        PaydayState.PREPARING: _l("Being prepared"),
        PaydayState.SENDING: _l("Being sent"),
        PaydayState.FINISHED: _l("Run finished"),
    },
)
register(
    TransferState,
    {
        TransferState.PREPARED: _l("On its way"),
        TransferState.PAID: _l("Sent"),
        TransferState.FAILED: _l("Refused"),
    },
)
# Stripe's codes (docs.stripe.com/error-codes) that a transfer is refused with.
_REASONS: dict[str, LazyString] = {
    "balance_insufficient": _l("Our balance at Stripe was too small"),
    "insufficient_capabilities_for_transfer": _l("Their account takes no transfers at present"),
    "account_invalid": _l("Their account doesn’t exist any more"),
    "account_closed": _l("Their account is closed"),
    REPLACED: _l("They have begun a new account, which isn’t ready"),
    WITHHELD: _l("A bank has taken the payment back meanwhile"),
    PAUSED: _l("An administrator has paused their payouts meanwhile"),
    "transfers_not_allowed": _l("Transfers to their account aren’t allowed"),
    "resource_missing": _l("Stripe doesn’t know their account, or the payment it comes from"),
    "transfer_source_balance_parameters_mismatch": _l("The payment it comes from doesn’t fit it"),
}


@dataclass(frozen=True, slots=True)
class Sums:
    """Transfers, or parts that were left where they are, in one currency. `payees` is 0 where nobody counted them."""

    transfers: int
    total: Money
    payees: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """Transfers that weren't made for one reason; `code` is Stripe's, or ours where Stripe wasn't asked."""

    code: str
    words: str
    transfers: int
    total: Money

    @property
    def by_stripe(self) -> bool:
        return self.code not in GIVEN_BACK


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: `done` of `of`, payees while it prepares and transfers while it sends."""

    done: int
    of: int

    @property
    def percent(self) -> float:
        return round(100 * self.done / self.of, 1) if self.of else 100.0


def get_payday(run_id: int) -> Payday:
    """
    Raises:
        NotFound: there is no such run.
    """
    run = db.session.get(Payday, run_id)
    if run is None:
        raise NotFound
    return run


def list_paydays(before: int | None, limit: int) -> Sequence[Payday]:
    """The newest first."""
    query = select(Payday).order_by(Payday.id.desc()).limit(limit)
    return db.session.scalars(query.where(Payday.id < before) if before is not None else query).all()


def running_payday() -> Payday | None:
    return db.session.scalars(select(Payday).where(unfinished())).first()


def starter_of(run: Payday) -> str:
    """The name of who began it; empty where the clock did."""
    return db.session.scalar(select(User.name).where(User.id == run.started_by)) or "" if run.started_by else ""


def progress_of(run: Payday) -> Progress:
    if run.state is PaydayState.PREPARING:
        sums = (func.sum(PaydayShare.through - PaydayShare.after), func.sum(PaydayShare.last - PaydayShare.after))
        done, of = db.session.execute(select(*sums).where(PaydayShare.payday_id == run.id)).one()
        return Progress(int(done or 0), int(of or 0))
    done = count(sent(run)) + count(failed(run))
    return Progress(done, done + count(unanswered(run)))


def count(outcomes: Iterable[Sums | Refused]) -> int:
    """How many transfers these are."""
    return sum(one.transfers for one in outcomes)


def left_alone(run: Payday, verdict: Verdict) -> list[Sums]:
    """What the run judged so, by currency."""
    return [
        Sums(parts, Money(total, currency), payees)
        for currency, (parts, payees, total) in sorted(run.counts.get(verdict, {}).items())
    ]


def due(run: Payday) -> list[Sums]:
    """What the run found to be paid, before debts were taken out of it."""
    return left_alone(run, Verdict.DUE)


def sent(run: Payday) -> list[Sums]:
    return _outcome(run, TransferState.PAID)


def unanswered(run: Payday) -> list[Sums]:
    """Transfers that are prepared and have no outcome yet; before the first of them is sent, all that are due."""
    return _outcome(run, TransferState.PREPARED) if TransferState.PREPARED in run.counts else due(run)


def _outcome(run: Payday, state: TransferState) -> list[Sums]:
    found = run.counts.get(state, {})
    return [Sums(number, Money(total, currency)) for currency, (number, total) in sorted(found.items())]


def failed(run: Payday) -> list[Refused]:
    """What Stripe refused and what was given back before it was asked, by its reason, the most first."""
    found = [
        Refused(code, reason_words(code), number, Money(total, currency))
        for code, sums in run.counts.get(TransferState.FAILED, {}).items()
        for currency, (number, total) in sums.items()
    ]
    return sorted(found, key=lambda one: (-one.transfers, one.code, one.total.currency))


def reason_words(code: str) -> str:
    return str(_REASONS.get(code, _l("Stripe refused it")))


def recovered_by(run: Payday) -> list[Money]:
    """What the payees' debts took out of what was due, by currency."""
    taken: dict[str, int] = defaultdict(int)
    for one in due(run):
        taken[one.total.currency] += one.total.amount
    outcomes: list[Sums | Refused] = [*sent(run), *failed(run), *unanswered(run)]
    for outcome in outcomes:
        taken[outcome.total.currency] -= outcome.total.amount
    return [Money(amount, currency) for currency, amount in sorted(taken.items()) if amount > 0]


def duration_of(run: Payday) -> timedelta:
    return (run.finished_at or clock.now()) - run.started_at


def rate_of(run: Payday) -> float | None:
    """Transfers a second since sending began; None before that."""
    if run.prepared_at is None:
        return None
    seconds = ((run.finished_at or clock.now()) - run.prepared_at).total_seconds()
    done = progress_of(run).done
    return done / seconds if done and seconds > 0 else None


@dataclass(frozen=True, slots=True)
class WouldPay:
    """What a payday would pay now, by currency; `whole` unless more payees have money available than are added up."""

    sums: list[Sums]
    whole: bool


def would_pay() -> WouldPay:
    """A page waits for it, so that it looks at ten thousand payees of each side at most."""
    found: dict[str, list[int]] = {}
    whole = True
    for side in (CREATORS, AGENCIES):
        payees = first_holders(side, LOOKED_AT + 1)
        whole = whole and len(payees) <= LOOKED_AT
        for currency, *sums in sums_due(side, payees[:LOOKED_AT]):
            found[currency] = [ours + more for ours, more in zip(found.get(currency, [0, 0, 0]), sums, strict=True)]
    rows = sorted(found.items())
    return WouldPay([Sums(parts, Money(total, currency), payees) for currency, (parts, payees, total) in rows], whole)


@dataclass(frozen=True, slots=True)
class TransferRow:
    """One transfer of a run: whom it is for, at which account of Stripe, of which deal. `failure` is Stripe's code."""

    id: uuid.UUID
    state: TransferState
    total: Money
    payee: str
    deal_id: int
    stripe_account_id: str | None
    stripe_transfer_id: str | None
    failure: str
    finished_at: datetime | None


def every_transfer(run_id: int) -> Iterator[TransferRow]:
    """All transfers of a run in the order that they are sent, streamed."""
    query = _transfers(Transfer.payday_id == run_id)
    for row in db.session.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE}):
        yield _transfer_row(*row)


def refused_transfers(run_id: int, limit: int) -> list[TransferRow]:
    """The first transfers of a run that Stripe refused."""
    refused = (Transfer.state == TransferState.FAILED, Transfer.failure.not_in(GIVEN_BACK))
    query = _transfers(Transfer.payday_id == run_id, *refused).limit(limit)
    return [_transfer_row(*row) for row in db.session.execute(query)]


def _transfers(*which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    money = (Transfer.amount, Transfer.currency, func.coalesce(Agency.name, Creator.name), Settlement.deal_id)
    outcome = (ConnectedAccount.stripe_account_id, Transfer.stripe_transfer_id, Transfer.failure, Transfer.finished_at)
    return (
        select(Transfer.id, Transfer.state, *money, *outcome)
        .join(Settlement, Settlement.id == Transfer.settlement_id)
        .outerjoin(Creator, Creator.id == Transfer.creator_id)
        .outerjoin(Agency, Agency.id == Transfer.agency_id)
        .outerjoin(ConnectedAccount, ConnectedAccount.id == Transfer.account_id)
        .where(*which)
        .order_by(Transfer.id)
    )


def _transfer_row(id_: uuid.UUID, state: TransferState, amount: int, currency: str, *rest: Any) -> TransferRow:
    return TransferRow(id_, state, Money(amount, currency), *rest)
