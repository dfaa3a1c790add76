"""The Stripe sandbox during the fill: brought up if nobody did, its clock set along, its webhooks kept in."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from werkzeug.serving import WSGIRequestHandler, make_server

from marketplace.infra.settings import settings
from marketplace.stripe_sandbox.app import create_app
from marketplace.stripe_sandbox.config import SandboxConfig, SandboxConfigError

_TIMEOUT = 20
# What an interrupted fill loses is made anew, so nothing waits for the disk.
_UNHURRIED = "options=-csynchronous_commit%3Doff"


class NoSandbox(Exception):
    """There is none to fill with: the demo's money can't be moved."""


class _Silent(WSGIRequestHandler):
    def log(self, *_args: object, **_kwargs: object) -> None:
        """Two thousand requests say nothing that the fill's own lines don't."""


@contextmanager
def playing() -> Iterator[None]:
    """A sandbox that answers inside. What happens there is booked by our verbs, so no webhook is kept for later.

    Raises:
        NoSandbox: Stripe itself is set up, or there is no database for a sandbox.
    """
    if settings().stripe_api_base is None:
        raise NoSandbox
    with _brought_up():
        command(drop_rate=1)
        try:
            yield
        finally:
            command(drop_rate=0, now=None)


def set_clock(moment: datetime) -> None:
    """Let the sandbox live at `moment`, so that its checkouts aren't expired when they are paid."""
    command(now=int(moment.timestamp()))


@contextmanager
def _brought_up() -> Iterator[None]:
    try:
        command()
    except urllib.error.HTTPError as error:
        # Whatever answers there is not our sandbox.
        raise NoSandbox from error
    except OSError:
        with _served():
            yield
    else:
        yield


@contextmanager
def _served() -> Iterator[None]:
    """`make run` fills before its processes start, so the sandbox is played in a thread of this one."""
    try:
        config = SandboxConfig.from_environ()
    except SandboxConfigError as error:
        raise NoSandbox from error
    address = urlsplit(config.database_url)
    unhurried = address._replace(query="&".join(filter(None, [address.query, _UNHURRIED]))).geturl()
    app = create_app(replace(config, database_url=unhurried))
    where = urlsplit(settings().stripe_api_base or "")
    server = make_server(where.hostname or "127.0.0.1", where.port or 80, app, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["stripe_sandbox"].close()


def command(**moods: Any) -> None:
    """Change the sandbox's moods."""
    _post("moods", moods)


def pull(trigger: str, **arguments: Any) -> dict[str, Any]:
    """Do what a bank does; gives the object that it acted on."""
    return _post(f"triggers/{trigger}", arguments)


def _post(name: str, body: dict[str, Any]) -> dict[str, Any]:
    key = settings().stripe_secret_key
    headers = {
        "Authorization": f"Bearer {key.get_secret_value() if key else ''}",
        "Content-Type": "application/json",
    }
    url = f"{settings().stripe_api_base}/sandbox/{name}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")  # noqa: S310 - a setting
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
    return found
