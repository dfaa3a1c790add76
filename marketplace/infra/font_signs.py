"""Which signs our font can draw. A PDF that is kept must show every sign, so whoever sets one would else be refused
for a smile in a title: what can't be drawn is set as an open box.
"""

import struct
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import manimgx_fonts_cjk

FONTS = Path(manimgx_fonts_cjk.__file__).parent
BOX = "□"
_KEPT = "\n\t"
# Of emoji: what chooses between two looks of a sign.
_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))
_RANGES = 12


def drawable(text: str) -> str:
    """The text with a box for each sign that the font lacks; such as nobody sees anyway are left out."""
    if text.isascii() and text.isprintable():
        return text
    known = _known_signs()
    if known.issuperset(map(ord, text)):
        return text
    return "".join(sign if ord(sign) in known else _instead(sign) for sign in unicodedata.normalize("NFC", text))


def _instead(sign: str) -> str:
    if sign in _KEPT:
        return sign
    category = unicodedata.category(sign)
    if category in ("Zs", "Zl", "Zp"):
        return " "
    return "" if category in ("Cf", "Cc") or sign in _SELECTORS else BOX


@cache
def _known_signs() -> frozenset[int]:
    """By the font's own table from signs to glyphs (OpenType `cmap`, format 12), which all faces of our file share."""
    [path] = FONTS.glob("*.ttc")
    with path.open("rb") as file:
        face = _read(file, 12, ">I")[0]
        tables = _read(file, face + 4, ">H")[0]
        places = {tag: place for tag, _sum, place, _length in _rows(file, face + 12, ">4sIII", tables)}
        cmap = places[b"cmap"]
        for _platform, _encoding, offset in _rows(file, cmap + 4, ">HHI", _read(file, cmap + 2, ">H")[0]):
            if _read(file, cmap + offset, ">H")[0] == _RANGES:
                ranges = _rows(file, cmap + offset + 16, ">III", _read(file, cmap + offset + 12, ">I")[0])
                return frozenset(sign for first, last, _glyph in ranges for sign in range(first, last + 1))
    raise ValueError(f"{path.name} has no table of its signs")


def _read(file: BinaryIO, place: int, form: str) -> tuple[Any, ...]:
    file.seek(place)
    return struct.unpack(form, file.read(struct.calcsize(form)))


def _rows(file: BinaryIO, place: int, form: str, number: int) -> list[tuple[Any, ...]]:
    file.seek(place)
    return list(struct.iter_unpack(form, file.read(number * struct.calcsize(form))))
