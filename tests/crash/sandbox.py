"""What is said to the sandbox of a crash test, which is a process of its own."""

import json
import time
import urllib.request
from typing import Any

from tests.support.sandbox import KEY

_PATIENCE = 60.0
_TRIES_END = 5.0


def command(url: str, name: str, **body: Any) -> dict[str, Any]:
    """As `tests.support.sandbox.Sandbox.command`."""
    return _fetch(f"{url}/sandbox/{name}", json.dumps(body).encode())


def wait_for_webhooks(url: str) -> None:
    """Until each has been answered, but for those that a killed web process missed: they wait for their next try."""
    deadline = time.monotonic() + _TRIES_END
    while _fetch(f"{url}/sandbox/moods")["deliveries"]["waiting"] and time.monotonic() < deadline:
        time.sleep(0.1)


def _fetch(address: str, body: bytes | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(address, body, headers, method="GET" if body is None else "POST")
    with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
        found: dict[str, Any] = json.load(answer)
    return found
