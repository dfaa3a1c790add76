"""Agreements with one creator or one brand: proposed by one, published by another, never two for one fee and day."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from psycopg.errors import CheckViolation
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from marketplace.fees import agreements
from marketplace.fees.agreements import AgreementFacts, AgreementTab
from marketplace.fees.drafts import first_day
from marketplace.fees.events import Author, events_of
from marketplace.fees.models import FeeAgreement, RuleAction
from marketplace.fees.parties import FeeParties
from marketplace.fees.policy import Bracket, Rule, RuleKind
from marketplace.fees.queries import fee_day, rules_for
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.support.races import at_once

pytestmark = pytest.mark.usefixtures("context")
WEI, PAN, GU = Author("user:1", "Wei Lan"), Author("user:2", "Pan Qing"), Author("user:3", "Gu Wen")
COMMISSION, SERVICE_FEE = RuleKind.CREATOR_COMMISSION, RuleKind.BRAND_SERVICE_FEE


def facts(
    *,
    creator: str | None = "creator:7",
    brand: str | None = None,
    kind: RuleKind = COMMISSION,
    after: int = 0,
    days: int | None = 30,
    why: str = "A year of films together.",
) -> AgreementFacts:
    """5 % from `after` days past the first possible one, for `days` days."""
    starts = first_day() + timedelta(days=after)
    ends = starts + timedelta(days=days - 1) if days is not None else None
    return AgreementFacts(creator, brand, Rule("agreed", kind, (Bracket(500),)), starts, ends, why)


def proposed(found: AgreementFacts | None = None) -> tuple[int, str]:
    """One that waits, with what one sees of it."""
    with transaction():
        row = agreements.propose_agreement(WEI, found or facts())
        return row.id, agreements.agreement_digest(row)


def published(found: AgreementFacts | None = None) -> int:
    number, shown = proposed(found)
    with transaction():
        agreements.publish_agreement(PAN, number, shown)
    return number


def rate_on(day: date) -> int:
    parties = FeeParties("creator:7", "Asia/Shanghai", None)
    return rules_for(parties, DealKind.VIDEO, "CNY", day).of(COMMISSION)[0].top_rate


def test_it_holds_on_its_days_once_somebody_else_has_published_it() -> None:
    number, shown = proposed()
    assert rate_on(first_day()) == 1_000
    with transaction(), pytest.raises(NotAllowed, match="Another administrator"):
        agreements.publish_agreement(WEI, number, shown)
    with transaction():
        agreements.publish_agreement(PAN, number, shown)
    assert [rate_on(first_day() + timedelta(days=days)) for days in (-1, 0, 29, 30)] == [1_000, 500, 500, 1_000]
    assert [event.action for event in events_of(f"agreement:{number}")] == [RuleAction.PUBLISHED, RuleAction.PROPOSED]


def test_the_table_itself_refuses_that_a_writer_publishes() -> None:
    number, _ = proposed()
    with pytest.raises(IntegrityError) as refused, transaction():
        db.session.execute(
            text("UPDATE fee_agreements SET published_at = now(), published_by = 'user:1' WHERE id = :id"),
            {"id": number},
        )
    assert isinstance(refused.value.orig, CheckViolation)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"creator": None}, "creator"),
        ({"after": -1}, "starts"),
        ({"days": 0}, "ends"),
        ({"why": ""}, "why"),
    ],
)
def test_what_it_lacks_is_said(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused, transaction():
        agreements.propose_agreement(WEI, facts(**wrong))
    assert refused.value.field == field


def test_it_never_overlaps_another_of_the_same_parties_about_the_same_fee() -> None:
    published()
    for overlaps in (facts(after=29), facts(after=10, days=None), facts(after=0, days=1)):
        with pytest.raises(Invalid, match="with the same parties holds from"), transaction():
            agreements.propose_agreement(WEI, overlaps)
    for fits in (
        facts(after=30),
        facts(kind=SERVICE_FEE),
        facts(brand="brand:5"),
        facts(creator=None, brand="brand:5"),
        facts(creator="creator:8"),
    ):
        with transaction():
            agreements.propose_agreement(WEI, fits)


def test_two_that_were_proposed_before_either_was_published_dont_both_hold() -> None:
    first, second = proposed(), proposed(facts(after=5))
    with transaction():
        agreements.publish_agreement(PAN, *first)
    with transaction(), pytest.raises(Conflict, match="holds from"):
        agreements.publish_agreement(PAN, *second)


def test_what_was_returned_is_edited_and_proposed_again() -> None:
    number, shown = proposed()
    with transaction(), pytest.raises(Invalid, match="what has to change"):
        agreements.return_agreement(PAN, number, shown, "")
    with transaction():
        shown = agreements.agreement_digest(agreements.return_agreement(PAN, number, shown, "Until June only."))
    with transaction(), pytest.raises(Conflict, match="edited first"):
        agreements.publish_agreement(GU, number, shown)
    with transaction():
        shown = agreements.agreement_digest(agreements.edit_agreement(PAN, number, shown, facts(days=10)))
    for writer in (WEI, PAN):
        with transaction(), pytest.raises(NotAllowed):
            agreements.publish_agreement(writer, number, shown)
    with transaction():
        agreements.publish_agreement(GU, number, shown)


def test_nobody_decides_on_what_they_have_not_seen() -> None:
    number, shown = proposed()
    with transaction():
        agreements.edit_agreement(WEI, number, shown, facts(days=10))
    for late in (
        lambda: agreements.publish_agreement(PAN, number, shown),
        lambda: agreements.return_agreement(PAN, number, shown, "No."),
        lambda: agreements.discard_agreement(PAN, number, shown),
        lambda: agreements.edit_agreement(PAN, number, shown, facts()),
    ):
        with transaction(), pytest.raises(agreements.AgreementChanged):
            late()


def test_a_first_day_that_has_begun_is_not_published() -> None:
    number, shown = proposed()
    with clock.at(clock.now() + timedelta(days=3)), transaction(), pytest.raises(Conflict, match="has begun"):
        agreements.publish_agreement(PAN, number, shown)


def test_its_end_only_comes_forward_and_today_at_the_earliest() -> None:
    number = published()
    later = clock.now() + timedelta(days=10)
    with clock.at(later):
        today = fee_day()
        for wrong, why, words in (
            (today - timedelta(days=1), "They asked.", "can’t be before"),
            (today + timedelta(days=60), "They asked.", "can only come earlier"),
            (today, "", "Write why it ends"),
        ):
            with pytest.raises(Invalid, match=words), transaction():
                agreements.end_agreement(GU, number, wrong, why)
        with transaction():
            agreements.end_agreement(WEI, number, today, "They asked.")
        assert agreements.tab_of(agreements.get_agreement(number)) is AgreementTab.CURRENT
        assert (rate_on(today), rate_on(today + timedelta(days=1))) == (500, 1_000)
    with clock.at(later + timedelta(days=2)), transaction(), pytest.raises(Conflict):
        agreements.end_agreement(WEI, number, fee_day(), "Again.")
    assert events_of(f"agreement:{number}")[0].why == "They asked."


def test_one_that_has_not_begun_may_never_begin() -> None:
    number = published(facts(after=30))
    starts = agreements.get_agreement(number).starts
    with transaction():
        agreements.end_agreement(WEI, number, starts - timedelta(days=1), "It was a mistake.")
    assert agreements.tab_of(agreements.get_agreement(number)) is AgreementTab.ENDED
    assert agreements.count_agreements()[AgreementTab.COMING] == 0
    assert rate_on(starts) == 1_000
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(text("UPDATE fee_agreements SET ends = starts - 2 WHERE id = :id"), {"id": number})


def test_the_database_refuses_any_other_change_of_a_published_one() -> None:
    number = published()
    for change in (
        "UPDATE fee_agreements SET ends = NULL WHERE id = :id",
        "UPDATE fee_agreements SET why = 'x' WHERE id = :id",
        "DELETE FROM fee_agreements WHERE id = :id",
    ):
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text(change), {"id": number})


def test_lists_have_each_under_the_tab_where_it_stands() -> None:
    coming, (waiting, _) = published(facts(after=5)), proposed(facts(kind=SERVICE_FEE))
    assert agreements.count_agreements() == {
        AgreementTab.WAITING: 1,
        AgreementTab.CURRENT: 0,
        AgreementTab.COMING: 1,
        AgreementTab.ENDED: 0,
    }
    assert [row.id for row in agreements.list_agreements(AgreementTab.COMING).rows] == [coming]
    assert [row.id for row in agreements.list_agreements(AgreementTab.WAITING, creator="creator:7").rows] == [waiting]
    assert agreements.list_agreements(AgreementTab.WAITING, creator="creator:8").rows == []
    for days, tab in ((7, AgreementTab.CURRENT), (90, AgreementTab.ENDED)):
        with clock.at(clock.now() + timedelta(days=days)):
            assert [row.id for row in agreements.list_agreements(tab).rows] == [coming]
            assert agreements.tab_of(agreements.get_agreement(coming)) is tab


def test_a_discarded_one_is_gone_and_noted() -> None:
    number, shown = proposed()
    with transaction():
        agreements.discard_agreement(PAN, number, shown)
    with pytest.raises(NotFound):
        agreements.get_agreement(number)
    assert events_of(f"agreement:{number}")[0].action is RuleAction.DISCARDED
    with transaction(), pytest.raises(NotFound):
        agreements.discard_agreement(PAN, number, shown)


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_that_overlap_published_at_once_one_holds(app: Flask, attempt: int) -> None:
    first, second = proposed(), proposed(facts(after=5))
    outcomes = at_once(
        app,
        lambda: agreements.publish_agreement(PAN, *first),
        lambda: agreements.publish_agreement(GU, *second),
    )
    assert outcomes == ["Conflict", "done"]
    assert db.session.query(FeeAgreement).filter(FeeAgreement.published_at.is_not(None)).count() == 1


def test_publishing_and_editing_at_once_do_one_of_them(app: Flask) -> None:
    number, shown = proposed()
    outcomes = at_once(
        app,
        lambda: agreements.publish_agreement(PAN, number, shown),
        lambda: agreements.edit_agreement(WEI, number, shown, facts(days=10)),
    )
    assert outcomes in (["AgreementChanged", "done"], ["Conflict", "done"])
