"""Tables as CSV files that are written while they are sent, and in which no cell is a formula.

A spreadsheet runs a cell that begins with = + - @ or a tab: what people typed is set off by an apostrophe.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, tzinfo

from flask import Response, stream_with_context
from werkzeug.http import dump_options_header

from marketplace.infra.i18n import reader_timezone
from marketplace.kit.money import Money

Cell = str | int | Money | datetime | date | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# So that spreadsheets read UTF-8 whatever the machine's own encoding is.
_MARK = "\ufeff"
_ROWS_AT_ONCE = 200


def csv_answer(name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """A file for the reader to keep, called `name`; the rows are asked for as the lines go out.

    Amounts are in major units with all their decimals, moments in the reader's time zone.
    """
    answer = Response(stream_with_context(_lines(heads, rows)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": f"{name}.csv"})
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def safe_cell(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _lines(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    buffer = io.StringIO(_MARK)
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer)
    writer.writerow([safe_cell(str(head)) for head in heads])
    # Asked once: it is the reader's own, and a file may have a hundred thousand moments.
    zone = reader_timezone()
    for number, row in enumerate(rows, 1):
        writer.writerow([_written(cell, zone) for cell in row])
        if number % _ROWS_AT_ONCE == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _written(cell: Cell, zone: tzinfo) -> str | int:
    match cell:
        case None:
            return ""
        case Money():
            return f"{cell.major:f}"
        case datetime():
            return cell.astimezone(zone).isoformat(sep=" ", timespec="seconds")
        case date():
            return cell.isoformat()
        case int():
            return cell
        case _:
            return safe_cell(str(cell))
