"""Identifiers made by us: unguessable tokens and the keys that make a money movement happen once."""

import hashlib
import secrets
import uuid


def new_uuid() -> uuid.UUID:
    return uuid.uuid4()


def new_token() -> str:
    """An unguessable URL-safe token with 256 bits of randomness."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the database keeps of a token: it can be checked but not used."""
    return hashlib.sha256(token.encode()).hexdigest()
