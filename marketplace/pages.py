"""Pages that belong to no feature: errors, health, drawn and stored pictures."""

from http import HTTPStatus

import structlog
from flask import Blueprint, Flask, Response, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, NotFound

from marketplace.accounts.session import Role, access
from marketplace.infra import art
from marketplace.infra.db import db
from marketplace.infra.pictures import picture_file, picture_srcset, picture_url
from marketplace.kit.errors import DomainError

bp = Blueprint("pages", __name__)
bp.add_app_template_global(picture_url, "picture_url")
bp.add_app_template_global(picture_srcset, "picture_srcset")
logger = structlog.get_logger(__name__)
_FOREVER = 60 * 60 * 24 * 365


@bp.get("/healthz")
@access(Role.PUBLIC)
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "ok"}


@bp.get("/readyz")
@access(Role.PUBLIC)
def readyz() -> ResponseReturnValue:
    """The process can serve: the database answers."""
    try:
        db.session.execute(text("SELECT 1"))
    except OperationalError:
        return {"status": "the database does not answer"}, HTTPStatus.SERVICE_UNAVAILABLE
    return {"status": "ok"}


@bp.get("/art/<kind>/<ident>.svg")
@access(Role.PUBLIC)
def picture(kind: str, ident: str) -> ResponseReturnValue:
    """A drawn avatar or cover; the id of a cover is `<scene>-<anything>`."""
    if len(ident) > 80:
        raise NotFound
    match kind:
        case "person":
            drawing = art.person(ident)
        case "company":
            drawing = art.company(ident)
        case "cover":
            drawing = art.cover(ident, ident.partition("-")[0])
        case _:
            raise NotFound
    return _for_good(Response(drawing, mimetype="image/svg+xml"))


@bp.get("/pictures/<int:picture_id>/<int:width>.webp")
@access(Role.PUBLIC)
def stored_picture(picture_id: int, width: int) -> ResponseReturnValue:
    """An uploaded picture, at the next size from `width` up. Its address never shows another one."""
    stored = picture_file(picture_id, width)
    response = Response(stored.content, mimetype=stored.content_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.set_etag(stored.sha256)
    return _for_good(response)


def _for_good(response: Response) -> Response:
    response.cache_control.public = True
    response.cache_control.max_age = _FOREVER
    response.cache_control.immutable = True
    return response


def install_error_pages(app: Flask) -> None:
    """Turn refusals, HTTP errors and faults into one page that says what happened and whether anything changed."""
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _fault)


def _refused(error: DomainError) -> ResponseReturnValue:
    db.session.rollback()
    return error_page(error.status, happened=str(error.message) or None)


def _stale_form(_error: CSRFError) -> ResponseReturnValue:
    too_old = _("This form is too old, or it was opened before you signed in. Open the page and send it again.")
    return error_page(400, happened=too_old)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400:
        return error
    response = current_app.make_response(error_page(code))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def logged_path() -> str:
    """The address for the log, which many can read: what lets its owner in is no part of it."""
    token = (request.view_args or {}).get("token")
    return request.path.replace(token, "…") if token else request.path


def _fault(error: Exception) -> ResponseReturnValue:
    logger.error("unhandled", path=logged_path(), exc_info=error)
    db.session.rollback()
    return error_page(503 if isinstance(error, OperationalError) else 500)


def _words(code: int) -> tuple[str, str]:
    words = {
        400: (_("We could not read that"), _("What your browser sent was incomplete or malformed.")),
        401: (_("Sign in first"), _("This page is for people who have signed in.")),
        403: (_("This is not yours to do"), _("Your account may not open this page or take this step.")),
        404: (_("There is nothing here"), _("The page doesn’t exist, or it isn’t yours to see.")),
        405: (_("That is not possible here"), _("This address doesn’t take that kind of request.")),
        409: (_("Somebody was faster"), _("It changed a moment before you answered. Nothing was done twice.")),
        413: (_("That file is too large"), _("Choose a smaller file and send it again.")),
        422: (_("Something needs correcting"), _("What was sent can’t be accepted as it is.")),
        429: (_("Too many tries"), _("Wait a little, then try again.")),
        500: (_("Something broke on our side"), _("We have a record of it and will look into it.")),
        503: (_("We are not ready yet"), _("The service is starting or under repair. Try again in a minute.")),
    }
    return words.get(code, words[500 if code >= 500 else 400])


def error_page(code: int, happened: str | None = None) -> tuple[str, int]:
    """The page for an HTTP status; `happened` replaces the general sentence with a particular one."""
    # Where we are at fault the database may be: the page then asks it nothing.
    g.broken = code >= 500
    title, general = _words(code)
    page = render_template(
        "errors/error.html",
        code=code,
        title=title,
        happened=happened or general,
        changed=_("Nothing was changed.") if code < 500 else _("If you sent a form, look whether it arrived first."),
        way_on_label=_("Go to your home page"),
        way_on_href=url_for("home.front"),
        request_id=g.get("request_id", ""),
    )
    return page, code
