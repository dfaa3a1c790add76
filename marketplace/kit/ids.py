"""Identifiers made by us: unguessable tokens and the keys that make a money movement happen once."""

import hashlib
import secrets
import time
import uuid


def new_uuid() -> uuid.UUID:
    return uuid.uuid4()


def ordered_uuids(count: int) -> list[uuid.UUID]:
    """Ascending ones that begin with the moment (RFC 9562, version 7): rows made together lie together in an index."""
    moment = time.time_ns() // 1_000_000 << 80
    return sorted(
        uuid.UUID(int=moment | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62))
        for _ in range(count)
    )


def ordered_prefix() -> str:
    """The first half of such ids, where the database makes the rest: another one for each call."""
    return f"{time.time_ns() // 1_000_000:012x}7{secrets.randbits(12):03x}"


def new_token() -> str:
    """An unguessable URL-safe token with 256 bits of randomness."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the database keeps of a token: it can be checked but not used."""
    return hashlib.sha256(token.encode()).hexdigest()
