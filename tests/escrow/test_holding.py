"""Money held long: who is told when, who is stopped, and where the money goes if nobody decides in time."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from marketplace.accounts.models import User
from marketplace.config import SettingsError, load_settings
from marketplace.deals.deadlines import enforce_deadline
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal
from marketplace.deals.queries import events_of
from marketplace.deals.terms import accept_terms, latest_publish_on
from marketplace.disputes.jobs import keep_holding_limit
from marketplace.disputes.models import Dispute, DisputeReason, DisputeStatus
from marketplace.disputes.service import Claim, add_statement, agree, open_dispute, rule, withdraw_dispute
from marketplace.escrow.holding import Holding, deal_ends_at, near_limit
from marketplace.escrow.jobs import accept_by_silence, notice_holding
from marketplace.escrow.models import HoldingNotice, HoldingStage, Payment
from marketplace.infra.db import db, transaction
from marketplace.infra.mail import Mail
from marketplace.kit import clock
from marketplace.kit.errors import Invalid, NotAllowed
from marketplace.kit.money import Money
from marketplace.ledger.accounts import creator_pending, escrow, fees_brand, fees_creator, refund_in_transit
from marketplace.notifications.models import Notification
from marketplace.payouts.jobs import notice_holding as notice_unsent
from tests.support.bank import Bank
from tests.support.deals import counter, in_days, make_deal
from tests.support.market import make_admin, sign_in
from tests.support.money import Parties, accept, assert_books_balance, funded_deal, held, publish, state_of
from tests.support.racing import race
from tests.support.sandbox import Sandbox
from tests.support.web import Client

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]
DAYS = {"HK": 90, "TH": 10, "US": 730}


@pytest.fixture
def move_to(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Holding]:
    """Give the platform's Stripe account another country; the limit there."""

    def move(country: str) -> Holding:
        found = app.extensions["mutuals_settings"]
        changed = found.model_copy(update={"stripe_country": country})
        monkeypatch.setitem(app.extensions, "mutuals_settings", changed)
        return Holding(timedelta(days=DAYS[country]))

    return move


def received_at(parties: Parties) -> datetime:
    found = db.session.scalar(select(Payment.finished_at).where(Payment.deal_id == parties.deal_id))
    db.session.rollback()
    assert found is not None
    return found


def after(parties: Parties, wait: timedelta) -> datetime:
    return received_at(parties) + wait


def the_clock_runs(moment: datetime) -> None:
    """What the worker does every ten minutes, at this moment."""
    with clock.at(moment):
        notice_holding()
        notice_unsent()
        keep_holding_limit()


def kinds_told(user_id: int | None) -> list[str]:
    query = select(Notification.kind).where(Notification.user_id == user_id, Notification.kind.like("%holding.%"))
    found = list(db.session.scalars(query.order_by(Notification.id)))
    db.session.rollback()
    return found


def stages(parties: Parties) -> list[HoldingStage]:
    query = select(HoldingNotice.stage).join(Payment, Payment.id == HoldingNotice.payment_id)
    found = list(db.session.scalars(query.where(Payment.deal_id == parties.deal_id).order_by(HoldingNotice.at)))
    db.session.rollback()
    return found


def dispute_of(parties: Parties) -> Dispute:
    query = select(Dispute).where(Dispute.deal_id == parties.deal_id).order_by(Dispute.id.desc()).limit(1)
    return db.session.scalars(query).one()


def to_last_days(parties: Parties) -> datetime:
    """The clock has stopped the deal; when it did."""
    moment = after(parties, Holding(timedelta(days=90)).last_days)
    the_clock_runs(moment)
    return moment


def to_limit(parties: Parties) -> None:
    to_last_days(parties)
    the_clock_runs(after(parties, timedelta(days=90)))


@pytest.mark.parametrize("country", DAYS)
def test_a_deal_is_warned_of_stopped_and_ended(
    country: str, move_to: Callable[[str], Holding], run_jobs: RunJobs
) -> None:
    parties, times = funded_deal(), move_to(country)
    second = timedelta(seconds=1)

    the_clock_runs(after(parties, times.warned) - second)
    assert stages(parties) == []
    the_clock_runs(after(parties, times.warned))
    assert stages(parties) == [HoldingStage.WARNED]
    assert db.session.scalar(near_limit()) == 1
    the_clock_runs(after(parties, times.last_days) - second)
    assert state_of(parties.deal_id) is State.PRODUCTION

    the_clock_runs(after(parties, times.last_days))
    the_clock_runs(after(parties, times.last_days) + second)
    assert state_of(parties.deal_id) is State.DISPUTED
    case = dispute_of(parties)
    assert (case.reason, case.user_id, case.status) == (DisputeReason.HOLDING_LIMIT, None, DisputeStatus.OPEN)
    assert deal_ends_at(parties.deal_id) == after(parties, times.limit)

    the_clock_runs(after(parties, times.limit) - second)
    assert state_of(parties.deal_id) is State.DISPUTED
    the_clock_runs(after(parties, times.limit))
    assert state_of(parties.deal_id) is State.REFUNDED
    assert dispute_of(parties).status is DisputeStatus.LIMIT
    assert db.session.scalar(near_limit()) == 0
    with clock.at(after(parties, times.limit) + second):
        run_jobs()
    assert (held(escrow(parties.deal_id, "CNY")), held(refund_in_transit(parties.deal_id, "CNY"))) == (0, 0)
    assert stages(parties) == list(HoldingStage)
    assert_books_balance()


def test_both_sides_and_administrators_are_told_in_words_with_the_days(run_jobs: RunJobs) -> None:
    with transaction():
        admin = make_admin()
        db.session.execute(update(User).values(email_confirmed_at=clock.now()))
    parties = funded_deal()
    run_jobs()
    moment = after(parties, timedelta(days=60))
    the_clock_runs(moment)
    with clock.at(moment):
        run_jobs()
    for user_id in (parties.creator.user_id, parties.brand.user_id):
        assert kinds_told(user_id)[-1:] == [
            f"holding.warned.{'creator' if user_id == parties.creator.user_id else 'brand'}"
        ]
    assert kinds_told(admin.user_id) == ["holding.warned.admin"]
    subjects = list(db.session.scalars(select(Mail.subject).where(Mail.user_id == parties.brand.user_id)))
    assert any("must end by" in subject for subject in subjects)
    moment = to_last_days(parties)
    with clock.at(moment):
        run_jobs()
    assert kinds_told(parties.brand.user_id)[1:] == ["holding.last_days.brand"]
    told = select(Notification.kind).where(Notification.user_id == parties.brand.user_id)
    assert "dispute.limit.side" in set(db.session.scalars(told))
    assert kinds_told(admin.user_id)[1:] == ["holding.last_days.admin"]


@pytest.mark.parametrize(
    ("offered", "asked", "part"),
    [(4_000_00, None, 4_000_00), (4_000_00, 9_000_00, 4_000_00), (4_000_00, 3_000_00, 3_000_00), (None, 9_000_00, 0)],
)
def test_what_is_undisputed_goes_the_creators_way(
    offered: int | None, asked: int | None, part: int, run_jobs: RunJobs
) -> None:
    parties = funded_deal()
    publish(parties)
    with transaction():
        claim = Claim("The agreed line is missing.", Money(offered) if offered is not None else None)
        case = open_dispute(parties.brand.actor, parties.deal_id, DisputeReason.NOT_AS_AGREED, claim).id
    if asked is not None:
        with transaction():
            add_statement(parties.creator.actor, case, Claim("It is all there.", Money(asked)))
    to_limit(parties)
    assert state_of(parties.deal_id) is (State.COMPLETED if part else State.REFUNDED)
    assert dispute_of(parties).creator_part_amount == part
    with clock.at(after(parties, timedelta(days=90))):
        run_jobs()
    kept = held(creator_pending(parties.creator.id, "CNY")) + held(fees_creator("CNY"))
    assert (kept, held(fees_brand("CNY"))) == (part, part * 5 // 100)
    assert_books_balance()


def test_silence_about_published_work_is_acceptance_at_the_limit_too() -> None:
    parties = funded_deal()
    with clock.at(after(parties, timedelta(days=80, hours=20))):
        publish(parties)
    with transaction():
        # The brand's time to answer runs past the limit, as after a dispute that took most of it.
        db.session.execute(update(Deal).values(deadline_at=after(parties, timedelta(days=91))))
    to_limit(parties)
    assert state_of(parties.deal_id) is State.COMPLETED
    assert held(fees_brand("CNY")) == 600_00
    assert_books_balance()


def test_a_brand_that_spoke_in_the_case_has_not_accepted_by_silence() -> None:
    parties = funded_deal()
    with clock.at(after(parties, timedelta(days=80, hours=20))):
        publish(parties)
    with transaction():
        db.session.execute(update(Deal).values(deadline_at=after(parties, timedelta(days=91))))
    with clock.at(to_last_days(parties)), transaction():
        add_statement(parties.brand.actor, dispute_of(parties).id, Claim("The agreed line is missing."))
    the_clock_runs(after(parties, timedelta(days=90)))
    assert state_of(parties.deal_id) is State.REFUNDED
    assert_books_balance()


def test_a_clock_that_ends_the_deal_in_time_is_left_to_it() -> None:
    parties = funded_deal()
    with clock.at(after(parties, timedelta(days=80))):
        publish(parties)
    to_last_days(parties)
    assert (state_of(parties.deal_id), stages(parties)) == (State.ACCEPTANCE, [])
    with clock.at(after(parties, timedelta(days=87))):
        accept_by_silence()
    to_limit(parties)
    assert state_of(parties.deal_id) is State.COMPLETED
    assert_books_balance()


def test_a_person_who_decides_in_the_last_days_is_first() -> None:
    ruled, agreed = funded_deal(), funded_deal()
    with transaction():
        admin = make_admin()
    with clock.at(to_last_days(ruled)):
        to_last_days(agreed)
        with transaction():
            rule(admin, dispute_of(ruled).id, Money(2_000_00), "A draft was made and never handed in.")
        with transaction():
            offer = add_statement(agreed.brand.actor, dispute_of(agreed).id, Claim("Half each.", Money(6_000_00)))
            agree(agreed.creator.actor, offer.dispute_id, offer.id)
    the_clock_runs(after(agreed, timedelta(days=90)))
    assert [state_of(one.deal_id) for one in (ruled, agreed)] == [State.COMPLETED, State.COMPLETED]
    assert held(fees_brand("CNY")) == 400_00
    assert_books_balance()


def test_a_case_of_the_clock_is_nobodys_to_withdraw_and_a_withdrawn_one_is_opened_again() -> None:
    parties = funded_deal()
    moment = after(parties, Holding(timedelta(days=90)).last_days)
    with transaction():
        case = open_dispute(parties.brand.actor, parties.deal_id, DisputeReason.LATE, Claim("It never came.")).id
    with clock.at(moment), transaction():
        withdraw_dispute(parties.brand.actor, case)
    the_clock_runs(moment)
    assert state_of(parties.deal_id) is State.DISPUTED
    with pytest.raises(NotAllowed), transaction():
        withdraw_dispute(parties.brand.actor, dispute_of(parties).id)
    with clock.at(moment), transaction():
        assert enforce_deadline(parties.deal_id) is None
    assert_books_balance()


def test_nothing_moves_before_both_sides_have_known_for_two_days() -> None:
    """A worker that stood still for months finds a deal long past its limit."""
    parties = funded_deal()
    late = after(parties, timedelta(days=120))
    the_clock_runs(late)
    the_clock_runs(late + timedelta(days=2) - timedelta(seconds=1))
    assert state_of(parties.deal_id) is State.DISPUTED
    assert deal_ends_at(parties.deal_id) == late + timedelta(days=2)
    the_clock_runs(late + timedelta(days=2))
    assert state_of(parties.deal_id) is State.REFUNDED
    last = events_of(parties.deal_id)[-1]
    assert (last.user_id, last.from_state) == (None, State.DISPUTED)
    assert_books_balance()


def test_a_limit_that_is_lowered_gives_both_sides_two_days_still(move_to: Callable[[str], Holding]) -> None:
    parties = funded_deal()
    move_to("TH")
    told = after(parties, timedelta(days=9, hours=12))
    the_clock_runs(told)
    assert deal_ends_at(parties.deal_id) == told + timedelta(days=2)
    the_clock_runs(after(parties, timedelta(days=10)))
    assert state_of(parties.deal_id) is State.DISPUTED
    the_clock_runs(told + timedelta(days=2))
    assert state_of(parties.deal_id) is State.REFUNDED
    assert_books_balance()


def test_a_deal_that_a_bank_froze_past_its_limit_gives_both_sides_two_days_again(
    sandbox: Sandbox, run_jobs: RunJobs
) -> None:
    parties, bank = funded_deal(), Bank(sandbox)
    times = Holding(timedelta(days=90))
    with clock.at(to_last_days(parties)):
        run_jobs()
        dispute = bank.dispute(parties.deal_id)
    assert state_of(parties.deal_id) is State.FROZEN
    the_clock_runs(after(parties, times.limit))
    assert db.session.scalar(near_limit()) == 0
    thawed = after(parties, timedelta(days=150))
    with clock.at(thawed):
        bank.advance(dispute, "under_review")
        bank.advance(dispute, "won")
        assert deal_ends_at(parties.deal_id) == thawed + timedelta(days=2)
        db.session.rollback()
    for moment in (thawed, thawed + timedelta(days=2) - timedelta(seconds=1)):
        the_clock_runs(moment)
        with clock.at(moment):
            run_jobs()
        assert state_of(parties.deal_id) is State.DISPUTED
    assert kinds_told(parties.brand.user_id) == ["holding.last_days.brand"] * 2
    the_clock_runs(thawed + timedelta(days=2))
    assert state_of(parties.deal_id) is State.REFUNDED
    assert_books_balance()


def test_two_workers_at_once_tell_once_stop_once_and_end_once(app: Flask) -> None:
    parties = funded_deal()
    moment = after(parties, timedelta(days=60))

    def at(when: datetime, job: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            with clock.at(when):
                job()

        return run

    assert race(app, *[at(moment, notice_holding)] * 4) == ["done"] * 4
    told = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'notifications.tell_holding'"
    assert db.session.scalar(db.text(told)) == 1
    db.session.rollback()
    moment = after(parties, Holding(timedelta(days=90)).last_days)
    with clock.at(moment):
        notice_holding()
    assert race(app, *[at(moment, keep_holding_limit)] * 4) == ["done"] * 4
    assert db.session.scalar(select(func.count()).select_from(Dispute)) == 1
    db.session.rollback()
    moment = after(parties, timedelta(days=90))
    assert race(app, *[at(moment, keep_holding_limit)] * 4) == ["done"] * 4
    assert state_of(parties.deal_id) is State.REFUNDED
    assert_books_balance()


def test_an_earning_that_waits_for_an_account_is_its_owners_and_they_are_told(run_jobs: RunJobs) -> None:
    with transaction():
        admin = make_admin()
    parties = funded_deal()
    publish(parties)
    accept(parties.brand.actor, parties.deal_id)
    times = Holding(timedelta(days=90))
    for wait in (times.warned, times.last_days, times.limit):
        the_clock_runs(after(parties, wait))
        with clock.at(after(parties, wait)):
            run_jobs()
    stages_told = ["warned", "last_days", "reached"]
    assert kinds_told(parties.creator.user_id) == [f"holding.unsent_{stage}.creator" for stage in stages_told]
    assert kinds_told(parties.brand.user_id) == []
    assert kinds_told(admin.user_id) == ["holding.unsent_reached.admin"]
    assert state_of(parties.deal_id) is State.COMPLETED
    assert_books_balance()


def test_the_last_days_never_begin_before_the_warning() -> None:
    for days in range(1, 800):
        times = Holding(timedelta(days=days))
        assert timedelta(0) < times.warned <= times.last_days < times.limit
    assert Holding(timedelta(days=10)).last_days == timedelta(days=7)
    assert Holding(timedelta(days=730)).last_days == timedelta(days=657)


def test_the_limit_is_by_country_and_whole_days() -> None:
    assert {code: load_settings(stripe_country=code).holding_days for code in ("TH", "US", "JP")} == {
        "TH": 10,
        "US": 730,
        "JP": 90,
    }
    for wrong in ({"TH": 10}, {"*": 0}, {"*": -1}, {"*": 90, "Thailand": 10}, {"*": "soon"}, {"*": 1.5}):
        with pytest.raises(SettingsError, match="HOLDING_LIMIT_DAYS"):
            load_settings(holding_limit_days=wrong)
    with pytest.raises(SettingsError, match="ACCEPTANCE_DAYS"):
        load_settings(acceptance_days=89)


def test_terms_that_reach_past_the_limit_are_refused_beside_the_day(move_to: Callable[[str], Holding]) -> None:
    with transaction():
        sides = make_deal()
    last = latest_publish_on()
    assert last == in_days(90 - 7 - 1)
    with pytest.raises(Invalid, match="held for 90 days at most") as refused, transaction():
        counter(sides, sides.brand.actor, publish_on=last + timedelta(days=1))
    assert refused.value.field == "publish_on"
    with transaction():
        number = counter(sides, sides.brand.actor, publish_on=last)
    move_to("TH")
    with pytest.raises(Invalid, match="held for 10 days at most"), transaction():
        accept_terms(sides.creator.actor, sides.id, number)
    move_to("US")
    with transaction():
        assert accept_terms(sides.creator.actor, sides.id, number).state is State.SIGNING


def test_the_deals_page_and_the_case_say_until_when(client: Client) -> None:
    parties = funded_deal()
    limit = after(parties, timedelta(days=90))
    sign_in(client, parties.brand)
    page = client.get(f"/deals/{parties.deal_id}").text
    assert "Must end by" in page
    assert f'<time datetime="{limit:%Y-%m-%dT}' in page
    to_last_days(parties)
    case = client.get(f"/disputes/{dispute_of(parties).id}").text
    assert "Money may not be held longer than" in case
    assert "the case was opened, so that it is decided in time" in case
