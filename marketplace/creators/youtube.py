"""A reader of the YouTube Data API (v3): counts of subscribers by `channels.list`, fifty channels a request.

Form and faults as documented at developers.google.com/youtube/v3/docs/channels/list. Knows nothing of our channels.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import requests
import structlog

BATCH: Final = 50
_TRIES = 4
_TIMEOUT = (5, 20)
_LONGEST_PAUSE = 60.0
_LARGEST_ANSWER = 2_000_000
# Of a refusal (403) these are over in a moment; the others need a person, or the next day.
_PASSING = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "backendError"})
# One channel of those asked for isn't there, or isn't shown to us: its fault alone.
_NOT_THERE = frozenset({"channelNotFound", "channelForbidden"})
_USED_UP = frozenset({"quotaExceeded", "dailyLimitExceeded"})
logger = structlog.get_logger(__name__)


class YouTubeFailed(Exception):
    """YouTube gave no usable answer; the message says what came instead."""


class QuotaUsedUp(YouTubeFailed):
    """No more is answered before the next day (at midnight, Pacific time)."""


class Refused(YouTubeFailed):
    """The key is wrong, or may not do this: a person has to look."""


class _NotThere(Exception):
    """One of the channels asked for can't be shown, and YouTube doesn't say which."""


class _Passing(Exception):
    """Worth another try, after so many seconds if the answer said so."""

    def __init__(self, what: str, after: float | None = None) -> None:
        self.what, self.after = what, after
        super().__init__(what)


@dataclass(frozen=True, slots=True)
class Count:
    """A channel's count as YouTube gives it, rounded to three figures; None where the channel hides it."""

    channel_id: str
    subscribers: int | None


class YouTube:
    """The API at `base` with our `key`. `pause` waits between two tries."""

    def __init__(self, base: str, key: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._address, self._key, self._pause = f"{base.rstrip('/')}/channels", key, pause
        self._session = requests.Session()

    def counts(self, channel_ids: Sequence[str]) -> dict[str, Count]:
        """By the channel's own id; an id that YouTube doesn't know (any more) is left out.

        Raises:
            YouTubeFailed: there is no answer after several tries, or the key is refused.
        """
        assert 0 < len(channel_ids) <= BATCH, "others are answered by an error"
        try:
            found = self._list(id=",".join(channel_ids), maxResults=str(BATCH))
        except _NotThere:
            half = len(channel_ids) // 2
            return self.counts(channel_ids[:half]) | self.counts(channel_ids[half:]) if half else {}
        return {count.channel_id: count for count in found}

    def count_of(self, handle: str) -> Count | None:
        """The channel with this handle; None where there is none.

        Raises:
            YouTubeFailed: as `counts`.
        """
        try:
            return next(iter(self._list(forHandle=handle)), None)
        except _NotThere:
            return None

    def _list(self, **asked: str) -> list[Count]:
        for number in range(1, _TRIES + 1):
            try:
                return _counts(self._ask(asked))
            except _Passing as fault:
                logger.warning("youtube", fault=fault.what, attempt=number)
                if number == _TRIES:
                    raise YouTubeFailed(fault.what) from None
                self._pause(min(fault.after if fault.after is not None else 2.0 ** (number - 1), _LONGEST_PAUSE))
        raise AssertionError("the last try raises")

    def _ask(self, asked: dict[str, str]) -> Any:
        values = {"part": "statistics", "key": self._key, **asked}
        try:
            with self._session.get(self._address, params=values, timeout=_TIMEOUT, stream=True) as answer:
                if answer.status_code != requests.codes.ok:
                    raise _fault(answer)
                return _json(answer)
        except requests.RequestException as error:
            # Its message holds the address, and that the key.
            raise _Passing(type(error).__name__) from None


def _json(answer: requests.Response) -> Any:
    content = b""
    for piece in answer.iter_content(1 << 16):
        content += piece
        if len(content) > _LARGEST_ANSWER:
            raise _Passing("answer too large")
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise _Passing("answer is no JSON") from None


def _fault(answer: requests.Response) -> Exception:
    status = answer.status_code
    if status == requests.codes.too_many_requests or status >= 500:
        return _Passing(str(status), _retry_after(answer))
    reason = _reason(answer)
    if reason in _NOT_THERE:
        return _NotThere(reason)
    if reason in _USED_UP:
        return QuotaUsedUp(reason)
    if reason in _PASSING:
        return _Passing(reason, _retry_after(answer))
    return Refused(f"{status} {reason}".strip())


def _retry_after(answer: requests.Response) -> float | None:
    given = str(answer.headers.get("Retry-After", ""))
    return float(given) if given.isdecimal() and len(given) < 6 else None


def _reason(answer: requests.Response) -> str:
    try:
        return str(_json(answer)["error"]["errors"][0]["reason"])
    except (_Passing, KeyError, IndexError, TypeError):
        return ""


def _counts(answer: Any) -> list[Count]:
    """`items` is missing where nothing was found; numbers come as text."""
    try:
        return [_count(item) for item in answer.get("items", [])]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _Passing("answer in another form") from None


def _count(item: Any) -> Count:
    channel_id, statistics = item["id"], item["statistics"]
    if not isinstance(channel_id, str):
        raise TypeError
    if statistics.get("hiddenSubscriberCount"):
        return Count(channel_id, None)
    number = str(statistics["subscriberCount"])
    if not (number.isascii() and number.isdecimal() and len(number) <= 12):
        raise ValueError
    return Count(channel_id, int(number))
