"""The whole demo, made once: every stage is there, the books balance, and its pages answer."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from beancount import loader
from beancount.core import data
from flask import Flask
from sqlalchemy import func, select

from marketplace.accounts.actor import VISITOR, BrandRole
from marketplace.accounts.models import User
from marketplace.accounts.service import authenticate
from marketplace.agencies.models import Representation, RepresentationStatus
from marketplace.brands.models import Block, BlockedBy, Brand, Commitment, Invitation, Member
from marketplace.briefs.models import Brief, BriefStatus, Visibility
from marketplace.briefs.queries import visible_to
from marketplace.creators.audience_models import AudienceStatement
from marketplace.creators.models import (
    ChannelCode,
    Creator,
    FanReading,
    FeedRun,
    FeedState,
    ReadingStatus,
    TrackRecord,
    Work,
)
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal, DealSide, Message
from marketplace.demo.fill import NotFillable, fill
from marketplace.demo.spec import DOMAIN, PASSWORD
from marketplace.discovery.models import CreatorList, ListedCreator
from marketplace.disputes.models import Dispute, DisputeStatus
from marketplace.escrow.models import Settlement
from marketplace.infra.db import db
from marketplace.infra.mail import Mail
from marketplace.kit import clock
from marketplace.ledger.beancount_file import account_name
from marketplace.ledger.closings import closed_through
from marketplace.ledger.export import Period, accounts_of, major
from marketplace.ledger.jobs import close_books
from marketplace.ledger.queries import trial_balance
from marketplace.matching.models import Selection, SelectionStatus
from marketplace.moderation.models import Report
from marketplace.notifications.models import NotificationPreference
from marketplace.notifications.queries import unread_count
from marketplace.offers.models import Offer, OfferExample, OfferStatus
from marketplace.payouts.books import check_everything
from marketplace.payouts.models import ConnectedAccount, Transfer, TransferState
from marketplace.reviews.models import Review
from tests.support.sandbox import Sandbox
from tests.support.web import Client


@pytest.mark.timeout(400)
def test_the_demo(app: Flask, context: None, sandbox: Sandbox) -> None:
    said: list[str] = []
    fill(said.append)
    assert "the books balance" in said[-1]
    the_market_is_whole()
    every_stage_is_there()
    everybody_shows_themselves()
    teams_keep_lists_and_notes()
    the_console_has_work()
    both_sides_review()
    the_agency_answers_for_three()
    the_money_is_right(sandbox)
    the_year_goes_out_as_beancount(app)
    bells_and_mailbox_stay_small()
    pages_answer(app)
    with pytest.raises(NotFillable, match="people here already"):
        fill(said.append)


def the_market_is_whole() -> None:
    assert [count(table) for table in (Creator, Brand, Brief)] == [60, 15, 31]
    assert {one.status for one in db.session.scalars(select(Brief))} == set(BriefStatus)
    assert {one.visibility for one in db.session.scalars(select(Brief))} == set(Visibility)
    assert count(Deal) >= 90
    assert count(Message) >= 100
    assert {one.status for one in db.session.scalars(select(FanReading))} == set(ReadingStatus)
    assert {one.status for one in db.session.scalars(select(Selection))} == set(SelectionStatus)
    assert count_where(FanReading, FanReading.status == ReadingStatus.PENDING) == 7
    assert count_where(Creator, Creator.verified_fans <= 10_000) >= 5
    oldest = db.session.scalar(select(func.min(Deal.created_at)))
    assert oldest is not None
    assert clock.now() - oldest > timedelta(days=300)


def every_stage_is_there() -> None:
    assert {state for (state,) in db.session.execute(select(Deal.state))} == set(State)
    creator_id, brand_id = whose(Creator, "lin-yue"), whose(Brand, "tidewell")
    own = {state for (state,) in db.session.execute(select(Deal.state).where(Deal.creator_id == creator_id))}
    assert own >= {
        State.NEGOTIATING, State.SIGNING, State.PRODUCTION, State.DRAFT_REVIEW, State.PUBLISHING, State.ACCEPTANCE,
        State.COMPLETED,
    }  # fmt: skip
    bought = {state for (state,) in db.session.execute(select(Deal.state).where(Deal.brand_id == brand_id))}
    assert bought >= {
        State.NEGOTIATING, State.FUNDING, State.DRAFT_REVIEW, State.ACCEPTANCE, State.DISPUTED, State.COMPLETED
    }  # fmt: skip
    waiting = Selection.status == SelectionStatus.OPEN
    assert count_where(Selection, waiting, Selection.creator_id == creator_id) == 3
    assert count_where(Selection, waiting, Selection.brand_id == brand_id) == 8
    # No deal of the demo is so old that its money could not be held any longer.
    ended = set(DisputeStatus) - {DisputeStatus.LIMIT, DisputeStatus.CHARGEBACK}
    assert {one.status for one in db.session.scalars(select(Dispute))} == ended
    for email in ("creator", "brand", "admin"):
        assert authenticate(f"{email}@{DOMAIN}", PASSWORD).email_confirmed_at is not None
    db.session.rollback()


def everybody_shows_themselves() -> None:
    shown = db.session.scalar(select(func.count(Work.creator_id.distinct())))
    assert shown is not None
    assert shown >= 50
    assert count_where(Work, Work.cover_id.is_not(None)) >= 10
    assert count(OfferExample) >= 60
    assert count_where(Creator, Creator.avatar_id.is_not(None)) == 3
    assert count_where(Creator, Creator.cover_id.is_not(None)) == 2
    assert count_where(Brand, Brand.logo_id.is_not(None)) == 2
    assert count_where(Creator, Creator.headline_en != "", Creator.headline_zh != "") >= 5
    assert count_where(Creator, func.cardinality(Creator.categories) > 1) >= 20
    stated = AudienceStatement.evidence_id.is_(None)
    assert count_where(AudienceStatement, AudienceStatement.status == ReadingStatus.ACCEPTED) >= 10
    assert count_where(AudienceStatement, stated) >= 5
    assert count_where(AudienceStatement, ~stated, AudienceStatement.status == ReadingStatus.PENDING) == 1


def teams_keep_lists_and_notes() -> None:
    brand_id = whose(Brand, "tidewell")
    roles = db.session.scalars(select(Member.role).where(Member.brand_id == brand_id)).all()
    assert sorted(roles) == sorted(BrandRole)
    assert count_where(Member, Member.brand_id == brand_id, Member.limit_amount.is_not(None)) == 2
    assert count_where(Commitment, Commitment.brand_id == brand_id) > 0
    waiting = (Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
    assert count_where(Invitation, Invitation.brand_id == brand_id, *waiting) == 1
    owner = select(func.count()).select_from(Member).join(User, User.id == Member.user_id)
    assert db.session.scalar(owner.where(User.email == f"brand@{DOMAIN}")) == 2
    assert count(CreatorList) == 3
    assert count_where(ListedCreator, ListedCreator.note != "") >= 8
    assert {one.by_side for one in db.session.scalars(select(Block))} == set(BlockedBy)
    assert count_where(Selection, Selection.shortlisted_at.is_not(None), Selection.brand_note != "") == 2
    assert count_where(Selection, func.jsonb_array_length(Selection.addons) == 2, Selection.wanted_on.is_not(None)) == 1
    assert count_where(NotificationPreference, ~NotificationPreference.mail) == 3
    db.session.rollback()


def the_console_has_work() -> None:
    assert count_where(FanReading, FanReading.flag != "", FanReading.status == ReadingStatus.PENDING) == 2
    assert count_where(ChannelCode, ChannelCode.placed_at.is_not(None), ChannelCode.reviewed_at.is_(None)) == 1
    assert count_where(Creator, Creator.eligible, Creator.grace_until.is_not(None)) == 1
    runs = Counter(db.session.scalars(select(FeedRun.state)))
    assert runs == {FeedState.APPLIED: 1, FeedState.REFUSED: 1, FeedState.CHECKED: 1}
    refused = db.session.scalars(select(FeedRun).where(FeedRun.state == FeedState.REFUSED)).one()
    assert {one["code"] for one in refused.problems} == {"unknown", "number", "future", "repeated", "platform"}
    assert count_where(Report, Report.decided_at.is_(None)) == 3
    assert count_where(Settlement, Settlement.agency_amount > 0) >= 2


def both_sides_review() -> None:
    sides = Counter(db.session.scalars(select(Review.side).where(Review.shown_at.is_not(None))))
    assert min(sides[DealSide.BRAND], sides[DealSide.CREATOR]) >= 40
    assert count_where(Review, Review.shown_at.is_(None)) >= 1
    known = select(TrackRecord).where(TrackRecord.creator_id == whose(Creator, "lin-yue"))
    record = db.session.scalars(known).one()
    assert record.rating_count >= 9
    assert record.response_minutes is not None
    db.session.rollback()


def the_agency_answers_for_three() -> None:
    active = Representation.status == RepresentationStatus.ACTIVE
    assert count_where(Representation, active) == 3
    assert count_where(Representation, active, Representation.ends_at.is_not(None)) == 1
    assert count_where(Representation, Representation.status == RepresentationStatus.OFFERED) == 1
    assert count_where(Settlement, Settlement.agency_amount > 0) >= 3
    assert count_where(Transfer, Transfer.agency_id.is_not(None), Transfer.state == TransferState.PAID) >= 3


def the_money_is_right(sandbox: Sandbox) -> None:
    assert check_everything() == []
    assert trial_balance().balances
    assert count_where(Transfer, Transfer.state == TransferState.PAID) > 30
    sent = {f"{moment:%Y-%m}" for moment in db.session.scalars(select(Transfer.finished_at)) if moment is not None}
    assert len(sent) >= 9, "earnings left month by month, not all on the day of the fill"
    account = select(ConnectedAccount.transfers_enabled).where(ConnectedAccount.creator_id == whose(Creator, "lin-yue"))
    assert db.session.scalar(account)
    settled = Counter(f"{moment:%Y-%m}" for moment in db.session.scalars(select(Settlement.settled_at)))
    assert sum(number >= 3 for number in settled.values()) >= 8
    db.session.rollback()
    moods = sandbox.command("moods")
    assert (moods["now"], moods["drop_rate"]) == (None, 0)
    assert (moods["deliveries"]["waiting"], moods["deliveries"]["held"]) == (0, 0)


def the_year_goes_out_as_beancount(app: Flask) -> None:
    """Closed or not, whole or from a day on: `bean-check` accepts it, and every account holds what it holds here."""
    for closed in (False, True):
        if closed:
            close_books()
            assert check_everything() == []
            assert closed_through() is not None
        for words in ((), ("--from", (clock.now() - timedelta(days=90)).date().isoformat())):
            exported(app, *words)


def exported(app: Flask, *words: str) -> None:
    db.session.rollback()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "year.beancount"
        command = ["ledger", "export", "--format", "beancount", "--output", str(file), *words]
        assert app.test_cli_runner().invoke(args=command).exit_code == 0
        checked = subprocess.run([Path(sys.executable).parent / "bean-check", file], capture_output=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, b"")
        entries, _errors, _options = loader.load_file(str(file))
    theirs: Counter[tuple[str, str]] = Counter()
    for one in entries:
        for posting in one.postings if isinstance(one, data.Transaction) else ():
            units: Any = posting.units
            theirs[posting.account, units.currency] += units.number
    ours = {
        (account_name(found.account), found.account.commodity): Decimal(major(found.closing, found.account.commodity))
        for found in accounts_of(Period())
        if found.closing
    }
    db.session.rollback()
    assert {key: total for key, total in theirs.items() if total} == ours
    assert len(ours) > 20


def bells_and_mailbox_stay_small() -> None:
    assert count(Mail) < 350
    for user in db.session.scalars(select(User)).all():
        assert unread_count(user.id) <= 12, user.email
    db.session.rollback()


def pages_answer(app: Flask) -> None:
    visitor = app.test_client()
    assert [(path, found) for path in public_pages() if (found := visitor.get(path).status_code) != 200] == []
    for email, paths in OWN_PAGES.items():
        client = client_of(app, email)
        wanted = dict.fromkeys([*paths, *linked_from(client, paths[0])])
        assert len(wanted) > len(paths), email
        answers = {path: client.get(path, follow_redirects=True).status_code for path in wanted}
        assert {path: status for path, status in answers.items() if status != 200} == {}, email


def client_of(app: Flask, email: str) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = session_of(email), True
    return client


def linked_from(client: Client, home: str) -> list[str]:
    """Where the links of somebody's home lead, within the marketplace."""
    found = re.findall(r'href="(/[^"]*)"', client.get(home).get_data(as_text=True))
    return [unescape(path).partition("#")[0] for path in found if not path.startswith(("/static/", "/art/"))]


# The first is whoever's home: what it links to is opened too.
OWN_PAGES = {
    "creator": ("/today", "/selections", "/deals", "/deals?tab=done", "/me/profile", "/me/works", "/me/audience",
                "/me/offers", "/me/availability", "/me/channels", "/me/agency", "/me/blocked", "/earnings",
                "/notifications", "/notifications/preferences", "/reports"),
    "brand": ("/today", "/selections", "/deals", "/company", "/company/members", "/company/briefs", "/spending",
              "/creators", "/company/lists", "/company/blocked", "/places", "/notifications"),
    "finance": ("/today", "/spending", "/deals"),
    "viewer": ("/today", "/company/members", "/company/briefs"),
    "agency": ("/agency", "/agency/people", "/agency/profile", "/creators", "/notifications"),
    "admin": ("/console", "/console/users", "/console/readings", "/console/feeds", "/console/audiences",
              "/console/briefs", "/console/reports", "/console/words", "/console/deals", "/console/disputes",
              "/console/books"),
}  # fmt: skip


def public_pages() -> Iterator[str]:
    yield from ("/", "/creators", "/briefs", "/fees", "/how-money-is-held")
    yield from (f"/c/{handle}" for handle in db.session.scalars(select(Creator.handle)))
    yield from (f"/b/{handle}" for handle in db.session.scalars(select(Brand.handle)))
    yield from (f"/briefs/{brief_id}" for brief_id in db.session.scalars(select(Brief.id).where(visible_to(VISITOR))))
    listed = select(Offer.id).where(Offer.status == OfferStatus.LISTED)
    yield from (f"/offers/{offer_id}" for offer_id in db.session.scalars(listed))
    db.session.rollback()


def session_of(name: str) -> str:
    user = db.session.scalars(select(User).where(User.email == f"{name}@{DOMAIN}")).one()
    found = user.get_id()
    db.session.rollback()
    return found


def whose(table: type[Creator] | type[Brand], handle: str) -> int:
    return db.session.scalars(select(table.id).where(table.handle == handle)).one()


def count(table: type[object]) -> int:
    return count_where(table)


def count_where(table: type[object], *conditions: object) -> int:
    found = db.session.scalar(select(func.count()).select_from(table).where(*conditions))  # type: ignore[arg-type]
    db.session.rollback()
    return found or 0
