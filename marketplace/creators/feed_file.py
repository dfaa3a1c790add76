"""Reading a feed's file line by line, in flat memory: what is no row is a problem with its line's number.

The first line names the columns, in any order: `platform`, `fans`, `taken_on`, and `external_id` or `handle` or both.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import BinaryIO, Final, NamedTuple

from marketplace.creators.models import Platform

# More people than there are on Earth.
MOST_FANS: Final = 10_000_000_000
MOST_PROBLEMS: Final = 1_000
_LONGEST_LINE = 4_000
_LONGEST_VALUE = 200
_NEEDED = ("platform", "fans", "taken_on")
_NAMES = ("external_id", "handle")
_PLATFORMS = frozenset(platform.value for platform in Platform)


class ProblemCode(StrEnum):
    HEADER = "header"
    EMPTY = "empty"
    LINE = "line"
    COLUMNS = "columns"
    PLATFORM = "platform"
    NAME = "name"
    NUMBER = "number"
    DATE = "date"
    FUTURE = "future"
    UNKNOWN = "unknown"
    REPEATED = "repeated"
    INTERRUPTED = "interrupted"
    APPLIED = "applied"


class Problem(NamedTuple):
    """What is wrong with one line; `value` is what stands there, or what it clashes with."""

    line: int
    code: ProblemCode
    value: str = ""


@dataclass
class Problems:
    """The first thousand, and how many there are; `rows` counts what was read, right and wrong."""

    found: list[Problem] = field(default_factory=list)
    count: int = 0
    rows: int = 0

    def add(self, line: int, code: ProblemCode, value: str = "") -> None:
        self.count += 1
        if len(self.found) < MOST_PROBLEMS:
            self.found.append(Problem(line, code, value[:_LONGEST_VALUE].replace("\x00", "�")))

    def first(self) -> list[Problem]:
        return sorted(self.found)[:MOST_PROBLEMS]


class FeedRow(NamedTuple):
    line: int
    platform: str
    external_id: str | None
    handle: str | None
    fans: int
    taken_on: date


def read_rows(file: BinaryIO, latest: date, problems: Problems) -> Iterator[FeedRow]:
    """The rows of the file; what is wrong goes to `problems`. `latest` is the last day that a count may be of."""
    lines = _lines(file, problems)
    header = next(lines, None)
    if header is None:
        problems.add(1, ProblemCode.EMPTY)
        return
    columns = [name.strip().lower() for name in header[1]]
    if not _is_header(columns):
        problems.add(1, ProblemCode.HEADER, ",".join(header[1]))
        return
    for line, values in lines:
        problems.rows += 1
        row = _row(line, columns, values, latest, problems)
        if row is not None:
            yield row
    if not problems.rows and not problems.count:
        problems.add(1, ProblemCode.EMPTY)


def _is_header(columns: list[str]) -> bool:
    known = {*_NEEDED, *_NAMES}
    return (
        len(columns) == len(set(columns))
        and set(_NEEDED) <= set(columns) <= known
        and any(name in columns for name in _NAMES)
    )


def _lines(file: BinaryIO, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Each line that isn't blank, cut at its commas."""
    number = 0
    while raw := file.readline(_LONGEST_LINE + 1):
        number += 1
        if len(raw) > _LONGEST_LINE:
            problems.add(number, ProblemCode.LINE)
            _skip_line(file, raw)
            continue
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
            values = _cut(text)
        except (UnicodeDecodeError, csv.Error):
            problems.add(number, ProblemCode.LINE)
            continue
        if text.strip():
            yield number, values


def _skip_line(file: BinaryIO, raw: bytes) -> None:
    while raw and not raw.endswith(b"\n"):
        raw = file.readline(_LONGEST_LINE)


def _cut(text: str) -> list[str]:
    # A row is one line: a quoted line break would hide which line is wrong.
    return text.split(",") if '"' not in text else next(csv.reader([text], strict=True))


def _row(line: int, columns: list[str], values: list[str], latest: date, problems: Problems) -> FeedRow | None:
    if len(values) != len(columns):
        problems.add(line, ProblemCode.COLUMNS, str(len(values)))
        return None
    found = {name: value.strip() for name, value in zip(columns, values, strict=True)}
    fans, day = found["fans"], _day(found["taken_on"])
    name = found.get("external_id") or found.get("handle", "").removeprefix("@")
    wrong = [
        (found["platform"] not in _PLATFORMS, ProblemCode.PLATFORM, found["platform"]),
        (not name or "\x00" in "".join(values), ProblemCode.NAME, name),
        (not _is_count(fans), ProblemCode.NUMBER, fans),
        (day is None, ProblemCode.DATE, found["taken_on"]),
        (day is not None and day > latest, ProblemCode.FUTURE, found["taken_on"]),
    ]
    for is_wrong, code, value in wrong:
        if is_wrong:
            problems.add(line, code, value)
            return None
    assert day is not None, "else it is a problem"
    handle = found.get("handle", "").removeprefix("@") or None
    return FeedRow(line, found["platform"], found.get("external_id") or None, handle, int(fans), day)


def _is_count(typed: str) -> bool:
    return typed.isascii() and typed.isdecimal() and len(typed) <= 11 and int(typed) <= MOST_FANS


@lru_cache(maxsize=1024)
def _day(typed: str) -> date | None:
    if len(typed) != 10 or typed[4] != "-" or typed[7] != "-" or not typed.isascii():
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
