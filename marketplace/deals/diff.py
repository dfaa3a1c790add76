"""What changed between two proposals: field by field, and word by word within a text."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from marketplace.deals.models import Terms

# Words and blanks of alphabets, single signs of everything else, so that Chinese is compared sign by sign.
_TOKENS = re.compile(r"[A-Za-z0-9\u00c0-\u024f’'.,%-]+|\s+|.", re.DOTALL)
_ALIKE = 0.35
# SequenceMatcher takes the square of the length: longer texts are shown as replaced.
_LONGEST = 3000


@dataclass(frozen=True, slots=True)
class Change:
    """One field of the terms. `kind` says how it is shown (text, money, day, count); `was` is set where it changed."""

    name: str
    label: LazyString
    kind: str
    value: Any
    was: Any = None
    changed: bool = False

    @property
    def marked(self) -> Markup:
        """The text with what was taken out and put in."""
        return marked(self.was or "", self.value or "")


_FIELDS: tuple[tuple[str, LazyString, str], ...] = (
    ("deliverables", _l("Deliverables"), "text"),
    ("price", _l("Price"), "money"),
    ("draft_due_on", _l("Draft due"), "day"),
    ("publish_on", _l("Publish on"), "day"),
    ("revisions", _l("Revisions"), "count"),
    ("usage_rights", _l("Usage rights"), "text"),
    ("disclosure", _l("Disclosure"), "text"),
)


def changes(terms: Any, before: Terms | None) -> list[Change]:
    """Every field of `terms` (or of an input with the same names), with what it was in `before`."""
    found = []
    for name, words, kind in _FIELDS:
        value = getattr(terms, name)
        was = getattr(before, name) if before is not None else value
        found.append(Change(name, words, kind, value, was if was != value else None, was != value))
    return found


def marked(before: str, after: str) -> Markup:
    """`after`, with what was taken out of `before` struck and what was put in marked."""
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if not before or not after or len(before) + len(after) > _LONGEST or matcher.ratio() < _ALIKE:
        return _taken_out(before) + (Markup(" ") if before and after else Markup()) + _put_in(after)
    found = Markup()
    for change, start, end, new_start, new_end in matcher.get_opcodes():
        if change == "equal":
            found += escape("".join(old[start:end]))
            continue
        found += _taken_out("".join(old[start:end])) + _put_in("".join(new[new_start:new_end]))
    return found


def _taken_out(text: str) -> Markup:
    return Markup("<del>{}</del>").format(text) if text else Markup()


def _put_in(text: str) -> Markup:
    return Markup("<ins>{}</ins>").format(text) if text else Markup()
