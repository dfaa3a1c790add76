"""The application under test: its client, and its server in threads of this process."""

import contextvars
import hashlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from flask.globals import _cv_app
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from marketplace.kit import clock


class Client(FlaskClient):
    """Each request in an application context of its own, as on a server, and with a valid CSRF token.

    `csrf=False` leaves the token out, for tests of the refusal.
    """

    def open(self, *args: Any, csrf: bool = True, **kwargs: Any) -> TestResponse:
        def request() -> TestResponse:
            # Flask would reuse a context that the test has open, and with it the session and whoever signed in.
            _cv_app.set(None)  # type: ignore[arg-type]
            if csrf and kwargs.get("method", "GET") not in ("GET", "HEAD", "OPTIONS"):
                kwargs["headers"] = [*dict(kwargs.get("headers") or {}).items(), ("X-CSRFToken", self._token())]
            answer = FlaskClient.open(self, *args, **kwargs)
            if answer.is_streamed:
                # What is written while it is sent is written in the context of its request.
                answer.make_sequence()
            return answer

        return contextvars.copy_context().run(request)

    def _token(self) -> str:
        with self.session_transaction() as session:
            secret = session.setdefault("csrf_token", hashlib.sha1(os.urandom(64)).hexdigest())
        signer = URLSafeTimedSerializer(str(self.application.secret_key), salt="wtf-csrf-token")
        return str(signer.dumps(secret))


class LiveServer:
    """The application over HTTP at `url`. Requests see the moment set with `at`, which jobs of this process share."""

    def __init__(self, app: Flask, url: str) -> None:
        self.app = app
        self.url = url
        self._moment: datetime | None = None

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Any:
        if self._moment is None:
            return self.app.wsgi_app(environ, start)
        with clock.at(self._moment):
            return self.app.wsgi_app(environ, start)

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Both this thread and the requests served see `moment` as the present."""
        before, self._moment = self._moment, moment
        try:
            with clock.at(moment):
                yield
        finally:
            self._moment = before


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(application: WSGIApplication | Callable[..., Any], port: int) -> Iterator[None]:
    """Answer on `port` of this machine, each request in a thread."""
    server = make_server("127.0.0.1", port, application, threaded=True)
    server.log = lambda *_args, **_kwargs: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
