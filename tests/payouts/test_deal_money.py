"""The page of a deal's money: what each reader sees of it, and that its sums are those of the books."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from marketplace.accounts.actor import Actor
from marketplace.disputes.models import DisputeReason
from marketplace.disputes.service import Claim, open_dispute, rule
from marketplace.escrow.jobs import release_earnings_job
from marketplace.escrow.settle import cancel_late
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.ledger.accounts import escrow
from marketplace.payouts.at_stripe import Made, objects_of
from marketplace.payouts.deal_money import DealMoney, money_of
from tests.support.agencies import AgencySide, make_agency, represent
from tests.support.market import BrandSide, CreatorSide, make_admin, make_brand, make_creator
from tests.support.money import Parties, assert_books_balance, completed_deal, funded_deal, held, signed_deal
from tests.support.world import Person

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]


def read(actor: Actor, deal_id: int) -> DealMoney:
    found = money_of(actor, deal_id)
    db.session.rollback()
    return found


def page(app: Flask, side: BrandSide | CreatorSide | AgencySide | Person, deal_id: int, status: int = 200) -> str:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = side.session_id, True
    answer = client.get(f"/deals/{deal_id}/money")
    assert answer.status_code == status
    return answer.text


def assert_sums_are_the_books(found: DealMoney) -> None:
    """What came in is what went out and what is held; the last line and the account's own balance agree."""
    currency = found.held.currency
    assert found.paid == sum((part.amount for part in found.sums), found.held)
    assert found.held.amount == held(escrow(found.deal.id, currency))
    for moved in found.movements:
        assert sum(part.amount.amount for part in moved.parts) == moved.out.amount


def amounts(found: DealMoney) -> dict[str, int]:
    return {part.label: part.amount.amount for part in found.sums}


def make_both() -> tuple[AgencySide, CreatorSide]:
    with transaction():
        agency, creator = make_agency(), make_creator()
        represent(agency, creator, 1_500)
    return agency, creator


def enter_admin() -> tuple[Actor, Person]:
    with transaction():
        admin = make_admin()
    assert admin.user_id is not None
    return admin, Person(admin.user_id, f"{admin.user_id}:1")


def ruled_deal(part: int) -> Parties:
    parties = funded_deal()
    with transaction():
        dispute = open_dispute(
            parties.brand.actor, parties.deal_id, DisputeReason.LATE, Claim("It was late.", Money(part))
        )
        rule(make_admin(), dispute.id, Money(part), "As both agreed, so it is divided.")
    return parties


def test_the_creator_reads_which_rule_took_each_fee_and_the_agencys_share(app: Flask) -> None:
    agency, creator = make_both()
    parties = completed_deal(creator=creator)
    found = read(creator.actor, parties.deal_id)
    assert amounts(found) == {
        "To you": 9_605_00,
        "Share of Lantern Agency": 1_695_00,
        "Commission": 700_00,
        "Service fee": 600_00,
    }
    text = page(app, creator, parties.deal_id)
    for words in ("10 % of ¥7,000.00", "rule C1", "as agreed with Lantern Agency", "Still in escrow"):
        assert words in text
    assert "rule B1" not in text, "what the brand pays for the service is one sum to the creator"
    assert agency.id
    assert_sums_are_the_books(found)
    assert_books_balance()


def test_the_brand_reads_the_commission_as_one_sum_and_nothing_of_the_agency(app: Flask) -> None:
    _agency, creator = make_both()
    parties = completed_deal(creator=creator)
    found = read(parties.brand.actor, parties.deal_id)
    assert amounts(found) == {"To Lin Yue": 11_300_00, "Commission": 700_00, "Service fee": 600_00}
    text = page(app, parties.brand, parties.deal_id)
    assert "5 % of the price (rule B1)" in text
    for words in ("Lantern", "this month", "rule C1", "9,605"):
        assert words not in text
    assert_sums_are_the_books(found)


def test_the_agency_reads_its_share_of_a_deal_whose_page_isnt_its_own(app: Flask) -> None:
    agency, creator = make_both()
    parties = completed_deal(creator=creator)
    text = page(app, agency, parties.deal_id)
    assert "1,695" in text
    assert f'href="/deals/{parties.deal_id}"' not in text
    with transaction():
        another = make_agency("Another House")
    page(app, another, parties.deal_id, 404)
    before = completed_deal(brand=parties.brand)
    page(app, agency, before.deal_id, 404)


def test_an_administrator_reads_every_line_and_is_led_to_its_entry(app: Flask) -> None:
    parties = completed_deal()
    admin, person = enter_admin()
    found = read(admin, parties.deal_id)
    text = page(app, person, parties.deal_id)
    for entry in found.entries:
        assert f"/console/books/entries/{entry.id}" in text
    assert "rule C1" in text
    assert "rule B1" in text
    assert_sums_are_the_books(found)


@pytest.mark.parametrize("part", [0, 1, 4_000_00, 12_000_00])
def test_a_ruled_deal_explains_the_fees_on_the_part_that_was_paid(app: Flask, part: int) -> None:
    parties = ruled_deal(part)
    for actor in (parties.creator.actor, parties.brand.actor):
        found = read(actor, parties.deal_id)
        assert_sums_are_the_books(found)
        for moved in found.movements:
            for share in moved.parts:
                assert not share.why or sum(why.amount.amount for why in share.why) == share.amount.amount
    page(app, parties.creator, parties.deal_id)
    assert_books_balance()


def test_a_refund_is_followed_until_the_provider_made_it(app: Flask, run_jobs: RunJobs) -> None:
    parties = funded_deal()
    _admin, person = enter_admin()
    with clock.at(clock.now() + timedelta(days=30)):
        with transaction():
            cancel_late(parties.brand.actor, parties.deal_id, "Nothing came.")
        run_jobs()
    found = read(parties.brand.actor, parties.deal_id)
    assert amounts(found) == {"Back to you": 12_600_00}
    assert [step.words for step in found.steps] == ["Refund made by the payment provider"]
    assert read(parties.creator.actor, parties.deal_id).steps == []
    made = objects_of(parties.deal_id)
    assert [one.made for one in made] == [Made.INTENT, Made.CHARGE, Made.REFUND]
    text = page(app, person, parties.deal_id)
    ids = {id_ for one in made for id_ in (one.id, one.transaction_id) if id_}
    assert {id_.partition("_")[0] for id_ in ids} == {"pi", "ch", "txn", "re"}
    for id_ in ids:
        assert f"/objects/{id_}" in text, "an administrator is led to each of Stripe's objects"
        assert id_ not in page(app, parties.brand, parties.deal_id)
    assert_sums_are_the_books(found)
    assert_books_balance()


def test_the_end_of_the_hold_is_the_creators_to_read_and_not_the_brands(run_jobs: RunJobs) -> None:
    parties = completed_deal()
    with clock.at(clock.now() + timedelta(days=4)):
        release_earnings_job()
        run_jobs()
    assert [step.amount.amount for step in read(parties.creator.actor, parties.deal_id).steps] == [11_300_00]
    assert read(parties.brand.actor, parties.deal_id).steps == []


def test_a_deal_that_nobody_paid_says_what_will_be_here_and_others_find_nothing(app: Flask) -> None:
    parties = signed_deal()
    assert "No money has moved yet" in page(app, parties.brand, parties.deal_id)
    with transaction():
        stranger, rival = make_creator("Su Bai"), make_brand("Northmoss")
    for side in (stranger, rival):
        page(app, side, parties.deal_id, 404)
        page(app, side, 2**63, 404)
