"""The contract as a document: the same bytes for the same agreement, both languages, and nothing typed is code."""

import hashlib
import io
import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from pypdf import PdfReader

from marketplace.contracts import render
from marketplace.contracts.agreement import Agreement, Clocks, FeeLineText, PartyDetails
from marketplace.contracts.models import Party
from marketplace.contracts.queries import contract_pdf, get_contract, parties_signed
from marketplace.contracts.service import fingerprint, has_signed, make_contract, sign_contract
from marketplace.contracts.words import written
from marketplace.infra.db import transaction
from marketplace.infra.i18n import LANGUAGES
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotFound
from tests.support.market import make_creator

pytestmark = pytest.mark.usefixtures("context")

AGREEMENT = Agreement(
    reference="M-1001",
    title="Clay-pot suppers for autumn",
    kind="video",
    terms_number=3,
    agreed_at=datetime(2026, 11, 12, 12, 11, tzinfo=UTC),
    timezone="Asia/Shanghai",
    creator=PartyDetails("Lin Yue", "林悦"),
    brand=PartyDetails("Hearth & Grain", "杭州炉谷食品有限公司", "91330100MA2X0000X1"),
    deliverables="One film over 60 s.\nOne picture post.",
    currency="CNY",
    price=12_000_00,
    draft_due_on=date(2026, 11, 21),
    publish_on=date(2026, 11, 28),
    revisions=2,
    usage_rights="Your own channels for 6 months",
    disclosure="“Made with Hearth & Grain”",
    fee_policy=1,
    brand_fee_lines=(FeeLineText({"en": "5 % of the price", "zh": "价格的 5 %"}, 600_00),),
    brand_fee=600_00,
    creator_fee=1_060_00,
    clocks=Clocks(grace=3, draft_review=5, acceptance=7, earnings_hold=3),
)


def _pdf(agreement: Agreement, locale: str = "en") -> bytes:
    return render.pdf(written(agreement, locale))


def _read(pdf: bytes) -> str:
    return " ".join("\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_the_agreement_survives_its_json() -> None:
    assert Agreement.from_json(AGREEMENT.to_json()) == AGREEMENT


@pytest.mark.parametrize("locale", list(LANGUAGES))
def test_the_same_agreement_gives_the_same_bytes_whenever_it_is_set(locale: str) -> None:
    first = _pdf(AGREEMENT, locale)
    with clock.at(clock.now() + timedelta(days=800)):
        assert _pdf(AGREEMENT, locale) == first
    assert _pdf(replace(AGREEMENT, price=12_000_01), locale) != first


def test_another_process_sets_the_same_bytes(tmp_path: Path) -> None:
    """Nothing hangs on the process: neither a random hash seed nor what was set before."""
    words = tmp_path / "words.json"
    program = (
        "import json, sys, hashlib, pathlib\n"
        "from marketplace.contracts import render\n"
        "words = json.loads(pathlib.Path(sys.argv[1]).read_text())\n"
        "print(hashlib.sha256(render.pdf(words)).hexdigest())\n"
    )
    words.write_text(json.dumps(written(AGREEMENT, "en"), ensure_ascii=False))
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program, words], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hashlib.sha256(_pdf(AGREEMENT)).hexdigest()


@pytest.mark.parametrize("locale", list(LANGUAGES))
def test_both_languages_name_the_parties_the_price_and_the_days(locale: str) -> None:
    text = _read(_pdf(AGREEMENT, locale))
    for expected in ("林悦", "Lin Yue", "杭州炉谷食品有限公司", "91330100MA2X0000X1", "M-1001", "Hearth & Grain"):
        assert expected in text
    for amount in ("¥12,000.00", "+¥600.00", "¥12,600.00", "¥10,940.00"):
        assert amount in text
    assert ("21 Nov 2026" if locale == "en" else "2026 年 11 月 21 日") in text
    assert AGREEMENT.brand_fee_lines[0].words[locale] in text


def test_the_clauses_say_what_silence_does_and_who_moves_the_money() -> None:
    text = _read(_pdf(AGREEMENT))
    for expected in ("3 days after", "within 5 days", "within 7 days", "Stripe", "four cases only", "dispute"):
        assert expected in text


def test_what_people_type_is_never_code() -> None:
    hostile = (
        '#read("/etc/passwd") $x^2$ *bold* _thin_ <label> @ref \\ #import "x" `raw` // gone /* gone */ = Head {page}'
    )
    agreement = replace(
        AGREEMENT,
        title=hostile,
        deliverables=hostile,
        usage_rights="#" * 50,
        creator=PartyDetails(hostile, hostile),
        brand=PartyDetails("]]>", '"}', "#let"),
    )
    text = _read(_pdf(agreement))
    for part in ('#read("/etc/passwd")', "$x^2$", "*bold*", "// gone", "/* gone */", "`raw`"):
        assert part in text
    assert "root:" not in text


def test_long_terms_flow_over_pages_with_their_numbers() -> None:
    pdf = _pdf(replace(AGREEMENT, deliverables="\n".join(f"Scene {number}: " + "words " * 12 for number in range(80))))
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) >= 4
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in " ".join(page.extract_text().split())


def test_it_is_an_archive_file_with_its_own_date_and_language() -> None:
    pdf = _pdf(AGREEMENT, "zh")
    reader = PdfReader(io.BytesIO(pdf))
    root = cast(Any, reader.trailer["/Root"])
    metadata = root["/Metadata"].get_data()
    assert b"<pdfaid:part>2</pdfaid:part>" in metadata
    assert b"<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert reader.metadata is not None
    assert "20261112" in str(reader.metadata.get("/CreationDate"))
    assert str(root["/Lang"]).startswith("zh")


def test_a_price_in_another_currency_shows_it() -> None:
    text = _read(
        _pdf(replace(AGREEMENT, currency="USD", price=90_00, brand_fee=4_50, brand_fee_lines=(), creator_fee=0))
    )
    assert "US$90.00" in text
    assert "US$94.50" in text


def test_a_contract_is_kept_with_the_fingerprint_of_its_files() -> None:
    with transaction():
        contract = make_contract(AGREEMENT)
    found = get_contract(contract.id)
    assert Agreement.from_json(found.content) == AGREEMENT
    assert {file.locale for file in found.files} == set(LANGUAGES)
    for file in found.files:
        assert file.sha256 == hashlib.sha256(contract_pdf(contract.id, file.locale).content).hexdigest()
        assert file.sha256 == hashlib.sha256(render.pdf(file.words)).hexdigest(), "the words are those of the file"
    with pytest.raises(NotFound):
        contract_pdf(contract.id, "fr")
    with pytest.raises(NotFound):
        get_contract(contract.id + 1)


def test_the_fingerprint_is_not_in_the_file_itself() -> None:
    pdf = _pdf(AGREEMENT)
    assert hashlib.sha256(pdf).hexdigest()[:8] not in _read(pdf)


def test_each_party_signs_once_what_it_read() -> None:
    with transaction():
        contract, actor = make_contract(AGREEMENT), make_creator().actor
        english = next(file.sha256 for file in contract.files if file.locale == "en")
    seen = {"locale": "en", "sha256": english, "address": "::1", "user_agent": "x" * 5000}
    with pytest.raises(Invalid), transaction():
        sign_contract(get_contract(contract.id), Party.CREATOR, actor, **{**seen, "locale": "zh"})
    with transaction():
        signature = sign_contract(get_contract(contract.id), Party.CREATOR, actor, **seen)
        assert len(signature.user_agent) == 400
    with pytest.raises(Conflict), transaction():
        sign_contract(get_contract(contract.id), Party.CREATOR, actor, **seen)
    assert has_signed(contract.id, Party.CREATOR)
    assert not has_signed(contract.id, Party.BRAND)
    assert parties_signed(contract.id) == {Party.CREATOR}
    assert parties_signed(None) == frozenset()


def test_a_fingerprint_is_written_in_groups_of_four() -> None:
    assert fingerprint("9f2c41d7" * 8) == " ".join(["9f2c", "41d7"] * 8)
