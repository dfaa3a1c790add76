"""Invoices, fee invoices and credit notes: what they say is what the books say, and each is issued once."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace.deals.deadlines import enforce_deadline
from marketplace.deals.models import Deal
from marketplace.disputes.models import DisputeReason
from marketplace.disputes.service import Claim, open_dispute, rule
from marketplace.documents.invoices import issue_credit_note, issue_fee_invoice, issue_invoice
from marketplace.documents.models import Document, DocumentKind
from marketplace.documents.queries import DocumentFilter, documents_of_actor
from marketplace.escrow.fund import start_funding
from marketplace.escrow.models import Checkout, Payment, PaymentState, Refund, Settlement
from marketplace.escrow.queries import newest_payment
from marketplace.escrow.receive import confirm_checkout
from marketplace.escrow.settle import cancel_late
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.ledger.models import LedgerEntry, LedgerLine
from marketplace.notifications.models import Notification
from marketplace.stripe_sandbox import guest
from tests.support.agencies import make_agency, represent
from tests.support.market import make_admin, make_brand, make_creator
from tests.support.money import (
    Parties,
    assert_books_balance,
    completed_deal,
    funded_deal,
    publish,
    signed_deal,
)
from tests.support.racing import race

pytestmark = pytest.mark.usefixtures("context", "sandbox")
RunJobs = Callable[..., None]


def of_kind(kind: DocumentKind) -> Sequence[Document]:
    db.session.rollback()
    return db.session.scalars(select(Document).where(Document.kind == kind).order_by(Document.id)).all()


def the_only(kind: DocumentKind) -> Document:
    (found,) = of_kind(kind)
    return found


def entry_amounts(document: Document, which: int = 0) -> list[int]:
    """The debits of the entry that the document names."""
    entry_id = document.data["entries"][which]["id"]
    query = select(LedgerLine.amount).where(LedgerLine.entry_id == entry_id, LedgerLine.amount > 0)
    return list(db.session.scalars(query))


def ruled(parties: Parties, creator_part: int) -> None:
    publish(parties)
    with transaction():
        claim = Claim("Four days late.")
        dispute_id = open_dispute(parties.brand.actor, parties.deal_id, DisputeReason.LATE, claim).id
    with transaction():
        rule(make_admin(), dispute_id, Money(creator_part), "A third less for four late days.")


def test_a_payment_is_invoiced_with_the_price_and_the_service_fee_apart(run_jobs: RunJobs) -> None:
    parties = funded_deal()
    run_jobs()
    invoice = the_only(DocumentKind.INVOICE)
    assert (invoice.owner, invoice.reference) == (f"brand:{parties.brand.id}", f"deal:{parties.deal_id}")
    assert (invoice.total, invoice.currency) == (12_600_00, "CNY")
    assert invoice.data["price"] == 12_000_00
    assert invoice.data["service_fee"] == {
        "name": "VAT", "basis_points": 600, "net": 566_04, "tax": 33_96, "gross": 600_00,
    }  # fmt: skip
    assert invoice.data["recipient"]["registration_number"] == "91310000MA1K00000X"
    assert invoice.data["issuer"]["tax_id"] == "HK-1234567"
    assert invoice.data["payment"]["charge"] == db.session.scalars(select(Checkout.charge_id)).one()
    assert "5 %" in invoice.data["fee_lines"][0]["words"]["en"]
    assert entry_amounts(invoice) == [12_600_00]
    assert_books_balance()


def test_a_commission_is_invoiced_at_settlement_and_none_where_there_was_none(run_jobs: RunJobs) -> None:
    with transaction():
        creator, brand = make_creator(), make_brand()
    free = completed_deal(4_000_00, creator, brand)
    paying = completed_deal(12_000_00, creator, brand)
    run_jobs()
    fee = the_only(DocumentKind.FEE_INVOICE)
    assert (fee.owner, fee.reference) == (f"creator:{creator.id}", f"deal:{paying.deal_id}")
    assert free.deal_id != paying.deal_id
    # 10 % of what lies above 5,000 in the month: 4,000 came before.
    assert fee.total == 1_100_00
    assert fee.data["commission"]["net"] + fee.data["commission"]["tax"] == fee.total
    assert sum(line["amount"] for line in fee.data["fee_lines"]) == fee.total
    assert fee.data["price"] == fee.data["received"] + fee.total
    assert_books_balance()


def test_an_agencys_share_stands_on_the_creators_fee_invoice_and_gets_none_of_its_own(run_jobs: RunJobs) -> None:
    with transaction():
        creator, brand, agency = make_creator(), make_brand(), make_agency()
        represent(agency, creator)
    completed_deal(12_000_00, creator, brand)
    run_jobs()
    fee = the_only(DocumentKind.FEE_INVOICE)
    assert fee.owner == f"creator:{creator.id}"
    assert fee.data["received"] + fee.data["agency_share"] + fee.total == 12_000_00
    of_the_deal = DocumentFilter(deal_id=fee.data["deal"]["id"])
    assert documents_of_actor(agency.actor, of_the_deal, 9, None) == []
    assert documents_of_actor(agency.acting_for(creator), of_the_deal, 9, None) == []
    assert documents_of_actor(creator.actor, of_the_deal, 9, None) == [fee]
    assert_books_balance()


def test_a_ruling_that_gives_back_a_part_credits_that_part_and_its_tax(run_jobs: RunJobs) -> None:
    parties = funded_deal()
    ruled(parties, 8_000_00)
    run_jobs()
    invoice, note = the_only(DocumentKind.INVOICE), the_only(DocumentKind.CREDIT_NOTE)
    assert (note.corrects_id, note.owner) == (invoice.id, invoice.owner)
    assert note.data["corrects"]["number"] == invoice.data["number"]
    assert invoice.data["number"].endswith("-INV-000001")
    assert (note.data["price"], note.data["service_fee"]["gross"], note.total) == (4_000_00, 200_00, 4_200_00)
    # What stays is taxed as if it alone had been charged: 400.00 with 22.64 of tax.
    assert invoice.data["service_fee"]["tax"] - note.data["service_fee"]["tax"] == 22_64
    assert note.data["whole"] is False
    assert the_only(DocumentKind.FEE_INVOICE).data["price"] == 8_000_00
    assert_books_balance()


def test_a_ruling_that_gives_back_everything_leaves_nothing_of_the_invoice(run_jobs: RunJobs) -> None:
    ruled(funded_deal(), 0)
    run_jobs()
    invoice, note = the_only(DocumentKind.INVOICE), the_only(DocumentKind.CREDIT_NOTE)
    assert note.total == invoice.total
    assert note.data["service_fee"] == invoice.data["service_fee"]
    assert note.data["whole"] is True
    assert of_kind(DocumentKind.FEE_INVOICE) == []
    assert_books_balance()


def test_a_cancellation_credits_the_whole_invoice_also_where_the_rate_has_changed_since(
    app: Flask, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    parties = funded_deal()
    run_jobs()
    changed = app.extensions["mutuals_settings"].model_copy(update={"tax_basis_points": 1_300})
    monkeypatch.setitem(app.extensions, "mutuals_settings", changed)
    with clock.at(clock.now() + timedelta(days=30)), transaction():
        cancel_late(parties.brand.actor, parties.deal_id, "No draft came.")
    run_jobs()
    invoice, note = the_only(DocumentKind.INVOICE), the_only(DocumentKind.CREDIT_NOTE)
    assert note.data["service_fee"] == invoice.data["service_fee"]
    assert [entry["kind"] for entry in note.data["entries"]] == ["refund.prepared"]
    assert entry_amounts(note) == [invoice.total]
    assert_books_balance()


def test_a_payment_that_came_too_late_is_neither_invoiced_nor_credited(run_jobs: RunJobs) -> None:
    parties = signed_deal()
    address = start_funding(parties.brand.actor, parties.deal_id, "en")
    with clock.at(clock.now() + timedelta(days=8)), transaction():
        enforce_deadline(parties.deal_id)
    guest.pay(address, "4242424242424242")
    payment = newest_payment(parties.deal_id)
    assert payment is not None
    payment_id, checkout_id = payment.id, str(payment.checkout_id)
    confirm_checkout(checkout_id)
    run_jobs()
    assert db.session.get_one(Payment, payment_id).state is PaymentState.RETURNED
    assert db.session.scalars(select(Document)).all() == []
    assert_books_balance()


def test_jobs_that_run_twice_or_at_once_or_in_the_wrong_order_issue_once(app: Flask) -> None:
    ruled(funded_deal(), 8_000_00)
    db.session.rollback()
    payment_id, refund_id = db.session.scalars(select(Payment.id)).one(), db.session.scalars(select(Refund.id)).one()
    settlement_id = db.session.scalars(select(Settlement.id)).one()
    db.session.rollback()
    steps: list[Callable[[], object]] = [
        lambda: issue_credit_note(refund_id),
        lambda: issue_invoice(payment_id),
        lambda: issue_fee_invoice(settlement_id),
    ]
    assert race(app, *steps, *steps) == ["done"] * 6
    assert [len(of_kind(kind)) for kind in DocumentKind] == [1, 1, 1, 0, 0]
    assert [document.number for document in db.session.scalars(select(Document))] == [1, 1, 1]


def test_the_company_is_told_of_its_invoice_once(run_jobs: RunJobs) -> None:
    funded_deal()
    run_jobs()
    told = db.session.scalars(select(Notification).where(Notification.kind == "money.invoice")).all()
    assert [(one.endpoint, one.values) for one in told] == [
        ("documents.show", {"document_id": the_only(DocumentKind.INVOICE).id})
    ]


def test_every_figure_of_a_document_leads_to_an_entry_of_its_deal(run_jobs: RunJobs) -> None:
    parties = completed_deal()
    run_jobs()
    deal = db.session.get_one(Deal, parties.deal_id)
    for document in db.session.scalars(select(Document)):
        assert document.data["deal"]["reference"] == deal.reference
        for entry in document.data["entries"]:
            assert db.session.get_one(LedgerEntry, entry["id"]).reference == f"deal:{deal.id}"
    assert_books_balance()
