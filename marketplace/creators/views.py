"""Pages where creators keep their channels and readings; profile, works and audience have modules beside this one."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.creators import audience_views, labels, profile_views, work_views
from marketplace.creators.blueprint import bp
from marketplace.creators.channels import add_channel
from marketplace.creators.codes import ask_code, report_code
from marketplace.creators.eligibility import judge
from marketplace.creators.fan_rule import fan_rule
from marketplace.creators.forms import ChannelForm, CodeForm, ReadingForm
from marketplace.creators.models import Channel
from marketplace.creators.policy import today
from marketplace.creators.profile_views import profile_first
from marketplace.creators.queries import own_channel, own_creator, readable_evidence
from marketplace.creators.reading_queries import (
    ChannelState,
    channel_state,
    channel_states,
    fan_series,
    reading_history,
)
from marketplace.creators.readings import submit_reading
from marketplace.creators.suspicion import GrowthRule, explain_flag
from marketplace.creators.verification import Step, open_ways
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.infra.settings import settings
from marketplace.infra.uploads import EVIDENCE, formats, send_stored
from marketplace.kit.errors import Invalid

__all__ = ["audience_views", "bp", "labels", "profile_views", "work_views"]


@bp.get("/me/channels")
@access(Role.CREATOR)
def channels() -> ResponseReturnValue:
    creator = own_creator(current_actor())
    if creator is None:
        return profile_first()
    states = channel_states(creator.id)
    return render_template(
        "creators/channels.html",
        states=[(state, _next_step(state)) for state in states],
        standing=judge(creator, states),
    )


def _next_step(state: ChannelState) -> Step | None:
    """The first thing that the creator can do for the channel now; nothing while a count of it is being reviewed."""
    if state.waiting is not None:
        return None
    return next((step for _source, step in open_ways(state) if step.act), None)


@bp.get("/me/channels/<int:channel_id>")
@access(Role.CREATOR)
def channel(channel_id: int) -> ResponseReturnValue:
    """One channel: how it was verified, how its fans went, what to do next."""
    found = own_channel(current_actor(), channel_id)
    state = channel_state(found)
    readings, older = reading_history(found.id, _before())
    rule = fan_rule()
    return render_template(
        "creators/channel.html",
        state=state,
        readings=readings,
        older=older,
        series=fan_series(found.id),
        ways=open_ways(state),
        flagged=explain_flag(state.waiting, state.newest) if state.waiting is not None else "",
        rule=GrowthRule.now(),
        needed=rule.needed(found.platform),
        requirement=_("on all your channels together") if rule.sums else _("on this channel"),
    )


def _before() -> int | None:
    found = request.args.get("before", type=int)
    return found if found is not None and 0 < found < 2**63 else None


@bp.route("/me/channels/<int:channel_id>/code", methods=["GET", "POST"])
@access(Role.CREATOR)
def channel_code(channel_id: int) -> ResponseReturnValue:
    """The code and what to do with it; the button that asks for one posts here."""
    if request.method == "POST":
        with transaction():
            ask_code(current_actor(), channel_id)
        return redirect(url_for("creators.channel_code", channel_id=channel_id), 303)
    return _code_page(channel_id, CodeForm())


def _code_page(channel_id: int, form: CodeForm) -> ResponseReturnValue:
    state = channel_state(own_channel(current_actor(), channel_id))
    page = render_template(
        "creators/channel_code.html",
        channel=state.channel,
        code=state.code,
        last=state.last_code,
        form=form,
        rule=GrowthRule.now(),
    )
    return page, 422 if form.errors else 200


@bp.post("/me/channels/<int:channel_id>/code/placed", endpoint="report_code")
@access(Role.CREATOR)
def say_placed(channel_id: int) -> ResponseReturnValue:
    form = CodeForm()
    if form.validate():
        fans = form.fans.data
        assert fans is not None, "the form requires it"
        try:
            with transaction():
                report_code(current_actor(), channel_id, fans)
        except Invalid as refused:
            show_error(form, refused)
        else:
            flash(_("Said. A reviewer looks for the code; leave it there until you are told."), "good")
            return redirect(url_for("creators.channel", channel_id=channel_id), 303)
    return _code_page(channel_id, form)


@bp.route("/me/channels/new", methods=["GET", "POST"], endpoint="add_channel")
@access(Role.CREATOR)
def new_channel() -> ResponseReturnValue:
    if own_creator(current_actor()) is None:
        return profile_first()
    form = ChannelForm()
    if form.validate_on_submit():
        try:
            with transaction():
                added = add_channel(current_actor(), form.platform.data, form.handle.data, form.url.data)
        except Invalid as refused:
            show_error(form, refused)
        else:
            flash(_("The channel is added. Choose how its fans are verified."), "good")
            return redirect(url_for("creators.channel", channel_id=added.id), 303)
    return render_template("creators/add_channel.html", form=form), 422 if form.errors else 200


@bp.route("/me/channels/<int:channel_id>/readings/new", methods=["GET", "POST"])
@access(Role.CREATOR)
def add_reading(channel_id: int) -> ResponseReturnValue:
    found = own_channel(current_actor(), channel_id)
    form = ReadingForm(data={"taken_on": today()})
    if form.validate_on_submit():
        try:
            with transaction():
                _submit(form, channel_id)
        except Invalid as refused:
            show_error(form, refused)
        else:
            flash(_("The reading is handed in. We tell you when an administrator has reviewed it."), "good")
            return redirect(url_for("creators.channels"), 303)
    return _reading_page(form, found), 422 if form.errors else 200


def _submit(form: ReadingForm, channel_id: int) -> None:
    fans, day, file = form.fans.data, form.taken_on.data, form.evidence.upload
    assert fans is not None, "the form requires it"
    assert day is not None, "the form requires it"
    assert file is not None, "the form requires it"
    submit_reading(current_actor(), channel_id, fans, day, file)


def _reading_page(form: ReadingForm, channel: Channel) -> str:
    return render_template(
        "creators/add_reading.html",
        form=form,
        channel=channel,
        needed=fan_rule().needed(channel.platform),
        formats=formats(EVIDENCE),
        most_bytes=settings().max_upload_bytes,
        latest=today(),
    )


@bp.get("/readings/<int:reading_id>/evidence")
@access(Role.CREATOR, Role.ADMIN)
def evidence(reading_id: int) -> ResponseReturnValue:
    return send_stored(readable_evidence(current_actor(), reading_id))
