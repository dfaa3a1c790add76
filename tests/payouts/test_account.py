"""Payout accounts: what Stripe asks is told in words, a stopped one loses nothing, and one takes another's place."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.limits import NEW_ACCOUNT
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.infra.i18n import reader
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid
from marketplace.ledger.accounts import creator_available, stripe_clearing, stripe_fees
from marketplace.notifications.models import Notification
from marketplace.payouts.arrivals import read_account
from marketplace.payouts.held import Slice
from marketplace.payouts.models import ConnectedAccount, Schedule
from marketplace.payouts.onboarding import open_providers_page, start_anew, start_onboarding
from marketplace.payouts.reminding import reminders
from marketplace.payouts.requirements import error_words, failure_words, reason_words, requirement_words
from marketplace.payouts.standing import State, standing
from marketplace.stripe_sandbox import guest
from tests.support.market import PASSWORD, make_creator, sign_in
from tests.support.money import assert_books_balance, completed_deal, held
from tests.support.payouts import RunJobs, account, available_deal, choose, onboarded, reread, transfers_of
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")


def kinds_told(user_id: int) -> list[str]:
    found = db.session.scalars(select(Notification.kind).where(Notification.user_id == user_id))
    kinds = sorted(kind for kind in found if "payout" in kind or "transfer" in kind)
    db.session.rollback()
    return kinds


def test_requirements_are_told_in_words_each_once_and_unknown_ones_tidily() -> None:
    with reader("en", "UTC"):
        names = ["individual.dob.day", "individual.dob.month", "external_account", "person_1ab.address.line1"]
        assert requirement_words(names) == [
            "Your date of birth",
            "The bank account that payouts go to",
            "Of a person in the company: home address",
        ]
        assert requirement_words(["moon.shoe_size"]) == ["Something that Stripe calls “moon: shoe size”"]
        assert error_words([("individual.verification.document", "verification_document_expired")]) == [
            "Your identity document, as a photograph: the document has expired."
        ]
        assert "unheard of" in error_words([("tos_acceptance.ip", "unheard_of")])[0]
        assert "for good" in reason_words("rejected.fraud")
        assert "odd one" in reason_words("odd_one")
        assert failure_words("no_account") == "there is no such bank account"
        assert "odd one" in failure_words("odd_one")


def test_who_leaves_stripes_page_half_way_is_told_what_is_missing_and_loses_nothing(
    app: Flask, run_jobs: RunJobs
) -> None:
    parties = available_deal()
    guest.onboard(start_onboarding(parties.creator.actor), later=True)
    reread(parties.creator)
    run_jobs()
    client = app.test_client()
    sign_in(client, parties.creator)
    page = client.get("/earnings/payouts").text
    for words in (
        "isn’t finished",
        "The bank account that payouts go to",
        "11,300",
        "Go on at Stripe",
        "of 1 deal",
    ):
        assert words in page
    assert "Your name" not in page
    assert transfers_of(parties.creator) == []
    onboarded(parties.creator)
    run_jobs()
    assert [one.amount for one in transfers_of(parties.creator)] == [11_300_00]
    page = client.get("/earnings/payouts").text
    assert "STRIPE TEST BANK •••• 6789" in page
    assert "Transferred" in page
    assert_books_balance()


def test_a_working_account_of_which_stripe_wants_something_goes_on_and_its_owner_hears_once(
    app: Flask, sandbox: Sandbox, run_jobs: RunJobs
) -> None:
    parties = available_deal()
    stripe_id = onboarded(parties.creator)
    run_jobs()
    sandbox.command("triggers/require", account=stripe_id, names=["individual.verification.document"], days=10)
    sandbox.wait_for_webhooks()
    run_jobs()
    found = standing(account(parties.creator))
    assert found.state is State.ASKS
    assert found.receives
    assert found.deadline is not None
    assert kinds_told(parties.creator.user_id) == [
        "money.payout_account_asks_by",
        "money.payout_account_ready",
        "money.transferred",
    ]
    reread(parties.creator)
    run_jobs()
    assert len(kinds_told(parties.creator.user_id)) == 3
    client = app.test_client()
    sign_in(client, parties.creator)
    page = client.get("/earnings/payouts").text
    assert "Your identity document, as a photograph" in page
    assert "Answer Stripe" in page


def test_a_stopped_account_keeps_earnings_waiting_until_it_works_again(sandbox: Sandbox, run_jobs: RunJobs) -> None:
    with transaction():
        creator = make_creator()
    stripe_id = onboarded(creator)
    sandbox.command("triggers/require", account=stripe_id, names=["individual.id_number"])
    reread(creator)
    assert standing(account(creator)).state is State.STOPPED
    available_deal(creator=creator)
    run_jobs()
    assert transfers_of(creator) == []
    assert held(creator_available(creator.id, "CNY")) == 11_300_00
    assert "money.payout_account_stopped" in kinds_told(creator.user_id)
    sandbox.command("triggers/clear", account=stripe_id)
    reread(creator)
    run_jobs()
    assert held(creator_available(creator.id, "CNY")) == 0
    assert_books_balance()


def test_an_answer_that_was_asked_for_earlier_and_is_written_later_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, run_jobs: RunJobs
) -> None:
    with transaction():
        creator = make_creator()
    stripe_id = onboarded(creator)
    run_jobs()
    sandbox.command("triggers/require", account=stripe_id, names=["individual.id_number"])
    real = gateway.get_account

    def answer_slowly(account_id: str) -> gateway.Account:
        """Meanwhile the owner answers, and another worker reads it."""
        stopped = real(account_id)
        monkeypatch.setattr(gateway, "get_account", real)
        sandbox.command("triggers/clear", account=stripe_id)
        reread(creator)
        return stopped

    monkeypatch.setattr(gateway, "get_account", answer_slowly)
    reread(creator)
    run_jobs()
    assert standing(account(creator)).state is State.READY
    assert "money.payout_account_stopped" not in kinds_told(creator.user_id)


def test_a_rejected_account_is_replaced_and_what_isnt_sent_goes_to_the_new_one(
    app: Flask, sandbox: Sandbox, run_jobs: RunJobs
) -> None:
    with transaction():
        creator = make_creator()
    first = onboarded(creator)
    sandbox.command("triggers/reject", account=first)
    reread(creator)
    available_deal(creator=creator)
    run_jobs()
    client = app.test_client()
    sign_in(client, creator)
    assert "takes no money any more" in client.get("/earnings/payouts").text
    assert client.post("/earnings/payouts/anew", data={"country": "HK", "password": "wrong"}).status_code == 422
    assert account(creator).stripe_account_id == first
    answer = client.post("/earnings/payouts/anew", data={"country": "HK", "password": PASSWORD})
    assert answer.status_code == 303
    guest.onboard(answer.location)
    second = reread(creator)
    run_jobs()
    assert second != first
    (sent,) = transfers_of(creator)
    assert sent.account_id == account(creator).id
    assert held(creator_available(creator.id, "CNY")) == 0
    with transaction():
        rows = {row.stripe_account_id: row.replaced_at for row in db.session.scalars(select(ConnectedAccount))}
    assert rows[second] is None
    assert rows[first] is not None
    assert_books_balance()


def test_an_account_that_was_never_ours_or_is_gone_is_told_as_closed(run_jobs: RunJobs) -> None:
    with transaction():
        creator = make_creator()
    onboarded(creator)
    with transaction():
        row = db.session.scalars(select(ConnectedAccount)).one()
        row.stripe_account_id = "acct_of_somebody_else"
    read_account("acct_of_somebody_else")
    found = standing(account(creator))
    assert found.state is State.CLOSED
    assert "no longer connected" in found.reason


def test_an_account_is_only_replaced_where_there_is_one_and_it_owes_nothing() -> None:
    with transaction():
        creator = make_creator()
    with pytest.raises(Conflict):
        start_anew(creator.actor)
    with pytest.raises(Invalid):
        start_onboarding(creator.actor, "XX")
    onboarded(creator)
    with transaction():
        db.session.scalars(select(ConnectedAccount)).one().in_debt = True
    with pytest.raises(Conflict):
        start_anew(creator.actor)


def test_an_account_whose_opening_broke_down_is_opened_with_the_next_try(sandbox: Sandbox) -> None:
    """Stripe gives the same fault under the same key for a day."""
    with transaction():
        creator = make_creator()
    sandbox.command("moods", next_faults=[{"path_prefix": "/v1/accounts", "kind": "500"}])
    with pytest.raises(gateway.ProviderFault):
        start_onboarding(creator.actor, "HK")
    assert account(creator).country == "HK"
    onboarded(creator)
    assert standing(account(creator)).receives


def test_nobody_is_led_to_an_account_whose_row_another_try_has_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two owners of an agency begin at once: the second one's e-mail doesn't go with the first one's key."""
    with transaction():
        creator = make_creator()
    real = gateway.create_account

    def break_down(**_values: str) -> gateway.Account:
        raise gateway.ProviderFault("The key was used for other values.")

    def open_slowly(*, key: str, email: str, country: str, reference: str) -> gateway.Account:
        opened = real(key=key, email=email, country=country, reference=reference)
        monkeypatch.setattr(gateway, "create_account", break_down)
        with pytest.raises(gateway.ProviderFault):
            start_onboarding(creator.actor)
        monkeypatch.setattr(gateway, "create_account", real)
        return opened

    monkeypatch.setattr(gateway, "create_account", open_slowly)
    guest.onboard(start_onboarding(creator.actor))
    reread(creator)
    assert standing(account(creator)).receives


def test_a_payee_begins_with_a_new_account_a_few_times_a_day(app: Flask) -> None:
    with transaction():
        creator = make_creator()
    onboarded(creator)
    client = app.test_client()
    sign_in(client, creator)
    form = {"country": "HK", "password": PASSWORD}
    for _ in range(NEW_ACCOUNT.tries):
        assert client.post("/earnings/payouts/anew", data=form).status_code == 303
    last = account(creator).id
    answer = client.post("/earnings/payouts/anew", data=form)
    assert answer.status_code == 422
    assert "Too many tries" in answer.text
    assert account(creator).id == last


def test_stripes_page_is_the_owners_own_when_nothing_is_missing(sandbox: Sandbox) -> None:
    with transaction():
        creator = make_creator()
    stripe_id = onboarded(creator)
    assert "/connect/dashboard/" in open_providers_page(creator.actor)
    sandbox.command("triggers/require", account=stripe_id, names=["individual.id_number"], days=5)
    reread(creator)
    assert "/connect/onboarding/" in open_providers_page(creator.actor)


def test_nobody_reaches_the_page_where_the_bank_account_can_be_changed_without_the_password(app: Flask) -> None:
    with transaction():
        creator = make_creator()
    client = app.test_client()
    sign_in(client, creator)
    first = client.post("/earnings/connect")
    assert "/connect/onboarding/" in first.location, "the first time it leads there at once"
    onboarded(creator)
    again = client.post("/earnings/connect")
    assert again.location.endswith("/earnings/payouts/open")
    assert "Typed again" in client.get(again.location).text
    for answer in ({}, {"password": "not this one"}):
        assert client.post(again.location, data=answer).status_code == 422
    opened = client.post(again.location, data={"password": PASSWORD})
    assert (opened.status_code, "/connect/dashboard/" in opened.location) == (303, True)


def test_payees_without_a_ready_account_are_reminded_at_three_moments_and_once_at_each(run_jobs: RunJobs) -> None:
    parties = completed_deal()
    start = clock.now()
    expected = {0: 0, 1: 1, 4: 0, 8: 1, 20: 0, 31: 1}
    for days, number in expected.items():
        with clock.at(start + timedelta(days=days, hours=1)), transaction():
            assert len(reminders(Slice(0, 100))) == number, days
    with clock.at(start + timedelta(days=1, hours=1)), transaction():
        (told,) = reminders(Slice(0, 100))
    assert told["amount"] == 11_300_00
    assert told["creator_id"] == parties.creator.id
    onboarded(parties.creator)
    with clock.at(start + timedelta(days=1, hours=1)), transaction():
        assert reminders(Slice(0, 100)) == []


def test_on_demand_holds_money_until_it_is_asked_for_and_weekly_until_payday(app: Flask, run_jobs: RunJobs) -> None:
    with transaction():
        creator = make_creator()
    onboarded(creator)
    choose(creator, Schedule.ON_DEMAND)
    available_deal(creator=creator)
    run_jobs()
    assert transfers_of(creator) == []
    client = app.test_client()
    sign_in(client, creator)
    page = client.get("/earnings/payouts").text
    assert "is sent when it is asked for" in page
    assert "Pay out now" in page
    assert client.post("/earnings/payouts/now", data={"currency": "CNY"}).status_code == 303
    run_jobs()
    assert [one.amount for one in transfers_of(creator)] == [11_300_00]
    client.post("/earnings/payouts/now", data={"currency": "CNY"})
    assert "Nothing is available" in client.get("/earnings/payouts").text
    clearing = 12_600_00 - held(stripe_fees("CNY")) - 11_300_00
    assert held(stripe_clearing("CNY")) == clearing
    assert_books_balance()
