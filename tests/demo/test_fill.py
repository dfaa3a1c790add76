"""The whole demo, made once: every stage is there, the books balance, and its pages answer."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.accounts.actor import VISITOR
from marketplace.accounts.models import User
from marketplace.accounts.service import authenticate
from marketplace.brands.models import Brand
from marketplace.briefs.models import Brief, BriefStatus, Visibility
from marketplace.briefs.queries import visible_to
from marketplace.creators.models import Creator, FanReading, ReadingStatus
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal, Message
from marketplace.demo.fill import NotFillable, fill
from marketplace.demo.spec import DOMAIN, PASSWORD
from marketplace.disputes.models import Dispute, DisputeStatus
from marketplace.escrow.models import Settlement
from marketplace.infra.db import db
from marketplace.infra.mail import Mail
from marketplace.kit import clock
from marketplace.ledger.queries import trial_balance
from marketplace.matching.models import Selection, SelectionStatus
from marketplace.notifications.queries import unread_count
from marketplace.offers.models import Offer
from marketplace.payouts.books import check_everything
from marketplace.payouts.models import ConnectedAccount, Transfer, TransferState
from tests.support.sandbox import Sandbox
from tests.support.web import Client


@pytest.mark.timeout(400)
def test_the_demo(app: Flask, context: None, sandbox: Sandbox) -> None:
    said: list[str] = []
    fill(said.append)
    assert "the books balance" in said[-1]
    the_market_is_whole()
    every_stage_is_there()
    the_money_is_right(sandbox)
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
    assert count_where(FanReading, FanReading.status == ReadingStatus.PENDING) == 5
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
    assert count_where(Selection, waiting, Selection.creator_id == creator_id) == 2
    assert count_where(Selection, waiting, Selection.brand_id == brand_id) == 5
    assert {one.status for one in db.session.scalars(select(Dispute))} == set(DisputeStatus)
    for email in ("creator", "brand", "admin"):
        assert authenticate(f"{email}@{DOMAIN}", PASSWORD).email_confirmed_at is not None
    db.session.rollback()


def the_money_is_right(sandbox: Sandbox) -> None:
    assert check_everything() == []
    assert trial_balance().balances
    assert count_where(Transfer, Transfer.state == TransferState.PAID) > 30
    account = select(ConnectedAccount.transfers_enabled).where(ConnectedAccount.creator_id == whose(Creator, "lin-yue"))
    assert db.session.scalar(account)
    settled = Counter(f"{moment:%Y-%m}" for moment in db.session.scalars(select(Settlement.settled_at)))
    assert sum(number >= 3 for number in settled.values()) >= 8
    db.session.rollback()
    moods = sandbox.command("moods")
    assert (moods["now"], moods["drop_rate"]) == (None, 0)
    assert (moods["deliveries"]["waiting"], moods["deliveries"]["held"]) == (0, 0)


def bells_and_mailbox_stay_small() -> None:
    assert count(Mail) < 300
    for user in db.session.scalars(select(User)).all():
        assert unread_count(user.id) <= 12, user.email
    db.session.rollback()


def pages_answer(app: Flask) -> None:
    pages = [*public_pages()]
    people = {email: session_of(email) for email in ("creator", "brand", "admin")}
    visitor = app.test_client()
    assert [(path, found) for path in pages if (found := visitor.get(path).status_code) != 200] == []
    for email, paths in OWN_PAGES.items():
        client = app.test_client()
        assert isinstance(client, Client)
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = people[email], True
        assert [(path, found) for path in paths if (found := client.get(path).status_code) != 200] == []


OWN_PAGES = {
    "creator": ("/today", "/selections", "/deals", "/deals?tab=done", "/me/offers", "/me/channels", "/earnings",
                "/notifications"),
    "brand": ("/today", "/selections", "/deals", "/company/briefs", "/spending", "/creators", "/notifications"),
    "admin": ("/console", "/console/users", "/console/readings", "/console/deals", "/console/disputes",
              "/console/books"),
}  # fmt: skip


def public_pages() -> Iterator[str]:
    yield from ("/", "/creators", "/briefs", "/fees", "/how-money-is-held")
    yield from (f"/c/{handle}" for handle in db.session.scalars(select(Creator.handle)))
    yield from (f"/b/{handle}" for handle in db.session.scalars(select(Brand.handle)))
    yield from (f"/briefs/{brief_id}" for brief_id in db.session.scalars(select(Brief.id).where(visible_to(VISITOR))))
    yield from (f"/offers/{offer_id}" for offer_id in db.session.scalars(select(Offer.id)))
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
