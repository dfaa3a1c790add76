"""The first half of a payday: what is due is judged and made into transfers where the rows are, a batch by some
statements whatever its size."""

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import structlog
from flask import current_app
from sqlalchemy import CTE, ColumnElement, Text, cast, func, insert, literal, select
from sqlalchemy.exc import IntegrityError

from marketplace.infra.db import db, end_transaction, transaction
from marketplace.kit import clock
from marketplace.kit.errors import DomainError
from marketplace.kit.ids import ordered_prefix
from marketplace.kit.money import Money
from marketplace.ledger.accounts import AccountKind
from marketplace.ledger.moves import post_moves
from marketplace.payouts.due import Part
from marketplace.payouts.models import PaydayShare, PaydayState, Transfer, TransferState
from marketplace.payouts.payday import Counts, added, count_found, lock_payday, unprepared
from marketplace.payouts.payday_due import (
    AGENCIES,
    CREATORS,
    Side,
    Unsent,
    Verdict,
    counts_of,
    judged,
    lock_accounts,
    lock_payees,
    lock_unsent,
    next_payees,
    of_locked,
    owing,
)
from marketplace.payouts.preparing import PREPARED, PREPARED_MOVES, prepare_transfers

logger = structlog.get_logger(__name__)
PAYEES_AT_ONCE = 1_000
THREADS = 2
# What is wrong with one payee alone; a database that doesn't answer is wrong for all.
_REFUSALS = (DomainError, IntegrityError)


def prepare_some(run_id: int, seconds: float) -> None:
    """Prepare for about so long, by several threads, each at another share. Owns its transactions."""
    end_transaction()
    app, ends = current_app._get_current_object(), time.monotonic() + seconds  # type: ignore[attr-defined]

    def work() -> None:
        with app.app_context():
            preparing = True
            while preparing and time.monotonic() < ends:
                with transaction():
                    preparing = prepare_next(run_id)

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(copy_context().run, work) for _ in range(THREADS)]:
            done.result()


def prepare_next(run_id: int) -> bool:
    """Prepare the transfers of the next payees of a share that nobody works on; False where there is none. When all
    shares are done sending begins.

    Transfers, entries, counts and the share's cursor commit together.
    """
    free = unprepared(run_id).order_by(PaydayShare.id).limit(1).with_for_update(skip_locked=True)
    share = db.session.scalars(free.execution_options(populate_existing=True)).first()
    if share is None:
        _begin_sending(run_id)
        return False
    side = AGENCIES if share.agencies else CREATORS
    batch = next_payees(side, share.through, share.last, PAYEES_AT_ONCE)
    if batch.holders:
        share.counts = added(share.counts, _prepare(run_id, side, batch.holders))
    share.through = batch.through or share.last
    return True


def _begin_sending(run_id: int) -> None:
    """Unless somebody is still at the last payees."""
    run = lock_payday(run_id)
    if run.state is PaydayState.PREPARING and not db.session.scalar(select(unprepared(run_id).exists())):
        run.state, run.prepared_at = PaydayState.SENDING, clock.now()
        count_found(run)


def _prepare(run_id: int, side: Side, payees: list[int]) -> Counts:
    """One whose books refuse what is due to them is left alone, and holds up nobody else."""
    lock_payees(side, payees)
    unsent = lock_unsent(side, payees)
    counts = _prepared(run_id, side, payees, unsent)
    if counts is not None:
        return counts
    lock_accounts(side, payees)
    found: Counts = {}
    for payee_id in payees:
        counts = _prepared(run_id, side, [payee_id], unsent)
        found = added(found, _refused(side, payee_id, unsent) if counts is None else counts)
    return found


def _prepared(run_id: int, side: Side, payees: list[int], unsent: Unsent) -> Counts | None:
    """Prepare what is due of these, all or nothing; None where the books refuse it."""
    try:
        with db.session.begin_nested():
            debtors = owing(side, payees)
            if not debtors:
                return _make(run_id, side, of_locked(unsent, payees))
            lock_accounts(side, payees)
            counts = _make(run_id, side, of_locked(unsent, [one for one in payees if one not in debtors]))
            return added(counts, _make_less_debts(run_id, side, of_locked(unsent, sorted(debtors))))
    except _REFUSALS:
        logger.warning("transfers not prepared", payday=run_id, exc_info=True)
        return None


def _refused(side: Side, payee_id: int, unsent: Unsent) -> Counts:
    """What was due of them, by another word."""
    logger.error("a payee is left out of the payday", payee=payee_id, agency=side.agencies)
    counts = _counted(db.session.execute(counts_of(judged(side, of_locked(unsent, [payee_id])))))
    return {Verdict.REFUSED.value if verdict == Verdict.DUE else verdict: sums for verdict, sums in counts.items()}


def _make(run_id: int, side: Side, those: ColumnElement[bool]) -> Counts:
    """For payees who owe nothing: their transfers are made out of what was judged, and their entries out of those."""
    found = judged(side, those)
    row = _row(run_id, side, found)
    due = select(*row.values()).where(found.c.verdict == Verdict.DUE.value)
    made = insert(Transfer).from_select(list(row), due.order_by(*_order(found))).returning(Transfer.id).cte("made")
    ids = select(func.array_agg(cast(made.c.id, Text))).scalar_subquery()
    rows = db.session.execute(counts_of(found).add_columns(ids)).all()
    if rows and rows[0][-1]:
        values = {"transfers": rows[0][-1]}
        post_moves(PREPARED, side.kind, AccountKind.TRANSFER_IN_TRANSIT, PREPARED_MOVES, values)
    return _counted(row[:-1] for row in rows)


def _counted(rows: Iterable[Sequence[Any]]) -> Counts:
    counts: Counts = {}
    for verdict, currency, *figures in rows:
        counts.setdefault(verdict, {})[currency] = figures
    return counts


def _order(found: CTE) -> tuple[ColumnElement[Any], ...]:
    return found.c.payee_id, found.c.currency, found.c.settlement_id


def _row(run_id: int, side: Side, found: CTE) -> dict[str, Any]:
    """The columns of a transfer. Ids ascend with the payees: they are sent, and told, in that order."""
    place = func.lpad(func.to_hex(func.row_number().over(order_by=_order(found))), 7, "0")
    id_ = func.concat(ordered_prefix(), "8", place, func.right(cast(func.gen_random_uuid(), Text), 8))
    return {
        "id": cast(id_, Transfer.id.type),
        side.transfer.key: found.c.payee_id,
        "settlement_id": found.c.settlement_id,
        "payday_id": literal(run_id),
        "account_id": found.c.account_id,
        "state": literal(TransferState.PREPARED, Transfer.state.type),
        "amount": found.c.remains,
        "currency": found.c.currency,
        "reversed_amount": literal(0),
        "restored_amount": literal(0),
        "resent_amount": literal(0),
        "tries": literal(0),
        "failure": literal(""),
        "created_at": literal(clock.now()),
    }


def _make_less_debts(run_id: int, side: Side, those: ColumnElement[bool]) -> Counts:
    """For the few who owe something: as everywhere else, debts are taken out first."""
    found = judged(side, those)
    columns = (found.c.settlement_id, found.c.deal_id, found.c.payee_id, found.c.account_id)
    due = select(*columns, found.c.amount, found.c.currency).where(found.c.verdict == Verdict.DUE.value)
    counts = _counted(db.session.execute(counts_of(found)))
    parts = [
        Part(settlement_id, deal_id, side.payee(payee_id), account_id, Money(amount, currency))
        for settlement_id, deal_id, payee_id, account_id, amount, currency in db.session.execute(due)
    ]
    prepare_transfers(parts, run_id)
    return counts
