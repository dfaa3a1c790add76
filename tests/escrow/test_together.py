"""One payment for several deals: what arrives, what fails alone, and what overlaps."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.brands import limits
from marketplace.brands.models import Member
from marketplace.deals.closing import cancel
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal
from marketplace.escrow.fund import fund_deals, start_funding
from marketplace.escrow.models import Checkout, CheckoutState, Payment, PaymentState
from marketplace.escrow.queries import refunds_of
from marketplace.escrow.receive import confirm_checkout, confirm_session
from marketplace.escrow.settle import cancel_late
from marketplace.fees.quote import FeeQuote
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, NotAllowed, NotFound
from marketplace.ledger.accounts import escrow, stripe_clearing, stripe_fees
from marketplace.ledger.queries import entry_by_key
from marketplace.stripe_sandbox import guest
from tests.support.market import BrandSide, make_brand, make_member, sign_in
from tests.support.money import (
    Parties,
    accept,
    assert_books_balance,
    confirm_newest,
    funded_deal,
    held,
    publish,
    signed_deal,
    state_of,
)
from tests.support.sandbox import Sandbox
from tests.support.web import Client

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]


def visit(app: Flask, side: BrandSide) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    sign_in(client, side)
    return client


def signed_deals(*prices: int) -> list[Parties]:
    """Deals of one brand with creators of their own, at these prices in minor units."""
    first = signed_deal(prices[0])
    return [first, *(signed_deal(price, brand=first.brand) for price in prices[1:])]


def ids(deals: list[Parties]) -> list[int]:
    return [parties.deal_id for parties in deals]


def session_of(address: str) -> str:
    """The id that stands in the address of the provider's page."""
    return address.rpartition("/")[2]


def in_escrow(deals: list[Parties]) -> list[int]:
    return [held(escrow(parties.deal_id, "CNY")) for parties in deals]


def states(deals: list[Parties]) -> list[State]:
    return [state_of(parties.deal_id) for parties in deals]


def test_one_payment_funds_each_deal_with_its_own_entry_quote_and_refund(run_jobs: RunJobs, sandbox: Sandbox) -> None:
    deals = signed_deals(12_000_00, 6_000_00, 1_000_00)
    address = fund_deals(deals[0].brand.actor, ids(deals), "en")
    guest.pay(address)
    confirm_session(session_of(address))
    assert states(deals) == [State.PRODUCTION] * 3
    assert in_escrow(deals) == [12_600_00, 6_300_00, 1_050_00]
    checkout = db.session.scalars(select(Checkout)).one()
    assert (checkout.state, checkout.amount) == (CheckoutState.PAID, 19_950_00)
    for payment in db.session.scalars(select(Payment)):
        entry = entry_by_key(f"payment:{payment.id}:received")
        assert entry is not None
        deal = db.session.get_one(Deal, payment.deal_id)
        assert deal.quote is not None
        assert FeeQuote.from_json(deal.quote).brand_total == payment.total
    db.session.rollback()
    assert len(sandbox.stripe.v1.charges.list().data) == 1
    # One is refunded, one settled, one goes on.
    with clock.at(clock.now() + timedelta(days=12)):
        with transaction():
            cancel_late(deals[1].brand.actor, deals[1].deal_id, "The season is over.")
        run_jobs()
    publish(deals[0])
    accept(deals[0].brand.actor, deals[0].deal_id)
    assert in_escrow(deals) == [0, 0, 1_050_00]
    assert [refund.amount for refund in refunds_of(deals[1].deal_id)] == [6_300_00]
    charge = sandbox.stripe.v1.charges.list().data[0]
    assert (charge.amount, charge.amount_refunded) == (19_950_00, 6_300_00)
    assert_books_balance()


def test_a_deal_that_ended_meanwhile_gets_its_part_back_and_the_others_begin(run_jobs: RunJobs, app: Flask) -> None:
    deals = signed_deals(12_000_00, 6_000_00)
    address = fund_deals(deals[0].brand.actor, ids(deals), "en")
    guest.pay(address)
    with transaction():
        cancel(deals[1].creator.actor, deals[1].deal_id, "I fell ill.")
    run_jobs()
    assert states(deals) == [State.PRODUCTION, State.CANCELLED]
    assert in_escrow(deals) == [12_600_00, 0]
    checkout_id = db.session.scalars(select(Checkout.id)).one()
    db.session.rollback()
    page = visit(app, deals[0].brand).get(f"/payments/{checkout_id}").text
    assert "Your payment has arrived" in page
    assert "1 deal took no payment any more" in page
    assert page.count("In escrow") >= 1
    assert "Goes back to you" in page
    assert_books_balance()


def test_a_deal_that_ends_before_anybody_pays_closes_the_payment_and_leaves_the_others_payable(
    run_jobs: RunJobs, sandbox: Sandbox
) -> None:
    deals = signed_deals(12_000_00, 6_000_00)
    address = fund_deals(deals[0].brand.actor, ids(deals), "en")
    with transaction():
        cancel(deals[1].creator.actor, deals[1].deal_id, "I fell ill.")
    run_jobs()
    with pytest.raises(guest.PageRefused):
        guest.pay(address)
    other = start_funding(deals[0].brand.actor, deals[0].deal_id, "en")
    guest.pay(other)
    confirm_session(session_of(other))
    assert states(deals) == [State.PRODUCTION, State.CANCELLED]
    assert_books_balance()


def test_overlapping_choices_close_what_was_open_before() -> None:
    deals = signed_deals(12_000_00, 6_000_00, 1_000_00)
    actor = deals[0].brand.actor
    first = fund_deals(actor, ids(deals[:2]), "en")
    second = fund_deals(actor, ids(deals[1:]), "en")
    assert fund_deals(actor, ids(deals[1:])[::-1], "en") == second, "the same deals, in another order"
    with pytest.raises(guest.PageRefused):
        guest.pay(first)
    whole = fund_deals(actor, ids(deals), "en")
    guest.pay(whole)
    confirm_session(session_of(whole))
    assert states(deals) == [State.PRODUCTION] * 3
    live = select(Payment).where(Payment.state == PaymentState.SUCCEEDED)
    assert len(db.session.scalars(live).all()) == 3
    db.session.rollback()
    assert_books_balance()


def test_the_first_money_that_arrives_counts_and_the_second_goes_back(run_jobs: RunJobs, sandbox: Sandbox) -> None:
    """An older page is paid after all, between the closing of it and the opening of the next."""
    deals = signed_deals(12_000_00, 6_000_00)
    actor = deals[0].brand.actor
    first = fund_deals(actor, ids(deals), "en")
    older = db.session.scalars(select(Checkout)).one().id
    db.session.rollback()
    # Ours says that it is closed, Stripe's doesn't: as if the answer to the closing had been lost, and the page paid.
    with transaction():
        for payment in db.session.scalars(select(Payment).where(Payment.checkout_id == older)):
            payment.state = PaymentState.EXPIRED
        db.session.get_one(Checkout, older).state = CheckoutState.EXPIRED
    second = start_funding(actor, deals[0].deal_id, "en")
    guest.pay(first)
    confirm_checkout(str(older))
    assert states(deals) == [State.PRODUCTION] * 2
    run_jobs(allow_failures=True)
    with pytest.raises(guest.PageRefused):
        guest.pay(second)
    assert in_escrow(deals) == [12_600_00, 6_300_00]
    assert_books_balance()


def test_two_payments_for_the_same_deal_fund_it_once(run_jobs: RunJobs) -> None:
    deals = signed_deals(12_000_00, 6_000_00)
    actor = deals[0].brand.actor
    first = fund_deals(actor, ids(deals), "en")
    older = db.session.scalars(select(Checkout)).one().id
    with transaction():
        for payment in db.session.scalars(select(Payment).where(Payment.checkout_id == older)):
            payment.state = PaymentState.EXPIRED
        db.session.get_one(Checkout, older).state = CheckoutState.EXPIRED
    second = start_funding(actor, deals[0].deal_id, "en")
    guest.pay(second)
    guest.pay(first)
    confirm_session(session_of(second))
    confirm_session(session_of(first))
    run_jobs()
    assert states(deals) == [State.PRODUCTION] * 2
    assert in_escrow(deals) == [12_600_00, 6_300_00]
    returned = db.session.scalars(select(Payment).where(Payment.state == PaymentState.RETURNED)).one()
    assert (returned.checkout_id, returned.deal_id) == (older, deals[0].deal_id)
    db.session.rollback()
    assert held(stripe_clearing("CNY")) == 18_900_00 - held(stripe_fees("CNY"))
    assert_books_balance()


def test_a_bank_that_confirms_several_at_once_is_waited_for_and_overlaps_with_nothing(sandbox: Sandbox) -> None:
    deals = signed_deals(12_000_00, 6_000_00, 1_000_00)
    actor = deals[0].brand.actor
    address = fund_deals(actor, ids(deals[:2]), "en")
    guest.pay(address, method="sepa_debit")
    with pytest.raises(Conflict, match="A bank is confirming"):
        fund_deals(actor, ids(deals[1:]), "en")
    with pytest.raises(Conflict, match="A bank is confirming"):
        fund_deals(actor, ids(deals[:2]), "en")
    intent = db.session.scalars(select(Checkout)).one().payment_intent_id
    db.session.rollback()
    sandbox.command("triggers/confirm_late_payment", intent=intent)
    confirm_session(session_of(address))
    assert states(deals) == [State.PRODUCTION, State.PRODUCTION, State.FUNDING]
    assert_books_balance()


def test_more_than_one_payment_can_take_is_said_before_anybody_goes_there(
    app: Flask, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    deals = signed_deals(600_000_00, 600_000_00)
    client = visit(app, deals[0].brand)
    page = client.post("/pay", data={"deals": [str(found) for found in ids(deals)]})
    assert page.status_code == 409
    assert "Together they come to ¥1,260,000.00" in page.text
    assert "at most ¥999,999.99 at once" in page.text
    assert client.post("/pay", data={"deals": str(deals[0].deal_id)}).status_code == 303
    monkeypatch.setattr(gateway, "LARGEST_CHARGE", 500_000_00)
    page = client.post(f"/deals/{deals[1].deal_id}/fund")
    assert page.status_code == 409
    assert "several smaller deals" in page.text
    assert sandbox.stripe.v1.charges.list().data == []


def test_too_many_or_impossible_deals_are_refused_before_any_is_looked_at(app: Flask) -> None:
    parties = signed_deal()
    client = app.test_client()
    sign_in(client, parties.brand)
    many = client.post("/pay", data={"deals": [str(number) for number in range(1, 102)]})
    assert many.status_code == 409
    assert "at most 100 deals" in many.text
    for odd in ("-99999999999999999999", "99999999999999999999", "0"):
        assert client.post("/pay", data={"deals": odd}).status_code == 404


def test_a_members_limit_is_over_all_of_them(app: Flask) -> None:
    deals = signed_deals(12_000_00, 6_000_00)
    with transaction():
        finance = make_member(deals[0].brand, "finance")
        mine = select(Member).where(Member.user_id == finance.actor.user_id)
        member = db.session.scalars(mine).one()
        member.limit_amount, member.limit_currency = 15_000_00, "CNY"
    # What was signed counts for whoever signed: as if that were given back.
    with transaction():
        for parties in deals:
            limits.release(f"deal:{parties.deal_id}")
    client = visit(app, finance)
    both = [str(found) for found in ids(deals)]
    assert "of your limit" in client.get("/pay", query_string={"deals": both}).text
    page = client.post("/pay", data={"deals": both})
    assert page.status_code == 403
    assert "This costs ¥18,900.00, and ¥15,000.00 is left of your ¥15,000.00" in page.text
    assert client.post("/pay", data={"deals": both[:1]}).status_code == 303
    assert client.post("/pay", data={"deals": both[1:]}).status_code == 403


def test_nobody_pays_for_a_stranger_a_viewer_or_nothing(app: Flask) -> None:
    deals = signed_deals(12_000_00)
    with transaction():
        stranger, viewer = make_brand("Northmoss"), make_member(deals[0].brand, "viewer")
    foreign = signed_deal()
    with pytest.raises(NotFound):
        fund_deals(deals[0].brand.actor, [deals[0].deal_id, foreign.deal_id], "en")
    with pytest.raises(NotAllowed):
        fund_deals(viewer.actor, ids(deals), "en")
    assert visit(app, stranger).post("/pay", data={"deals": ids(deals)}).status_code == 404
    client = visit(app, deals[0].brand)
    nothing = client.post("/pay", data={})
    assert nothing.status_code == 409
    assert "Choose at least one deal" in nothing.text
    assert client.post("/pay", data={"deals": ["x", "-1", "99999999999999999999999"]}).status_code == 404
    assert db.session.scalars(select(Checkout)).all() == []


def test_the_page_adds_up_without_scripts_and_pays_what_is_ticked(app: Flask) -> None:
    deals = signed_deals(12_000_00, 6_000_00, 1_000_00)
    client = visit(app, deals[0].brand)
    assert "Pay several at once" in client.get("/deals").text
    page = client.get("/pay")
    assert page.text.count('type="checkbox"') == 3
    assert "checked" not in page.text
    chosen = [str(found) for found in ids(deals[:2])]
    added = client.post("/pay", data={"deals": chosen, "sum": "1"})
    assert added.status_code == 200
    assert "¥18,900.00" in added.text
    assert added.text.count(" checked") == 2
    guest.pay(client.post("/pay", data={"deals": chosen}).location)
    checkout_id = db.session.scalars(select(Checkout.id)).one()
    db.session.rollback()
    back = client.get(f"/payments/{checkout_id}").text
    assert "Your payment has arrived" in back
    assert states(deals) == [State.PRODUCTION, State.PRODUCTION, State.FUNDING]
    assert client.get("/pay").text.count('type="checkbox"') == 1
    assert_books_balance()


def test_a_single_deal_beside_a_funded_one_pays_alone() -> None:
    first = funded_deal()
    second = signed_deal(brand=first.brand)
    with pytest.raises(Conflict):
        fund_deals(first.brand.actor, [first.deal_id, second.deal_id], "en")
    assert state_of(second.deal_id) is State.FUNDING
    guest.pay(start_funding(first.brand.actor, second.deal_id, "en"))
    confirm_newest(second.deal_id)
    assert_books_balance()
