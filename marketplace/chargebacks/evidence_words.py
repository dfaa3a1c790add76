"""The evidence in words: what a bank reads of the deals that its customer paid for.

Banks and card networks read English, whoever the payer is: these words are of one language on purpose.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from marketplace.chargebacks.gathered import DealFile, Ends, Gathered
from marketplace.contracts.models import ContractFile, Party
from marketplace.deals.lifecycle import Action
from marketplace.deals.models import Delivery, DeliveryKind, Verdict
from marketplace.deals.timeline import Entry
from marketplace.infra.i18n import reader
from marketplace.kit.money import Money

T = TypeVar("T")
Words = dict[str, Any]
_VERDICTS = {Verdict.WAITING: "waiting", Verdict.APPROVED: "approved", Verdict.REVISION: "sent back for a revision"}


# Of names and titles, which stand in one line or two.
_SHORT, _TITLE = 60, 120
_MOST_LISTED = 100
# The template's lines hold as many em; what its space between rows and headings is worth in lines.
_EM_IN_LINE, _ROW, _HEADING = 36, 0.6, 2.5
# A text in Latin letters has two to the em, or somewhat more.
_NARROW = 0.45


@dataclass(frozen=True, slots=True)
class Room:
    """What there is room for: the most messages, events and deliveries of a deal, the most deals in full, and the
    most signs and lines of any one text that people wrote."""

    messages: int
    events: int
    deliveries: int
    deals: int
    signs: int
    lines: int

    def fit(self, text: str) -> str:
        """The beginning of it, as much as there is room for, and how much more there was."""
        rows = text.splitlines()
        kept = "\n".join(rows[: self.lines])[: self.signs]
        left_out = len("\n".join(rows)) - len(kept)
        return f"{kept.rstrip()} … (cut here, {left_out} more characters)" if left_out else kept


def written(found: Gathered, room: Room) -> Words:
    """The document; what there is no room for is cut from the middle, a text from its end, and said to be."""
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


def lines_at_least(words: Any) -> float:
    """About how many lines the document takes, rather too few than too many: counted, not set."""
    match words:
        case str():
            return sum(max(1, _em(line) / _EM_IN_LINE) for line in words.split("\n")) if words else 0
        case dict():
            own = _HEADING if "heading" in words else _ROW if "value" in words else 0
            # Of a row, one side stands beside the other.
            beside = ("name", "when") if own == _ROW or "when" in words else ()
            return own + sum(lines_at_least(value) for name, value in words.items() if name not in beside)
        case list():
            return sum(lines_at_least(value) for value in words)
        case _:
            return 0


def _em(line: str) -> float:
    if line.isascii():
        return len(line) * _NARROW
    return sum(1 if unicodedata.east_asian_width(sign) in "WF" else _NARROW for sign in line)


def cut(rows: Sequence[T], most: int) -> tuple[list[T], int]:
    """The first and the last of them, `most` in all, and how many are left out between."""
    if len(rows) <= most:
        return list(rows), 0
    first = (most + 1) // 2
    return [*rows[:first], *rows[len(rows) - (most - first) :]], len(rows) - most


def _short(text: str, most: int = _SHORT) -> str:
    """In one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


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
    listed, left_out = cut(found.deals, _MOST_LISTED)
    deals = [f"{deal.reference} “{_short(deal.title)}”: {amount_words(deal.paid)}" for deal in listed]
    if left_out:
        deals.insert((_MOST_LISTED + 1) // 2, f"({left_out} more)")
    return [
        _fact("Merchant", "Mutuals, a marketplace on which brands commission work from creators"),
        _fact(
            "Customer",
            f"{_short(found.customer_name)}\n{_short(found.payer_name)}, {_short(found.payer_email, 2 * _SHORT)}",
        ),
        _fact("Payment", f"{amount_words(found.paid)} on {moment(found.paid_at)}{card}\nCharge {found.charge_id}"),
        _fact("Disputed", f"{amount_words(found.disputed)}, reason given: {_short(found.reason)}"),
        _fact("Paid for", "\n".join(deals)),
    ]


def _deal(deal: DealFile, room: Room, moment: _When) -> Words:
    sections = [
        *_contract(deal.contract, room),
        _signatures(deal, moment),
        _deliveries(deal, room, moment),
        _acceptance(deal, moment),
        _events(deal, room, moment),
        _messages(deal, room, moment),
    ]
    return {
        "heading": f"{deal.reference}: {_short(deal.title, _TITLE)}",
        "sections": [section for section in sections if section["facts"] or section["clauses"] or section["entries"]],
    }


def _contract(contract: ContractFile | None, room: Room) -> list[Words]:
    """The contract's own words, as they were set for signing, its sums as facts. Only facts are people's own texts."""
    if contract is None:
        return []
    found = []
    for section in contract.words["sections"]:
        facts = [_fact(row["name"], room.fit(row["value"])) for row in section["facts"]]
        for slip in section.get("slips", ()):
            facts += [_fact(row["name"], row["value"]) for row in (*slip["lines"], slip["sum"])]
        found.append(_section(f"Contract: {section['heading']}", facts=facts, clauses=section["clauses"]))
    return found


def _signatures(deal: DealFile, moment: _When) -> Words:
    rows = [
        _fact(
            "For the brand (the customer)" if signature.party is Party.BRAND else "For the creator",
            f"Signed by {_short(signature.name)} on {moment(signature.signed_at)} from the address "
            f"{_short(signature.address)}\n"
            f"Fingerprint of the contract (SHA-256): {signature.sha256}",
        )
        for signature in deal.signatures
    ]
    others = {signature.sha256 for signature in deal.signatures}
    if rows and deal.contract is not None and others != {deal.contract.sha256}:
        rows.append(_fact("The English text above", f"Fingerprint of its file (SHA-256): {deal.contract.sha256}"))
    return _section("Signatures", facts=rows)


def _deliveries(deal: DealFile, room: Room, moment: _When) -> Words:
    shown, left_out = _ends(deal.deliveries, room.deliveries)
    return _section("What was delivered", entries=_noted([_delivery(one, room, moment) for one in shown], left_out))


def _ends(found: Ends[T], most: int) -> tuple[list[T], int]:
    shown, _left_out = cut(found.rows, most)
    return shown, found.in_all - len(shown)


def _delivery(delivery: Delivery, room: Room, moment: _When) -> dict[str, str]:
    published = delivery.kind is DeliveryKind.PUBLICATION
    lines = [room.fit(delivery.url)] if delivery.url else []
    if delivery.file is not None:
        name = _short(delivery.file.name, _TITLE)
        lines.append(f"File {name}, {delivery.file.size} bytes, SHA-256 {delivery.file.sha256}")
    if delivery.note:
        lines.append(f"The creator’s note: {room.fit(delivery.note)}")
    if delivery.verdict_at is not None:
        note = f": {room.fit(delivery.verdict_note)}" if delivery.verdict_note else ""
        lines.append(f"Answered on {moment(delivery.verdict_at)}, {_VERDICTS[delivery.verdict]}{note}")
    what = "Proof of publication" if published else f"Draft {delivery.number}"
    return {"when": moment(delivery.submitted_at), "what": what, "said": "\n".join(lines)}


def _acceptance(deal: DealFile, moment: _When) -> Words:
    accepted = [event for event in deal.acts if event.action is Action.ACCEPT_WORK]
    rows = [
        _fact(
            "Accepted",
            f"{moment(event.at)}, by {_short(event.actor_name)} of the brand"
            if event.user_id is not None
            else f"{moment(event.at)}, as the brand did not object in the time that the contract gives",
        )
        for event in accepted
    ]
    return _section("Acceptance by the customer", facts=rows)


def _events(deal: DealFile, room: Room, moment: _When) -> Words:
    shown, left_out = _ends(deal.timeline, room.events)
    return _section("What happened, in order", entries=_noted([_entry(row, room, moment) for row in shown], left_out))


def _entry(row: Entry, room: Room, moment: _When) -> dict[str, str]:
    return {"when": moment(row.at), "what": _short(row.title.striptags(), 2 * _TITLE), "said": room.fit(row.said)}


def _messages(deal: DealFile, room: Room, moment: _When) -> Words:
    shown, left_out = _ends(deal.messages, room.messages)
    rows = [
        {
            "when": moment(message.at),
            "what": f"{_short(message.author_name)}, for the {'customer' if message.side == 'brand' else 'creator'}",
            "said": room.fit(message.body),
        }
        for message in shown
    ]
    return _section("Messages between customer and creator", entries=_noted(rows, left_out))


def _noted(rows: list[dict[str, str]], left_out: int) -> list[dict[str, str]]:
    """With a line where some are left out."""
    if left_out:
        note = {"when": "", "what": f"({left_out} more stand here; they are left out for want of space.)", "said": ""}
        rows.insert((len(rows) + 1) // 2, note)
    return rows
