"""An agency's share of what its creator receives: frozen at signing, settled with the rest, sent apart."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace.agencies.jobs import end_representations
from marketplace.agencies.representing import give_notice
from marketplace.deals.models import Deal
from marketplace.deals.quotes import quote_of
from marketplace.deals.terms import accept_terms
from marketplace.disputes.models import DisputeReason
from marketplace.disputes.service import Claim, open_dispute, rule
from marketplace.escrow.jobs import release_earnings_job
from marketplace.escrow.models import Settlement
from marketplace.escrow.settle import cancel_late
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.ledger.accounts import (
    agency_available,
    agency_pending,
    agency_transfer_in_transit,
    creator_available,
    creator_pending,
    escrow,
    fees_brand,
    fees_creator,
    refund_in_transit,
)
from marketplace.payouts.earnings import EarningFilter, earnings
from marketplace.payouts.jobs import sweep
from marketplace.payouts.models import Transfer, TransferState
from marketplace.payouts.onboarding import refresh_account, start_onboarding
from marketplace.payouts.payee import Payee
from marketplace.payouts.queries import account_for, earnings_summary
from marketplace.payouts.transfer import transfer_share
from marketplace.stripe_sandbox import guest
from tests.support.agencies import AgencySide, make_agency, represent
from tests.support.market import CreatorSide, make_admin, make_creator
from tests.support.money import (
    Parties,
    assert_books_balance,
    completed_deal,
    funded_deal,
    held,
    negotiating_deal,
    sign_both,
    signed_deal,
)
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]


def make_both(share: int = 1_500) -> tuple[AgencySide, CreatorSide]:
    with transaction():
        agency, creator = make_agency(), make_creator()
        represent(agency, creator, share)
    return agency, creator


def rate_of(parties: Parties) -> int | None:
    quote = quote_of(db.session.get_one(Deal, parties.deal_id))
    assert quote is not None
    found = quote.agency.rate if quote.agency is not None else None
    db.session.rollback()
    return found


def connect(payee: Payee, side: AgencySide | CreatorSide) -> None:
    guest.onboard(start_onboarding(side.actor))
    account = account_for(payee)
    assert account is not None
    assert account.stripe_account_id is not None
    refresh_account(account.stripe_account_id)


def test_what_the_creator_receives_is_divided_and_the_brand_pays_the_same() -> None:
    agency, creator = make_both(1_500)
    parties = completed_deal(12_000_00, creator)
    # 12,600.00 paid; 11,300.00 received by the creator's side, of which 15 % is 1,695.00.
    assert held(agency_pending(agency.id, "CNY")) == 1_695_00
    assert held(creator_pending(creator.id, "CNY")) == 9_605_00
    assert held(fees_creator("CNY")) == 700_00
    assert held(fees_brand("CNY")) == 600_00
    assert held(escrow(parties.deal_id, "CNY")) == 0
    settlement = db.session.scalars(select(Settlement)).one()
    assert (settlement.agency_id, settlement.agency_amount) == (agency.id, 1_695_00)
    db.session.rollback()
    assert_books_balance()


def test_what_cant_be_divided_stays_with_the_creator() -> None:
    agency, creator = make_both(3_300)
    completed_deal(1_000_01, creator)
    # 33 % of 1,000.01 is 330.0033.
    assert held(agency_pending(agency.id, "CNY")) == 330_00
    assert held(creator_pending(creator.id, "CNY")) == 670_01
    assert_books_balance()


def test_a_share_of_nothing_is_settled_as_nothing(run_jobs: RunJobs) -> None:
    agency, creator = make_both(0)
    completed_deal(12_000_00, creator)
    assert held(creator_pending(creator.id, "CNY")) == 11_300_00
    with clock.at(clock.now() + timedelta(days=4)):
        release_earnings_job()
        run_jobs()
    assert held(agency_available(agency.id, "CNY")) == 0
    assert_books_balance()


def test_a_deal_signed_before_it_began_carries_no_share() -> None:
    with transaction():
        agency, creator = make_agency(), make_creator()
    parties = signed_deal(12_000_00, creator)
    with transaction():
        represent(agency, creator)
    assert rate_of(parties) is None


def test_a_deal_signed_after_it_ended_carries_none_and_one_signed_during_notice_does() -> None:
    agency, creator = make_both(2_000)
    with transaction():
        represented = give_notice(agency.actor, 1).id
    during = signed_deal(12_000_00, creator)
    assert rate_of(during) == 2_000
    later = clock.now() + timedelta(days=31)
    with clock.at(later):
        after = signed_deal(12_000_00, creator)
        assert rate_of(after) is None
        end_representations()
        assert represented
        assert rate_of(during) == 2_000


def test_the_share_is_the_one_in_force_when_the_second_signs_and_stays() -> None:
    agency, creator = make_both(1_500)
    parties = negotiating_deal(12_000_00, creator)
    with transaction():
        represent(agency, creator, 1_000)
    with transaction():
        accept_terms(parties.brand.actor, parties.deal_id, 2)
    sign_both(parties)
    with transaction():
        represent(agency, creator, 4_000)
    assert rate_of(parties) == 1_000


@pytest.mark.parametrize("part", [0, 1, 4_000_00, 12_000_00])
def test_a_ruling_divides_the_creators_part_by_the_same_share(part: int) -> None:
    agency, creator = make_both(1_500)
    parties = funded_deal(12_000_00, creator)
    with transaction():
        dispute = open_dispute(
            parties.brand.actor, parties.deal_id, DisputeReason.LATE, Claim("It was late.", Money(0))
        )
        rule(make_admin(), dispute.id, Money(part), "As both agreed, so it is divided.")
    receives = part - max(part - 5_000_00, 0) // 10
    share = receives * 1_500 // 10_000
    assert held(agency_pending(agency.id, "CNY")) == share
    assert held(creator_pending(creator.id, "CNY")) == receives - share
    assert held(refund_in_transit(parties.deal_id, "CNY")) == 12_600_00 - part - part // 20
    assert_books_balance()


def test_a_deal_cancelled_for_lateness_pays_no_share(run_jobs: RunJobs) -> None:
    agency, creator = make_both()
    parties = funded_deal(12_000_00, creator)
    with clock.at(clock.now() + timedelta(days=30)):
        with transaction():
            cancel_late(parties.brand.actor, parties.deal_id, "Nothing came.")
        run_jobs()
    assert held(agency_pending(agency.id, "CNY")) == 0
    assert_books_balance()


def test_both_are_released_together_and_sent_to_their_own_accounts(run_jobs: RunJobs, sandbox: Sandbox) -> None:
    agency, creator = make_both(1_500)
    completed_deal(12_000_00, creator)
    connect(Payee(agency_id=agency.id), agency)
    with clock.at(clock.now() + timedelta(days=4)):
        release_earnings_job()
        run_jobs()
        # The creator has no account yet: their part waits, and holds up nobody's.
        assert held(creator_available(creator.id, "CNY")) == 9_605_00
        assert held(agency_available(agency.id, "CNY")) == 0
        connect(Payee(creator_id=creator.id), creator)
        run_jobs()
    assert held(creator_available(creator.id, "CNY")) == 0
    sent = {transfer.agency_id: transfer for transfer in db.session.scalars(select(Transfer))}
    assert {found.state for found in sent.values()} == {TransferState.PAID}
    assert (sent[agency.id].amount, sent[None].amount) == (1_695_00, 9_605_00)
    db.session.rollback()
    amounts = sorted(transfer.amount for transfer in sandbox.stripe.v1.transfers.list().data)
    assert amounts == [1_695_00, 9_605_00]
    assert_books_balance()


@pytest.mark.parametrize("kind", ["timeout_after_work", "connection_reset", "500"])
def test_a_share_whose_transfer_breaks_is_sent_once(run_jobs: RunJobs, sandbox: Sandbox, kind: str) -> None:
    agency, creator = make_both(1_500)
    completed_deal(12_000_00, creator)
    connect(Payee(agency_id=agency.id), agency)
    sandbox.command("moods", next_faults=[{"path_prefix": "/v1/transfers", "kind": kind}] * 3)
    with clock.at(clock.now() + timedelta(days=4)):
        release_earnings_job()
        run_jobs(allow_failures=True)
    with clock.at(clock.now() + timedelta(days=5)):
        sweep()
        run_jobs(allow_failures=True)
    assert held(agency_transfer_in_transit(agency.id, "CNY")) == 0
    assert len(sandbox.stripe.v1.transfers.list().data) == 1
    assert_books_balance()


def test_a_refused_share_is_available_again() -> None:
    agency, creator = make_both(1_500)
    completed_deal(12_000_00, creator)
    connect(Payee(agency_id=agency.id), agency)
    with transaction():
        account = account_for(Payee(agency_id=agency.id))
        assert account is not None
        account.stripe_account_id = "acct_that_is_nobodys"
    with clock.at(clock.now() + timedelta(days=4)):
        release_earnings_job()
        transfer_share(1)
    assert held(agency_transfer_in_transit(agency.id, "CNY")) == 0
    assert held(agency_available(agency.id, "CNY")) == 1_695_00
    assert_books_balance()


def test_many_are_released_at_once_each_to_its_own() -> None:
    agency, creator = make_both(1_500)
    with transaction():
        other = make_creator("Su Bai")
        represent(agency, other, 5_000)
        alone = make_creator("Ouyang")
    for one in (creator, other, alone):
        completed_deal(2_000_00, one)
    with clock.at(clock.now() + timedelta(days=4)):
        release_earnings_job()
    assert held(agency_available(agency.id, "CNY")) == 300_00 + 1_000_00
    assert held(creator_available(other.id, "CNY")) == 1_000_00
    assert held(creator_available(alone.id, "CNY")) == 2_000_00
    assert_books_balance()


def test_earnings_show_each_side_its_own_part() -> None:
    agency, creator = make_both(1_500)
    completed_deal(12_000_00, creator)
    funded_deal(1_000_00, creator)
    ours, theirs = Payee(agency_id=agency.id), Payee(creator_id=creator.id)
    (line,), (share,) = earnings(theirs, 10).rows, earnings(ours, 10).rows
    assert (line.gross, line.share, line.receives) == (Money(11_300_00), Money(1_695_00), Money(9_605_00))
    assert share.receives == Money(1_695_00)
    # Of the second deal the commission is 100.00, as the month has 12,000.00 already.
    assert earnings_summary(ours)[0].in_escrow == Money(135_00)
    assert earnings_summary(theirs)[0].in_escrow == Money(765_00)
    assert earnings(ours, 10, filters=EarningFilter(creator_id=creator.id + 1)).rows == []
