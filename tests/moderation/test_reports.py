"""Reports: anybody reports what they see, once while it is open; an administrator decides, and who reported is told."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.brands.blocks import block_creator
from marketplace.briefs.models import Brief, BriefStatus
from marketplace.deals.models import Message
from marketplace.deals.service import post_message
from marketplace.infra.db import db, transaction
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, TooMany
from marketplace.moderation.models import Report, ReportReason
from marketplace.moderation.queries import find_cases
from marketplace.moderation.service import decide, report
from marketplace.notifications.models import Notification
from tests.support import deals, market
from tests.support.market import BrandSide, CreatorSide
from tests.support.web import Client

SCAM = {"reason": "scam", "text": "They ask to be paid elsewhere."}
Jobs = Callable[..., None]


@pytest.fixture
def lin(context: None) -> CreatorSide:
    with transaction():
        return market.make_creator("Lin Yue")


@pytest.fixture
def tidewell(context: None) -> BrandSide:
    with transaction():
        return market.make_brand("Tidewell")


@pytest.fixture
def admin(context: None) -> Actor:
    with transaction():
        return market.make_admin()


def sign_in_admin(client: Client, admin: Actor) -> None:
    user = db.session.get_one(User, admin.user_id)
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = user.get_id(), True


def reports() -> list[Report]:
    db.session.rollback()
    return list(db.session.scalars(select(Report).order_by(Report.id)))


def kinds_of(user_id: int | None) -> list[str]:
    rows = select(Notification.kind).where(Notification.user_id == user_id).order_by(Notification.id)
    return list(db.session.scalars(rows))


def test_each_kind_of_thing_can_be_reported(lin: CreatorSide, tidewell: BrandSide, client: Client) -> None:
    with transaction():
        offer = market.make_offer(lin).id
        sides = deals.make_deal(lin, tidewell)
        post_message(lin.actor, sides.id, "Pay me <b>outside</b>, it is cheaper.")
        message = db.session.scalars(select(Message.id)).one()
    market.sign_in(client, tidewell)
    for key, said in {
        f"creator:{lin.id}": "Lin Yue",
        f"offer:{offer}": "Lin Yue",
        f"message:{message}": "Pay me &lt;b&gt;outside",
    }.items():
        page = client.get(f"/report/{key}")
        assert page.status_code == 200
        assert said in page.text
        assert client.post(f"/report/{key}", data=SCAM).status_code == 303
    market.sign_in(other := client.application.test_client(), lin)
    with transaction():
        brief = market.make_brief(tidewell).id
    for key in (f"brand:{tidewell.id}", f"brief:{brief}"):
        sent = other.post(f"/report/{key}", data=SCAM)
        assert sent.status_code == 303
    assert [row.subject.partition(":")[0] for row in reports()] == ["creator", "offer", "message", "brand", "brief"]
    assert all(row.title for row in reports())
    mine = client.get("/reports").text
    assert mine.count("Being looked at") == 3


def test_a_second_report_of_the_same_is_the_first(lin: CreatorSide, tidewell: BrandSide, client: Client) -> None:
    market.sign_in(client, tidewell)
    for _ in range(2):
        assert client.post(f"/report/creator:{lin.id}", data=SCAM).status_code == 303
    assert len(reports()) == 1
    assert "You reported this on" in client.get(f"/report/creator:{lin.id}").text


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "Choose what is wrong."),
        ({"reason": "nonsense"}, "Choose what is wrong."),
        ({"reason": "other", "text": "  "}, "Say what is wrong with it."),
        ({"reason": "scam", "text": "x" * 2001}, "at most 2,000"),
    ],
)
def test_a_report_that_says_nothing_is_asked_again(
    lin: CreatorSide, tidewell: BrandSide, client: Client, sent: dict[str, str], says: str
) -> None:
    market.sign_in(client, tidewell)
    page = client.post(f"/report/creator:{lin.id}", data=sent)
    assert page.status_code == 422
    assert says in page.text
    assert reports() == []


def test_what_one_may_not_see_cannot_be_reported(lin: CreatorSide, tidewell: BrandSide, client: Client) -> None:
    with transaction():
        stranger = market.make_brand("Northmoss")
        draft = market.make_offer(lin, listed=False).id
        brief = market.make_brief(tidewell, opened=False).id
        sides = deals.make_deal(lin, tidewell)
        post_message(lin.actor, sides.id, "Between us.")
        message = db.session.scalars(select(Message.id)).one()
        block_creator(stranger.actor, lin.id)
    market.sign_in(client, stranger)
    keys = [f"offer:{draft}", f"brief:{brief}", f"message:{message}", f"creator:{lin.id}", "creator:999999"]
    for key in [*keys, "deal:1", "creator:", "creator:1x", "creator:99999999999999999999", "x"]:
        assert client.get(f"/report/{key}").status_code == 404, key
        assert client.post(f"/report/{key}", data=SCAM).status_code == 404, key
    assert reports() == []


def test_nobody_reports_their_own(lin: CreatorSide, client: Client) -> None:
    market.sign_in(client, lin)
    assert client.post(f"/report/creator:{lin.id}", data=SCAM).status_code == 409
    assert reports() == []


def test_the_queue_cannot_be_drowned_by_one_person(lin: CreatorSide, tidewell: BrandSide) -> None:
    for number in range(20):
        with transaction():
            report(tidewell.actor, f"offer:{number}", ReportReason.SCAM, "")
    with pytest.raises(TooMany), transaction():
        report(tidewell.actor, "offer:20", ReportReason.SCAM, "")
    with transaction():
        report(lin.actor, "offer:20", ReportReason.SCAM, "")
    assert len(reports()) == 21
    with pytest.raises(NotAllowed):
        report(Actor(), "offer:1", ReportReason.SCAM, "")


def test_administrators_hear_of_a_thing_once_and_who_reported_it_what_became_of_it(
    lin: CreatorSide, tidewell: BrandSide, admin: Actor, client: Client, run_jobs: Jobs
) -> None:
    with transaction():
        other = market.make_brand("Northmoss")
        report(tidewell.actor, f"creator:{lin.id}", ReportReason.SCAM, "", "Lin Yue")
        report(other.actor, f"creator:{lin.id}", ReportReason.OTHER, "Rude.", "Lin Yue")
    run_jobs()
    assert kinds_of(admin.user_id) == ["report.made"]
    sign_in_admin(client, admin)
    queue = client.get("/console/reports").text
    assert queue.count("/console/reports/creator:") == 1
    assert 'data-label="Reports">2<' in queue
    page = client.get(f"/console/reports/creator:{lin.id}").text
    assert "Rude." in page
    assert f"/console/users/{lin.user_id}" in page
    sent = client.post(f"/console/reports/creator:{lin.id}", data={"verdict": "upheld", "note": "Suspended for it."})
    assert sent.status_code == 303
    run_jobs()
    for side in (tidewell, other):
        assert kinds_of(side.user_id) == ["report.upheld"]
    market.sign_in(reader := client.application.test_client(), tidewell)
    mine = reader.get("/reports").text
    assert "Upheld" in mine
    assert "Suspended for it." not in mine
    assert "No report waits" in client.get("/console/reports").text
    assert "Upheld" in client.get("/console/reports?tab=decided").text
    again = client.post(f"/console/reports/creator:{lin.id}", data={"verdict": "dismissed", "note": "No."})
    assert again.status_code == 409


def test_what_was_dismissed_may_be_reported_again(lin: CreatorSide, tidewell: BrandSide, admin: Actor) -> None:
    for _ in range(2):
        with transaction():
            report(tidewell.actor, f"creator:{lin.id}", ReportReason.SCAM, "", "Lin Yue")
            decide(admin, f"creator:{lin.id}", upheld=False, note="They sell what they show.")
    assert [row.upheld for row in reports()] == [False, False]
    assert find_cases().total == 0
    assert find_cases(decided=True).total == 2


def test_upholding_may_close_the_brief_and_tells_its_company(
    lin: CreatorSide, tidewell: BrandSide, admin: Actor, client: Client, run_jobs: Jobs
) -> None:
    with transaction():
        brief = market.make_brief(tidewell).id
        report(lin.actor, f"brief:{brief}", ReportReason.ILLEGAL, "", "A week of suppers")
    sign_in_admin(client, admin)
    assert "Close the brief too" in client.get(f"/console/reports/brief:{brief}").text
    sent = {"verdict": "upheld", "note": "It sells what may not be sold.", "close": "y"}
    assert client.post(f"/console/reports/brief:{brief}", data=sent).status_code == 303
    db.session.rollback()
    found = db.session.get_one(Brief, brief)
    assert found.status is BriefStatus.CLOSED
    assert found.review_note == "It sells what may not be sold."
    db.session.rollback()
    run_jobs()
    assert "brief.sent_back" in kinds_of(tidewell.user_id)


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"verdict": "upheld"}, "Fill this in."),
        ({"note": "Because."}, "Choose whether the reports are right."),
        ({"verdict": "both", "note": "Because."}, "Choose whether the reports are right."),
    ],
)
def test_a_decision_needs_a_verdict_and_a_note(
    lin: CreatorSide, admin: Actor, client: Client, sent: dict[str, str], says: str
) -> None:
    with transaction():
        report(lin.actor, "offer:999999", ReportReason.SCAM, "", "A film")
    sign_in_admin(client, admin)
    page = client.post("/console/reports/offer:999999", data=sent)
    assert page.status_code == 422
    assert says in page.text
    assert reports()[0].decided_at is None


def test_what_is_gone_can_still_be_decided(lin: CreatorSide, admin: Actor, client: Client) -> None:
    with transaction():
        report(lin.actor, "offer:999999", ReportReason.SCAM, "", "A film that never was")
    sign_in_admin(client, admin)
    assert "gone since" in client.get("/console/reports").text
    page = client.get("/console/reports/offer:999999").text
    assert "A film that never was" in page
    assert "It is gone" in page
    sent = client.post("/console/reports/offer:999999", data={"verdict": "dismissed", "note": "It is gone."})
    assert sent.status_code == 303
    assert client.get("/console/reports/offer:999998").status_code == 404


def test_only_administrators_decide(lin: CreatorSide, tidewell: BrandSide, admin: Actor) -> None:
    with transaction():
        report(tidewell.actor, f"creator:{lin.id}", ReportReason.SCAM, "", "Lin Yue")
    with pytest.raises(NotAllowed), transaction():
        decide(lin.actor, f"creator:{lin.id}", upheld=False, note="I am fine.")
    with pytest.raises(Invalid), transaction():
        decide(admin, f"creator:{lin.id}", upheld=False, note=" ")
    with pytest.raises(Conflict), transaction():
        decide(admin, "creator:999999", upheld=False, note="Nothing there.")
    assert reports()[0].decided_at is None
