"""The evidence in words: what a bank reads of the deals that its customer paid for.

Banks and card networks read English, whoever the payer is: these words are of one language on purpose.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from marketplace.chargebacks.gathered import DealFile, Gathered
from marketplace.contracts.agreement import Agreement
from marketplace.contracts.models import Party
from marketplace.contracts.words import written as contract_written
from marketplace.deals.lifecycle import Action
from marketplace.deals.models import Delivery, DeliveryKind, Verdict
from marketplace.deals.timeline import Entry
from marketplace.infra.i18n import reader
from marketplace.kit.money import Money

T = TypeVar("T")
Words = dict[str, Any]
_VERDICTS = {Verdict.WAITING: "waiting", Verdict.APPROVED: "approved", Verdict.REVISION: "sent back for a revision"}


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a deal there is room for: the most messages, the most events, and the most deals in full."""

    messages: int
    events: int
    deals: int


def written(found: Gathered, room: Room) -> Words:
    """The document; what there is no room for is cut from the middle, and said to be."""
    with reader("en", found.timezone):
        moment = _When(found.timezone)
        shown, left_out = cut(found.deals, room.deals)
        return {
            "created": moment.parts(found.opened_at),
            "running": f"Dispute {found.dispute_id} · charge {found.charge_id}",
            "title": "Evidence for a disputed payment",
            "subtitle": f"Dispute {found.dispute_id}, opened on {moment(found.opened_at)}. All times are of the "
            f"time zone {found.timezone}.",
            "facts": _payment(found, moment),
            "deals": [_deal(deal, room, moment) for deal in shown],
            "notes": [f"{left_out} further deals of this payment are left out for want of space."] if left_out else [],
        }


def cut(rows: Sequence[T], most: int) -> tuple[list[T], int]:
    """The first and the last of them, `most` in all, and how many are left out between."""
    if len(rows) <= most:
        return list(rows), 0
    first = (most + 1) // 2
    return [*rows[:first], *rows[len(rows) - (most - first) :]], len(rows) - most


def amount_words(amount: Money) -> str:
    """With the currency's code: a bank abroad may take one sign for another."""
    return f"{amount.currency} {amount.major:,.{amount.exponent}f}"


class _When:
    """Moments with their year, in one time zone."""

    def __init__(self, timezone: str) -> None:
        self.zone = ZoneInfo(timezone)

    def __call__(self, at: datetime | None) -> str:
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}" if at is not None else ""

    def parts(self, at: datetime) -> list[int]:
        local = at.astimezone(self.zone)
        return [local.year, local.month, local.day, local.hour, local.minute, local.second]


def _fact(name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": value}


def _section(
    heading: str, *, facts: Sequence[Any] = (), clauses: Sequence[str] = (), entries: Sequence[Any] = ()
) -> Words:
    return {"heading": heading, "facts": list(facts), "clauses": list(clauses), "entries": list(entries)}


def _payment(found: Gathered, moment: _When) -> list[dict[str, str]]:
    card = f", card ending in {found.card_last4}" if found.card_last4 else ""
    deals = "\n".join(f"{deal.reference} “{deal.title}”: {amount_words(deal.paid)}" for deal in found.deals)
    return [
        _fact("Merchant", "Mutuals, a marketplace on which brands commission work from creators"),
        _fact("Customer", f"{found.customer_name}\n{found.payer_name}, {found.payer_email}"),
        _fact("Payment", f"{amount_words(found.paid)} on {moment(found.paid_at)}{card}\nCharge {found.charge_id}"),
        _fact("Disputed", f"{amount_words(found.disputed)}, reason given: {found.reason}"),
        _fact("Paid for", deals),
    ]


def _deal(deal: DealFile, room: Room, moment: _When) -> Words:
    sections = [
        *_contract(deal.agreement),
        _signatures(deal, moment),
        _deliveries(deal, moment),
        _acceptance(deal, moment),
        _events(deal, room, moment),
        _messages(deal, room, moment),
    ]
    return {
        "heading": f"{deal.reference}: {deal.title}",
        "sections": [section for section in sections if section["facts"] or section["clauses"] or section["entries"]],
    }


def _contract(agreement: Agreement | None) -> list[Words]:
    """The contract's own words, its sums as facts."""
    if agreement is None:
        return []
    found = []
    for section in contract_written(agreement, "en")["sections"]:
        facts = [_fact(row["name"], row["value"]) for row in section["facts"]]
        for slip in section.get("slips", ()):
            facts += [_fact(row["name"], row["value"]) for row in (*slip["lines"], slip["sum"])]
        found.append(_section(f"Contract: {section['heading']}", facts=facts, clauses=section["clauses"]))
    return found


def _signatures(deal: DealFile, moment: _When) -> Words:
    rows = [
        _fact(
            "For the brand (the customer)" if signature.party is Party.BRAND else "For the creator",
            f"Signed by {signature.name} on {moment(signature.signed_at)} from the address {signature.address}\n"
            f"Fingerprint of the contract (SHA-256): {signature.sha256}",
        )
        for signature in deal.signatures
    ]
    return _section("Signatures", facts=rows)


def _deliveries(deal: DealFile, moment: _When) -> Words:
    return _section("What was delivered", entries=[_delivery(one, moment) for one in deal.deliveries])


def _delivery(delivery: Delivery, moment: _When) -> dict[str, str]:
    published = delivery.kind is DeliveryKind.PUBLICATION
    lines = [delivery.url] if delivery.url else []
    if delivery.file is not None:
        lines.append(f"File {delivery.file.name}, {delivery.file.size} bytes, SHA-256 {delivery.file.sha256}")
    if delivery.note:
        lines.append(f"The creator’s note: {delivery.note}")
    if delivery.verdict_at is not None:
        note = f": {delivery.verdict_note}" if delivery.verdict_note else ""
        lines.append(f"Answered on {moment(delivery.verdict_at)}, {_VERDICTS[delivery.verdict]}{note}")
    what = "Proof of publication" if published else f"Draft {delivery.number}"
    return {"when": moment(delivery.submitted_at), "what": what, "said": "\n".join(lines)}


def _acceptance(deal: DealFile, moment: _When) -> Words:
    accepted = [event for event in deal.events if event.action is Action.ACCEPT_WORK]
    rows = [
        _fact(
            "Accepted",
            f"{moment(event.at)}, by {event.actor_name} of the brand"
            if event.user_id is not None
            else f"{moment(event.at)}, as the brand did not object in the time that the contract gives",
        )
        for event in accepted
    ]
    return _section("Acceptance by the customer", facts=rows)


def _events(deal: DealFile, room: Room, moment: _When) -> Words:
    shown, left_out = cut(deal.timeline, room.events)
    return _section(
        "What happened, in order", entries=_noted([_entry(row, moment) for row in shown], left_out, room.events)
    )


def _entry(row: Entry, moment: _When) -> dict[str, str]:
    return {"when": moment(row.at), "what": row.title.striptags(), "said": row.said}


def _messages(deal: DealFile, room: Room, moment: _When) -> Words:
    shown, left_out = cut(deal.messages, room.messages)
    rows = [
        {
            "when": moment(message.at),
            "what": f"{message.author_name}, for the {'customer' if message.side == 'brand' else 'creator'}",
            "said": message.body,
        }
        for message in shown
    ]
    return _section("Messages between customer and creator", entries=_noted(rows, left_out, room.messages))


def _noted(rows: list[dict[str, str]], left_out: int, most: int) -> list[dict[str, str]]:
    """With a line where some are left out."""
    if left_out:
        note = {"when": "", "what": f"({left_out} more stand here; they are left out for want of space.)", "said": ""}
        rows.insert((most + 1) // 2, note)
    return rows
