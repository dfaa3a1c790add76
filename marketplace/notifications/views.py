"""The bell's page: what one was told, newest first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.routing import BuildError

from marketplace.accounts.session import Role, access, current_actor
from marketplace.infra.db import transaction
from marketplace.infra.i18n import day, reader_timezone
from marketplace.notifications import queries, service
from marketplace.notifications.models import Notification
from marketplace.notifications.told import Told

bp = Blueprint("notifications", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One notification as the page shows it."""

    href: str
    told: Told
    at: datetime
    time: str
    unread: bool


def _days(notifications: Iterable[Notification]) -> Iterator[tuple[str, list[Line]]]:
    """By the reader's own days."""
    zone = reader_timezone()
    for found, group in groupby(notifications, key=lambda row: row.created_at.astimezone(zone).date()):
        yield day(found), [_line(row, zone) for row in group]


def _line(row: Notification, zone: tzinfo) -> Line:
    return Line(
        href=url_for("notifications.open", notification_id=row.id),
        told=Told(row.kind, row.details),
        at=row.created_at,
        time=f"{row.created_at.astimezone(zone):%H:%M}",
        unread=row.read_at is None,
    )


@bp.get("/notifications")
@access(Role.SIGNED_IN)
def index() -> ResponseReturnValue:
    page = queries.newest(current_actor(), before=request.args.get("before", type=int))
    return render_template(
        "notifications/index.html",
        days=list(_days(page.notifications)),
        older=page.older,
        newest_id=page.notifications[0].id if page.notifications else None,
    )


@bp.get("/notifications/<int:notification_id>", endpoint="open")
@access(Role.SIGNED_IN)
def open_notification(notification_id: int) -> ResponseReturnValue:
    """Mark it read and go where it leads."""
    with transaction():
        found = service.mark_read(current_actor(), notification_id)
        endpoint, values = found.endpoint, found.values
    try:
        return redirect(url_for(endpoint, **values))
    except BuildError:
        # Told by an older version, of a page that is no more.
        return redirect(url_for("notifications.index"))


@bp.post("/notifications/read")
@access(Role.SIGNED_IN)
def read_all() -> ResponseReturnValue:
    """Mark what the page listed, not what came since."""
    newest_id = request.form.get("newest", type=int)
    if newest_id is not None and 0 < newest_id < 2**63:
        with transaction():
            service.mark_all_read(current_actor(), newest_id)
        flash(_("Everything is marked as read."), "good")
    return redirect(url_for("notifications.index"), 303)
