"""A small HTTP load: clients that each send the next request when the last is answered, over open connections.

It reads answers with as little Python as possible, so that it measures the server more than itself.
"""

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Load:
    """Milliseconds for the slowest of a share of the requests."""

    per_second: float
    p50: float
    p95: float
    p99: float


class BadAnswer(Exception):
    """Something other than 200 came back: what was measured would not be the page."""


class _Client:
    def __init__(self, host: str, port: int, next_request: Callable[[], bytes]) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._next_request = next_request
        self._began = 0.0
        self._left = 0
        self._head = b""

    def send(self) -> None:
        request = self._next_request()
        self._head, self._left, self._began = b"", 0, time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> float | None:
        """The time taken once the answer is whole."""
        got = self.socket.recv(1 << 18)
        if not got:
            raise BadAnswer("the server closed the connection")
        if self._left == 0:
            got = self._body_of(self._head + got)
        else:
            self._left -= len(got)
        return time.perf_counter() - self._began if self._left == 0 and got else None

    def _body_of(self, answer: bytes) -> bytes:
        head, found, body = answer.partition(b"\r\n\r\n")
        if not found:
            self._head = answer
            return b""
        if b" 200 " not in head[:20]:
            raise BadAnswer(head.decode(errors="replace"))
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        self._left = int(length) - len(body)
        return answer


def hammer(url: str, *, cookie: str = "", seconds: float = 5.0, clients: int = 8) -> Load:
    """Ask for `url` for so long; a tenth of the time before it warms up and isn't counted."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"GET {path or '/'} HTTP/1.1", f"Host: {parts.netloc}", *([f"Cookie: {cookie}"] if cookie else []), "", ""]
    request = "\r\n".join(lines).encode()
    return hammer_with(url, lambda: request, seconds=seconds, clients=clients)


def hammer_with(url: str, next_request: Callable[[], bytes], *, seconds: float = 5.0, clients: int = 8) -> Load:
    """The same, each request another one: whole, with its head."""
    parts = urlsplit(url)
    crowd = [_Client(str(parts.hostname), int(parts.port or 80), next_request) for _ in range(clients)]
    try:
        _work(crowd, seconds / 10)
        return _summary(_work(crowd, seconds), seconds)
    finally:
        for client in crowd:
            client.socket.close()


def _work(crowd: list[_Client], seconds: float) -> list[float]:
    times: list[float] = []
    with selectors.DefaultSelector() as selector:
        for client in crowd:
            selector.register(client.socket, selectors.EVENT_READ, client)
            client.send()
        end, busy = time.perf_counter() + seconds, len(crowd)
        while busy:
            for key, _ in selector.select(timeout=30):
                client = key.data
                taken = client.receive()
                if taken is None:
                    continue
                times.append(taken)
                if time.perf_counter() < end:
                    client.send()
                else:
                    busy -= 1
    return times


def _summary(times: list[float], seconds: float) -> Load:
    ordered = sorted(times)
    p50, p95, p99 = (ordered[int(len(ordered) * share)] * 1000 for share in (0.50, 0.95, 0.99))
    return Load(len(ordered) / seconds, p50, p95, p99)
