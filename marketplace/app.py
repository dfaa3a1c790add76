"""The application factory: wires settings, database, jobs, languages and every feature's pages together."""

import secrets
import uuid
from pathlib import Path
from time import perf_counter
from typing import Any

import structlog
from flask import Flask, Response, g, request
from flask_bootstrap import Bootstrap5
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from structlog.contextvars import bind_contextvars, clear_contextvars
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from marketplace import all_jobs, cli, navigation, pages, tables
from marketplace.accounts import session as accounts_session
from marketplace.accounts.acting import Acting
from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.accounts.views import bp as accounts_bp
from marketplace.accounts.views import mailbox_bp
from marketplace.agencies.queries import agency_place, represented_creator
from marketplace.agencies.views import bp as agencies_bp
from marketplace.brands.queries import brand_place
from marketplace.brands.views import bp as brands_bp
from marketplace.briefs.views import bp as briefs_bp
from marketplace.config import Settings, load_settings
from marketplace.console.views import bp as console_bp
from marketplace.creators.art_idents import cover_ident
from marketplace.creators.fan_rule import rule_of
from marketplace.creators.feed_views import bp as feeds_bp
from marketplace.creators.queries import CreatorPlace, creator_place
from marketplace.creators.views import bp as creators_bp
from marketplace.deals.views import bp as deals_bp
from marketplace.discovery.block_views import bp as blocks_bp
from marketplace.discovery.list_views import bp as lists_bp
from marketplace.discovery.views import bp as discovery_bp
from marketplace.disputes.views import bp as disputes_bp
from marketplace.documents.views import bp as documents_bp
from marketplace.escrow.views import bp as escrow_bp
from marketplace.fees.explain import explain, explain_share
from marketplace.home.views import bp as home_bp
from marketplace.infra import i18n, instance, jobs, log
from marketplace.infra.db import db
from marketplace.infra.labels import label
from marketplace.infra.stripe_gateway import dashboard_url
from marketplace.kit.money import Money
from marketplace.matching.views import bp as matching_bp
from marketplace.moderation.blueprint import bp as moderation_bp
from marketplace.notifications.views import bp as notifications_bp
from marketplace.notifications.views import unsubscribe_bp
from marketplace.offers.views import bp as offers_bp
from marketplace.payouts.account_views import bp as payout_account_bp
from marketplace.payouts.money_views import bp as money_bp
from marketplace.payouts.spending_views import bp as spending_bp
from marketplace.payouts.views import bp as payouts_bp
from marketplace.profiles import views as profiles
from marketplace.reviews.views import bp as reviews_bp
from marketplace.webhooks.views import bp as webhooks_bp

ROOT = Path(__file__).resolve().parent.parent
BLUEPRINTS = (
    pages.bp, home_bp, accounts_bp, creators_bp, brands_bp, agencies_bp, offers_bp, briefs_bp, discovery_bp, lists_bp,
    blocks_bp, matching_bp, deals_bp, escrow_bp, payouts_bp, payout_account_bp, money_bp, spending_bp, documents_bp,
    disputes_bp, reviews_bp, notifications_bp, unsubscribe_bp, moderation_bp, console_bp, webhooks_bp, feeds_bp,
)  # fmt: skip
# Bootstrap's and Flask's own static files.
_OPEN_ENDPOINTS = frozenset({"static", "bootstrap.static"})
_CSP = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; font-src 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
csrf = CSRFProtect()


class RowId(IntegerConverter):
    """`<int:…>` in an address: what is larger than any row's id is a page that doesn't exist, not a fault."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**63 - 1)


logger = structlog.get_logger(__name__)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application for `settings`, or for the environment.

    Raises:
        SettingsError: the environment can't be used.
        RuntimeError: a route declares nobody who may use it.
    """
    settings = settings or instance.completed(load_settings())
    rule_of(settings)
    log.configure(settings)
    app = Flask(
        "marketplace",
        root_path=str(ROOT / "marketplace"),
        static_folder=str(ROOT / "static"),
        template_folder=str(ROOT / "templates"),
        instance_path=str(settings.instance_path.resolve()),
    )
    app.config.from_mapping(_flask_config(settings))
    app.extensions["mutuals_settings"] = settings
    app.url_map.converters["int"] = RowId
    app.jinja_env.globals.update(label=label, money_of=Money, cover_ident=cover_ident)
    # Macros that are imported read it, too.
    app.jinja_env.globals.update(demo_mode=settings.demo)
    app.jinja_env.globals.update(explain=explain, explain_share=explain_share, dashboard_url=dashboard_url)
    # First, so that a form refused for its missing token has a request id and a log line too.
    _install_request_care(app, settings)
    _install_extensions(app)
    _install_features(app, settings)
    navigation.init_app(app)
    cli.init_app(app)
    _require_declared_access(app)
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    secret = settings.secret_key.get_secret_value() if settings.secret_key else secrets.token_hex(32)
    scheme, _, host = settings.base_url.partition("://")
    return {
        "SECRET_KEY": secret,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_size": settings.database_pool_size,
            "pool_pre_ping": True,
            # A statement that fails is logged; what people wrote in it is nobody's to read there.
            "hide_parameters": settings.production,
        },
        "SERVER_NAME": host,
        "PREFERRED_URL_SCHEME": scheme,
        "SESSION_COOKIE_NAME": f"mutuals_{settings.port}" if settings.demo else "mutuals",
        "SESSION_COOKIE_SECURE": scheme == "https",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": 60 * 60 * 24 * 14,
        # Beyond the file there are the other fields; a file that is too large gets its message beside the field.
        "MAX_CONTENT_LENGTH": settings.max_upload_bytes + 1_000_000,
        "MAX_FORM_MEMORY_SIZE": 1_000_000,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
        "BOOTSTRAP_SERVE_LOCAL": True,
        "SEND_FILE_MAX_AGE_DEFAULT": 60 * 60 * 24,
    }


def _install_extensions(app: Flask) -> None:
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"))
    csrf.init_app(app)
    Bootstrap5(app)
    i18n.init_app(app, accounts_session.reader_locale, accounts_session.reader_timezone)
    accounts_session.init_app(app, load_actor)


def _install_features(app: Flask, settings: Settings) -> None:
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if settings.demo:
        app.register_blueprint(mailbox_bp)
    csrf.exempt(webhooks_bp)
    csrf.exempt(feeds_bp)
    # Its own form asks for the token, after the view has said how large the file may be.
    csrf.exempt("marketplace.console.feed_views.feeds")
    csrf.exempt(unsubscribe_bp)
    if settings.database_url is not None:
        conninfo = settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        app.extensions["mutuals_jobs"] = jobs.build(app, conninfo)


def load_actor(user: User, acting: Acting | None = None) -> Actor:
    """The person in the place that they act in; in their first one where that isn't theirs."""
    place = acting or Acting(user.side.value)
    found = _in_place(user, place)
    return found or _in_place(user, Acting(user.side.value)) or _person(user)


def _in_place(user: User, place: Acting) -> Actor | None:
    """None where the person has no such place. A side without a profile yet is one."""
    if place.side == "brand":
        return _in_brand(user, place)
    if place.side == "agency":
        return _in_agency(user, place)
    if place.side == "creator":
        creator = creator_place(user.id)
        return _person(user, side="creator", **_as(creator)) if creator is not None else _person(user, side="creator")
    return None


def _as(creator: CreatorPlace) -> dict[str, Any]:
    return {"creator_id": creator.creator_id, "place": creator.name, "face_id": creator.avatar_id}


def _in_brand(user: User, place: Acting) -> Actor | None:
    found = brand_place(user.id, place.brand_id)
    if found is None:
        return _person(user, side="brand") if place.brand_id is None else None
    return _person(
        user, side="brand", brand_id=found.brand_id, brand_role=found.role, place=found.name, face_id=found.logo_id
    )


def _in_agency(user: User, place: Acting) -> Actor | None:
    found = agency_place(user.id, place.agency_id)
    if found is None:
        return _person(user, side="agency") if place.agency_id is None else None
    member, agency = found
    creator = represented_creator(agency.id, place.for_creator_id) if place.for_creator_id is not None else None
    return _person(
        user,
        side="agency",
        agency_id=agency.id,
        agency_role=member.role,
        agency_name=agency.name,
        **(_as(creator) if creator is not None else {"place": agency.name}),
    )


def _person(user: User, side: str = "none", **place: Any) -> Actor:
    return Actor(
        user_id=user.id,
        name=user.name,
        is_admin=user.is_admin,
        side=side,
        email_confirmed=user.email_confirmed_at is not None,
        **place,
    )


def _install_request_care(app: Flask, settings: Settings) -> None:
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]

    @app.before_request
    def begin() -> None:
        g.request_id = uuid.uuid4().hex[:12]
        g.started = perf_counter()
        clear_contextvars()
        bind_contextvars(request_id=g.request_id)

    @app.after_request
    def finish(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", _CSP)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Request-ID"] = g.request_id
        if settings.base_url.startswith("https://"):
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint not in _OPEN_ENDPOINTS:
            response.headers.setdefault("Cache-Control", "no-store")
            _log_request(response)
        return response

    pages.install_error_pages(app)


def _log_request(response: Response) -> None:
    milliseconds = round((perf_counter() - g.started) * 1000, 1)
    logger.info(
        "request", method=request.method, path=pages.logged_path(), status=response.status_code, ms=milliseconds
    )


def _require_declared_access(app: Flask) -> None:
    """Stop the start when a route says nobody may use it, so that none is open by accident."""
    undeclared = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in _OPEN_ENDPOINTS and not hasattr(app.view_functions[rule.endpoint], "access")
    ]
    if undeclared:
        raise RuntimeError(f"these routes don't declare who may use them: {', '.join(sorted(undeclared))}")


__all__ = ["all_jobs", "create_app", "load_actor", "profiles", "tables"]
