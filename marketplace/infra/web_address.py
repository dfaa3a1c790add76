"""Addresses that people type to show something elsewhere on the web."""

from urllib.parse import urlsplit


def is_web_address(typed: str) -> bool:
    """Whether it is a whole http(s) address of a host with a name."""
    try:
        parts = urlsplit(typed)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in (parts.hostname or "") and " " not in typed
