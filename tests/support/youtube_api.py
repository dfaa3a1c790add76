"""YouTube's Data API, as far as we ask it: a local server that answers `channels.list` in the documented form."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "a key of the tests"


@dataclass
class YouTubeApi:
    """Its channels by id, each (handle, subscribers or None where hidden); `faults` are answered first, in order."""

    base: str = ""
    channels: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    faults: list[tuple[int, Any, dict[str, str]]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)

    def fail(self, status: int, body: Any = None, **headers: str) -> None:
        """Answer the next request so; a dict is sent as JSON."""
        self.faults.append((status, body, headers))

    def refuse(self, status: int, reason: str) -> None:
        """An error in the form of Google's APIs."""
        error = {"message": "No.", "domain": "youtube.channel", "reason": reason}
        self.fail(status, {"error": {"code": status, "message": "No.", "errors": [error]}})

    def answer(self, query: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        self.asked.append(query)
        if self.faults:
            return self.faults.pop(0)
        if query.get("key") != KEY:
            error = {"message": "Bad key.", "domain": "global", "reason": "badRequest"}
            return 400, {"error": {"code": 400, "message": "Bad key.", "errors": [error]}}, {}
        found = [
            item(channel_id, count)
            for channel_id, (handle, count) in self.channels.items()
            if _fits(query, channel_id, handle)
        ]
        page: dict[str, Any] = {
            "kind": "youtube#channelListResponse",
            "etag": "x",
            "pageInfo": {"totalResults": len(found), "resultsPerPage": 50},
        }
        # Nothing found has no `items` at all.
        return 200, page | ({"items": found} if found else {}), {}


def _fits(query: dict[str, str], channel_id: str, handle: str) -> bool:
    if "forHandle" in query:
        return query["forHandle"].removeprefix("@").lower() == handle.lower()
    return channel_id in query.get("id", "").split(",")


def item(channel_id: str, count: int | None) -> dict[str, Any]:
    statistics = {
        "viewCount": "1",
        "subscriberCount": str(count or 0),
        "hiddenSubscriberCount": count is None,
        "videoCount": "1",
    }
    return {"kind": "youtube#channel", "etag": "y", "id": channel_id, "statistics": statistics}


@contextmanager
def youtube_api() -> Iterator[YouTubeApi]:
    """The server, on a port of this machine, while the block lasts."""
    api = YouTubeApi()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path != "/youtube/v3/channels":
                self.send_error(404)
                return
            status, body, headers = api.answer({name: values[0] for name, values in parse_qs(parts.query).items()})
            if status == 0:  # hang up in the middle
                self.close_connection = True
                return
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    api.base = f"http://127.0.0.1:{server.server_port}/youtube/v3"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
