"""No page asks the database more than twelve things, however much it shows."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from marketplace.accounts.actor import Actor, BrandRole
from marketplace.brands.blocks import block_brand, block_creator
from marketplace.brands.invitations import invite
from marketplace.brands.models import Member
from marketplace.briefs.policy import platform_today
from marketplace.console.manual import Proposal, propose
from marketplace.creators.audience import state_audience
from marketplace.creators.channels import add_channel
from marketplace.creators.codes import ask_code, report_code
from marketplace.creators.feed_runs import store_upload
from marketplace.creators.models import Platform
from marketplace.creators.readings import review_reading, submit_reading
from marketplace.creators.works import MOST_WORKS, WorkFacts, add_work, works_of
from marketplace.deals.lifecycle import State
from marketplace.deals.service import cancel, post_message
from marketplace.discovery.lists import make_list, save_creator
from marketplace.disputes.models import DisputeReason
from marketplace.disputes.service import Claim, add_statement, open_dispute
from marketplace.escrow.models import Checkout, CheckoutState, Payment, PaymentState, RefundState
from marketplace.escrow.queries import newest_payment
from marketplace.escrow.refund import add_refund
from marketplace.infra.db import db, transaction
from marketplace.infra.uploads import Upload
from marketplace.kit import clock
from marketplace.kit.ids import new_uuid
from marketplace.kit.money import Money
from marketplace.ledger.accounts import AccountKind, fees_brand, stripe_clearing, suspense
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.queries import entry_by_key
from marketplace.ledger.service import post
from marketplace.matching.service import decline
from marketplace.moderation.models import ReportReason
from marketplace.moderation.service import report
from marketplace.moderation.words import add_words
from marketplace.payouts.models import Payday, PaydayState
from tests.rules.walking import client_of
from tests.support import deals, files, market, money
from tests.support.cluster import plain, reset
from tests.support.counting import counted_queries
from tests.support.jobs import run_due
from tests.support.sandbox import Sandbox
from tests.support.world import Person, World

pytestmark = pytest.mark.timeout(400)
FEW, MANY, MOST = 2, 6, 12
PICTURE = Upload("fans.png", "image/png", files.picture())

PAGES = {
    "visitor": [
        "/",
        "/creators",
        "/creators?category=food&q=su",
        "/briefs",
        "/c/{creator}",
        "/b/{brand}",
        "/offers/{offer}",
    ],
    "creator": [
        "/today",
        "/creators",
        "/briefs",
        "/briefs?mine=y",
        "/briefs/{brief}",
        "/me/profile",
        "/me/works",
        "/me/audience",
        "/me/channels",
        "/me/channels/{channel}",
        "/me/channels/{channel}/code",
        "/me/offers",
        "/me/offers/{offer}",
        "/me/availability",
        "/selections",
        "/selections?tab=waiting",
        "/selections?tab=closed",
        "/deals",
        "/deals?tab=theirs",
        "/deals?tab=done",
        "/deals/{deal}",
        "/deals/{deal}/messages",
        "/deals/{deal}/terms/new",
        "/disputes/{dispute}",
        "/documents",
        "/earnings",
        "/earnings?period=2026",
        "/earnings/payouts",
        "/earnings/lines/pending",
        "/earnings/lines/transferred",
        "/deals/{completed}/money",
        "/notifications",
        "/notifications/preferences",
        "/reports",
        "/me/blocked",
    ],
    "brand": [
        "/creators",
        "/company/lists",
        "/company/lists/{list}",
        "/company/blocked",
        "/creators/{creator}/save",
        "/today",
        "/company/briefs",
        "/company/briefs?q=supper&tab=open",
        "/company/briefs/{brief}/applicants",
        "/company/briefs/{brief}/compare?ids=1&ids=2&ids=3&ids=4&ids=5",
        "/invitations/new?ids=1&ids=2&ids=3",
        "/company/briefs/{brief}/review",
        "/company/briefs/{brief}/preview",
        "/briefs/{brief}",
        "/selections",
        "/selections?tab=waiting",
        "/selections?tab=closed",
        "/selections?kind=application&unread=1&q=lin",
        "/creators/{creator}/invite",
        "/deals",
        "/deals?tab=theirs",
        "/deals?tab=done",
        "/deals/{deal}",
        "/deals/{completed}",
        "/deals/{completed}/contract",
        "/disputes/{dispute}",
        "/documents",
        "/spending",
        "/pay",
        "/pay?deals={deal}",
        "/spending?by=brief",
        "/spending/lines/to-creators",
        "/deals/{completed}/money",
        "/notifications",
        "/notifications/preferences",
        "/reports",
    ],
    "administrator": [
        "/console/reports",
        "/console/words",
        "/console",
        "/console/users",
        "/console/users/{user}",
        "/console/readings",
        "/console/audiences",
        "/console/readings/{reading}",
        "/console/readings?queue=codes",
        "/console/codes/{code}",
        "/console/feeds",
        "/console/feeds/{feed}",
        "/console/briefs",
        "/console/deals",
        "/console/disputes",
        "/console/books",
        "/console/documents",
        "/console/books/accounts",
        "/console/payees/creator/{creator_id}/payouts",
        "/console/books/accounts?on=2026-11-20&holding=y",
        "/console/books/accounts/platform/{clearing}/CNY",
        "/console/books/accounts/platform/{clearing}/CNY?since=2026-01-01&on=2026-11-20",
        "/console/books/entries/{entry}",
        "/console/books/trial",
        "/console/books/trial?on=2026-11-20&than=2026-10-31",
        "/console/books/manual",
        "/console/books/manual/new",
        "/console/books/manual/{manual}",
        "/console/paydays",
        "/console/paydays/new",
        "/console/paydays/{payday}",
        "/console/books/accounts/creator:{creator_id}/{pending}/CNY",
        "/console/refunds",
        "/console/held",
        "/console/held?of=earnings",
        "/console/fee-income",
        "/console/fee-income/settlements",
        "/deals/{deal}",
        "/deals/{completed}/money",
        "/disputes/{dispute}",
        "/disputes/{dispute}/ruling",
        "/notifications",
        "/notifications/preferences",
        "/reports",
    ],
}


@dataclass(frozen=True)
class Town:
    """A creator and a brand who have one row more of everything with each `grow`."""

    creator: market.CreatorSide
    brand: market.BrandSide
    rival: market.BrandSide
    admin: Actor
    ids: dict[str, int | str]

    def grow(self, rows: int) -> None:
        for _ in range(rows):
            with transaction():
                # One more for each row, so that a page which asks for each one's name is seen to ask more.
                staff = market.make_admin()
                self._publish(staff)
                self._show(staff)
                self._choose(staff)
                self._talk()
                self._staff()
                self._correct(staff)
            self.ids["completed"] = money.completed_deal(6_000_00, self.creator, self.brand).deal_id
            self._stick(int(self.ids["completed"]))
            settled = f"deal:{self.ids['completed']}:settled"
            self.ids["entry"] = ledger_entry(settled)

    def _publish(self, staff: Actor) -> None:
        """A creator in the list, one more who waits for review, an offer, a brief, a channel."""
        found = market.make_creator("Su Bai", reviewer=staff)
        save_creator(self.brand.actor, found.id, int(self.ids["list"]), "Warm light.")
        make_list(self.brand.actor, f"List {found.id}")
        report(self.creator.actor, f"creator:{found.id}", ReportReason.SCAM, "", "Su Bai")
        waiting = market.make_creator("Zhao Min", eligible=False)
        channel = add_channel(
            waiting.actor, Platform.YOUTUBE, waiting.handle, f"https://www.youtube.com/@{waiting.handle}"
        )
        block_creator(self.brand.actor, waiting.id)
        block_brand(self.creator.actor, market.make_brand("Moss Post").id)
        add_words(staff, "en", [f"swindle {waiting.id}"])
        self.ids["reading"] = submit_reading(waiting.actor, channel.id, 12_000, platform_today(), PICTURE).id
        ask_code(waiting.actor, channel.id)
        self.ids["code"] = report_code(waiting.actor, channel.id, 12_000).id
        file = f"platform,handle,fans,taken_on\ndouyin,{waiting.handle},{channel.id},{platform_today()}\n"
        self.ids["feed"] = store_upload(staff, [file.encode()], "fans.csv").id
        self.ids["offer"] = market.make_offer(self.creator).id
        market.make_brief(self.brand)
        name = f"lin-{channel.id}"
        own = add_channel(self.creator.actor, Platform.BILIBILI, name, f"https://space.bilibili.com/{channel.id}")
        for channel_id in (own.id, int(self.ids.setdefault("channel", own.id))):
            reading = submit_reading(self.creator.actor, channel_id, 30_000, platform_today(), PICTURE)
            review_reading(staff, reading.id, accept=True)

    def _show(self, staff: Actor) -> None:
        """A work of the creator's, and one more audience that waits for review."""
        facts = WorkFacts("Broth for one", "https://www.bilibili.com/video/BV1xx", Platform.BILIBILI, platform_today())
        if len(works_of(self.creator.id)) < MOST_WORKS:
            add_work(self.creator.actor, facts)
        state_audience(self.creator.actor, {"gender": {"women": 10_000}}, PICTURE)
        state_audience(market.make_creator("Wu Ke", reviewer=staff).actor, {"gender": {"women": 10_000}}, PICTURE)

    def _choose(self, staff: Actor) -> None:
        """An application to answer, and of each side's selections one that waits and one that is closed."""
        market.make_application(market.make_creator("He Lin", reviewer=staff), int(self.ids["brief"]))
        market.make_application(self.creator, market.make_brief(self.rival).id)
        market.invite(self.brand, self.creator)
        declined = market.invite(self.brand, self.creator)
        decline(self.creator.actor, declined, "I am away in that week.")

    def _staff(self) -> None:
        """A member more, somebody invited, and a place more for the brand's owner."""
        member = market.make_member(self.brand, "viewer")
        invite(self.brand.actor, f"invited{member.user_id}@example.com", BrandRole.VIEWER, "en")
        place = Member(
            brand_id=market.make_brand().id, user_id=self.brand.user_id, role="viewer", joined_at=clock.now()
        )
        db.session.add(place)
        db.session.flush()

    def _correct(self, staff: Actor) -> None:
        """An entry by hand that waits."""
        lines = (debit(suspense("CNY"), 100), credit(fees_brand("CNY"), 100))
        found = propose(staff, Proposal("Nobody asks for it any more.", "", lines))
        self.ids["manual"] = found.id
        refused = {"account_closed": {"CNY": [1, 1_00]}}
        ended = Payday(
            state=PaydayState.FINISHED, started_by=staff.user_id, started_at=clock.now(), finished_at=clock.now(),
            counts={"due": {"CNY": [3, 2, 3_00]}, "paid": {"CNY": [2, 2_00]}, "prepared": {}, "failed": refused},
        )  # fmt: skip
        db.session.add(ended)
        db.session.flush()
        self.ids["payday"] = ended.id

    def _stick(self, deal_id: int) -> None:
        """A refund that failed, and a payment that is held apart."""
        with transaction():
            unpaid = deals.make_deal(self.creator, self.brand, state=State.FUNDING)
            paid = newest_payment(deal_id)
            assert paid is not None
            failed = add_refund(paid, Money(1_00))
            failed.state, failed.failure, failed.finished_at = RefundState.FAILED, "declined", clock.now()
            held = Checkout(
                id=new_uuid(), brand_id=self.brand.id, user_id=self.brand.user_id, state=CheckoutState.SUSPENSE,
                amount=1_00, currency="CNY", locale="en", charge_id=f"ch_{deal_id}", received_amount=2_00,
                created_at=clock.now(), finished_at=clock.now(),
            )  # fmt: skip
            db.session.add(held)
            db.session.flush()
            parts = {"checkout_id": held.id, "brand_id": self.brand.id, "currency": "CNY", "created_at": clock.now()}
            db.session.add(Payment(id=new_uuid(), deal_id=unpaid.id, state=PaymentState.SUSPENSE, amount=1_00, **parts))
            lines = (debit(stripe_clearing("CNY"), 2_00), credit(suspense("CNY", f"checkout:{held.id}"), 2_00))
            post("payment.received", f"checkout:{held.id}:received", lines, f"checkout:{held.id}")

    def _talk(self) -> None:
        """A deal for each turn, one that is over, one that is disputed; more terms, words and statements in one."""
        deals.make_deal(self.creator, self.brand)
        deals.counter(asked := deals.make_deal(self.creator, self.brand), self.brand.actor)
        deals.make_deal(self.creator, self.brand, state=State.FUNDING)
        deals.make_deal(self.creator, self.brand, state=State.DRAFT_REVIEW)
        cancel(self.creator.actor, deals.make_deal(self.creator, self.brand).id, "My kitchen is under water.")
        disputed = deals.make_deal(self.creator, self.brand, state=State.PRODUCTION)
        opened = open_dispute(self.brand.actor, disputed.id, DisputeReason.LATE, Claim("It came nine days late."))
        self.ids.setdefault("dispute", opened.id)
        self.ids.setdefault("deal", asked.id)
        talked = deals.DealSides(int(self.ids["deal"]), self.creator, self.brand)
        deals.counter(talked, self.brand.actor, price=Money(9_000_00 + int(asked.id)))
        post_message(self.brand.actor, talked.id, "Shall we put the lid on?")
        add_statement(self.creator.actor, int(self.ids["dispute"]), Claim("The parcel came late.", None, PICTURE))


def ledger_entry(key: str) -> int:
    found = entry_by_key(key)
    assert found is not None, key
    return found.entry.id


@pytest.fixture(scope="module")
def town(shared_app: Flask, shared_sandbox: Sandbox, reset_connection: object) -> Iterator[Town]:
    reset(reset_connection)  # type: ignore[arg-type]
    shared_sandbox.command("reset")
    with shared_app.app_context():
        with transaction():
            creator, brand, rival = market.make_creator(), market.make_brand(), market.make_brand("Northmoss")
            brief = market.make_brief(brand, market.brief_facts(slots=50))
            ids: dict[str, int | str] = {
                "creator": creator.handle,
                "creator_id": creator.id,
                "list": make_list(brand.actor, "Autumn").id,
                "user": creator.user_id,
                "brand": brand.handle,
                "member": market.make_member(brand, "manager").user_id,
                "brief": brief.id,
                "clearing": AccountKind.STRIPE_CLEARING.value,
                "pending": AccountKind.CREATOR_PENDING.value,
            }
            admin = market.make_admin()
        yield Town(creator, brand, rival, admin, ids)


def counts(app: Flask, town: Town) -> dict[str, int]:
    """The number of statements of each page, sent to the database by the second look at it."""
    db.session.rollback()
    assert town.admin.user_id is not None
    people = {
        "visitor": None,
        "creator": Person(town.creator.user_id, town.creator.session_id),
        "brand": Person(town.brand.user_id, town.brand.session_id),
        "administrator": Person(town.admin.user_id, f"{town.admin.user_id}:1"),
    }
    found = {}
    for role, pages in PAGES.items():
        client = client_of(app, World(people, {}), role)
        for page in pages:
            assert client.get(page.format(**town.ids)).status_code == 200, f"{page} as {role}"
            with counted_queries(app) as sent:
                client.get(page.format(**town.ids))
            found[f"{page} as {role}"] = len(sent)
    return found


def test_no_page_asks_more_for_more_rows(shared_app: Flask, town: Town, database_url: str) -> None:
    town.grow(FEW)
    run_due(shared_app, plain(database_url))
    few = counts(shared_app, town)
    town.grow(MANY - FEW)
    run_due(shared_app, plain(database_url))
    many = counts(shared_app, town)
    wrong = [
        f"{page}: {many[page]} with {MANY} rows, {few[page]} with {FEW}" for page in few if few[page] != many[page]
    ]
    wrong += [f"{page}: {many[page]}" for page in many if many[page] > MOST]
    assert not wrong, "\n".join(wrong)
