"""What all hosted pages share: headers, language, the answers for what isn't there."""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request

from .runtime import runtime
from .words import Words, words_for

bp = Blueprint("pages", __name__)

# form-action is left out: forms end in a redirect to the marketplace, whose address the sandbox doesn't know.
_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not less, or a browser would not say where a form of ours was sent from.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def protect(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers.update(_HEADERS)
    return response


def refuse_zero_bytes() -> None:
    """PostgreSQL stores none, and no address or field of ours holds one."""
    is_call = request.path.startswith("/v1/")  # whose body is read once, as Stripe's own form encoding
    sent = [request.path] if is_call else [request.path, *request.form.values()]
    if any("\x00" in text for text in sent):
        abort(400)


def page(template: str, words: Words, status: int = 200, **values: object) -> Response:
    html = render_template(f"sandbox/{template}.html", words=words, say=words.say, **values)
    response = make_response(html, status)
    response.headers["Content-Language"] = words.lang
    return response


def closed(words: Words, name: str, status: int, onward: str | None = None, label: str = "return") -> Response:
    """A page that ends here: paid, expired, finished, missing."""
    return page("closed", words, status, name=name, onward=onward, label=label)


def missing(words: Words | None = None) -> Response:
    return closed(words or words_for(), "missing", 404)


def leave(url: str) -> Response:
    return make_response(redirect(url, 303))


@bp.get("/healthz")
def healthz() -> Response:
    with runtime().transaction():
        return make_response("ok\n", 200, {"Content-Type": "text/plain"})
