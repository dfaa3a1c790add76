"""Disputes: what freezes, who may say and rule, and where the money goes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.deals.deadlines import enforce_deadline
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal
from marketplace.disputes.models import Dispute, DisputeReason, Statement
from marketplace.disputes.service import Claim, add_statement, agree, open_dispute, rule, withdraw_dispute
from marketplace.escrow.jobs import accept_by_silence
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.kit.money import Money
from marketplace.ledger.accounts import creator_pending, escrow, fees_brand, fees_creator, refund_in_transit
from tests.support.market import PASSWORD, make_admin, make_brand, make_member, sign_in
from tests.support.money import Parties, assert_books_balance, funded_deal, held, publish, signed_deal, state_of
from tests.support.web import Client

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]
WORDS = "It came nine days late and the agreed line is missing."


def disputed(parties: Parties) -> int:
    with transaction():
        return open_dispute(parties.brand.actor, parties.deal_id, DisputeReason.LATE, Claim(WORDS, Money(6_000_00))).id


def administrator() -> Actor:
    with transaction():
        return make_admin()


def test_a_dispute_stops_money_and_clocks() -> None:
    parties = funded_deal()
    publish(parties)
    disputed(parties)
    with clock.at(clock.now() + timedelta(days=60)):
        accept_by_silence()
        with transaction():
            enforce_deadline(parties.deal_id)
    assert state_of(parties.deal_id) is State.DISPUTED
    assert held(escrow(parties.deal_id, "CNY")) == 12_600_00
    assert_books_balance()


def test_a_ruling_splits_the_money_with_fees_on_the_creators_part_only(run_jobs: RunJobs) -> None:
    parties = funded_deal()
    dispute_id = disputed(parties)
    admin = administrator()
    with transaction():
        rule(admin, dispute_id, Money(8_000_00), "A quarter less for four late days.")
    run_jobs()
    assert state_of(parties.deal_id) is State.COMPLETED
    assert held(creator_pending(parties.creator.id, "CNY")) == 7_700_00
    assert held(fees_creator("CNY")) == 300_00
    assert held(fees_brand("CNY")) == 400_00
    assert held(escrow(parties.deal_id, "CNY")) == 0
    assert held(refund_in_transit(parties.deal_id, "CNY")) == 0
    assert_books_balance()


def test_a_ruling_of_nothing_refunds_the_whole_payment(run_jobs: RunJobs) -> None:
    parties = funded_deal()
    dispute_id = disputed(parties)
    admin = administrator()
    with transaction():
        rule(admin, dispute_id, Money(0), "Nothing was made at all.")
    run_jobs()
    assert state_of(parties.deal_id) is State.REFUNDED
    assert held(creator_pending(parties.creator.id, "CNY")) == 0
    assert held(fees_brand("CNY")) == 0
    assert_books_balance()


def test_a_second_ruling_is_refused_and_moves_nothing(run_jobs: RunJobs) -> None:
    parties = funded_deal()
    dispute_id = disputed(parties)
    admin = administrator()
    with transaction():
        rule(admin, dispute_id, Money(8_000_00), "A quarter less for four late days.")
    with pytest.raises(Conflict), transaction():
        rule(admin, dispute_id, Money(1_00), "Thought about it again, in the other tab.")
    run_jobs()
    assert held(creator_pending(parties.creator.id, "CNY")) == 7_700_00
    assert_books_balance()


def test_withdrawing_gives_the_deal_its_remaining_time_back() -> None:
    parties = funded_deal()
    publish(parties)
    left = remaining(parties.deal_id)
    dispute_id = disputed(parties)
    with pytest.raises(NotAllowed), transaction():
        withdraw_dispute(parties.creator.actor, dispute_id)
    with clock.at(clock.now() + timedelta(days=30)):
        with transaction():
            withdraw_dispute(parties.brand.actor, dispute_id)
        assert state_of(parties.deal_id) is State.ACCEPTANCE
        assert abs(remaining(parties.deal_id) - left) < timedelta(seconds=30)
    assert_books_balance()


def remaining(deal_id: int) -> timedelta:
    deadline = db.session.scalar(select(Deal.deadline_at).where(Deal.id == deal_id))
    db.session.rollback()
    assert deadline is not None
    return deadline - clock.now()


def test_only_the_sides_speak_and_only_an_administrator_rules() -> None:
    parties = funded_deal()
    dispute_id = disputed(parties)
    with transaction():
        stranger = make_brand("Northmoss")
    for actor, refusal in (
        (parties.creator.actor, NotAllowed),
        (parties.brand.actor, NotAllowed),
        (stranger.actor, NotFound),
    ):
        with pytest.raises(refusal), transaction():
            rule(actor, dispute_id, Money(0), "I decide this for myself, thank you.")
    with pytest.raises(NotFound), transaction():
        add_statement(stranger.actor, dispute_id, Claim("Let me in."))
    with transaction():
        add_statement(parties.creator.actor, dispute_id, Claim("The parcel came late.", Money(9_000_00)))
    with pytest.raises(Invalid), transaction():
        add_statement(parties.creator.actor, dispute_id, Claim("More than all.", Money(12_000_01)))
    assert state_of(parties.deal_id) is State.DISPUTED


def test_an_unfunded_deal_has_no_dispute() -> None:
    parties = signed_deal()
    with pytest.raises(Conflict), transaction():
        open_dispute(parties.creator.actor, parties.deal_id, DisputeReason.OTHER, Claim(WORDS))
    assert state_of(parties.deal_id) is State.FUNDING


def test_the_forms_refuse_what_makes_no_sense_and_keep_what_was_typed(app: Flask) -> None:
    parties = funded_deal()
    client = app.test_client()
    assert isinstance(client, Client)
    sign_in(client, parties.brand)
    address = f"/deals/{parties.deal_id}/dispute"
    for body in ({}, {"reason": "late", "body": "short", "creator_part": "-5"}, {"reason": "nonsense", "body": WORDS}):
        answer = client.post(address, data=body)
        assert answer.status_code == 422
        assert body.get("body", "") in answer.text
    too_much = client.post(address, data={"reason": "late", "body": WORDS, "creator_part": "12,000.01"})
    assert too_much.status_code == 422
    assert "more than the price" in too_much.text
    assert state_of(parties.deal_id) is State.PRODUCTION
    assert client.post(address, data={"reason": "late", "body": WORDS, "creator_part": "6000"}).status_code == 303
    assert client.post(address, data={"reason": "late", "body": WORDS}).status_code == 303
    assert len(db.session.scalars(select(Dispute)).all()) == 1


def test_a_case_is_nowhere_for_strangers(app: Flask) -> None:
    parties = funded_deal()
    dispute_id = disputed(parties)
    with transaction():
        stranger = make_brand("Northmoss")
    client = app.test_client()
    sign_in(client, stranger)
    assert client.get(f"/disputes/{dispute_id}").status_code == 404
    assert client.post(f"/disputes/{dispute_id}/statements", data={"body": "hello there"}).status_code == 404
    assert client.post(f"/disputes/{dispute_id}/withdraw").status_code == 404
    assert client.get(f"/disputes/{dispute_id}/ruling").status_code == 403


def test_a_ruling_takes_the_password_and_is_of_the_split_that_was_shown(app: Flask) -> None:
    parties = funded_deal()
    dispute_id = disputed(parties)
    client, address = app.test_client(), f"/disputes/{dispute_id}/ruling"
    with client.session_transaction() as session:
        session["_user_id"] = db.session.get_one(User, administrator().user_id).get_id()
        session["_fresh"] = True
    words = {"creator_part": "8,000", "reasons": "A third less for four late days."}
    assert 'name="shown" type="hidden" value="800000"' in client.post(address, data=words | {"step": "check"}).text
    right = words | {"step": "rule", "shown": "800000", "password": PASSWORD}
    for wrong, status in (
        ({"password": ""}, 422),
        ({"password": "not this one"}, 422),
        ({"creator_part": "9,000"}, 422),
    ):
        answer = client.post(address, data=right | wrong)
        assert answer.status_code == status
        assert "What follows from it" in answer.text, "the split stays in view"
        assert state_of(parties.deal_id) is State.DISPUTED
    assert "This part was changed" in answer.text
    assert client.post(address, data=right).status_code == 303
    assert state_of(parties.deal_id) is not State.DISPUTED
    assert_books_balance()


def test_after_a_ruling_the_deals_page_shows_what_followed_from_it(app: Flask) -> None:
    parties = funded_deal()
    dispute_id = disputed(parties)
    admin = administrator()
    with transaction():
        rule(admin, dispute_id, Money(8_000_00), "A quarter less for four late days.")
    client = app.test_client()
    sign_in(client, parties.creator)
    page = client.get(f"/deals/{parties.deal_id}").text
    assert "¥7,700" in page
    assert "¥11,300" not in page
    sign_in(client, parties.brand)
    page = client.get(f"/deals/{parties.deal_id}").text
    assert "Given back when the dispute ended" in page
    assert "¥4,200" in page


def test_taking_the_other_sides_split_ends_the_dispute(app: Flask, run_jobs: RunJobs) -> None:
    parties = funded_deal()
    dispute_id = disputed(parties)
    creator = app.test_client()
    sign_in(creator, parties.creator)
    statement_id = db.session.scalars(select(Statement.id)).one()
    db.session.rollback()
    address = f"/disputes/{dispute_id}/agreement/{statement_id}"
    assert "Agree to this split" in creator.get(address).text
    brand = app.test_client()
    sign_in(brand, parties.brand)
    assert brand.get(address).status_code == 409
    assert brand.post(address).status_code == 403
    assert creator.post(address).status_code == 303
    assert creator.post(address).status_code == 409
    run_jobs()
    assert state_of(parties.deal_id) is State.COMPLETED
    assert held(creator_pending(parties.creator.id, "CNY")) == 5_900_00
    assert "What you agreed" in creator.get(f"/disputes/{dispute_id}").text
    assert_books_balance()


def test_a_proposal_that_was_replaced_meanwhile_is_not_taken() -> None:
    parties = funded_deal()
    dispute_id = disputed(parties)
    first = db.session.scalars(select(Statement.id)).one()
    db.session.rollback()
    with transaction():
        add_statement(parties.brand.actor, dispute_id, Claim("We looked again.", Money(4_000_00)))
    with pytest.raises(Conflict), transaction():
        agree(parties.creator.actor, dispute_id, first)
    with pytest.raises(NotAllowed), transaction():
        agree(parties.brand.actor, dispute_id, first)
    assert state_of(parties.deal_id) is State.DISPUTED


def test_who_only_pays_for_a_company_speaks_in_a_case_and_offers_none_of_its_money() -> None:
    """A proposal is the other side's to take: it would settle the deal without anybody who manages the company."""
    parties = funded_deal()
    dispute_id = disputed(parties)
    with transaction():
        finance = make_member(parties.brand, "finance")
    with pytest.raises(Invalid), transaction():
        add_statement(finance.actor, dispute_id, Claim("Give it all to them.", Money(12_000_00)))
    with transaction():
        add_statement(finance.actor, dispute_id, Claim("The invoice is attached to our books."))
        said = select(Statement.wants_amount).where(Statement.dispute_id == dispute_id).order_by(Statement.id)
        assert list(db.session.scalars(said)) == [6_000_00, None]
