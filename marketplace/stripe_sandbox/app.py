"""Puts the sandbox together."""

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from . import api, checkout_pages, commands, connect_pages, desk_pages, pages
from .config import SandboxConfig, SandboxConfigError
from .database import open_pool
from .runtime import Runtime
from .sender import Sender

__all__ = ["SandboxConfig", "SandboxConfigError", "create_app"]


def create_app(config: SandboxConfig) -> Flask:
    """A running sandbox: its tables are made when missing, its sender thread started.

    `app.extensions["stripe_sandbox"].close()` ends both; a process may also just be killed.
    """
    app = Flask(__name__, static_url_path="/static")
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config["MAX_CONTENT_LENGTH"] = 10_000_000  # a file of evidence has up to 5 MB
    pool = open_pool(config.database_url)
    sender = Sender(pool, config)
    app.extensions["stripe_sandbox"] = Runtime(config, pool, sender)
    for module in (api, commands, pages, desk_pages, checkout_pages, connect_pages):
        app.register_blueprint(module.bp)
    app.before_request(pages.refuse_zero_bytes)
    app.after_request(pages.protect)
    app.register_error_handler(HTTPException, _answer_problem)
    app.register_error_handler(Exception, _answer_crash)
    sender.start()
    return app


def _answer_problem(problem: HTTPException) -> Response:
    if request.path.startswith("/v1/"):
        return api.answer_too_large() if problem.code == 413 else api.answer_unknown()
    return Response(f"{problem.code} {problem.name}\n", status=problem.code, mimetype="text/plain")


def _answer_crash(problem: Exception) -> Response:
    return api.answer_crash(problem)
