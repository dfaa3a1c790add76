"""What an administrator sees of reconciliation, and the way from what is unmatched to the entry that explains it."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from marketplace.console.manual_approval import approve
from marketplace.infra.db import db, transaction
from marketplace.infra.stripe_gateway import Movement, dashboard_url
from marketplace.kit import clock
from marketplace.ledger.accounts import stripe_clearing, suspense
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post
from marketplace.reconciliation.queries import get_movement, standing
from marketplace.reconciliation.reading import keep_movements
from marketplace.reconciliation.service import reconcile
from tests.console.conftest import Admin, admin_at
from tests.support.sandbox import Sandbox

CHARGE = "txn_of_a_stranger"


@pytest.fixture
def admin(app: Flask) -> Admin:
    return admin_at(app)


@pytest.fixture
def unmatched(app: Flask) -> None:
    """A charge at Stripe that nobody booked, and an entry that Stripe knows nothing of, both two days old."""
    then = clock.now() - timedelta(days=2)
    with app.app_context(), transaction():
        with clock.at(then):
            keep_movements([Movement(CHARGE, "charge", "charge", 5_000, 0, 5_000, "CNY", "ch_1", "", then, then)])
        post("manual.entry", "by hand", [debit(stripe_clearing("CNY"), 70), credit(suspense("CNY"), 70)], "x", at=then)


@pytest.mark.usefixtures("sandbox", "unmatched")
def test_what_is_unmatched_is_listed_on_either_side_with_its_amount(app: Flask, admin: Admin) -> None:
    with app.app_context():
        reconcile(whole=True)
    page = admin.client.get("/console/reconciliation").text
    assert "+¥50" in re.sub("<[^>]+>", "", page)
    assert "Somebody paid and we haven" in page
    assert "2 are overdue" in page
    page = admin.client.get("/console/reconciliation?side=entries").text
    assert "Posted by hand, and it names no movement" in page
    csv = admin.client.get("/console/reconciliation.csv").text
    assert f"{CHARGE},charge,ch_1" in csv
    assert csv.strip().endswith("50.00,0.00,50.00,CNY")
    assert "70" in admin.client.get("/console/reconciliation.csv?side=entries").text
    assert ">2</" in admin.client.get("/console").text


@pytest.mark.usefixtures("unmatched")
def test_a_movement_leads_to_a_proposal_that_another_administrator_approves(
    app: Flask, admin: Admin, sandbox: Sandbox
) -> None:
    sandbox.command("triggers/top_up", amount=5_070, currency="cny")
    form = admin.client.get(f"/console/books/manual/new?movement={CHARGE}").text
    for value in (CHARGE, "50.00", f"txn:{CHARGE}"):
        assert f'value="{value}"' in form
    sent = {"reason": "A stranger paid.", "reference": f"txn:{CHARGE}", "movement": CHARGE}
    sent |= {"lines-0-kind": "stripe_clearing", "lines-0-currency": "CNY", "lines-0-debit": "50.00"}
    sent |= {"lines-1-kind": "suspense", "lines-1-currency": "CNY", "lines-1-credit": "50.00"}
    answer = admin.client.post("/console/books/manual/new", data=sent)
    assert answer.status_code == 303
    manual_id = int(answer.location.rsplit("/", 1)[1])
    assert CHARGE in admin.client.get(answer.location).text
    with app.app_context():
        approve(admin_at(app, "Second").actor, manual_id)
        assert get_movement(CHARGE).movement.explained_at is not None
        db.session.rollback()
    assert CHARGE not in admin.client.get("/console/reconciliation").text
    page = admin.client.get(f"/console/reconciliation/movements/{CHARGE}").text
    assert "Entry by hand" in page
    assert "Propose the correcting entry" not in page


def test_a_movement_that_stripe_never_reported_is_refused_beside_its_field(admin: Admin) -> None:
    sent = {"reason": "x", "movement": "txn_nobody", "lines-0-kind": "", "lines-1-kind": ""}
    answer = admin.client.post("/console/books/manual/new", data=sent)
    assert answer.status_code == 422
    assert "Stripe has reported no movement of this id" in answer.text
    assert "txn_nobody" in answer.text


def test_without_any_run_the_page_says_so_and_lets_one_begin(app: Flask, admin: Admin) -> None:
    assert "Nothing was read from Stripe yet" in admin.client.get("/console/reconciliation").text
    assert admin.client.post("/console/reconciliation/run").status_code == 303
    with app.app_context():
        assert standing().last is None
    page = admin.client.get("/console/reconciliation").text
    assert "The first run reads every movement" in page
    part = admin.client.get("/console/reconciliation", headers={"HX-Request": "true"}).text
    for shown in ("At work since", "reading", 'hx-trigger="load delay:5s"'):
        assert shown in page
        assert shown in part
    assert "<html" not in part


@pytest.mark.usefixtures("context")
def test_ids_lead_to_stripes_dashboard_or_to_the_sandboxs_page(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = app.extensions["mutuals_settings"]
    assert dashboard_url("pi_1") == f"{settings.stripe_api_base}/objects/pi_1"
    for key, part in (("sk_test_x", "/test"), ("sk_live_x", "")):
        changed = settings.model_copy(
            update={"stripe_api_base": None, "stripe_secret_key": type(settings.secret_key)(key)}
        )
        monkeypatch.setitem(app.extensions, "mutuals_settings", changed)
        root = f"https://dashboard.stripe.com{part}"
        assert dashboard_url("ch_1") == f"{root}/payments/ch_1"
        assert dashboard_url("acct_1") == f"{root}/connect/accounts/acct_1"
        assert dashboard_url("po_1", "acct_1") == f"https://dashboard.stripe.com/acct_1{part}/payouts/po_1"
        assert dashboard_url("txn_1 &x") == f"{root}/search?query=txn_1%20%26x"
