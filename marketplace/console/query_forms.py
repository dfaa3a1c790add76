"""What stands in the address of a list, read so that nothing typed there can break a page."""

from enum import StrEnum
from typing import TypeVar

from flask import request

from marketplace.kit.errors import Invalid
from marketplace.ledger.pages import parse_cursor

Member = TypeVar("Member", bound=StrEnum)
_LARGEST = 2**63 - 1


def words_in(name: str, most: int = 100) -> str:
    """A line of text without blanks around it and without signs that the database refuses."""
    typed = request.args.get(name, "")[: most * 4]
    return " ".join("".join(sign if sign.isprintable() else " " for sign in typed).split())[:most]


def member_in(name: str, members: type[Member]) -> Member | None:
    """A member of an enum; None for anything else."""
    typed = request.args.get(name, "")
    return members(typed) if typed in set(members) else None


def id_in(name: str) -> int | None:
    """A number that an id can be; None for anything else."""
    found = request.args.get(name, type=int)
    return found if found is not None and 0 < found <= _LARGEST else None


def cursor_in(numbers: int, name: str = "before") -> str | None:
    """A cursor of the books with so many numbers; None, the first page, for anything else."""
    typed = request.args.get(name) or None
    try:
        if typed is not None:
            parse_cursor(typed, numbers)
    except Invalid:
        return None
    return typed


def page_in(name: str = "page") -> int:
    """The number of a page, at most what any list has; 1 for anything that is none."""
    return min(max(1, request.args.get(name, 1, type=int)), 1_000_000)
