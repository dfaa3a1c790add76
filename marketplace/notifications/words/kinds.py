"""The kinds of news, and the words that each has."""

from dataclasses import dataclass
from typing import Final

from flask_babel import LazyString


@dataclass(frozen=True, slots=True)
class Words:
    """`fact` is one line without a full stop, and the mail's subject; `says` is a sentence or two, or nothing."""

    fact: LazyString
    says: LazyString | None
    button: LazyString
    endpoint: str
    icon: str
    asks: bool = False


KINDS: Final[dict[str, Words]] = {}
