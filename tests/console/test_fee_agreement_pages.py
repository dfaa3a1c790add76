"""Agreements on fees on their pages: proposed with a handle or a name, published by another, ended earlier."""

from datetime import timedelta

import pytest
from flask import Flask

from marketplace.creators.queries import fee_parties
from marketplace.fees.agreements import AgreementTab, list_agreements
from marketplace.fees.drafts import first_day
from marketplace.fees.policy import RuleKind
from marketplace.fees.queries import fee_day, rules_for
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.deal_kinds import DealKind
from tests.console.conftest import Admin, admin_at
from tests.console.fee_steps import look, seen_on, words_of
from tests.support.counting import counted_queries
from tests.support.market import PASSWORD, BrandSide, CreatorSide, make_brand, make_creator

pytestmark = pytest.mark.usefixtures("context")
ALL, NEW = "/console/fees/agreements", "/console/fees/agreements/new"


@pytest.fixture
def sides(context: None) -> tuple[CreatorSide, BrandSide]:
    with transaction():
        return make_creator("Lin Yue"), make_brand("Tidewell")


def form(**changes: str) -> dict[str, str]:
    values = {
        "kind": "creator_commission",
        "brackets-0-rate": "5",
        "starts": first_day().isoformat(),
        "ends": (first_day() + timedelta(days=89)).isoformat(),
        "why": "A year of films together.",
    }
    return values | changes


def proposed(admin: Admin, **changes: str) -> str:
    """The address of a new agreement."""
    answer = admin.client.post(NEW, data=form(**changes))
    assert answer.status_code == 303, words_of(answer.text)
    return str(answer.location)


def publish(admin: Admin, address: str, seen: str, password: str = PASSWORD) -> int:
    return admin.client.post(f"{address}/publish", data={"seen": seen, "password": password}).status_code


def waiting() -> int:
    db.session.rollback()
    return len(list_agreements(AgreementTab.WAITING).rows)


def test_it_is_proposed_by_one_published_by_another_and_holds(
    app: Flask, admin: Admin, sides: tuple[CreatorSide, BrandSide]
) -> None:
    creator, brand = sides
    other, address = admin_at(app, "Pan Qing"), proposed(admin, creator=creator.handle)
    mine = admin.client.get(address).text
    assert "You have written on this agreement" in mine
    assert "/publish" not in mine
    assert publish(admin, address, look(other, address)) == 403
    assert publish(other, address, look(other, address), "a guess") == 422
    assert publish(other, address, look(other, address)) == 303
    with clock.at(clock.now() + timedelta(days=2)):
        rules = rules_for(fee_parties(creator.id, brand.id), DealKind.VIDEO, "CNY", first_day())
    assert rules.of(RuleKind.CREATOR_COMMISSION)[0].top_rate == 500
    page = words_of(other.client.get(f"{ALL}?tab=coming&creator={creator.handle}").text)
    assert "Lin Yue Commission, paid by the creator 5 % of the price." in page
    assert "Pan Qing published it" in words_of(admin.client.get(address).text)
    assert f'href="{ALL}?creator={creator.handle}"' in admin.client.get(f"/console/users/{creator.user_id}").text


def test_whom_it_is_with_may_be_said_by_name_unless_several_have_it(
    admin: Admin, sides: tuple[CreatorSide, BrandSide]
) -> None:
    page = admin.client.get(proposed(admin, creator="lin yue", brand="Tidewell")).text
    assert "Fees agreed with Lin Yue and Tidewell" in words_of(page)
    with transaction():
        second = make_creator("Lin Yue")
    refused = admin.client.post(NEW, data=form(creator="Lin Yue"))
    assert refused.status_code == 422
    assert second.handle in refused.text
    assert sides[0].handle in refused.text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "Choose a creator, a company, or both."),
        ({"creator": "nobody"}, "No creator has this handle or name."),
        ({"brand": "%"}, "No company has this handle or name."),
        ({"creator": "\x00"}, "Choose a creator, a company, or both."),
        ({"creator": "x" * 61}, "Write at most 60 characters"),
        ({"creator": "Lin Yue", "starts": "2020-01-01"}, "The day can’t be before"),
        ({"creator": "Lin Yue", "ends": "2020-01-01"}, "The day can’t be before"),
        ({"creator": "Lin Yue", "starts": "2035-01-02", "ends": "2035-01-01"}, "The last day is before the first."),
        ({"creator": "Lin Yue", "why": " "}, "Fill this in."),
        ({"creator": "Lin Yue", "brackets-0-rate": "101"}, "The percentage may be at most 100"),
        ({"creator": "Lin Yue", "kind": "tax"}, "Choose one of the options."),
        ({"creator": "Lin Yue", "minimum": "CNY 5", "cap": "CNY 4"}, "In CNY the least is more than the most."),
    ],
)
@pytest.mark.usefixtures("sides")
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(admin: Admin, typed: dict[str, str], words: str) -> None:
    page = admin.client.post(NEW, data=form(**typed))
    assert page.status_code == 422
    assert words in words_of(page.text)
    assert "A year of films together." in page.text or "why" in typed
    assert waiting() == 0


def test_one_that_overlaps_is_refused_in_words(app: Flask, admin: Admin, sides: tuple[CreatorSide, BrandSide]) -> None:
    other, handle = admin_at(app, "Pan Qing"), sides[0].handle
    first, second = proposed(admin, creator=handle), proposed(admin, creator=handle, why="Sent twice.")
    assert publish(other, first, look(other, first)) == 303
    late = other.client.post(f"{second}/publish", data={"seen": look(other, second), "password": PASSWORD})
    assert late.status_code == 409
    assert "with the same parties holds from" in late.text
    third = admin.client.post(NEW, data=form(creator=handle))
    assert third.status_code == 422
    assert "with the same parties holds from" in third.text


def test_a_returned_one_is_edited_by_whoever_and_waits_again(
    app: Flask, admin: Admin, sides: tuple[CreatorSide, BrandSide]
) -> None:
    other, address = admin_at(app, "Pan Qing"), proposed(admin, creator=sides[0].handle)
    assert other.client.post(f"{address}/return", data={"seen": look(other, address)}).status_code == 422
    data = {"seen": look(other, address), "why": "Only until June."}
    assert other.client.post(f"{address}/return", data=data).status_code == 303
    page = words_of(admin.client.get(address).text)
    assert "It was returned" in page
    assert "Only until June." in page
    edit = admin.client.get(f"{address}/edit").text
    assert f'value="{sides[0].handle}"' in edit
    saved = admin.client.post(f"{address}/edit", data=form(creator=sides[0].handle, seen=seen_on(edit), ends=""))
    assert saved.status_code == 303
    assert publish(other, address, look(other, address)) == 303
    assert admin.client.get(f"{address}/edit").status_code == 303
    assert admin.client.post(f"{address}/discard", data={"seen": "0" * 64}).status_code == 409


def test_an_old_tab_decides_nothing(app: Flask, admin: Admin, sides: tuple[CreatorSide, BrandSide]) -> None:
    other, address = admin_at(app, "Pan Qing"), proposed(admin, creator=sides[0].handle)
    old, changed = look(other, address), form(creator=sides[0].handle, **{"brackets-0-rate": "25"})
    assert admin.client.post(f"{address}/edit", data=changed | {"seen": old}).status_code == 303
    late = other.client.post(f"{address}/publish", data={"seen": old, "password": PASSWORD})
    assert late.status_code == 409
    assert "Somebody else has changed this agreement" in late.text
    assert "25 % of the price." in late.text
    again = other.client.post(f"{address}/edit", data=form(creator=sides[0].handle, seen=old, why="From an old tab."))
    assert again.status_code == 409
    assert "From an old tab." in again.text
    assert other.client.post(f"{address}/discard", data={"seen": old}).status_code == 409


def test_its_end_is_brought_forward_by_one(app: Flask, admin: Admin, sides: tuple[CreatorSide, BrandSide]) -> None:
    other, address = admin_at(app, "Pan Qing"), proposed(admin, creator=sides[0].handle)
    too_early = {"ends": "2035-01-01", "why": "x", "password": PASSWORD}
    assert admin.client.post(f"{address}/end", data=too_early).status_code == 409
    publish(other, address, look(other, address))
    with clock.at(clock.now() + timedelta(days=3)):
        today = fee_day()
        for ends, words in (
            ((today - timedelta(days=1)).isoformat(), "The day can’t be before"),
            ("2099-01-01", "the end can only come earlier"),
            ("soon", "Write the day as year, month and day"),
        ):
            answer = {"ends": ends, "why": "They asked.", "password": PASSWORD}
            refused = admin.client.post(f"{address}/end", data=answer)
            assert refused.status_code == 422
            assert words in refused.text
        end = {"ends": today.isoformat(), "why": "They asked."}
        assert admin.client.post(f"{address}/end", data=end).status_code == 422
        assert admin.client.post(f"{address}/end", data=end | {"password": "not this one"}).status_code == 422
        done = admin.client.post(f"{address}/end", data=end | {"password": PASSWORD})
        assert done.status_code == 303
    page = words_of(admin.client.get(address).text)
    assert "Arbiter Wei brought its end forward" in page
    assert "They asked." in page


def test_agreements_that_never_were(admin: Admin) -> None:
    for number in ("0", "99", str(2**63 - 1), "9" * 30, "x"):
        assert admin.client.get(f"{ALL}/{number}").status_code == 404
        for act in ("publish", "return", "discard", "end", "edit"):
            sent = {"seen": "x", "password": "x", "why": "x", "ends": "2035-01-01"}
            assert admin.client.post(f"{ALL}/{number}/{act}", data=sent).status_code == 404
    assert admin.client.get(f"{ALL}?creator=nobody").status_code == 404
    assert admin.client.get(f"{ALL}?tab=x&before=-1").status_code == 200


def test_lists_go_on_and_ask_the_same_however_many_there_are(
    app: Flask, admin: Admin, sides: tuple[CreatorSide, BrandSide]
) -> None:
    address = proposed(admin, creator=sides[0].handle, brand=sides[1].handle)
    pages = (f"{ALL}?tab=waiting", address, "/console/fees")
    few = [queries(app, admin, page) for page in pages]
    with transaction():
        handles = [make_creator(f"Creator {number}").handle for number in range(21)]
    for handle in handles:
        proposed(admin, creator=handle, brand=sides[1].handle)
    assert [queries(app, admin, page) for page in pages] == few
    assert max(few) <= 12
    first = admin.client.get(f"{ALL}?tab=waiting").text
    assert "Creator 20" in first
    assert "Creator 0<" not in first
    assert "before=" in first


def queries(app: Flask, admin: Admin, page: str) -> int:
    admin.client.get(page)
    db.session.remove()
    with counted_queries(app) as sent:
        assert admin.client.get(page).status_code == 200
    return len(sent)
