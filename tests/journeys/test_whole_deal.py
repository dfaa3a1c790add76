"""A whole deal in three browsers, from signing up to the transfer; and one that ends by a ruling."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.creators.models import Creator, FanReading
from marketplace.deals.lifecycle import State
from marketplace.escrow.jobs import release_earnings_job
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.ledger.accounts import (
    creator_available,
    creator_pending,
    escrow,
    fees_brand,
    fees_creator,
    refund_in_transit,
    stripe_clearing,
    stripe_fees,
    transfer_in_transit,
)
from marketplace.ledger.queries import balance
from marketplace.payouts.books import check_everything
from tests.journeys import steps
from tests.journeys.walker import Walker, walker
from tests.support.files import pdf
from tests.support.money import funded_deal
from tests.support.people import NewPerson
from tests.support.sandbox import Sandbox
from tests.support.web import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
RunJobs = Callable[..., None]
WEI = "wei@mutuals.example"


@dataclass(frozen=True)
class World:
    """Three people at their browsers, and what the server does by itself meanwhile."""

    app: Flask
    live: LiveServer
    sandbox: Sandbox
    run_jobs: RunJobs
    creator: Walker
    brand: Walker
    admin: Walker

    def settle_down(self) -> None:
        """What webhooks and the worker would have done a moment later."""
        self.sandbox.wait_for_webhooks()
        self.run_jobs()

    def held(self, *accounts: object) -> list[int]:
        """Balances in minor units."""
        with self.app.app_context():
            return [balance(account) for account in accounts]  # type: ignore[arg-type]


@pytest.fixture
def world(app: Flask, live_server: LiveServer, sandbox: Sandbox, run_jobs: RunJobs, new_person: NewPerson) -> World:
    """Two at the door, and the administrator whom the command made."""
    people = [walker(new_person(name)) for name in ("creator", "brand", "administrator")]
    found = World(app, live_server, sandbox, run_jobs, *people)
    make_administrator(found)
    return found


def make_administrator(world: World) -> None:
    """The first one of an installation is made by the command."""
    words = ["admin", "create", "--email", WEI, "--name", "Arbiter Wei"]
    made = world.app.test_cli_runner().invoke(args=words, input=f"{steps.PASSWORD}\n")
    assert made.exit_code == 0, made.output
    steps.sign_in(world.admin, WEI)


def become_eligible(world: World, folder: Path) -> None:
    """One reading is refused with a reason, the next accepted; an offer can be listed only after that."""
    creator, admin = world.creator, world.admin
    creator.menu("/me/profile")
    steps.keep_profile(creator, "Lin Yue", "lin-yue")
    steps.hand_in_reading(creator, folder, "9,800")
    review(world, accept=True)
    offer_id = steps.write_offer(creator)
    creator.go("/me/offers")
    assert creator.page.locator(f'form[action="/me/offers/{offer_id}/list"]').count() == 0, "10,000 fans are not enough"

    creator.go("/me/channels")
    creator.follow(newest_channel(world) + "/readings/new")
    creator.fill(fans="48,000", evidence=folder / "fans.png")
    creator.send()
    review(world, accept=False)
    creator.go("/me/channels")
    assert creator.says("The day can’t be read.")
    creator.follow(newest_channel(world) + "/readings/new")
    creator.fill(fans="48,200", evidence=folder / "fans.png")
    creator.send()
    review(world, accept=True)
    creator.go("/me/offers")
    creator.send(f"/me/offers/{offer_id}/list")
    admin.go("/creators")
    admin.follow("/c/lin-yue")
    assert admin.says("48,200", "4,800", "12,000")


def newest_channel(world: World) -> str:
    with world.app.app_context():
        return f"/me/channels/{db.session.scalars(select(FanReading.channel_id)).first()}"


def review(world: World, *, accept: bool) -> None:
    """The administrator looks at the evidence and decides the one that waits."""
    with world.app.app_context():
        newest = db.session.scalars(select(FanReading.id).order_by(FanReading.id.desc())).first()
    admin = world.admin
    admin.menu("/console/readings")
    admin.follow(f"/console/readings/{newest}")
    assert admin.page.request.get(f"/readings/{newest}/evidence").headers["content-type"] == "image/png"
    if not accept:
        admin.fill(reason="The day can’t be read.")
    admin.send(button="verdict=accept" if accept else "verdict=reject")
    world.settle_down()


def test_a_whole_deal_from_signing_up_to_the_transfer(world: World, tmp_path: Path) -> None:
    creator, brand = world.creator, world.brand
    steps.join(creator, world.app, "creator", "Lin Yue", "lin.yue@example.com")
    steps.join(brand, world.app, "brand", "Tidewell owner", "owner@tidewell.example")
    become_eligible(world, tmp_path)
    brand.go("/company")
    steps.keep_company(brand, "Tidewell", "tidewell")
    brief_id = steps.post_brief(brand)

    selection_id = steps.apply(creator, brief_id, "12,000")
    deal_id = steps.accept_application(brand, brief_id, selection_id)
    steps.counter(brand, deal_id, "11,000")
    steps.counter(creator, deal_id, "13,500")
    steps.accept_terms(brand, deal_id, 3)
    steps.sign(creator, deal_id)
    steps.sign(brand, deal_id)

    # 5 % on top for the brand; for the creator nothing on the first 5,000 of the month and 10 % beyond.
    steps.pay(brand, deal_id, "¥14,175.00")
    world.settle_down()
    assert steps.state_of(world.app, deal_id) is State.PRODUCTION
    assert world.held(escrow(deal_id, "CNY")) == [14_175_00]

    steps.hand_in_draft(creator, deal_id, "https://drive.example.com/draft-1")
    steps.ask_for_revision(brand, deal_id)
    steps.hand_in_draft(creator, deal_id, "https://drive.example.com/draft-2")
    steps.approve(brand, deal_id)
    steps.publish(creator, deal_id)
    steps.accept_work(brand, deal_id)
    assert steps.state_of(world.app, deal_id) is State.COMPLETED

    creator.menu("/earnings")
    assert creator.says("¥12,650.00")
    steps.connect_payouts(creator)
    world.settle_down()
    receive_transfer(world, deal_id)
    brand.menu("/spending")
    assert brand.says("¥14,175.00")


def receive_transfer(world: World, deal_id: int) -> None:
    """The hold passes, the worker transfers, and every account ends where the quote said."""
    creator_id = creator_of(world)
    pending, available = creator_pending(creator_id, "CNY"), creator_available(creator_id, "CNY")
    assert world.held(pending, available) == [12_650_00, 0]
    with world.live.at(clock.now() + timedelta(days=3, minutes=1)):
        release(world)
        world.creator.go("/earnings")
        assert world.creator.says("¥12,650.00")
    in_transit = transfer_in_transit(creator_id, "CNY")
    assert world.held(escrow(deal_id, "CNY"), pending, available, in_transit) == [0, 0, 0, 0]
    assert world.held(fees_brand("CNY"), fees_creator("CNY")) == [675_00, 850_00]
    assert sum(transfer.amount for transfer in world.sandbox.stripe.v1.transfers.list().data) == 12_650_00
    assert_clearing_is_stripes_balance(world)


def release(world: World) -> None:
    """What the worker's clock does each minute, and what follows from it."""
    with world.app.app_context():
        release_earnings_job()
    world.settle_down()


def creator_of(world: World) -> int:
    with world.app.app_context():
        return db.session.scalars(select(Creator.id)).one()


def test_a_dispute_is_ruled_and_the_money_follows(world: World, tmp_path: Path) -> None:
    """Late in the work the brand disputes; both say what they want; the administrator gives the creator two thirds."""
    creator, brand, admin = world.creator, world.brand, world.admin
    with world.app.app_context():
        funded = funded_deal()
    deal_id = funded.deal_id
    steps.sign_in(creator, steps.email_of(world.app, funded.creator.user_id))
    steps.sign_in(brand, steps.email_of(world.app, funded.brand.user_id))
    steps.hand_in_draft(creator, deal_id, "https://drive.example.com/draft-1")

    brand.go(f"/deals/{deal_id}")
    brand.follow(f"/deals/{deal_id}/dispute")
    brand.fill(reason="not_as_agreed", body="The pot is never seen with its lid on, which was agreed.")
    brand.fill(creator_part="4,000", file=letter(tmp_path))
    brand.send()
    dispute_id = brand.number_in(r"^/disputes/(\d+)$")
    assert steps.state_of(world.app, deal_id) is State.DISPUTED
    world.settle_down()

    creator.go(f"/deals/{deal_id}")
    assert creator.page.locator('a[href$="/draft"], a[href$="/publication"]').count() == 0, "everything stands still"
    creator.follow(f"/deals/{deal_id}/dispute")
    assert creator.path == f"/disputes/{dispute_id}"
    assert creator.says("never seen with its lid on")
    creator.fill(body="It is there at 0:41, and I can cut a second one in.", creator_part="10,000")
    creator.send(f"/disputes/{dispute_id}/statements")

    rule(admin, dispute_id)
    world.settle_down()
    assert steps.state_of(world.app, deal_id) is State.COMPLETED
    for side in (creator, brand):
        side.go(f"/disputes/{dispute_id}")
        assert side.says("¥8,000.00", "¥7,700.00", "¥4,200.00", "A third less")

    # Of 8,000 the creator pays 10 % beyond 5,000; the brand's 5 % stays on 8,000 only; the rest goes back.
    assert world.held(escrow(deal_id, "CNY"), refund_in_transit(deal_id, "CNY")) == [0, 0]
    assert world.held(creator_pending(creator_of(world), "CNY")) == [7_700_00]
    assert world.held(fees_brand("CNY"), fees_creator("CNY")) == [400_00, 300_00]
    refunds = world.sandbox.stripe.v1.refunds.list().data
    assert [refund.amount for refund in refunds] == [4_200_00]
    assert_clearing_is_stripes_balance(world)


def rule(admin: Walker, dispute_id: int) -> None:
    """In two steps: first what would follow, then the decision."""
    admin.menu("/console/disputes")
    admin.follow(f"/disputes/{dispute_id}")
    assert admin.says("lid on", "0:41")
    admin.follow(f"/disputes/{dispute_id}/ruling")
    admin.fill(creator_part="12,000.01", reasons="A third less: the lid is seen once only, and briefly.")
    admin.send(button="step=check", status=422)
    admin.fill(creator_part="8,000")
    admin.send(button="step=check")
    assert admin.says("¥7,700.00", "¥4,200.00", "¥12,600.00")
    assert admin.path == f"/disputes/{dispute_id}/ruling"
    admin.fill(password=steps.PASSWORD)
    admin.send(button="step=rule")
    assert admin.path == f"/disputes/{dispute_id}"


def letter(folder: Path) -> Path:
    found = folder / "letter.pdf"
    found.write_bytes(pdf())
    return found


def assert_clearing_is_stripes_balance(world: World) -> None:
    """To the fen; and nothing else is wrong with the books."""
    found = world.sandbox.stripe.v1.balance.retrieve()
    theirs = sum(part.amount for parts in (found.available, found.pending) for part in parts if part.currency == "cny")
    clearing, fees = world.held(stripe_clearing("CNY"), stripe_fees("CNY"))
    assert clearing == theirs
    assert fees > 0
    with world.app.app_context():
        assert [f"{problem.where}: {problem.sentence}" for problem in check_everything()] == []
