"""The page that an invitation's link leads to. Programs that look through mail open links too: a button joins."""

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from marketplace.accounts.acting import Acting
from marketplace.accounts.limits import SIGN_UP, guard, network_of
from marketplace.accounts.service import EmailTaken, find_user
from marketplace.accounts.session import Role, access, act_as, begin_session, current_actor, reader_locale
from marketplace.brands.blueprint import bp
from marketplace.brands.forms import ButtonForm, JoinForm
from marketplace.brands.invitations import Opened, accept_invitation, look_at_invitation, sign_up_invited
from marketplace.brands.labels import RIGHTS
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.infra.settings import settings
from marketplace.kit.errors import DomainError, Invalid


@bp.route("/join/<token>", methods=["GET", "POST"])
@access(Role.PUBLIC)
def join(token: str) -> ResponseReturnValue:
    """Who is signed in with the invited e-mail joins; who has no account makes one; others are told what to do."""
    try:
        opened = look_at_invitation(token)
    except Invalid as error:
        return render_template("brands/dead_invitation.html", error=error), HTTPStatus.GONE
    if current_actor().signed_in:
        return _as_oneself(token, opened)
    if find_user(opened.email) is not None:
        return _page("brands/join_sign_in.html", opened)
    return _as_newcomer(token, opened)


def _as_oneself(token: str, opened: Opened) -> ResponseReturnValue:
    if current_user.email.lower() != opened.email.lower():
        return _page("brands/join_other.html", opened, yours=current_user.email)
    form = ButtonForm()
    if not form.validate_on_submit():
        return _page("brands/join.html", opened, form=form)
    name = opened.brand.name
    with transaction():
        brand_id = accept_invitation(current_actor(), token)
    return _joined(brand_id, name)


def _as_newcomer(token: str, opened: Opened) -> ResponseReturnValue:
    form, brand_id, name = JoinForm(), opened.brand.id, opened.brand.name
    if not form.validate_on_submit():
        return _page("brands/join_new.html", opened, 422 if form.is_submitted() else 200, form=form)
    try:
        guard((SIGN_UP, network_of(request.remote_addr)))
        with transaction():
            user = sign_up_invited(
                token,
                name=form.name.data,
                password=form.password.data,
                locale=reader_locale(),
                timezone=settings().default_timezone,
            )
    except EmailTaken:
        return redirect(url_for("brands.join", token=token), HTTPStatus.SEE_OTHER)
    except DomainError as error:
        show_error(form, error)
        return _page("brands/join_new.html", opened, error.status, form=form)
    begin_session(user)
    return _joined(brand_id, name)


def _joined(brand_id: int, name: str) -> ResponseReturnValue:
    act_as(Acting("brand", brand_id=brand_id))
    flash(_("You have joined %(name)s.", name=name), "good")
    return redirect(url_for("home.today"), HTTPStatus.SEE_OTHER)


def _page(template: str, opened: Opened, status: int = 200, **values: object) -> ResponseReturnValue:
    return render_template(template, opened=opened, rights=RIGHTS, **values), status
