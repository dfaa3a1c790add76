"""The edge between a request and the people behind it: who is signed in, who may use a route, how they read."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, has_request_context, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import LoginManager, current_user, login_user

from marketplace.accounts.acting import Acting, place_of
from marketplace.accounts.actor import VISITOR, Actor
from marketplace.accounts.models import User
from marketplace.infra.db import db
from marketplace.infra.i18n import LANGUAGES
from marketplace.infra.settings import settings
from marketplace.kit.errors import NotFound

LoadActor = Callable[[User, Acting | None], Actor]
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
login_manager = LoginManager()
_LONGEST_PATH = 2000


class Role(StrEnum):
    """Who may use a route. Several together mean any of them; a finer right is the feature's policy."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    CREATOR = "creator"
    BRAND = "brand"
    AGENCY = "agency"
    ADMIN = "admin"


def access(*roles: Role) -> Callable[[View], View]:
    """Declare who may use a view; a route without this stops the application from starting."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            return _refusal(roles) or view(*args, **kwargs)

        guarded.__dict__["access"] = frozenset(roles)
        return guarded  # type: ignore[return-value]

    return declare


def _refusal(roles: tuple[Role, ...]) -> ResponseReturnValue | None:
    if Role.PUBLIC in roles:
        return None
    actor = current_actor()
    if not actor.signed_in:
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("account.sign_in", next=back))
    if not any(holds(actor, role) for role in roles):
        abort(403)
    return None


def holds(actor: Actor, role: Role) -> bool:
    """Whether the actor has the role. Who joined as a creator or a brand has it before filling in the profile."""
    match role:
        case Role.PUBLIC:
            return True
        case Role.SIGNED_IN:
            return actor.signed_in
        case Role.CREATOR:
            return actor.creator_id is not None or actor.side == "creator"
        case Role.BRAND:
            return actor.brand_id is not None or actor.side == "brand"
        case Role.AGENCY:
            return actor.agency_id is not None or actor.side == "agency"
        case Role.ADMIN:
            return actor.is_admin


def current_actor() -> Actor:
    """Who is acting in this request, loaded once.

    Raises:
        NotFound: a form was sent in a place that the person has lost since: it must not be sent in another.
    """
    if "actor" not in g:
        load: LoadActor = current_app.extensions["mutuals_actor"]
        acting = Acting.read(session.get("acting"))
        g.actor = load(current_user, acting) if current_user.is_authenticated else VISITOR
        if g.actor.signed_in and acting is not None and acting.is_named and place_of(g.actor) != acting:
            _leave_lost_place()
    found: Actor = g.actor
    return found


def _leave_lost_place() -> None:
    session["acting"] = str(place_of(g.actor))
    _forget_open_forms()
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        raise NotFound(_l("You have no such place, or not any more. Your places show where you may act."))


def _forget_open_forms() -> None:
    """A form left open in another place, in another tab, must not be sent in this one."""
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)


def forget_actor() -> None:
    """Load the actor again after signing in or out, or after a profile was made."""
    g.pop("actor", None)


def has_place(acting: Acting) -> bool:
    """Whether whoever is signed in has this place; a side without a profile yet is everybody's."""
    load: LoadActor = current_app.extensions["mutuals_actor"]
    found = place_of(load(current_user, acting))
    return found == acting or (not acting.is_named and found.side == acting.side)


def act_as(acting: Acting) -> Actor:
    """Choose the place that the person acts in from now on; one that isn't theirs gives their first place instead."""
    before = place_of(current_actor())
    session["acting"] = str(acting)
    forget_actor()
    actor = current_actor()
    if place_of(actor) != before:
        _forget_open_forms()
    return actor


def begin_session(user: User) -> None:
    """Sign the person in. Nothing of the visitor's session stays, so one that was planted is worth nothing."""
    session.clear()
    session.permanent = True
    login_user(user)
    forget_actor()


def end_session() -> None:
    """Sign out. The language that the person reads in stays."""
    locale = reader_locale()
    session.clear()
    session["locale"] = locale
    g.pop("_login_user", None)
    forget_actor()


def local_path(address: str | None) -> str | None:
    """The address if it is a path of this site, None otherwise: nobody is sent elsewhere by a link to us."""
    if not address or not address.startswith("/") or len(address) > _LONGEST_PATH:
        return None
    # Browsers read "/\\host" and "//host" as another site, and drop tabs and line breaks while reading.
    if address.startswith("//") or "\\" in address or not address.isprintable():
        return None
    return address


def init_app(app: Flask, load_actor: LoadActor) -> None:
    """Install sign-in; `load_actor` finds the sides a person acts for."""
    # Templates know the actor; a page about a fault must not load the user.
    login_manager.init_app(app, add_context_processor=False)
    app.extensions["mutuals_actor"] = load_actor


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _load_user(session_id: str) -> User | None:
    user_id, _, version = session_id.partition(":")
    if not (user_id.isdecimal() and version.isdecimal()):
        return None
    user = db.session.get(User, int(user_id))
    if user is None or user.session_version != int(version) or user.suspended_at is not None:
        return None
    return user


def reader_locale() -> str:
    """The language to answer in: the one chosen, the account's, the browser's; English where nobody reads yet."""
    if not has_request_context():
        return "en"
    chosen = session.get("locale")
    if chosen in LANGUAGES:
        return str(chosen)
    if _may_ask() and current_user.is_authenticated:
        return str(current_user.locale)
    return request.accept_languages.best_match(list(LANGUAGES), default="en") or "en"


def _may_ask() -> bool:
    """Not on a page that says that something broke: it may be the database."""
    return not g.get("broken")


def reader_timezone() -> str:
    """The account's time zone, or the platform's."""
    if has_request_context() and _may_ask() and current_user.is_authenticated:
        return str(current_user.timezone)
    return settings().default_timezone
