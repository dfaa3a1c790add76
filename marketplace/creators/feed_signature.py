"""The signature of a feed: HMAC-SHA256 over the moment, a dot and the body, checked while the body streams by."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

HEADER: Final = "Mutuals-Signature"
OLDEST: Final = timedelta(minutes=5)
_FORM = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


class BadSignature(Exception):
    """The request isn't the platform's; the message says why, for its operator."""


class Signature:
    """What a header claims. With several secrets any of them may have signed, so that they can be rotated."""

    def __init__(self, header: str, secrets: Sequence[str], now: datetime) -> None:
        """
        Raises:
            BadSignature: no secret is set, the header isn't one, or its moment is too far from `now`.
        """
        if not secrets:
            raise BadSignature("no feed is set up here")
        found = _FORM.fullmatch(header)
        if found is None:
            raise BadSignature(f"{HEADER} must read t=<unix time>,v1=<hex of the HMAC-SHA256>")
        if abs(now.timestamp() - int(found[1])) > OLDEST.total_seconds():
            raise BadSignature("the signature is older, or more in the future, than five minutes")
        self._claimed = found[2]
        start = f"{found[1]}.".encode()
        self._codes = [hmac.new(secret.encode(), start, hashlib.sha256) for secret in secrets]

    def update(self, piece: bytes) -> None:
        for code in self._codes:
            code.update(piece)

    def require(self) -> None:
        """After the last piece.

        Raises:
            BadSignature: none of the secrets signed this body at that moment.
        """
        # Every secret is compared, so that the time doesn't tell which one fits.
        fits = [hmac.compare_digest(code.hexdigest(), self._claimed) for code in self._codes]
        if not any(fits):
            raise BadSignature("the signature fits none of the secrets")


def sign(secret: str, moment: datetime, pieces: Iterable[bytes]) -> str:
    """The header's value, as a platform makes it."""
    seconds = int(moment.timestamp())
    code = hmac.new(secret.encode(), f"{seconds}.".encode(), hashlib.sha256)
    for piece in pieces:
        code.update(piece)
    return f"t={seconds},v1={code.hexdigest()}"
