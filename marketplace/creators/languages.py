"""The languages that a creator may say they speak, named in the reader's own."""

from collections.abc import Sequence
from typing import Final

from babel import Locale
from babel.lists import format_list
from flask_babel import get_locale

# ISO 639 codes: those of our two home audiences first, then by number of speakers among creators' audiences.
SPOKEN: Final = (
    "zh", "yue", "en", "ja", "ko", "es", "fr", "de", "pt", "it", "ru", "ar", "hi", "id", "ms", "th", "vi", "fil", "tr",
    "nl", "pl", "uk", "sv", "fa", "he", "bn", "ug", "bo",
)  # fmt: skip


def language_name(code: str) -> str:
    """What the reader calls the language; the code itself where that is unknown."""
    return str(_reader().languages.get(code, code))


def spoken_words(codes: Sequence[str]) -> str:
    """The languages as people list them: "Chinese, Cantonese, and English". Empty for none."""
    names = [language_name(code) for code in codes]
    return format_list(names, locale=_reader()) if names else ""


def _reader() -> Locale:
    return get_locale() or Locale("en")
