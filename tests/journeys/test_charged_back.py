"""A payment is taken back: both sides read what that means, an administrator answers the bank, and the end is told."""

import re

import pytest

from marketplace.chargebacks.evidence import assemble
from marketplace.deals.lifecycle import State
from marketplace.infra.db import transaction
from marketplace.ledger.accounts import creator_owes
from tests.journeys.stage import Stage
from tests.support.bank import Bank, chargeback_of
from tests.support.market import PASSWORD, make_admin
from tests.support.money import assert_books_balance, completed_deal, funded_deal, held, state_of
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_deal_at_work_is_charged_back_answered_and_goes_on(stage: Stage, sandbox: Sandbox) -> None:
    bank = Bank(sandbox)
    with stage.scene():
        admin_id = make_admin().user_id
    with stage.app.app_context():
        parties = funded_deal()
        dispute_id = bank.dispute(parties.deal_id)
        number = chargeback_of(dispute_id).id
        with transaction():
            assemble(number)
    stage.run_jobs()
    creator, brand = stage.enter(parties.creator.user_id), stage.enter(parties.brand.user_id)
    for side in (creator, brand):
        side.go(f"/deals/{parties.deal_id}")
        assert side.says(stage.words("Frozen: everything stands still"))
        side.go(f"/deals/{parties.deal_id}/money")
        assert side.says(stage.words("Taken back by the bank"))
        side.go("/notifications")

    admin = stage.enter(admin_id)
    admin.go("/console")
    admin.follow("/console/chargebacks")
    admin.follow(f"/console/chargebacks/{number}")
    assert admin.says(stage.words("Answer in time"), stage.words("What the bank reads"))
    admin.page.locator("#uncategorized_text").fill("winning_evidence")
    admin.click(admin.main.get_by_role("button", name=stage.words("Save the texts")))
    admin.page.locator("#password").fill(PASSWORD)
    admin.click(admin.main.get_by_role("button", name=stage.words("I have read it: send")))
    assert admin.says(stage.words("Won"))
    creator.go(f"/deals/{parties.deal_id}")
    assert creator.says(stage.label(State.PRODUCTION)) or stage.words("Your turn") in creator.main.inner_text()
    with stage.app.app_context():
        assert state_of(parties.deal_id) is State.PRODUCTION
        assert_books_balance()


def test_a_settled_deal_is_lost_and_the_creator_reads_what_they_owe(stage: Stage, sandbox: Sandbox) -> None:
    bank = Bank(sandbox)
    with stage.scene():
        admin_id = make_admin().user_id
    with stage.app.app_context():
        parties = completed_deal()
        number = chargeback_of(bank.dispute(parties.deal_id)).id
    admin = stage.enter(admin_id)
    admin.go(f"/console/chargebacks/{number}")
    admin.unfold(stage.words("Accept the loss"))
    admin.page.locator("#accept-password").fill(PASSWORD)
    admin.click(admin.main.get_by_role("button", name=stage.words("Accept it")))
    assert admin.says(stage.words("Lost"))
    stage.run_jobs()
    creator = stage.enter(parties.creator.user_id)
    creator.go("/earnings")
    assert re.search(r"11,300\.00", creator.main.inner_text())
    creator.follow("/earnings/lines/owed?currency=CNY")
    assert creator.says(stage.words("Owed for chargebacks"))
    admin.go("/console/chargebacks?tab=owed")
    assert admin.says(stage.words("Propose to write it off"))
    with stage.app.app_context():
        assert held(creator_owes(parties.creator.id, "CNY")) == 11_300_00
        assert_books_balance()
