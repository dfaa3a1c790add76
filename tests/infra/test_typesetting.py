"""Documents are set whatever people typed: a sign that the font lacks must not keep anybody from their contract."""

import io
from pathlib import Path

import pytest
from pypdf import PdfReader

from marketplace.infra import typesetting
from marketplace.infra.font_signs import drawable

_STANDARDS = ["a-3a", "ua-1"]
_TEMPLATE = """
#let d = json(bytes(sys.inputs.document))
#set document(title: d.title)
#set text(font: "Noto Sans CJK SC", lang: "en")
#d.title
"""


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        ("Café, 炉谷 – 100 €", "Café, 炉谷 – 100 €"),
        ("Cafe\u0301 \U0001f389", "Café □"),
        ("Harvest \U0001f389", "Harvest □"),
        ("\u260e\ufe0f \U0001f469\u200d\U0001f467", "\u260e □□"),
        ("สวน", "□□□"),
        ("a\ue000b\x01c\x7fd\u202fe\u200bf", "a□bcd ef"),
        ("one\ntwo", "one\ntwo"),
    ],
)
def test_what_the_font_lacks_is_a_box_and_all_else_stays(tmp_path: Path, typed: str, drawn: str) -> None:
    assert drawable(typed) == drawn
    template = tmp_path / "page.typ"
    template.write_text(_TEMPLATE)
    made = typesetting.pdf(template, {"document": typesetting.as_input({"title": typed})}, _STANDARDS)
    assert PdfReader(io.BytesIO(made)).pages[0].extract_text().split() == drawn.split()
