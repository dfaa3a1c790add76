"""How a text is read when watched words are looked for: any case, any width, nothing hidden between the letters."""

import re
import unicodedata
from collections.abc import Mapping

# Scripts that write no blanks between words: Thai, Lao, Khmer, kana, Han in all its blocks.
_SOLID = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BETWEEN_SOLID = re.compile(rf"(?<=[{_SOLID}]) (?=[{_SOLID}])")
_IN_A_WORD = re.compile(rf"[^\W_{_SOLID}]")


def fold(text: str) -> str:
    """The form in which texts are compared: half width, no case, single blanks, none between Chinese characters.

    Signs that nobody sees and that could stand inside a word to hide it are gone.
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    seen = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    return _BETWEEN_SOLID.sub("", " ".join(seen.split()))


class Words:
    """Words and phrases by their folded form, made to be looked for in texts however many they are.

    A word of letters is found between its boundaries ("scam", not "scamper"), Chinese anywhere in a text. Each place of
    a text is compared only with the lengths of the words that begin with its sign: the cost doesn't grow with the list.
    """

    def __init__(self, by_folded: Mapping[str, str]) -> None:
        self._words = dict(by_folded)
        lengths: dict[str, set[int]] = {}
        for word in self._words:
            lengths.setdefault(word[0], set()).add(len(word))
        self._lengths = {sign: sorted(found, reverse=True) for sign, found in lengths.items()}

    def find(self, text: str) -> set[str]:
        """The words that stand in the text, as they were written into the list."""
        folded = fold(text)
        found: set[str] = set()
        for start, sign in enumerate(folded):
            for length in self._lengths.get(sign, ()):
                word = self._words.get(folded[start : start + length])
                if word is not None and _stands_alone(folded, start, start + length):
                    found.add(word)
        return found


def _stands_alone(text: str, start: int, end: int) -> bool:
    return not _continues(text, start - 1) and not _continues(text, end - 1)


def _continues(text: str, place: int) -> bool:
    """Whether one word of letters goes on from this place to the next."""
    if place < 0 or place + 1 >= len(text):
        return False
    return bool(_IN_A_WORD.match(text[place]) and _IN_A_WORD.match(text[place + 1]))
