"""Pages where creators keep their profile, channels and readings. Their public page is discovery's."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor, forget_actor
from marketplace.creators import labels  # noqa: F401 - registers their words
from marketplace.creators.art_idents import cover_ident, creator_ident
from marketplace.creators.channels import add_channel
from marketplace.creators.eligibility import eligibility
from marketplace.creators.forms import ChannelForm, ProfileForm, ReadingForm
from marketplace.creators.models import Category, Channel, Creator
from marketplace.creators.policy import today
from marketplace.creators.queries import (
    channels_with_readings,
    free_handle,
    own_channel,
    own_creator,
    readable_evidence,
)
from marketplace.creators.readings import submit_reading
from marketplace.creators.service import CreatorFacts, save_profile
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.infra.settings import settings
from marketplace.infra.uploads import EVIDENCE, formats, send_stored
from marketplace.kit.errors import Invalid

bp = Blueprint("creators", __name__)


@bp.app_template_global()
def cover_url(category: Category, kind: str, row_id: int | str) -> str:
    """The address of the drawn cover of something in a category."""
    return url_for("pages.picture", kind="cover", ident=cover_ident(category, kind, row_id))


@bp.app_template_global()
def creator_face_url(creator_id: int) -> str:
    """The address of a creator's portrait."""
    return url_for("pages.picture", kind="person", ident=creator_ident(creator_id))


@bp.route("/me/profile", methods=["GET", "POST"])
@access(Role.CREATOR)
def edit() -> ResponseReturnValue:
    creator = own_creator(current_actor())
    form = ProfileForm(data=_profile_data(creator))
    if form.validate_on_submit():
        try:
            with transaction():
                save_profile(current_actor(), _facts(form), _version(form))
        except Invalid as refused:
            show_error(form, refused)
        else:
            return _saved(creator)
    creator = own_creator(current_actor())
    standing = eligibility(creator) if creator is not None else None
    page = render_template("creators/edit.html", form=form, creator=creator, standing=standing)
    return page, 422 if form.errors else 200


def _saved(before: Creator | None) -> ResponseReturnValue:
    if before is not None:
        flash(_("Your profile is saved."), "good")
        return redirect(url_for("creators.edit"), 303)
    forget_actor()
    flash(_("Your profile is saved. Add a channel next, so that your fans can be verified."), "good")
    return redirect(url_for("creators.channels"), 303)


def _profile_data(creator: Creator | None) -> dict[str, object]:
    if creator is None:
        actor = current_actor()
        return {"name": actor.name, "handle": free_handle(actor.name, actor.user_id or 0), "version": ""}
    names = ("name", "handle", "headline_en", "category", "region", "biography_en", "version")
    return {name: getattr(creator, name) for name in names}


def _facts(form: ProfileForm) -> CreatorFacts:
    return CreatorFacts(
        name=form.name.data,
        handle=form.handle.data.lower(),
        category=form.category.data,
        headline_en=form.headline_en.data,
        biography_en=form.biography_en.data,
        region=form.region.data,
    )


def _version(form: ProfileForm) -> int | None:
    typed = str(form.version.data or "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else None


@bp.get("/me/channels")
@access(Role.CREATOR)
def channels() -> ResponseReturnValue:
    creator = own_creator(current_actor())
    if creator is None:
        return _profile_first()
    return render_template(
        "creators/channels.html",
        creator=creator,
        channels=channels_with_readings(creator.id),
        standing=eligibility(creator),
    )


def _profile_first() -> ResponseReturnValue:
    flash(_("Save your profile first; channels and offers belong to it."), "info")
    return redirect(url_for("creators.edit"), 303)


@bp.route("/me/channels/new", methods=["GET", "POST"], endpoint="add_channel")
@access(Role.CREATOR)
def new_channel() -> ResponseReturnValue:
    if own_creator(current_actor()) is None:
        return _profile_first()
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
