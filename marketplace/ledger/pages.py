"""Cursors of keyset pages: an opaque text that says after which row a page goes on, so that deep pages cost no more."""

from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l

from marketplace.kit.errors import Invalid

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LARGEST = 2**63 - 1
LONGEST_PAGE = 500


def cursor(moment: datetime, *numbers: int) -> str:
    return ".".join(map(str, ((moment - _EPOCH) // _MICROSECOND, *numbers)))


def parse_cursor(text: str, numbers: int) -> tuple[datetime, *tuple[int, ...]]:
    """The moment and the `numbers` whole numbers that `cursor` was given.

    Raises:
        Invalid: the text is none of ours.
    """
    try:
        micros, *rest = [int(part) for part in text.split(".")]
        if len(rest) != numbers or not all(0 <= number <= _LARGEST for number in rest):
            raise ValueError(text)
        return (_EPOCH + micros * _MICROSECOND, *rest)
    except (ValueError, OverflowError) as error:
        raise Invalid(_l("This page does not exist: go back to the first one.")) from error


def page_length(limit: int) -> int:
    return max(1, min(limit, LONGEST_PAGE))
