"""No page of an agency asks the database more for more creators, people or deals."""

import pytest
from flask import Flask

from marketplace.agencies.representing import decline_offer
from marketplace.infra.db import db, transaction
from marketplace.matching.service import book_package
from tests.agencies.test_pages import enter
from tests.support.agencies import AgencySide, make_agency, make_colleague, offer, represent
from tests.support.counting import counted_queries
from tests.support.market import BrandSide, CreatorSide, make_brand, make_creator, make_offer, sign_in
from tests.support.money import completed_deal, negotiating_deal
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("context", "sandbox")
MOST = 12


def grow(agency: AgencySide, creator: CreatorSide, brand: BrandSide) -> None:
    """One creator more with something that waits, one offer more of each sort, one person, one share settled."""
    with transaction():
        other = make_creator("Su Bai")
        represent(agency, other, 1_000)
        book_package(brand.actor, make_offer(other).packages[0].id, "For our pots.")
        offer(agency, make_creator("Gu Yi"))
        refused = make_creator("Ren Ke")
        decline_offer(refused.actor, offer(agency, refused).id)
        decline_offer(creator.actor, offer(make_agency("Harbour", "Ren Ke"), creator).id)
        offer(make_agency("Kite House", "Ada Lin"), creator)
        make_colleague(agency)
    negotiating_deal(12_000_00, other, brand)
    completed_deal(2_000_00, creator, brand)


def test_an_agencys_pages_ask_as_much_for_many_as_for_few(app: Flask, sandbox: Sandbox) -> None:
    with transaction():
        agency, creator, brand = make_agency(), make_creator(), make_brand()
        represent(agency, creator)
    deal = negotiating_deal(12_000_00, creator, brand).deal_id
    own, acting, theirs = enter(app, agency), enter(app, agency), app.test_client()
    with acting.session_transaction() as session:
        session["acting"] = f"agency:{agency.id}:creator:{creator.id}"
    sign_in(theirs, creator)
    pages = [
        *((own, path) for path in ("/agency", "/agency/people", "/agency/earnings", "/representations/1")),
        *((acting, path) for path in ("/today", "/deals", f"/deals/{deal}", "/selections")),
        *((theirs, path) for path in ("/me/agency", "/earnings", f"/deals/{deal}")),
    ]

    def counts() -> dict[str, int]:
        found = {}
        for place, (client, path) in enumerate(pages):
            assert client.get(path).status_code == 200, path
            with counted_queries(app) as sent:
                client.get(path)
            found[f"{place} {path}"] = len(sent)
        return found

    grow(agency, creator, brand)
    db.session.rollback()
    few = counts()
    for _ in range(3):
        grow(agency, creator, brand)
    db.session.rollback()
    assert counts() == few
    assert max(few.values()) <= MOST, few
