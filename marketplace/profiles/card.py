"""Draws the picture that a link to a creator shows where it is shared (Open Graph): 1200 by 630 pixels."""

from dataclasses import asdict, dataclass
from pathlib import Path

from marketplace.infra import typesetting

_TEMPLATE = Path(__file__).with_name("card.typ")
# Typst has 72 points an inch, so a point is a pixel.
_POINTS_AN_INCH = 72.0


@dataclass(frozen=True, slots=True)
class Card:
    """What the card says, in `language` (en or zh). `facts` are short."""

    language: str
    name: str
    headline: str
    facts: tuple[str, ...]


def png(card: Card, face: bytes, cover: bytes) -> bytes:
    """The card as a PNG, with two pictures of any format."""
    data = asdict(card) | {"face": list(face), "cover": list(cover)}
    return typesetting.png(_TEMPLATE, {"card": typesetting.as_input(data)}, _POINTS_AN_INCH)
