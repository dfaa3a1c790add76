"""What is told of documents that were issued: an invoice, a statement, a summary."""

from collections.abc import Sequence

from sqlalchemy import select

from marketplace.documents.models import Document, DocumentKind
from marketplace.infra.db import db
from marketplace.kit.money import Money
from marketplace.notifications.recipients import Recipient, agency_people, brand_people, creator_themselves
from marketplace.notifications.service import News, tell
from marketplace.notifications.told import Detail, money_detail, month_detail

_KINDS = {
    DocumentKind.INVOICE: "money.invoice",
    DocumentKind.STATEMENT: "money.statement",
    DocumentKind.ANNUAL_SUMMARY: "money.summary",
}


def tell_of_documents(document_ids: Sequence[int]) -> None:
    for document in db.session.scalars(select(Document).where(Document.id.in_(document_ids)).order_by(Document.id)):
        news = News(f"document:{document.id}", "money", {"document_id": document.id}, _details(document))
        for to in _people(document.owner):
            tell(to, _KINDS[document.kind], news)


def _details(document: Document) -> dict[str, Detail]:
    if document.period_start is not None:
        return {"month": month_detail(document.period_start), "year": str(document.period_start.year)}
    deal = document.data["deal"]
    return {
        "number": document.data["number"],
        "amount": money_detail(Money(document.total, document.currency)),
        "title": deal["title"],
        "deal": deal["reference"],
    }


def _people(owner: str) -> list[Recipient]:
    side, _colon, number = owner.partition(":")
    if side == "brand":
        return brand_people(int(number), money=True)
    return agency_people(int(number), owners=True) if side == "agency" else creator_themselves(int(number))
