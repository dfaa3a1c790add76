"""Pages where creators keep their channels and readings; profile, works and audience have modules beside this one."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.creators import audience_views, labels, profile_views, work_views
from marketplace.creators.blueprint import bp
from marketplace.creators.channels import add_channel
from marketplace.creators.eligibility import eligibility
from marketplace.creators.forms import ChannelForm, ReadingForm
from marketplace.creators.models import Channel
from marketplace.creators.policy import today
from marketplace.creators.profile_views import profile_first
from marketplace.creators.queries import (
    channels_with_readings,
    own_channel,
    own_creator,
    readable_evidence,
)
from marketplace.creators.readings import submit_reading
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
    return render_template(
        "creators/channels.html",
        creator=creator,
        channels=channels_with_readings(creator.id),
        standing=eligibility(creator),
    )


@bp.route("/me/channels/new", methods=["GET", "POST"], endpoint="add_channel")
@access(Role.CREATOR)
def new_channel() -> ResponseReturnValue:
    if own_creator(current_actor()) is None:
        return profile_first()
    form = ChannelForm()
    if form.validate_on_submit():
        try:
            with transaction():
                channel = add_channel(current_actor(), form.platform.data, form.handle.data, form.url.data)
        except Invalid as refused:
            show_error(form, refused)
        else:
            flash(_("The channel is added. Hand in a reading of its fans now."), "good")
            return redirect(url_for("creators.add_reading", channel_id=channel.id), 303)
    return render_template("creators/add_channel.html", form=form), 422 if form.errors else 200


@bp.route("/me/channels/<int:channel_id>/readings/new", methods=["GET", "POST"])
@access(Role.CREATOR)
def add_reading(channel_id: int) -> ResponseReturnValue:
    channel = own_channel(current_actor(), channel_id)
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
    return _reading_page(form, channel), 422 if form.errors else 200


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
        needed=settings().fan_threshold + 1,
        formats=formats(EVIDENCE),
        most_bytes=settings().max_upload_bytes,
        latest=today(),
    )


@bp.get("/readings/<int:reading_id>/evidence")
@access(Role.CREATOR, Role.ADMIN)
def evidence(reading_id: int) -> ResponseReturnValue:
    return send_stored(readable_evidence(current_actor(), reading_id))
