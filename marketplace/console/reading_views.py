"""Pages where fans are reviewed: evidence, codes in channels' texts, suspicious jumps; three queues in one place."""

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.console.blueprint import bp
from marketplace.console.forms import VerdictForm
from marketplace.console.query_forms import member_in, page_in
from marketplace.console.readings import (
    Queue,
    change_by,
    change_of,
    evidence_of,
    is_late,
    queue_lengths,
    queue_of,
    waiting_in,
)
from marketplace.creators.codes import review_code
from marketplace.creators.fan_rule import fan_rule
from marketplace.creators.models import ChannelCode, FanReading, ReadingStatus
from marketplace.creators.queries import get_reading
from marketplace.creators.reading_queries import QUEUE_PAGE, get_code, newest_accepted, reading_history
from marketplace.creators.readings import review_reading
from marketplace.creators.suspicion import GrowthRule, explain_flag
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Invalid


@bp.get("/console/readings")
@access(Role.ADMIN)
def readings() -> ResponseReturnValue:
    lengths = queue_lengths()
    # Whoever comes without a choice finds the first queue in which something waits.
    queue = member_in("queue", Queue) or next((one for one in Queue if lengths[one]), Queue.EVIDENCE)
    pages = max(1, -(-lengths[queue] // QUEUE_PAGE))
    page = min(page_in(), pages)
    return render_template(
        "console/readings.html",
        rows=waiting_in(queue, page),
        queue=queue,
        lengths=lengths,
        page=page,
        pages=pages,
        rule=GrowthRule.now(),
    )


@bp.route("/console/readings/<int:reading_id>", methods=["GET", "POST"])
@access(Role.ADMIN)
def reading(reading_id: int) -> ResponseReturnValue:
    """The evidence and the channel's history, and the two buttons while nobody has decided."""
    found = get_reading(reading_id)
    form = VerdictForm()
    if form.validate_on_submit():
        try:
            return _judge(form, reading_id)
        except Invalid as refused:
            show_error(form, refused)
            found = get_reading(reading_id)
    return _reading_page(found, form)


def _verdict() -> bool:
    verdict = request.form.get("verdict")
    if verdict not in ("accept", "reject"):
        raise Invalid(_("Choose whether to accept or to reject it."))
    return verdict == "accept"


def _judge(form: VerdictForm, reading_id: int) -> ResponseReturnValue:
    accept = _verdict()
    with transaction():
        judged = review_reading(current_actor(), reading_id, accept, form.reason.data)
        name, queue = judged.channel.creator.name, queue_of(judged)
    if accept:
        flash(_("Accepted. %(name)s is told, and the new count is on their page.", name=name), "good")
    else:
        flash(_("Rejected. %(name)s is told why.", name=name), "good")
    return _on(queue)


def _on(queue: Queue) -> ResponseReturnValue:
    """To the next that waits in the queue, so that a reviewer goes on without looking for it; else to the queue."""
    waiting = waiting_in(queue)
    if not waiting:
        return redirect(url_for("console.readings"), HTTPStatus.SEE_OTHER)
    address = _address(queue, waiting[0].id)
    return redirect(address, HTTPStatus.SEE_OTHER)


def _address(queue: Queue, row_id: int) -> str:
    if queue is Queue.CODES:
        return url_for("console.code", code_id=row_id)
    return url_for("console.reading", reading_id=row_id)


def _reading_page(found: FanReading, form: VerdictForm) -> ResponseReturnValue:
    history, _older = reading_history(found.channel_id)
    creator, change = found.channel.creator, change_of(found)
    page = render_template(
        "console/reading.html",
        reading=found,
        creator=creator,
        history=history,
        change=change,
        flagged=explain_flag(found, change.before if change else None),
        queue=queue_of(found),
        evidence=evidence_of(found),
        form=form,
        late=is_late(found.submitted_at),
        waits=found.status is ReadingStatus.PENDING,
        own=creator.user_id == current_actor().user_id,
        needed=fan_rule().needed(found.channel.platform),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK


@bp.route("/console/codes/<int:code_id>", methods=["GET", "POST"])
@access(Role.ADMIN)
def code(code_id: int) -> ResponseReturnValue:
    """The code to look for behind the channel's address, and the two buttons while nobody has decided."""
    found = get_code(code_id)
    form = VerdictForm()
    if form.validate_on_submit():
        try:
            return _judge_code(form, code_id)
        except Invalid as refused:
            show_error(form, refused)
            found = get_code(code_id)
    return _code_page(found, form)


def _judge_code(form: VerdictForm, code_id: int) -> ResponseReturnValue:
    confirm = _verdict()
    with transaction():
        name = review_code(current_actor(), code_id, confirm, form.reason.data).channel.creator.name
    if confirm:
        flash(_("Confirmed. The channel of %(name)s is verified, and they are told.", name=name), "good")
    else:
        flash(_("Rejected. %(name)s is told why.", name=name), "good")
    return _on(Queue.CODES)


def _code_page(found: ChannelCode, form: VerdictForm) -> ResponseReturnValue:
    creator, newest = found.channel.creator, newest_accepted(found.channel_id)
    page = render_template(
        "console/code.html",
        code=found,
        channel=found.channel,
        creator=creator,
        history=reading_history(found.channel_id)[0],
        change=change_by(found.fans, newest) if found.fans is not None and found.reviewed_at is None else None,
        form=form,
        late=found.placed_at is not None and is_late(found.placed_at),
        waits=found.placed_at is not None and found.reviewed_at is None,
        own=creator.user_id == current_actor().user_id,
        needed=fan_rule().needed(found.channel.platform),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK
