"""Sets a contract as a PDF with Typst. The same words give the same bytes on every machine: own fonts, no clock."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import manimgx_fonts_cjk
import typst

_TEMPLATE = Path(__file__).with_name("contract.typ")
_FONTS = Path(manimgx_fonts_cjk.__file__).parent
# PDF/A for keeping, PDF/UA for reading aloud.
_STANDARDS: list[Any] = ["a-2a", "ua-1"]


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_FONTS])


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


def pdf(words: dict[str, Any]) -> bytes:
    """The document for `words.written`'s output. The words are data; no part of them is read as Typst source."""
    compiler = typst.Compiler(
        input=_template(),
        root=_TEMPLATE.parent,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"contract": json.dumps(words, ensure_ascii=False, sort_keys=True)},
    )
    made = compiler.compile(format="pdf", pdf_standards=_STANDARDS)
    assert isinstance(made, bytes)
    return made
