"""Evidence within a bank's limits, whatever people wrote and however many deals a charge paid for."""

import io
import uuid
from itertools import islice
from typing import Any, TypeVar

import pypdf
import pytest
from sqlalchemy import insert, inspect, select

from marketplace.chargebacks.evidence import MOST_BYTES, MOST_PAGES
from marketplace.chargebacks.models import ChargebackPart
from marketplace.contracts.agreement import Agreement
from marketplace.contracts.models import Contract, ContractFile
from marketplace.contracts.words import written
from marketplace.deals.lifecycle import Action, State
from marketplace.deals.messages import post_message
from marketplace.deals.models import Deal, DealEvent, DealSide, Delivery, DeliveryKind, Message, Verdict
from marketplace.escrow.models import Payment
from marketplace.infra import typesetting
from marketplace.infra.db import db, transaction
from marketplace.infra.font_signs import BOX, drawable
from marketplace.infra.storage import StoredFile
from marketplace.kit import clock
from marketplace.matching.models import Selection
from tests.ledger.books import queries
from tests.support.bank import Bank, chargeback_of
from tests.support.evidence import assembled, read_file
from tests.support.money import Parties, funded_deal

pytestmark = pytest.mark.usefixtures("context", "sandbox")
Row = TypeVar("Row", Selection, Deal, Payment, ChargebackPart)


def copied(row: Row, **changes: Any) -> Row:
    """A new row with the same values, but for its key and what is changed."""
    values = {one.key: getattr(row, one.key) for one in inspect(type(row)).column_attrs if one.key != "id"}
    found = type(row)(**(values | changes))
    db.session.add(found)
    db.session.flush()
    return found


def rows_of_a_deal(parties: Parties, deal_id: int, said: str) -> dict[Any, list[dict[str, Any]]]:
    """Twenty revisions, a long talk and many events, each text as long as its form allows."""
    at, creator, brand = clock.now(), parties.creator.user_id, parties.brand.user_id
    delivery: dict[str, Any] = {"kind": DeliveryKind.DRAFT, "url": "https://example.com/" + "a" * 1900}
    delivery |= {"note": said[:2000], "submitted_by": creator, "submitted_at": at}
    delivery |= {"verdict": Verdict.REVISION, "verdict_note": said[:2000], "verdict_at": at}
    event: dict[str, Any] = {"at": at, "action": Action.REQUEST_REVISION, "side": DealSide.BRAND, "user_id": brand}
    event |= {"actor_name": said[:120], "from_state": State.DRAFT_REVIEW, "to_state": State.PRODUCTION}
    event |= {"why": said[:2000], "details": {"number": 1}}
    message: dict[str, Any] = {"side": DealSide.BRAND, "user_id": brand, "author_name": said[:120], "at": at}
    return {
        Delivery: [delivery | {"deal_id": deal_id, "number": number} for number in range(1, 22)],
        DealEvent: [event | {"deal_id": deal_id}] * 30,
        Message: [message | {"deal_id": deal_id, "body": said}] * 30,
    }


def hundredfold(parties: Parties, dispute_id: str, said: str) -> None:
    """As if the charge had paid for a hundred such deals."""
    with transaction():
        deal = db.session.get_one(Deal, parties.deal_id)
        selection = db.session.get_one(Selection, deal.selection_id)
        payment = db.session.scalars(select(Payment).where(Payment.deal_id == deal.id)).one()
        part = db.session.scalars(
            select(ChargebackPart).where(ChargebackPart.chargeback_id == chargeback_of(dispute_id).id)
        ).one()
        contract = db.session.get_one(Contract, deal.contract_id)
        content = contract.content | {"deliverables": said, "usage_rights": said[:1000]}
        for file in contract.files:
            file.words = written(Agreement.from_json(content), file.locale)
        deal.title = said[:120]
        numbers = [deal.id]
        for _ in range(99):
            copy = copied(deal, selection_id=copied(selection).id)
            of_copy = copied(payment, id=uuid.uuid4(), deal_id=copy.id)
            copied(part, deal_id=copy.id, payment_id=of_copy.id)
            numbers.append(copy.id)
        for number in numbers:
            for model, rows in rows_of_a_deal(parties, number, said).items():
                db.session.execute(insert(model), rows)


def every_sign() -> str:
    """As many different signs of the font as a text holds: each takes its place in the file."""
    return "".join(islice((chr(code) for code in range(0x4E00, 0x9FA5) if drawable(chr(code)) != BOX), 4000))


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("a\n" * 2000, id="one letter a line"),
        pytest.param("\n" * 4000, id="newlines only", marks=pytest.mark.long),
        pytest.param("W" * 4000, id="one long word", marks=pytest.mark.long),
        pytest.param(every_sign(), id="Chinese, every sign another", marks=pytest.mark.long),
    ],
)
def test_evidence_of_a_hundred_deals_fits_whatever_people_wrote_and_takes_bounded_work(
    monkeypatch: pytest.MonkeyPatch, bank: Bank, said: str
) -> None:
    parties = funded_deal()
    dispute_id = bank.dispute(parties.deal_id)
    hundredfold(parties, dispute_id, said)
    tries: list[int] = []
    set_pages = typesetting.pages

    def counted(*how: Any) -> int:
        tries.append(set_pages(*how))
        return tries[-1]

    monkeypatch.setattr(typesetting, "pages", counted)
    with queries() as sent:
        _number, file_id = assembled(dispute_id)
    pages, words, size = read_file(file_id)
    assert pages <= MOST_PAGES
    assert size <= MOST_BYTES
    assert "further deals of this payment are left out" in words
    assert len(tries) <= 3
    assert max(tries) <= 3 * MOST_PAGES
    assert len(sent) <= 30


def test_a_contract_is_told_as_it_was_signed_whatever_our_contracts_say_today(bank: Bank) -> None:
    parties = funded_deal()
    with transaction():
        query = select(ContractFile).join(Deal, Deal.contract_id == ContractFile.contract_id)
        file = db.session.scalars(query.where(Deal.id == parties.deal_id, ContractFile.locale == "en")).one()
        *rest, last = file.words["sections"]
        last = last | {"clauses": ["A clause as we worded it then."]}
        file.words = file.words | {"sections": [*rest, last]}
        signed = file.sha256
    _number, file_id = assembled(bank.dispute(parties.deal_id))
    words = read_file(file_id)[1]
    assert "A clause as we worded it then." in words
    assert "This contract doesn’t take away rights" not in words
    assert signed in "".join(words.split())


def test_a_long_word_is_broken_rather_than_lost_beyond_the_margin(bank: Bank) -> None:
    parties = funded_deal()
    with transaction():
        post_message(parties.brand.actor, parties.deal_id, "W" * 300 + "END")
    _number, file_id = assembled(bank.dispute(parties.deal_id))
    content = db.session.get_one(StoredFile, file_id).content
    db.session.rollback()
    lines = [line for page in pypdf.PdfReader(io.BytesIO(content)).pages for line in page.extract_text().splitlines()]
    widest = max(line.count("W") for line in lines)
    assert 20 <= widest <= 40
    assert any(line.endswith("END") for line in lines)


def test_a_text_that_is_cut_says_how_much_is_left_out(bank: Bank) -> None:
    parties = funded_deal()
    with transaction():
        for _ in range(60):
            post_message(parties.brand.actor, parties.deal_id, "a\n" * 1999 + "b")
    _number, file_id = assembled(bank.dispute(parties.deal_id))
    pages, words, _size = read_file(file_id)
    assert pages <= MOST_PAGES
    assert "(cut here, " in words
    assert " more characters)" in words
