"""Draws the picture that a link to a creator shows where it is shared (Open Graph): 1200 by 630 pixels."""

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import manimgx_fonts_cjk
import typst

_TEMPLATE = Path(__file__).with_name("card.typ")
_FONTS = Path(manimgx_fonts_cjk.__file__).parent
# Typst has 72 points an inch, so a point is a pixel.
_POINTS_AN_INCH = 72.0


@dataclass(frozen=True, slots=True)
class Card:
    """What the card says, in `language` (en or zh). `facts` are short."""

    language: str
    name: str
    headline: str
    facts: tuple[str, ...]


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_FONTS])


@cache
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


def png(card: Card, face: bytes, cover: bytes) -> bytes:
    """The card as a PNG, with two pictures of any format. All of it is data; no part is read as Typst source.

    Pictures travel as numbers: the compiler's own files are texts.
    """
    data = asdict(card) | {"face": list(face), "cover": list(cover)}
    compiler = typst.Compiler(
        input={"main.typ": _template()},  # type: ignore[type-var]  # its types name only the union, not one of its sides
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"card": json.dumps(data, ensure_ascii=False, sort_keys=True)},
    )
    made = compiler.compile(format="png", ppi=_POINTS_AN_INCH)
    assert isinstance(made, bytes)
    return made
