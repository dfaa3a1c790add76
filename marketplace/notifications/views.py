"""The bell's page: what one was told, newest first; what one wants to be told; the links that stop mails."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.routing import BuildError

from marketplace.accounts.acting import Acting
from marketplace.accounts.actor import Actor
from marketplace.accounts.session import Role, access, act_as, current_actor
from marketplace.infra.db import transaction
from marketplace.infra.i18n import day, reader_timezone
from marketplace.notifications import queries, service
from marketplace.notifications.models import Notification
from marketplace.notifications.places import has_several_places, place_names
from marketplace.notifications.preferences import choose, read_token, stop_mail, wishes_of
from marketplace.notifications.told import Told
from marketplace.notifications.topics import ALWAYS_IN_BELL, GROUPS, Topic

bp = Blueprint("notifications", __name__)
# Apart, because mail programs post to it without our form: its token says who asks.
unsubscribe_bp = Blueprint("unsubscribe", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One notification as the page shows it."""

    href: str
    told: Told
    at: datetime
    time: str
    unread: bool
    place: str


def _days(notifications: Collection[Notification], actor: Actor) -> Iterator[tuple[str, list[Line]]]:
    """By the reader's own days; each with its place where the reader has several."""
    zone = reader_timezone()
    names = place_names(row.acting for row in notifications) if has_several_places(actor) else {}
    for found, group in groupby(notifications, key=lambda row: row.created_at.astimezone(zone).date()):
        yield day(found), [_line(row, zone, names.get(row.acting or "", "")) for row in group]


def _line(row: Notification, zone: tzinfo, place: str) -> Line:
    return Line(
        href=url_for("notifications.open", notification_id=row.id),
        told=Told(row.kind, row.details),
        at=row.created_at,
        time=f"{row.created_at.astimezone(zone):%H:%M}",
        unread=row.read_at is None,
        place=place,
    )


@bp.get("/notifications")
@access(Role.SIGNED_IN)
def index() -> ResponseReturnValue:
    actor = current_actor()
    page = queries.newest(actor, before=request.args.get("before", type=int))
    return render_template(
        "notifications/index.html",
        days=list(_days(page.notifications, actor)),
        older=page.older,
        newest_id=page.notifications[0].id if page.notifications else None,
    )


@bp.get("/notifications/<int:notification_id>", endpoint="open")
@access(Role.SIGNED_IN)
def open_notification(notification_id: int) -> ResponseReturnValue:
    """Mark it read and go where it leads, in the place of the person's that it must be read in."""
    with transaction():
        found = service.mark_read(current_actor(), notification_id)
        endpoint, values, acting = found.endpoint, found.values, Acting.read(found.acting)
    if acting is not None:
        act_as(acting)
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


# --- What one wants to be told ----------------------------------------------------------------------------------------
@bp.get("/notifications/preferences")
@access(Role.SIGNED_IN)
def preferences() -> ResponseReturnValue:
    actor = current_actor()
    return render_template(
        "notifications/preferences.html",
        groups=_groups(actor),
        wishes=wishes_of(actor.user_id or 0),
        always=ALWAYS_IN_BELL,
    )


@bp.post("/notifications/preferences")
@access(Role.SIGNED_IN)
def choose_preferences() -> ResponseReturnValue:
    """The whole table: a box that isn't ticked turns off."""
    actor = current_actor()
    shown = {topic for _name, topics in _groups(actor) for topic in topics}
    with transaction():
        choose(actor, topics=shown, bell=_ticked("bell"), mail=_ticked("mail"))
    flash(_("Saved. What we tell you from now on follows it."), "good")
    return redirect(url_for("notifications.preferences"), 303)


def _groups(actor: Actor) -> list[tuple[str, list[Topic]]]:
    """The topics that can reach the person: what waits for administrators is theirs alone."""
    kept = [
        (str(name), [topic for topic in topics if actor.is_admin or topic is not Topic.REVIEWING])
        for name, topics in GROUPS
    ]
    return [(name, topics) for name, topics in kept if topics]


def _ticked(name: str) -> set[Topic]:
    typed = set(request.form.getlist(name))
    return {topic for topic in Topic if topic.value in typed}


@unsubscribe_bp.route("/notifications/stop/<token>", methods=["GET", "POST"])
@access(Role.PUBLIC)
def mail(token: str) -> ResponseReturnValue:
    """Stop the mails of one topic without signing in. Opening it changes nothing: programs open links to look at them.

    A mail program posts here by itself (RFC 8058).
    """
    user, topic = read_token(token)
    if request.method == "POST":
        with transaction():
            stop_mail(token)
    return render_template("notifications/stop.html", topic=topic, email=user.email, stopped=request.method == "POST")
