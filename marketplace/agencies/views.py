"""An agency's own pages: its profile, its people, what it offers to creators. Its home stands with what it shows."""

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.acting import Acting
from marketplace.accounts.limits import INVITE_FROM, INVITE_TO, count_try, guard
from marketplace.accounts.session import Role, access, act_as, current_actor, forget_actor
from marketplace.agencies import creator_views, members
from marketplace.agencies.blueprint import bp
from marketplace.agencies.forms import AgencyForm, ButtonForm, OfferForm, PersonForm, RoleForm
from marketplace.agencies.labels import RIGHTS
from marketplace.agencies.policy import require_owner
from marketplace.agencies.queries import get_agency, people_of, representation_for
from marketplace.agencies.representing import give_notice, offer_representation, withdraw_offer
from marketplace.agencies.service import create_agency, edit_agency
from marketplace.agencies.words import name_behind
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.infra.settings import settings
from marketplace.kit.errors import Conflict, DomainError, Invalid, NotAllowed, TooMany

bp.add_app_template_global(name_behind)


@bp.app_template_global()
def agency_face_url(agency_id: int) -> str:
    """The address of an agency's drawn mark."""
    return url_for("pages.picture", kind="company", ident=f"agency-{agency_id}")


# --- Its profile ------------------------------------------------------------------------------------------------------


@bp.route("/agency/new", methods=["GET", "POST"])
@access(Role.SIGNED_IN)
def new() -> ResponseReturnValue:
    """A new agency: its maker owns it and goes on in it."""
    actor = current_actor()
    if actor.is_admin:
        raise NotAllowed(_("Administrators take no side, so they have no agency."))
    form = AgencyForm()
    if form.validate_on_submit():
        try:
            with transaction():
                agency_id = create_agency(actor, form.facts()).id
        except Invalid as refused:
            show_error(form, refused)
        else:
            act_as(Acting("agency", agency_id=agency_id))
            flash(_("Your agency is here. Now offer to represent a creator."), "good")
            return redirect(url_for("agencies.index"), HTTPStatus.SEE_OTHER)
    page = render_template("agencies/profile.html", form=form, agency=None, may_edit=True)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK


@bp.route("/agency/profile", methods=["GET", "POST"])
@access(Role.AGENCY)
def edit() -> ResponseReturnValue:
    """The agency's profile; its members read it, its owners change it."""
    actor = current_actor()
    if actor.agency_id is None:
        return redirect(url_for("agencies.new"), HTTPStatus.SEE_OTHER)
    agency = get_agency(actor.agency_id)
    form = AgencyForm(obj=agency)
    if form.validate_on_submit():
        try:
            with transaction():
                edit_agency(actor, form.facts(), form.version.data or 0)
        except Invalid as refused:
            show_error(form, refused)
        else:
            forget_actor()
            flash(_("Your agency’s profile is saved."), "good")
            return redirect(url_for("agencies.edit"), HTTPStatus.SEE_OTHER)
    page = render_template("agencies/profile.html", form=form, agency=agency, may_edit=actor.owns_agency)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK


# --- Its people -------------------------------------------------------------------------------------------------------


@bp.get("/agency/people")
@access(Role.AGENCY)
def people() -> ResponseReturnValue:
    """Who works at the agency."""
    if current_actor().agency_id is None:
        return redirect(url_for("agencies.new"), HTTPStatus.SEE_OTHER)
    return _people_page(PersonForm(formdata=None))


@bp.post("/agency/people")
@access(Role.AGENCY)
def add_person() -> ResponseReturnValue:
    """Add somebody who has an account. Tries are counted: they tell who has one."""
    actor = current_actor()
    require_owner(actor)
    form = PersonForm()
    if not form.validate_on_submit():
        return _people_page(form)
    try:
        # By person: whoever runs out would found another agency.
        guard((INVITE_FROM, str(actor.user_id)))
        with transaction():
            members.add_member(actor, form.email.data, form.role.data)
    except DomainError as refused:
        if isinstance(refused, NotAllowed):
            raise
        return _people_page(form, refused)
    flash(_("Added. A mail tells them."), "good")
    return redirect(url_for("agencies.people"), HTTPStatus.SEE_OTHER)


def _people_page(form: PersonForm, error: DomainError | None = None) -> ResponseReturnValue:
    if error is not None:
        show_error(form, error)
    agency_id = current_actor().agency_id
    assert agency_id is not None
    page = render_template(
        "agencies/people.html", agency=get_agency(agency_id), people=people_of(agency_id), rights=RIGHTS, form=form
    )
    refused = error.status if error is not None else HTTPStatus.UNPROCESSABLE_ENTITY
    return page, refused if form.is_submitted() else HTTPStatus.OK


@bp.post("/agency/people/<int:user_id>/role")
@access(Role.AGENCY)
def change_role(user_id: int) -> ResponseReturnValue:
    form = RoleForm()
    if not form.validate_on_submit():
        raise Conflict(_("Choose one of the roles. Nothing was changed."))
    with transaction():
        members.change_role(current_actor(), user_id, form.role.data)
    forget_actor()
    flash(_("The role is changed."), "good")
    return redirect(url_for("agencies.people"), HTTPStatus.SEE_OTHER)


@bp.post("/agency/people/<int:user_id>/remove")
@access(Role.AGENCY)
def remove_person(user_id: int) -> ResponseReturnValue:
    with transaction():
        members.remove_member(current_actor(), user_id)
    flash(_("Removed. What they did for creators stays under their name."), "good")
    return redirect(url_for("agencies.people"), HTTPStatus.SEE_OTHER)


@bp.route("/agency/leave", methods=["GET", "POST"])
@access(Role.AGENCY)
def leave() -> ResponseReturnValue:
    """Giving one's own place up."""
    actor = current_actor()
    if actor.agency_id is None:
        return redirect(url_for("agencies.new"), HTTPStatus.SEE_OTHER)
    form = ButtonForm()
    if form.validate_on_submit():
        with transaction():
            members.leave(actor)
        forget_actor()
        flash(_("You have left %(agency)s.", agency=actor.agency_name), "info")
        return redirect(url_for("home.today"), HTTPStatus.SEE_OTHER)
    return render_template("agencies/leave.html", agency=get_agency(actor.agency_id), form=form)


# --- Whom it represents -----------------------------------------------------------------------------------------------


@bp.route("/agency/offers/new", methods=["GET", "POST"])
@access(Role.AGENCY)
def offer() -> ResponseReturnValue:
    """Offering to represent a creator; `creator` in the address fills in whom."""
    actor = current_actor()
    if actor.agency_id is None:
        return redirect(url_for("agencies.new"), HTTPStatus.SEE_OTHER)
    require_owner(actor)
    asked = request.args.get("creator", "")[:39]
    form = OfferForm(data={"handle": asked, "notice_days": settings().agency_notice_days})
    error: DomainError | None = None
    if form.validate_on_submit():
        try:
            with transaction():
                share, days = (form.share.data or 0) * 100, form.notice_days.data or 0
                made = offer_representation(actor, form.handle.data, share, days, form.message.data).id
                _count_offer(actor.user_id, form.handle.data)
        except (Invalid, Conflict, TooMany) as refused:
            error = refused
            show_error(form, refused)
        else:
            flash(_("Sent. They read the consent, and agree or decline."), "good")
            return redirect(url_for("agencies.show", representation_id=made), HTTPStatus.SEE_OTHER)
    page = render_template("agencies/offer.html", form=form)
    refused_with = error.status if error is not None else HTTPStatus.UNPROCESSABLE_ENTITY
    return page, refused_with if form.is_submitted() else HTTPStatus.OK


def _count_offer(user_id: int | None, handle: str) -> None:
    """Each is mailed, so that only those that are made count; one too many is undone with its mail.

    Raises:
        OverLimit: the person has made enough of them, or enough to this creator.
    """
    for limit, who in ((INVITE_FROM, str(user_id)), (INVITE_TO, f"{user_id}:{handle}")):
        refusal = count_try(limit, who)
        if refusal is not None:
            raise refusal


@bp.get("/representations/<int:representation_id>")
@access(Role.AGENCY, Role.CREATOR)
def show(representation_id: int) -> ResponseReturnValue:
    """One representation with its consent as it was given: for both sides, and to be printed."""
    found = representation_for(current_actor(), representation_id)
    return render_template("agencies/show.html", found=found)


@bp.post("/representations/<int:representation_id>/withdraw")
@access(Role.AGENCY)
def withdraw(representation_id: int) -> ResponseReturnValue:
    with transaction():
        withdraw_offer(current_actor(), representation_id)
    flash(_("Taken back. They are told."), "info")
    return redirect(url_for("agencies.index"), HTTPStatus.SEE_OTHER)


@bp.route("/representations/<int:representation_id>/notice", methods=["GET", "POST"])
@access(Role.AGENCY, Role.CREATOR)
def notice(representation_id: int) -> ResponseReturnValue:
    """Ending it with notice, with what that means in view."""
    actor = current_actor()
    found = representation_for(actor, representation_id)
    if actor.agency_id is not None:
        require_owner(actor)
    form = ButtonForm()
    if form.validate_on_submit():
        with transaction():
            give_notice(actor, representation_id)
        flash(_("Notice is given. Both sides are told the day."), "info")
        return redirect(url_for("agencies.show", representation_id=representation_id), HTTPStatus.SEE_OTHER)
    return render_template("agencies/notice.html", found=found, form=form)


__all__ = ["bp", "creator_views"]
