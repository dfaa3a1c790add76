"""Every movement that Stripe reports against the books: read, matched, booked where nobody need judge, listed else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from marketplace.escrow.queries import newest_payment
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.ledger.accounts import (
    fees_brand,
    fees_creator,
    platform_bank,
    stripe_clearing,
    stripe_fees,
    stripe_reserved,
    suspense,
)
from marketplace.ledger.models import LedgerEntry
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.queries import balance
from marketplace.ledger.service import post, reverse
from marketplace.payouts.books import check_everything, held_by_stripe
from marketplace.payouts.own_money import only_ours_left
from marketplace.reconciliation import service
from marketplace.reconciliation.models import BalanceTransaction, Reconciliation, UnreportedEntry
from marketplace.reconciliation.queries import get_movement, list_open_entries, list_open_movements, standing
from marketplace.reconciliation.reading import current_run, keep_movements, read_page, start_run
from marketplace.reconciliation.service import reconcile
from tests.support.bank import told
from tests.support.market import make_admin
from tests.support.money import assert_books_balance, completed_deal, funded_deal, held, pay, signed_deal
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]
DAY = timedelta(days=1)


def run(*, whole: bool = True) -> Reconciliation:
    """One run, whole; what it says of itself."""
    assert reconcile(whole=whole)
    return newest_run()


def unmatched() -> list[str]:
    """What Stripe calls the movements that the books don't explain."""
    found = [one.movement.type for one in list_open_movements().rows]
    db.session.rollback()
    return found


def charge_of(deal_id: int) -> str:
    payment = newest_payment(deal_id)
    assert payment is not None
    assert payment.checkout.charge_id is not None
    found = payment.checkout.charge_id
    db.session.rollback()
    return found


def refund_at_stripe(sandbox: Sandbox, deal_id: int, amount: int) -> str:
    """As somebody does in Stripe's dashboard, past us."""
    made = sandbox.stripe.v1.refunds.create({"charge": charge_of(deal_id), "amount": amount})
    assert isinstance(made.balance_transaction, str)
    return made.balance_transaction


def movement(id_: str, type_: str, amount: int, fee: int = 0) -> gateway.Movement:
    now = clock.now()
    return gateway.Movement(id_, type_, type_, amount, fee, amount - fee, "CNY", "", "", now, now)


def books_equal_stripe() -> None:
    stripe_holds = held_by_stripe()
    assert stripe_holds is not None
    assert held(stripe_clearing("CNY")) == stripe_holds.get("CNY", Money.zero("CNY")).amount


def test_what_our_own_verbs_moved_is_explained_at_once() -> None:
    completed_deal()
    found = run()
    assert (found.read, found.explained, found.booked) == (1, 1, 0)
    assert unmatched() == []
    again = run()
    assert (again.read, again.explained, again.booked) == (0, 0, 0)
    assert_books_balance()


def test_payouts_to_our_bank_their_failures_and_top_ups_are_booked_by_themselves(sandbox: Sandbox) -> None:
    funded_deal()
    sandbox.command("triggers/top_up", amount=50_000, currency="cny")
    (payout,) = list[Any](sandbox.command("triggers/pay_out"))
    found = run()
    assert found.booked >= 2
    assert unmatched() == []
    assert held(platform_bank("CNY")) == payout["amount"] - 50_000
    books_equal_stripe()
    assert [problem.where for problem in check_everything()] == ["account platform_bank:platform:CNY"]
    sandbox.command("triggers/fail_payout", payout=payout["id"])
    assert run().booked == 1
    assert held(platform_bank("CNY")) == -50_000
    books_equal_stripe()
    assert_books_balance()


def test_what_we_have_earned_may_leave_for_our_bank_and_not_a_cent_more() -> None:
    """Fees less what Stripe took, of deals that go on as well, and never less than nothing."""
    completed_deal()
    earned = held(fees_creator("CNY")) + held(fees_brand("CNY")) - held(stripe_fees("CNY"))
    assert earned > 0
    found = []
    for step, amount in enumerate((earned, 1)):
        with transaction():
            lines = [debit(platform_bank("CNY"), amount), credit(stripe_clearing("CNY"), amount)]
            post("bank.paid_out", f"step:{step}", lines, f"txn:{step}")
            found.append([str(problem.sentence) for problem in only_ours_left()])
    said = f"{earned + 1} minor units left for our own bank, and 1 of them aren’t ours: top up the balance."
    assert found == [[], [said]]


def test_fees_and_reserves_are_booked_whatever_stripe_calls_them() -> None:
    with transaction():
        keep_movements(
            [
                movement("txn_fee", "stripe_fee", -700),
                movement("txn_back", "stripe_fee", 200),
                movement("txn_fx", "stripe_fx_fee", -30),
                movement("txn_tax", "tax_fee", -70),
                movement("txn_hold", "reserve_hold", -5_000),
                movement("txn_free", "reserve_release", 1_000),
                movement("txn_quick", "payout", -9_000, fee=90),
                movement("txn_nothing", "adjustment", 0),
            ]
        )
    assert run().booked == 8
    assert unmatched() == []
    assert held(stripe_fees("CNY")) == 700 - 200 + 30 + 70 + 90
    assert held(stripe_reserved("CNY")) == 4_000
    assert held(platform_bank("CNY")) == 9_000
    assert held(stripe_clearing("CNY")) == -600 - 4_000 - 9_090


def test_a_refund_made_in_stripes_dashboard_is_listed_and_explained_by_an_entry_of_its_id(sandbox: Sandbox) -> None:
    parties = funded_deal()
    transaction_id = refund_at_stripe(sandbox, parties.deal_id, 1_000_00)
    run()
    assert unmatched() == ["refund"]
    books = get_movement(transaction_id).books
    assert (books.booked, books.missing, books.others) == (0, -1_000_00, 0)
    with transaction():
        lines = [
            debit(suspense("CNY"), 0),
            credit(stripe_clearing("CNY"), 1_000_00),
            debit(stripe_fees("CNY"), 1_000_00),
        ]
        entry = post("manual.entry", "a test's", lines, "deal:1", external_id=transaction_id)
    assert run().explained == 1
    assert unmatched() == []
    with transaction():
        reverse(entry.id, "a test's reversal", "It was wrong.", at=clock.now())
    with clock.at(clock.now() + timedelta(minutes=5)):
        assert run().explained == -1
    assert unmatched() == ["refund"]


def test_a_movement_that_is_reported_late_is_found_by_the_daily_run() -> None:
    """Its creation lies days before the newest movement that was read."""
    funded_deal()
    with transaction():
        db.session.add(_finished_run(through=clock.now() + timedelta(days=3)))
    assert run(whole=False).read == 0
    assert run(whole=True).read == 1
    assert unmatched() == []


def _finished_run(**values: object) -> Reconciliation:
    now = clock.now()
    return Reconciliation(started_at=now - DAY, touched_at=now - DAY, finished_at=now - DAY, whole=False, **values)


@pytest.fixture
def asked(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> list[tuple[datetime | None, str]]:
    """Five movements in pages of two, and stretches of one step; gives what Stripe was asked for."""
    for _ in range(5):
        sandbox.command("triggers/top_up", amount=1_000, currency="cny")
    real, asked = gateway.list_movements, list[tuple[datetime | None, str]]()

    def short(since: datetime | None, after: str = "") -> gateway.MovementPage:
        asked.append((since, after))
        page = real(since, after)
        return gateway.MovementPage(page.movements[:2], len(page.movements) > 2)

    monkeypatch.setattr(gateway, "list_movements", short)
    monkeypatch.setattr(service, "STRETCH", 0)
    return asked


def newest_run() -> Reconciliation:
    found = db.session.scalars(select(Reconciliation).order_by(Reconciliation.id.desc()).limit(1)).one()
    db.session.expunge(found)
    db.session.rollback()
    return found


def test_a_first_reading_goes_in_stretches_that_jobs_go_on_with(
    asked: list[tuple[datetime | None, str]], run_jobs: RunJobs
) -> None:
    assert not reconcile(whole=False)
    at_work = standing()
    assert at_work.running is not None
    assert (at_work.running.read, at_work.last, at_work.running.whole) == (2, None, True)
    assert at_work.reached is not None
    db.session.rollback()
    # A second one beside it goes on where the first one is.
    assert not reconcile(whole=True)
    assert (newest_run().id, newest_run().read) == (at_work.running.id, 4)
    run_jobs()
    found = newest_run()
    assert (found.read, found.booked, found.explained) == (5, 5, 5)
    assert found.finished_at is not None
    assert len({after for _since, after in asked}) == 3, "no page was asked for twice"
    assert held(platform_bank("CNY")) == -5_000


def test_a_page_that_somebody_else_has_kept_is_not_counted_again(asked: list[tuple[datetime | None, str]]) -> None:
    with transaction():
        start_run(whole=True)
    before = current_run()
    assert before is not None
    assert read_page(before)
    assert not read_page(before)
    assert newest_run().read == len(asked) == 2


def test_a_lesser_run_that_was_left_half_done_becomes_the_whole_one_that_is_asked_for(
    asked: list[tuple[datetime | None, str]], run_jobs: RunJobs
) -> None:
    with transaction():
        db.session.add(_finished_run(through=clock.now()))
    assert not reconcile(whole=False)
    with transaction():
        start_run(whole=True)
    run_jobs()
    found = newest_run()
    assert (found.whole, found.read) == (True, 5)
    assert asked[0][0] != asked[1][0] == found.since


def test_a_run_whose_place_stripe_has_forgotten_begins_at_the_newest_again(
    asked: list[tuple[datetime | None, str]], run_jobs: RunJobs
) -> None:
    assert not reconcile(whole=True)
    with transaction():
        db.session.execute(update(Reconciliation).values(after="txn_of_deleted_test_data"))
    run_jobs()
    assert newest_run().finished_at is not None
    assert [after for _since, after in asked][:3] == ["", "txn_of_deleted_test_data", ""]
    assert db.session.scalar(select(func.count()).select_from(BalanceTransaction)) == 5
    db.session.rollback()


def test_an_hourly_run_looks_at_what_is_new_and_at_old_movements_with_new_entries() -> None:
    with clock.at(clock.now() - timedelta(days=30)), transaction():
        keep_movements([movement("txn_old", "charge", 500), movement("txn_older", "stripe_fee", -30)])
    with transaction():
        db.session.add(_finished_run(through=clock.now()))
        keep_movements([movement("txn_new", "stripe_fee", -70)])
        lines = [debit(stripe_clearing("CNY"), 500), credit(suspense("CNY"), 500)]
        post("manual.entry", "named", lines, "one", external_id="txn_old")
    assert run(whole=False).explained == 2
    assert unmatched() == ["stripe_fee"]
    assert run(whole=True).explained == 1, "the daily one looks at what stands open for long, too"


def test_two_runs_at_once_book_everything_once(app: Flask, sandbox: Sandbox) -> None:
    for _ in range(8):
        sandbox.command("triggers/top_up", amount=1_000, currency="cny")

    def one(_number: int) -> None:
        with app.app_context():
            reconcile(whole=True)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))
    entries = select(func.count()).where(LedgerEntry.kind == "bank.topped_up")
    assert db.session.scalar(entries) == 8
    db.session.rollback()
    books_equal_stripe()


def test_an_entry_that_stripe_never_reported_is_listed_after_a_day_until_it_is_reversed() -> None:
    with transaction():
        lines = [debit(stripe_clearing("CNY"), 500), credit(suspense("CNY"), 500)]
        named = post("manual.entry", "named", lines, "one", external_id="txn_that_nobody_knows")
        unnamed = post("manual.entry", "unnamed", lines, "two")
    run()
    assert list_open_entries().rows == []
    db.session.rollback()
    with clock.at(clock.now() + timedelta(hours=25)):
        run()
        assert [one.found.external_id for one in list_open_entries().rows] == ["txn_that_nobody_knows", ""]
        with transaction():
            reverse(unnamed.id, "mended", "It was wrong.")
            keep_movements([movement("txn_that_nobody_knows", "topup", 500)])
        run()
        assert list_open_entries().rows == []
    assert db.session.scalar(select(func.count()).where(UnreportedEntry.resolved_at.is_not(None))) == 2
    assert named.id


def test_administrators_hear_once_of_what_has_stood_for_a_day(sandbox: Sandbox, run_jobs: RunJobs) -> None:
    with transaction():
        admin = make_admin()
    parties = funded_deal()
    refund_at_stripe(sandbox, parties.deal_id, 100)
    run()
    assert alerts() == []
    with clock.at(clock.now() + timedelta(hours=25)):
        run()
        run_jobs()
        first = alerts()
        assert len(first) == 1
        with clock.at(clock.now() + timedelta(hours=2)):
            run()
            run_jobs()
        assert alerts() == first
        assert told(admin.user_id or 0).count("unreconciled.day") == 1


def alerts() -> list[datetime]:
    query = select(BalanceTransaction.alerted_at).where(BalanceTransaction.alerted_at.is_not(None))
    found = list(db.session.scalars(query))
    db.session.rollback()
    return found  # type: ignore[return-value]


def test_the_share_explained_within_a_day_is_told_of_days_that_are_over() -> None:
    """Four movements, of which one is explained at once, one after 23 hours, one after 25, one never."""
    began = clock.now().replace(hour=22, minute=0) - timedelta(days=9)
    for hours, id_ in ((0, "txn_1"), (23, "txn_2"), (25, "txn_3")):
        with clock.at(began + timedelta(hours=hours)):
            if not hours:
                assert standing().days[-1].reported == 0
                with transaction():
                    keep_movements([movement(f"txn_{number}", "charge", 100) for number in range(1, 5)])
            with transaction():
                post(
                    "manual.entry",
                    id_,
                    [debit(stripe_clearing("CNY"), 100), credit(suspense("CNY"), 100)],
                    "x",
                    external_id=id_,
                )
            run(whole=False)
            found = standing()
            assert (found.in_a_day, found.in_four_days) == (None, None), "of the first day nobody knows yet"
            db.session.rollback()
    for days, shares in ((1, (None, None)), (2, (5_000, None)), (5, (5_000, 7_500)), (40, (None, None))):
        with clock.at(began + timedelta(days=days)):
            found = standing()
            assert (found.in_a_day, found.in_four_days) == shares
    with clock.at(began + timedelta(days=4)):
        (day,) = [one for one in standing().days if one.reported]
        assert (day.day, day.within_a_day, day.within_four_days, day.later) == (began.date(), 2, 1, 1)
        assert len(standing().days) == 28
        assert standing().oldest == began
    db.session.rollback()


@pytest.mark.parametrize(("after", "share"), [(timedelta(0), 10_000), (timedelta(days=2), 0)])
def test_a_day_of_which_all_or_nothing_was_explained_in_time(after: timedelta, share: int) -> None:
    began = clock.now() - timedelta(days=6)
    with clock.at(began), transaction():
        db.session.add(_finished_run(through=began))
        keep_movements([movement("txn_1", "stripe_fee", -100), movement("txn_2", "payout", -100)])
    with clock.at(began + after):
        run()
    assert (standing().in_a_day, standing().in_four_days) == (share, 10_000)
    assert standing().oldest is None
    db.session.rollback()


def test_a_payment_that_was_booked_after_its_movement_was_read_is_explained_by_the_next_run() -> None:
    parties = signed_deal()
    pay(parties)
    with transaction():
        db.session.execute(update(BalanceTransaction).values(explained_at=None))
    assert run().explained == 1
    assert balance(stripe_clearing("CNY")) > 0
