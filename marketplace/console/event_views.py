"""The page of the provider's events, and running one again that wasn't handled."""

from http import HTTPStatus
from typing import Final

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from marketplace.accounts.session import Role, access
from marketplace.console.blueprint import bp
from marketplace.console.provider_events import event_page
from marketplace.infra.db import db, transaction
from marketplace.infra.inbox import InboxEvent, handle_again
from marketplace.kit.errors import NotFound

_REASONS: Final[dict[str, tuple[LazyString, LazyString]]] = {
    "wrong_mode": (
        _l("Of the other mode"),
        _l("A live event on a test system, or the reverse: look at which system the webhook endpoint leads to."),
    ),
    "bad_signature": (
        _l("Not signed by Stripe, or too late"),
        _l("A stranger, a secret that isn’t set here, or a clock that is off by minutes."),
    ),
    "no_event": (_l("No event"), _l("Signed, but not written as an event of the API: look at the endpoint’s payload.")),
    "not_configured": (_l("No secret is set"), _l("Set STRIPE_WEBHOOK_SECRET.")),
}


@bp.get("/console/reconciliation/events")
@access(Role.ADMIN)
def events() -> ResponseReturnValue:
    return render_template(
        "console/reconciliation_events.html",
        page=event_page(),
        refusal_words=lambda reason: _REASONS[reason][0] if reason in _REASONS else reason,
        refusal_advice=lambda reason: _REASONS[reason][1] if reason in _REASONS else None,
    )


@bp.post("/console/reconciliation/events/<event_id>/again")
@access(Role.ADMIN)
def run_event_again(event_id: str) -> ResponseReturnValue:
    """Enqueue what wasn't handled; an event that was is left alone."""
    with transaction():
        # Some signs that can stand in an address the database refuses.
        event = db.session.get(InboxEvent, event_id) if event_id.isprintable() else None
        if event is None:
            raise NotFound
        handled = event.handled_at is not None
        if not handled:
            handle_again([event])
    if handled:
        flash(_("This event was handled meanwhile. Nothing was done again."), "info")
    else:
        flash(_("The worker handles the event now. Look again in a minute."), "good")
    return redirect(url_for("console.events"), HTTPStatus.SEE_OTHER)
