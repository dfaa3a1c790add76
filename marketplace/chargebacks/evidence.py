"""The evidence for a bank: one PDF within the provider's limits, and the texts that go with it."""

import hashlib
import json
from pathlib import Path
from typing import Any

from sqlalchemy import select

from marketplace.chargebacks.evidence_words import Room, amount_words, lines_at_least, written
from marketplace.chargebacks.gathered import DealFile, Gathered, gather
from marketplace.chargebacks.models import Chargeback
from marketplace.contracts.models import Party
from marketplace.deals.lifecycle import Action
from marketplace.deals.models import DeliveryKind
from marketplace.infra import typesetting
from marketplace.infra.db import db
from marketplace.infra.storage import store_file

_TEMPLATE = Path(__file__).with_name("evidence.typ")
# All files of an answer together: docs.stripe.com/disputes/best-practices
MOST_BYTES = 4_500_000
# Stripe refuses what fills more pages, texts and all, than the card network takes, which at Mastercard are 19. The file
# has most of them; what the texts are filled in with is to fit on the others.
MOST_PAGES = 14
_FILLED_IN = 3_000
# The texts of an answer and the most characters of each: docs.stripe.com/api/disputes/update, and the lengths in
# Stripe's OpenAPI document. Together they stay below the 150,000 that it takes of all.
_LONG, _SHORT = 20_000, 5_000
MOST_SIGNS = {
    "product_description": _LONG,
    "service_date": _SHORT,
    "customer_name": _SHORT,
    "customer_email_address": _SHORT,
    "customer_purchase_ip": _SHORT,
    "access_activity_log": _LONG,
    "refund_policy_disclosure": _LONG,
    "uncategorized_text": _LONG,
}
# A page holds 51 lines; a document that is counted longer than these isn't tried.
_MOST_LINES = 51 * MOST_PAGES
# The next room is tried where a document comes out too long. The last fits whatever people wrote, and how many deals.
_ROOMS = (
    Room(messages=600, events=300, deliveries=60, deals=100, signs=4000, lines=200),
    Room(messages=200, events=200, deliveries=60, deals=100, signs=4000, lines=120),
    Room(messages=120, events=120, deliveries=40, deals=60, signs=3000, lines=80),
    Room(messages=80, events=80, deliveries=40, deals=60, signs=2000, lines=50),
    Room(messages=30, events=40, deliveries=20, deals=30, signs=1000, lines=30),
    Room(messages=12, events=20, deliveries=12, deals=20, signs=600, lines=16),
    Room(messages=8, events=12, deliveries=6, deals=14, signs=400, lines=10),
    Room(messages=2, events=6, deliveries=4, deals=8, signs=300, lines=8),
    Room(messages=0, events=4, deliveries=2, deals=4, signs=200, lines=6),
    Room(messages=0, events=2, deliveries=1, deals=2, signs=150, lines=4),
)


def assemble(chargeback_id: int) -> None:
    """Make the PDF of what is known now, and the texts unless somebody has written them. Sent evidence stays."""
    query = select(Chargeback).where(Chargeback.id == chargeback_id).with_for_update()
    chargeback = db.session.scalars(query.execution_options(populate_existing=True)).one()
    if chargeback.checked_at is not None or chargeback.closed_at is not None:
        return
    found = gather(chargeback)
    stored = store_file(f"evidence-{chargeback.stripe_dispute_id}.pdf", "application/pdf", pdf_of(found))
    chargeback.evidence_file_id = stored.id
    if not chargeback.evidence:
        chargeback.evidence = texts_of(found)


def pdf_of(found: Gathered) -> bytes:
    """Within the limits: too many messages, events, deliveries and deals are cut from their middle, too long texts from
    their end. Only what may fit is set at all."""
    for room in _ROOMS:
        words = written(found, room)
        if lines_at_least(words) > _MOST_LINES and room is not _ROOMS[-1]:
            continue
        inputs = {"evidence": typesetting.as_input(words)}
        if typesetting.pages(_TEMPLATE, inputs) <= MOST_PAGES:
            content = typesetting.pdf(_TEMPLATE, inputs, ["a-2b"])
            if len(content) <= MOST_BYTES:
                return content
    raise ValueError(f"the evidence for {found.dispute_id} doesn't fit into {MOST_PAGES} pages")


def texts_of(found: Gathered) -> dict[str, Any]:
    """The provider's text fields as we would fill them in: an administrator reads and corrects them."""
    texts = {
        "product_description": "\n".join(f"{deal.title}. {deal.deliverables}" for deal in found.deals),
        "service_date": _service_date(found),
        "customer_name": f"{found.customer_name} ({found.payer_name})",
        "customer_email_address": found.payer_email,
        "customer_purchase_ip": _address(found),
        "access_activity_log": "\n".join(line for deal in found.deals for line in _activity(deal)),
        "refund_policy_disclosure": _REFUNDS,
        "uncategorized_text": _story(found),
    }
    return {name: text[: min(MOST_SIGNS[name], _FILLED_IN)] for name, text in texts.items()}


def fingerprint(chargeback: Chargeback) -> str:
    """What an administrator has read of an answer: it changes with the file, with any text that is kept, and with what
    the bank wants to be answered."""
    texts = [chargeback.evidence.get(name, "") for name in MOST_SIGNS]
    return hashlib.sha256(json.dumps([chargeback.stage, chargeback.evidence_file_id, *texts]).encode()).hexdigest()


_REFUNDS = (
    "The contract, which the customer read and signed before paying, says when money goes back: in full where no draft "
    "is delivered in time; as far as both sides agree, or an administrator rules, in a dispute that the customer can "
    "open at any time before accepting the work. After acceptance the price is due. The wording is in the attached "
    "file, under “Contract”."
)


def _service_date(found: Gathered) -> str:
    published = [
        one.submitted_at for deal in found.deals for one in deal.deliveries.rows if one.kind is DeliveryKind.PUBLICATION
    ]
    return f"{max(published):%Y-%m-%d}" if published else ""


def _address(found: Gathered) -> str:
    """From where the customer signed, last."""
    signed = [one for deal in found.deals for one in deal.signatures if one.party is Party.BRAND]
    return max(signed, key=lambda one: one.signed_at).address if signed else ""


def _activity(deal: DealFile) -> list[str]:
    """What the customer's people did, with times in UTC."""
    lines = [
        (one.signed_at, f"{one.name} signed the contract from {one.address}")
        for one in deal.signatures
        if one.party is Party.BRAND
    ]
    acts = {
        Action.FUND: "paid",
        Action.REQUEST_REVISION: "asked for a revision of the draft",
        Action.APPROVE_DRAFT: "approved the draft",
        Action.ACCEPT_WORK: "accepted the published work",
    }
    lines += [
        (event.at, f"{event.actor_name} {acts[event.action]}")
        for event in deal.acts
        if event.action in acts and event.user_id is not None
    ]
    return [f"{at:%Y-%m-%d %H:%M} UTC, {deal.reference}: {what}" for at, what in sorted(lines)]


def _story(found: Gathered) -> str:
    opening = (
        f"The customer, {found.customer_name}, paid {amount_words(found.paid)} for work that was agreed in a signed "
        "contract. The attached file has the contract with both signatures, what was delivered and when, the "
        "customer’s approvals, and all that both sides wrote to each other."
    )
    told = [opening]
    for deal in found.deals:
        accepted = any(event.action is Action.ACCEPT_WORK for event in deal.acts)
        published = any(one.kind is DeliveryKind.PUBLICATION for one in deal.deliveries.rows)
        if accepted:
            told.append(f"{deal.reference}: the work was published, and the customer accepted it.")
        elif published:
            told.append(f"{deal.reference}: the work was published as agreed.")
        else:
            told.append(f"{deal.reference}: the work is being made as agreed.")
    return "\n".join(told)
