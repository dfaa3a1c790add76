"""Pages about who belongs to a company: the list, one member, leaving. Owners change; everybody else looks."""

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from marketplace.accounts.actor import Actor
from marketplace.accounts.again import ask_password_again
from marketplace.accounts.forms import AgainForm
from marketplace.accounts.limits import INVITE_FROM, INVITE_TO, guard
from marketplace.accounts.session import Role, access, current_actor, forget_actor
from marketplace.brands import invitations, members
from marketplace.brands.blueprint import bp
from marketplace.brands.forms import ButtonForm, InviteForm, LimitForm, RoleForm
from marketplace.brands.history import sentence
from marketplace.brands.labels import RIGHTS
from marketplace.brands.limits import month_start
from marketplace.brands.models import Invitation
from marketplace.brands.queries import get_brand, member_events, member_row, member_rows, open_invitations
from marketplace.infra.db import db, transaction
from marketplace.infra.fields import show_error
from marketplace.infra.i18n import language
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import DomainError, Invalid, NotAllowed, NotFound


@bp.app_template_global()
def user_face_url(user_id: int) -> str:
    """The address of a person's drawn face, whatever places they have."""
    return url_for("pages.picture", kind="person", ident=f"user-{user_id}")


@bp.get("/company/members", endpoint="members")
@access(Role.BRAND)
def members_page() -> ResponseReturnValue:
    """Who belongs to the company, who is invited, and what happened."""
    if current_actor().brand_id is None:
        flash(_("Fill in your company’s profile first."), "info")
        return redirect(url_for("brands.company"), HTTPStatus.SEE_OTHER)
    return _members_page(InviteForm(formdata=None))


def _members_page(form: InviteForm, error: DomainError | None = None) -> ResponseReturnValue:
    if error is not None:
        show_error(form, error)
    actor = current_actor()
    assert actor.brand_id is not None
    page = render_template(
        "brands/members.html",
        brand=get_brand(actor.brand_id),
        rows=member_rows(actor.brand_id),
        invitations=open_invitations(actor.brand_id) if actor.owns_brand else [],
        history=member_events(actor.brand_id, request.args.get("before", type=int)),
        sentence=sentence,
        rights=RIGHTS,
        form=form,
        now=clock.now(),
        month=month_start(),
        days=settings().invitation_days,
    )
    return page, error.status if error is not None else 422 if form.is_submitted() and form.errors else 200


# --- Invitations ------------------------------------------------------------------------------------------------------


@bp.post("/company/members/invitations")
@access(Role.BRAND)
def invite() -> ResponseReturnValue:
    """Mail an invitation."""
    actor = _owner()
    form = InviteForm()
    if not form.validate():
        return _members_page(form)
    try:
        guard((INVITE_FROM, str(actor.user_id)), (INVITE_TO, form.email.data.casefold()))
        with transaction():
            invitations.invite(actor, form.email.data, form.role.data, language())
    except DomainError as error:
        return _members_page(form, error)
    flash(_("The invitation to %(email)s is on its way.", email=form.email.data), "good")
    return _to_members()


@bp.post("/company/members/invitations/<int:invitation_id>/resend")
@access(Role.BRAND)
def resend_invitation(invitation_id: int) -> ResponseReturnValue:
    """Mail a new link; the old one stops working."""
    actor = _owner()
    email = _own_invitation(invitation_id).email
    guard((INVITE_FROM, str(actor.user_id)), (INVITE_TO, email.casefold()))
    with transaction():
        invitations.resend(actor, invitation_id, language())
    said = _("Another invitation to %(email)s is on its way. The link sent before doesn’t work any more.", email=email)
    flash(said, "good")
    return _to_members()


@bp.post("/company/members/invitations/<int:invitation_id>/revoke")
@access(Role.BRAND)
def revoke_invitation(invitation_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    actor = _owner()
    email = _own_invitation(invitation_id).email
    with transaction():
        invitations.revoke(actor, invitation_id)
    flash(_("The invitation to %(email)s is taken back. Its link doesn’t work any more.", email=email), "good")
    return _to_members()


def _own_invitation(invitation_id: int) -> Invitation:
    found = db.session.get(Invitation, invitation_id)
    if found is None or found.brand_id != current_actor().brand_id:
        raise NotFound
    return found


# --- One member -------------------------------------------------------------------------------------------------------


@bp.get("/company/members/<int:user_id>")
@access(Role.BRAND)
def member(user_id: int) -> ResponseReturnValue:
    """What an owner can change about one member."""
    _owner()
    return _member_page(user_id)


def _member_page(user_id: int, sent: FlaskForm | None = None, error: DomainError | None = None) -> ResponseReturnValue:
    """All its forms; what was sent comes back with what is wrong with it."""
    actor = current_actor()
    assert actor.brand_id is not None
    row = member_row(actor.brand_id, user_id)
    if sent is not None and error is not None:
        show_error(sent, error)
    page = render_template(
        "brands/member.html",
        row=row,
        is_self=user_id == actor.user_id,
        rights=RIGHTS,
        role_form=sent if isinstance(sent, RoleForm) else RoleForm(formdata=None, obj=row.member),
        limit_form=sent if isinstance(sent, LimitForm) else LimitForm(formdata=None, data={"limit": row.member.limit}),
        month=month_start(),
    )
    return page, error.status if error is not None else 422 if sent is not None else 200


@bp.post("/company/members/<int:user_id>/role")
@access(Role.BRAND)
def change_role(user_id: int) -> ResponseReturnValue:
    """Give a member another role."""
    actor, name = _owner(), _name_of(user_id)
    form = RoleForm()
    if not form.validate():
        return _member_page(user_id, form)
    try:
        with transaction():
            members.change_role(actor, user_id, form.role.data)
    except DomainError as error:
        return _member_page(user_id, form, error)
    forget_actor()
    flash(_("The role of %(name)s is changed.", name=name), "good")
    return _to_members()


@bp.post("/company/members/<int:user_id>/limit")
@access(Role.BRAND)
def set_limit(user_id: int) -> ResponseReturnValue:
    """Say how much a member may commit in a month."""
    actor, name = _owner(), _name_of(user_id)
    form = LimitForm()
    if not form.validate():
        return _member_page(user_id, form)
    with transaction():
        members.set_limit(actor, user_id, form.limit.data)
    if form.limit.data is None:
        flash(_("%(name)s has no spending limit now.", name=name), "good")
    else:
        flash(_("The spending limit of %(name)s is set.", name=name), "good")
    return _to_members()


@bp.post("/company/members/<int:user_id>/remove")
@access(Role.BRAND)
def remove_member(user_id: int) -> ResponseReturnValue:
    """Take a member's place away."""
    actor, name = _owner(), _name_of(user_id)
    with transaction():
        members.remove_member(actor, user_id)
    flash(_("%(name)s doesn’t belong to the company any more.", name=name), "good")
    return _to_members()


@bp.route("/company/members/<int:user_id>/transfer", methods=["GET", "POST"])
@access(Role.BRAND)
def transfer(user_id: int) -> ResponseReturnValue:
    """Hand the company over, with the password asked again."""
    actor, name = _owner(), _name_of(user_id)
    if user_id == actor.user_id:
        raise NotAllowed(_("Choose somebody else to hand the company to."))
    form = AgainForm()
    if form.validate_on_submit():
        try:
            ask_password_again(actor, form.password.data)
            with transaction():
                members.transfer_ownership(actor, user_id)
            forget_actor()
            flash(_("%(name)s owns the company now. You are a manager.", name=name), "good")
            return _to_members()
        except Invalid as error:
            show_error(form, error)
    page = render_template("brands/transfer.html", form=form, row=member_row(actor.brand_id or 0, user_id))
    return page, 422 if form.is_submitted() else 200


@bp.route("/company/leave", methods=["GET", "POST"])
@access(Role.BRAND)
def leave() -> ResponseReturnValue:
    """Give one's own place up."""
    actor = current_actor()
    if actor.brand_id is None:
        raise NotFound
    name, form = get_brand(actor.brand_id).name, ButtonForm()
    if not form.validate_on_submit():
        return render_template("brands/leave.html", form=form, name=name)
    with transaction():
        members.leave(actor)
    forget_actor()
    flash(_("You left %(name)s. What you did for it stays with it.", name=name), "good")
    return redirect(url_for("home.places"), HTTPStatus.SEE_OTHER)


def _owner() -> Actor:
    """The actor, if they say who belongs to the company; the verb checks it again under its lock."""
    actor = current_actor()
    if not actor.owns_brand:
        raise NotAllowed(_("Only owners say who belongs to the company."))
    return actor


def _name_of(user_id: int) -> str:
    row = member_row(current_actor().brand_id or 0, user_id)
    return row.user.name


def _to_members() -> ResponseReturnValue:
    """Whoever isn't an owner any more still sees the list."""
    return redirect(url_for("brands.members"), HTTPStatus.SEE_OTHER)
