"""A small world with one of everything, made by the verbs that people use: for tests that walk every page."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from marketplace.accounts.actor import BrandRole
from marketplace.accounts.models import User
from marketplace.brands.blocks import block_brand, block_creator
from marketplace.brands.invitations import invite
from marketplace.briefs.copies import save_as_template
from marketplace.briefs.models import Visibility
from marketplace.briefs.policy import platform_today
from marketplace.briefs.questions import ask_question
from marketplace.briefs.references import add_reference
from marketplace.console.fee_effect import recent_months, try_draft
from marketplace.console.manual import Proposal, propose
from marketplace.creators.audience import state_audience
from marketplace.creators.channels import add_channel
from marketplace.creators.codes import ask_code, report_code
from marketplace.creators.feed_runs import store_upload
from marketplace.creators.models import FanReading, Platform, ReadingStatus
from marketplace.creators.readings import review_reading, submit_reading
from marketplace.creators.works import WorkFacts, add_work
from marketplace.deals.lifecycle import STEPS, State
from marketplace.deals.models import Delivery
from marketplace.deals.service import cancel, post_message, submit_draft
from marketplace.discovery.lists import make_list, save_creator
from marketplace.disputes.models import DisputeReason
from marketplace.disputes.service import Claim, add_statement, open_dispute, rule
from marketplace.documents.models import Document
from marketplace.escrow.models import Settlement
from marketplace.escrow.queries import newest_payment
from marketplace.fees.agreements import AgreementFacts, propose_agreement
from marketplace.fees.drafts import first_day, start_draft
from marketplace.fees.events import Author
from marketplace.fees.policy import Bracket, Rule, RuleKind
from marketplace.infra import pictures
from marketplace.infra.db import db, transaction
from marketplace.infra.inbox import InboxEvent, RefusedEvent
from marketplace.infra.mail import Mail
from marketplace.infra.pictures import PictureChange, cut_picture
from marketplace.infra.storage import store_file
from marketplace.infra.stripe_gateway import Movement
from marketplace.infra.uploads import Upload
from marketplace.kit import clock
from marketplace.kit.ids import new_uuid
from marketplace.kit.money import Money
from marketplace.ledger.accounts import fees_brand, suspense
from marketplace.ledger.models import LedgerEntry
from marketplace.ledger.postings import credit, debit
from marketplace.matching.service import apply_to_brief, book_package, invite_creator
from marketplace.moderation.models import ReportReason, WatchedWord
from marketplace.moderation.service import report
from marketplace.moderation.words import add_words
from marketplace.notifications.models import Notification
from marketplace.payouts.models import ConnectedAccount, Transfer, TransferState
from marketplace.payouts.payday import start_payday
from marketplace.reconciliation.reading import keep_movements
from tests.support import agencies, deals, files, market, money
from tests.support.bank import CARD_THAT_IS_DISPUTED, read_dispute_of
from tests.support.market import BrandSide, CreatorSide

Side = CreatorSide | BrandSide
# In this order tables of rights have their columns.
ROLES = ("visitor", "creator", "other creator", "brand", "viewer", "other brand", "administrator")
# Others, each with the role whose answers they get unless the table says otherwise.
LIKE = {"manager": "brand", "finance": "viewer"}
# An agency's member in the place of the other creator, whom it represents, and its owner in the agency's own.
AGENCY = ("agent", "agency")
EVERYONE = (*ROLES, *LIKE, *AGENCY)
_PICTURE = Upload("fans.png", "image/png", files.picture(size=(320, 200)))


@dataclass(frozen=True)
class Person:
    """Somebody who can be signed in without the form, in a place other than their first one if `acting` says so."""

    user_id: int
    session_id: str
    acting: str | None = None


@dataclass(frozen=True)
class World:
    """Who lives in it, by role, and `ids`: what stands in the addresses of its pages."""

    people: dict[str, Person | None]
    ids: dict[str, int | str]

    def path(self, pattern: str) -> str:
        """The address with the world's own ids in it: `/deals/{production}`."""
        return pattern.format(**self.ids)


def build_world(app: Flask, run_jobs: Callable[..., None]) -> World:
    """Money is real (the sandbox's) in the completed and the ruled deal; the other funded deals have it short-cut."""
    with app.app_context():
        with transaction():
            creator, stranger = market.make_creator("Lin Yue"), market.make_creator("Su Bai")
            brand, rival = market.make_brand("Tidewell"), market.make_brand("Northmoss")
            viewer, admin = market.make_member(brand, "viewer"), market.make_admin()
            others = [market.make_member(brand, role).user_id for role in LIKE]
            to_join = invite(brand.actor, "gu.wen@example.com", BrandRole.VIEWER, "en").id
            assert admin.user_id is not None
            users = [
                creator.user_id,
                stranger.user_id,
                brand.user_id,
                viewer.user_id,
                rival.user_id,
                admin.user_id,
                *others,
            ]
            house = agencies.make_agency()
            agent = agencies.make_colleague(house)
            represented = agencies.represent(house, stranger).id
            offered = agencies.offer(house, creator).id
        ids = (
            _published(creator, brand)
            | _briefs(creator, brand)
            | _selections(creator, stranger, brand)
            | _deals(creator, brand)
        )
        ids |= _fees(creator) | _paid(creator, brand) | _disputes(ids, creator, brand) | _kept(creator, stranger, brand)
        ids |= _charged_back(creator, brand)
        with transaction():
            rule(admin, int(ids["ruled_dispute"]), Money(8_000_00), "A third less for four late days.")
            ids["manual"] = _proposed_by_hand()
            ids["payday"] = start_payday(admin).id
            ids |= _at_stripe()
    run_jobs()
    with app.app_context():
        people = [None, *(Person(user_id, db.session.get_one(User, user_id).get_id()) for user_id in users)]
        people.append(Person(agent.user_id, agent.session_id, f"agency:{house.id}:creator:{stranger.id}"))
        people.append(Person(house.user_id, house.session_id, f"agency:{house.id}"))
        told = select(Notification.id).where(Notification.user_id == creator.user_id).order_by(Notification.id)
        ids |= {
            "creator": creator.handle,
            "other_creator": stranger.handle,
            "brand": brand.handle,
            "member": viewer.user_id,
            "agent": agent.user_id,
            "representation": represented,
            "offered": offered,
            "to_join": to_join,
            "notification": db.session.scalars(told).first() or 0,
            "user": creator.user_id,
            "entry": db.session.scalars(select(LedgerEntry.id).order_by(LedgerEntry.id)).first() or 0,
            **_documents(),
            "mail": db.session.scalars(select(Mail.id).order_by(Mail.id)).first() or 0,
        }
    return World(dict(zip(EVERYONE, people, strict=True)), ids)


def _at_stripe() -> dict[str, int | str]:
    """A movement that nobody explained, and an event that nobody handled, as rows alone."""
    then = clock.now() - timedelta(days=2)
    with clock.at(then):
        keep_movements(
            [Movement("txn_of_the_small_world", "refund", "refund", -100, 0, -100, "CNY", "re_1", "", then, then)]
        )
    named = {"id": "evt_of_the_small_world", "type": "refund.updated", "object_id": "re_1"}
    db.session.add(InboxEvent(**named, livemode=False, created_at=then, received_at=then))
    db.session.add(
        RefusedEvent(at=then, reason="wrong_mode", event_id="evt_live", type="refund.updated", livemode=True)
    )
    return {"movement": "txn_of_the_small_world", "event": "evt_of_the_small_world"}


def _proposed_by_hand() -> int:
    """An entry that another administrator proposes."""
    lines = (debit(suspense("CNY"), 100), credit(fees_brand("CNY"), 100))
    return propose(market.make_admin("Second Reader"), Proposal("Nobody asks for it any more.", "", lines)).id


def _fees(creator: CreatorSide) -> dict[str, int | str]:
    """A draft of the fee rules that was tried, and an agreement that waits to be published."""
    writer = Author("user:0", "Wei Lan")
    with transaction():
        draft = start_draft(writer)
        rule = Rule("agreed", RuleKind.CREATOR_COMMISSION, (Bracket(500),))
        facts = AgreementFacts(f"creator:{creator.id}", None, rule, first_day(), None, "A year of films together.")
        return {
            "fee_rule": "C1",
            "fee_effect": try_draft(draft, recent_months()[0]).id,
            "fee_agreement": propose_agreement(writer, facts).id,
        }


def _documents() -> dict[str, int | str]:
    """The first document of each kind: an invoice, a fee invoice, a credit note."""
    rows = db.session.execute(select(Document.kind, func.min(Document.id)).group_by(Document.kind))
    return {kind.value: found for kind, found in rows}


def _published(creator: CreatorSide, brand: BrandSide) -> dict[str, int | str]:
    """Readings in each standing, offers and briefs, open and not."""
    with transaction():
        reading = db.session.scalars(select(FanReading).where(FanReading.status == ReadingStatus.ACCEPTED)).first()
        assert reading is not None
        second = add_channel(creator.actor, Platform.YOUTUBE, "linyue", "https://www.youtube.com/@linyue")
        refused = submit_reading(creator.actor, second.id, 900, platform_today(), _PICTURE)
        review_reading(market.make_admin(), refused.id, accept=False, reason="The day can’t be read.")
        waiting = submit_reading(creator.actor, second.id, 1_200, platform_today(), _PICTURE)
        ask_code(creator.actor, second.id)
        code = report_code(creator.actor, second.id, 1_300)
        row = f"platform,handle,fans,taken_on\ndouyin,{creator.handle},60000,{platform_today()}\n"
        feed = store_upload(market.make_admin(), [row.encode()], "fans.csv")
        offer, draft = market.make_offer(creator), market.make_offer(creator, title="Not yet", listed=False)
        own = market.make_brief(brand, market.brief_facts(title="A whole season of suppers"))
        unopened = market.make_brief(brand, market.brief_facts(title="Next spring"), opened=False)
        return _shown(creator) | {
            "channel": second.id,
            "reading": waiting.id,
            "accepted_reading": reading.id,
            "code": code.id,
            "feed": feed.id,
            "offer": offer.id,
            "package": offer.packages[0].id,
            "draft_offer": draft.id,
            "brief": own.id,
            "draft_brief": unopened.id,
        }


def _shown(creator: CreatorSide) -> dict[str, int | str]:
    """Two works, one with a cover, and an audience that waits for review."""
    facts = WorkFacts("Broth for one", "https://www.bilibili.com/video/BV1xx", Platform.BILIBILI, platform_today(), 412)
    add_work(creator.actor, facts)
    cover = cut_picture(files.picture(size=(640, 400)), "image/png", pictures.WORK)
    work = add_work(creator.actor, replace(facts, title="Noodles while it rains"), PictureChange(cover))
    stated = state_audience(creator.actor, {"gender": {"women": 7_100, "men": 2_900}}, _PICTURE)
    return {"work": work.id, "picture": work.cover_id or 0, "audience": stated.id}


def _briefs(creator: CreatorSide, brand: BrandSide) -> dict[str, int | str]:
    """A private brief that the creator was invited to, with a file; one held for its words; a template; a question."""
    with transaction():
        private = market.make_brief(brand, market.brief_facts(title="Between us", visibility=Visibility.PRIVATE))
        reference = add_reference(brand.actor, private.id, "The light", file=_PICTURE)
        invite_creator(brand.actor, creator.id, private.id, Money(9_000_00), "Before anybody else hears of it.")
        asked = market.make_brief(brand, market.brief_facts(title="Soup for a crowd"))
        add_words(market.make_admin("Wei Lan"), "en", ["lottery"])
        held = market.make_brief(brand, market.brief_facts(title="Win a pot in our lottery"))
        return {
            "private_brief": private.id,
            "reference": reference.id,
            "question": ask_question(creator.actor, asked.id, "May it be part of a series?").id,
            "held_brief": held.id,
            "template": save_as_template(brand.actor, asked.id).id,
        }


def _kept(creator: CreatorSide, stranger: CreatorSide, brand: BrandSide) -> dict[str, int | str]:
    """The brand has the creator in a list, the other creator has reported them; somebody is blocked by either side."""
    with transaction():
        kept = make_list(brand.actor, "Autumn")
        save_creator(brand.actor, creator.id, kept.id, "Warm light.")
        reported = report(stranger.actor, f"creator:{creator.id}", ReportReason.SCAM, "Not their channel.", "Lin Yue")
        unwanted, unwelcome = market.make_creator("Gu Wen"), market.make_brand("Moss Post")
        block_creator(brand.actor, unwanted.id, "Late twice.")
        block_brand(creator.actor, unwelcome.id)
        return {
            "list": kept.id,
            "listed": creator.id,
            "reported": reported.subject,
            "watched_word": db.session.scalars(select(WatchedWord.id)).first() or 0,
            "blocked_creator": unwanted.id,
            "blocked_brand": unwelcome.id,
        }


def _selections(creator: CreatorSide, stranger: CreatorSide, brand: BrandSide) -> dict[str, int | str]:
    """One of each kind that waits for its answer, and one more that is the other creator's."""
    with transaction():
        wanted = market.make_brief(brand, market.brief_facts(title="Rain on a tin roof"))
        asked = market.make_brief(brand, market.brief_facts(title="Bread for a fair"))
        application = apply_to_brief(creator.actor, wanted.id, Money(12_000_00), "I cook every evening anyway.")
        apply_to_brief(stranger.actor, wanted.id, Money(11_000_00), "I have the rain, and the roof.")
        invitation = invite_creator(brand.actor, creator.id, asked.id, Money(9_000_00), "Your suppers are just right.")
        offer = market.make_offer(creator, title="A winter film")
        booking = book_package(brand.actor, offer.packages[0].id, "For our winter pots.")
        return {
            "brief_with_applicants": wanted.id,
            "application": application.id,
            "invitation": invitation.id,
            "booking": booking.id,
        }


def _deals(creator: CreatorSide, brand: BrandSide) -> dict[str, int | str]:
    """A deal in each state on the straight way, called by the state; and one that was cancelled."""
    ids: dict[str, int | str] = {}
    for state in STEPS:
        with transaction():
            sides = deals.make_deal(creator, brand, title=f"A film, {state.value}")
            post_message(brand.actor, sides.id, "Shall we put the lid on?")
            deals.advance(sides, state)
            ids[state.value] = sides.id
            if state is State.NEGOTIATING:
                ids["accepted"] = deals.current(sides).selection_id
    with transaction():
        given_up = deals.make_deal(creator, brand, title="A film that never was")
        cancel(creator.actor, given_up.id, "My kitchen is under water.")
    return ids | {"cancelled": given_up.id}


def _paid(creator: CreatorSide, brand: BrandSide) -> dict[str, int | str]:
    """A deal that went the whole way, with a file among its drafts."""
    parties = money.funded_deal(12_000_00, creator, brand)
    with transaction():
        film = store_file("draft.png", "image/png", files.picture(size=(320, 200)))
        submit_draft(creator.actor, parties.deal_id, url="", file=film, note="The lid lifts at 0:41.")
        file_id = db.session.scalars(select(Delivery.file_id).where(Delivery.deal_id == parties.deal_id)).one()
        deals.approve(deals.DealSides(parties.deal_id, creator, brand))
        deals.publish(deals.DealSides(parties.deal_id, creator, brand))
    money.accept(brand.actor, parties.deal_id)
    payment = newest_payment(parties.deal_id)
    assert payment is not None
    assert file_id is not None
    checkout_id = str(payment.checkout_id)
    db.session.rollback()
    return {"completed": parties.deal_id, "file": file_id, "checkout": checkout_id, **_payee(creator, parties.deal_id)}


def _payee(creator: CreatorSide, deal_id: int) -> dict[str, int | str]:
    """The creator's payout account and a transfer of which a part came back, as rows alone: no page asks Stripe."""
    with transaction():
        account = ConnectedAccount(
            id=new_uuid(),
            creator_id=creator.id,
            stripe_account_id="acct_of_the_small_world",
            country="HK",
            details_submitted=True,
            transfers_enabled=True,
            payouts_enabled=True,
            created_at=clock.now(),
            read_at=clock.now(),
        )
        settlement = db.session.scalars(select(Settlement).where(Settlement.deal_id == deal_id)).one()
        db.session.add(account)
        db.session.flush()
        transfer = Transfer(
            id=new_uuid(),
            creator_id=creator.id,
            settlement_id=settlement.id,
            account_id=account.id,
            state=TransferState.PAID,
            amount=settlement.creator_amount,
            currency=settlement.currency,
            reversed_amount=1_00,
            stripe_transfer_id="tr_of_the_small_world",
            created_at=clock.now(),
            finished_at=clock.now(),
        )
        db.session.add(transfer)
        return {"payee": str(account.id), "payee_number": creator.id, "transfer": str(transfer.id)}


def _charged_back(creator: CreatorSide, brand: BrandSide) -> dict[str, int | str]:
    """A deal that stands still, as the payer's bank has its money."""
    parties = money.signed_deal(12_000_00, creator, brand)
    money.pay(parties, CARD_THAT_IS_DISPUTED)
    return {"frozen": parties.deal_id, "chargeback": read_dispute_of(parties.deal_id)}


def _disputes(ids: dict[str, int | str], creator: CreatorSide, brand: BrandSide) -> dict[str, int | str]:
    """One that stands open, opened by the brand, and one for an administrator to rule."""
    ruled = money.funded_deal(12_000_00, creator, brand)
    with transaction():
        sides = deals.make_deal(creator, brand, title="A film, disputed", state=State.PRODUCTION)
        found = [
            open_dispute(brand.actor, deal_id, DisputeReason.LATE, Claim("It came nine days late.", Money(part)))
            for deal_id, part in ((sides.id, 4_000_00), (ruled.deal_id, 8_000_00))
        ]
        said = add_statement(creator.actor, found[0].id, Claim("Here is its label.", Money(9_000_00), _PICTURE))
        return {
            "disputed": sides.id,
            "dispute": found[0].id,
            "statement": said.id,
            "statement_file": said.file_id or 0,
            "ruled": ruled.deal_id,
            "ruled_dispute": found[1].id,
        }
