"""What each side reads of a chargeback: the deal's page, the money's, the earnings, and what people are told."""

import re

import pytest
from flask import Flask

from marketplace.infra.db import transaction
from tests.support.bank import Bank, told
from tests.support.market import BrandSide, CreatorSide, make_admin, sign_in
from tests.support.money import assert_books_balance, completed_deal, funded_deal
from tests.support.payouts import RunJobs, onboarded, release

pytestmark = pytest.mark.usefixtures("context", "sandbox")


def read(app: Flask, side: CreatorSide | BrandSide, path: str) -> str:
    """The page's words in one line."""
    client = app.test_client()
    sign_in(client, side)
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_both_sides_of_a_frozen_deal_read_that_it_stands_still(app: Flask, bank: Bank) -> None:
    parties = funded_deal()
    bank.dispute(parties.deal_id)
    for side, words in (
        (parties.creator, "you needn’t go on with the work"),
        (parties.brand, "ask the bank to withdraw"),
    ):
        page = read(app, side, f"/deals/{parties.deal_id}")
        assert "Frozen: everything stands still" in page
        assert words in page
        assert "Taken back by the bank" in read(app, side, f"/deals/{parties.deal_id}/money")
        assert "Frozen" in read(app, side, "/deals?tab=theirs")
    assert_books_balance()


def test_a_lost_deal_says_that_a_chargeback_ended_it(app: Flask, bank: Bank, run_jobs: RunJobs) -> None:
    parties = funded_deal()
    bank.advance(bank.dispute(parties.deal_id), "lost")
    run_jobs()
    assert "Ended by a chargeback" in read(app, parties.creator, f"/deals/{parties.deal_id}")
    assert "deal.charge_back.creator" in told(parties.creator.user_id)
    assert "deal.lose_chargeback.brand" in told(parties.brand.user_id)


def test_a_creator_reads_what_is_withheld_what_they_owe_and_how_it_was_paid(
    app: Flask, bank: Bank, run_jobs: RunJobs
) -> None:
    parties = completed_deal()
    onboarded(parties.creator)
    dispute_id = bank.dispute(parties.deal_id)
    assert "Withheld: with a bank" in read(app, parties.creator, "/earnings")
    deal = f"/deals/{parties.deal_id}"
    assert "waits until the bank decides" in read(app, parties.creator, deal)
    assert "Your bank has taken this payment back" in read(app, parties.brand, deal)
    bank.advance(dispute_id, "lost")
    run_jobs()
    page = read(app, parties.creator, "/earnings")
    assert "You owe ¥11,300.00 for chargebacks" in page
    assert "taken from your next earnings" in page
    assert "11,300" in read(app, parties.creator, "/earnings/lines/owed")
    assert "What was received of it is owed" in read(app, parties.creator, deal)
    assert "The part of it that is owed" in read(app, parties.creator, f"{deal}/money")
    assert "went back to you through the bank" in read(app, parties.brand, deal)
    assert told(parties.creator.user_id).count("chargeback.owed.creator") == 1
    assert "chargeback.owed.brand" in told(parties.brand.user_id)
    release(run_jobs)
    page = read(app, parties.creator, "/earnings")
    assert "You owe" not in page
    assert "Paid a chargeback" in page
    assert_books_balance()


def test_administrators_are_told_of_each_stage_once(bank: Bank, run_jobs: RunJobs) -> None:
    parties = funded_deal()
    with transaction():
        admin = make_admin()
    assert admin.user_id is not None
    dispute_id = bank.dispute(parties.deal_id)
    run_jobs()
    bank.advance(dispute_id, "won")
    run_jobs()
    assert [kind for kind in told(admin.user_id) if kind.startswith("chargeback.")] == [
        "chargeback.taken.admin",
        "chargeback.won.admin",
    ]
