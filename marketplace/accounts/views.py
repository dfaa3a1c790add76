"""Pages of accounts, and in the demo the one-click sign-in and the mailbox."""

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

from marketplace.accounts import forms, limits, service, tokens
from marketplace.accounts.actor import Actor
from marketplace.accounts.limits import network_of
from marketplace.accounts.models import Side, TokenPurpose, User
from marketplace.accounts.policy import needs_confirmation
from marketplace.accounts.queries import demo_person, get_mail, mails
from marketplace.accounts.session import (
    Role,
    access,
    begin_session,
    current_actor,
    end_session,
    local_path,
    reader_locale,
)
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.infra.i18n import LANGUAGES
from marketplace.infra.settings import settings as the_settings
from marketplace.kit.errors import DomainError, Invalid

bp = Blueprint("account", __name__)
mailbox_bp = Blueprint("mailbox", __name__)
_FIRST_PAGES = {Side.CREATOR: "creators.edit", Side.BRAND: "brands.company", Side.AGENCY: "agencies.new"}
# The mail as written, in a frame without scripts: its own styles and nothing from anywhere.
_MAIL_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'self'; form-action 'none'"


def _here() -> str:
    return network_of(request.remote_addr)


def _page(template: str, form: FlaskForm, error: DomainError | None = None, **values: object) -> Response:
    """The form's page: 200, or with what is wrong 422, or the status of the refusal."""
    if error is not None:
        show_error(form, error)
    status = error.status if error is not None else 422 if form.is_submitted() else 200
    response = make_response(render_template(template, form=form, **values), status)
    if isinstance(error, limits.OverLimit):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def _home_of(user: User) -> str:
    return url_for("console.index" if user.is_admin else "home.today")


# --- Joining ---------------------------------------------------------------------------------------------------------


@bp.route("/sign-up", methods=["GET", "POST"])
@access(Role.PUBLIC)
def sign_up() -> ResponseReturnValue:
    """Join as a creator, a brand or an agency; the account works at once, the e-mail is confirmed by a link."""
    if current_actor().signed_in:
        return redirect(_home_of(current_user))
    asked = request.args.get("as")
    form = forms.SignUpForm(data={"side": asked if asked in (Side.CREATOR, Side.BRAND, Side.AGENCY) else None})
    if form.validate_on_submit():
        try:
            return _joined(form)
        except DomainError as error:
            return _page("account/sign_up.html", form, error)
    return _page("account/sign_up.html", form)


def _joined(form: forms.SignUpForm) -> ResponseReturnValue:
    limits.guard((limits.SIGN_UP, _here()))
    with transaction():
        user = service.sign_up(
            email=form.email.data,
            password=form.password.data,
            name=form.name.data,
            side=Side(form.side.data),
            locale=reader_locale(),
            timezone=the_settings().default_timezone,
        )
    if user is None:
        return render_template("account/check_mail.html", email=form.email.data)
    begin_session(user)
    flash(_("Welcome. We sent a link to %(email)s: open it to confirm your e-mail.", email=user.email), "good")
    return redirect(url_for(_FIRST_PAGES[user.side]), 303)


@bp.route("/confirm/<token>", methods=["GET", "POST"])
@access(Role.PUBLIC)
def confirm(token: str) -> ResponseReturnValue:
    """The link of the mail. In the person's own session it confirms at once; elsewhere a button does, because
    programs that look through mail open links too."""
    form = forms.ConfirmForm()
    try:
        owner = tokens.owner_of(token, TokenPurpose.CONFIRM_EMAIL)
        if form.validate_on_submit() or current_actor().user_id == owner.id:
            return _confirmed(token)
    except Invalid as error:
        return _dead_link(error)
    return _page("account/confirm.html", form, email=owner.email)


def _confirmed(token: str) -> ResponseReturnValue:
    with transaction():
        user = service.confirm_email(token)
    flash(_("Your e-mail is confirmed."), "good")
    return redirect(_home_of(user) if current_actor().signed_in else url_for("account.sign_in"), 303)


def _dead_link(error: Invalid) -> ResponseReturnValue:
    """A confirming link that is no good is no trouble to somebody who has confirmed."""
    actor = current_actor()
    if actor.signed_in and actor.email_confirmed:
        flash(_("Your e-mail is confirmed already."), "info")
        return redirect(_home_of(current_user), 303)
    return render_template("account/dead_link.html", error=error, resend=needs_confirmation(actor)), 410


@bp.post("/confirm/resend")
@access(Role.SIGNED_IN)
def resend() -> ResponseReturnValue:
    """Send the confirming link again."""
    actor = current_actor()
    back = local_path(request.form.get("next")) or url_for("account.settings")
    if not needs_confirmation(actor):
        flash(_("Your e-mail is confirmed already."), "info")
        return redirect(back, 303)
    limits.guard((limits.RESEND, str(actor.user_id)))
    with transaction():
        service.send_confirmation(current_user)
    flash(_("We sent another link to %(email)s.", email=current_user.email), "good")
    return redirect(back, 303)


# --- Signing in and out ----------------------------------------------------------------------------------------------


@bp.route("/sign-in", methods=["GET", "POST"])
@access(Role.PUBLIC)
def sign_in() -> ResponseReturnValue:
    """E-mail and password; `next` leads back to a page of ours and nowhere else."""
    if current_actor().signed_in:
        return redirect(local_path(request.args.get("next")) or _home_of(current_user))
    form = forms.SignInForm(data={"next": local_path(request.args.get("next")) or ""})
    if form.validate_on_submit():
        try:
            user = _known(form.email.data, form.password.data)
        except DomainError as error:
            return _page("account/sign_in.html", form, error)
        begin_session(user)
        return redirect(local_path(form.next.data) or _home_of(user), 303)
    return _page("account/sign_in.html", form)


def _known(email: str, password: str) -> User:
    """Who signs in, their tries counted before the answer."""
    # One account has many spellings: full-width letters in its domain lead to it too, and must not be tries apart.
    account = service.as_kept(email).casefold()
    tries = (
        (limits.SIGN_IN_FROM, f"{_here()} {account}"),
        (limits.SIGN_IN_TO, account),
        (limits.SIGN_IN_AT_ALL, _here()),
    )
    limits.guard(*tries)
    with transaction():
        user = service.authenticate(email, password)
        for limit, who in tries:
            limits.take_back(limit, who)
    return user


@bp.post("/sign-out")
@access(Role.PUBLIC)
def sign_out() -> ResponseReturnValue:
    """Leave; a second click finds nobody and is as good as the first."""
    end_session()
    flash(_("You are signed out."), "info")
    return redirect(local_path(request.form.get("next")) or url_for("home.front"), 303)


# --- A new password --------------------------------------------------------------------------------------------------


@bp.route("/forgot", methods=["GET", "POST"])
@access(Role.PUBLIC)
def forgot() -> ResponseReturnValue:
    """Ask for a link to a new password. The answer is the same whether the e-mail has an account or not."""
    form = forms.ForgotForm()
    if form.validate_on_submit():
        try:
            limits.guard((limits.FORGOT_FROM, _here()), (limits.FORGOT_TO, form.email.data.casefold()))
        except DomainError as error:
            return _page("account/forgot.html", form, error)
        with transaction():
            service.ask_reset(form.email.data)
        return render_template("account/check_mail.html", email=form.email.data)
    return _page("account/forgot.html", form)


@bp.route("/reset/<token>", methods=["GET", "POST"])
@access(Role.PUBLIC)
def reset(token: str) -> ResponseReturnValue:
    """The mailed link: choose a new password; every session of the account ends."""
    form = forms.ResetForm()
    try:
        tokens.owner_of(token, TokenPurpose.RESET_PASSWORD)
        if form.validate_on_submit():
            with transaction():
                service.reset_password(token, form.password.data)
            end_session()
            flash(_("Your password is changed, and you are signed out everywhere. Sign in with the new one."), "good")
            return redirect(url_for("account.sign_in"), 303)
    except Invalid as error:
        if error.field is None:
            return render_template("account/dead_link.html", error=error, forgot=True), 410
        return _page("account/reset.html", form, error)
    return _page("account/reset.html", form)


# --- Settings --------------------------------------------------------------------------------------------------------


def _settings_page(sent: FlaskForm | None = None, error: DomainError | None = None) -> ResponseReturnValue:
    """Both forms of the page; what was sent comes back with what is wrong with it."""
    if sent is not None and error is not None:
        show_error(sent, error)
    page = render_template(
        "account/settings.html",
        email=current_user.email,
        settings_form=sent if isinstance(sent, forms.SettingsForm) else _present_settings(),
        password_form=sent if isinstance(sent, forms.PasswordForm) else forms.PasswordForm(formdata=None),
    )
    return page, error.status if error is not None else 200 if sent is None else 422


def _present_settings() -> forms.SettingsForm:
    form = forms.SettingsForm(formdata=None, obj=current_user)
    form.offer_timezones(current_user.timezone)
    return form


@bp.route("/settings", methods=["GET", "POST"])
@access(Role.SIGNED_IN)
def settings() -> ResponseReturnValue:
    """Name, language, time zone."""
    if request.method == "GET":
        return _settings_page()
    form = forms.SettingsForm()
    form.offer_timezones(current_user.timezone)
    if not form.validate():
        return _settings_page(form)
    try:
        with transaction():
            service.change_settings(
                current_actor(), name=form.name.data, locale=form.locale.data, timezone=form.timezone.data
            )
    except Invalid as error:
        return _settings_page(form, error)
    session["locale"] = form.locale.data
    flash(_("Your settings are saved."), "good")
    return redirect(url_for("account.settings"), 303)


@bp.post("/settings/password")
@access(Role.SIGNED_IN)
def change_password() -> ResponseReturnValue:
    """A new password for the old one; other sessions end, this one goes on."""
    form = forms.PasswordForm()
    if not form.validate():
        return _settings_page(form)
    try:
        user = _with_new_password(current_actor(), form)
    except DomainError as error:
        return _settings_page(form, error)
    locale = session.get("locale")
    begin_session(user)
    if locale is not None:
        session["locale"] = locale
    flash(_("Your password is changed. Other devices are signed out."), "good")
    return redirect(url_for("account.settings"), 303)


def _with_new_password(actor: Actor, form: forms.PasswordForm) -> User:
    tries = (limits.OWN_PASSWORD, str(actor.user_id))
    limits.guard(tries)
    with transaction():
        user = service.change_password(actor, old=form.old.data, new=form.password.data)
        limits.take_back(*tries)
    return user


@bp.post("/language")
@access(Role.PUBLIC)
def set_language() -> ResponseReturnValue:
    """Read in another language, now and from now on."""
    locale = request.form.get("locale", "")
    if locale not in LANGUAGES:
        abort(400)
    actor = current_actor()
    if actor.signed_in:
        with transaction():
            service.choose_language(actor, locale)
    session["locale"] = locale
    return redirect(local_path(request.form.get("next")) or url_for("home.front"), 303)


# --- Only in the demo ------------------------------------------------------------------------------------------------


@access(Role.PUBLIC)
def demo_sign_in() -> ResponseReturnValue:
    """Be the demo's creator, brand, agency or administrator, without a password."""
    role = request.form.get("role", "")
    if role not in ("creator", "brand", "agency", "admin"):
        abort(400)
    user = demo_person(role)
    if user is None:
        return render_template("account/no_demo.html"), 503
    # Whoever tries the demo goes on in the language of the front page, not in that of the person they play.
    locale = reader_locale()
    begin_session(user)
    session["locale"] = locale
    return redirect(_home_of(user), 303)


@mailbox_bp.record
def _add_demo_sign_in(state: BlueprintSetupState) -> None:
    """It belongs to the account's pages, but to an application that has the mailbox."""
    state.app.add_url_rule("/demo/sign-in", "account.demo_sign_in", demo_sign_in, methods=["POST"])


@mailbox_bp.get("/mailbox")
@access(Role.PUBLIC)
def index() -> ResponseReturnValue:
    """Every mail of the demo, newest first: nothing leaves it, so this is where mail arrives."""
    typed = request.args.get("address", "")[: service.LONGEST_EMAIL]
    # The database takes no NUL; no address holds what can't be printed.
    address = "".join(sign for sign in typed if sign.isprintable()).strip()
    page = mails(address, before=request.args.get("before", type=int))
    return render_template("mailbox/index.html", page=page, address=address)


@mailbox_bp.get("/mailbox/<int:mail_id>")
@access(Role.PUBLIC)
def show(mail_id: int) -> ResponseReturnValue:
    return render_template("mailbox/show.html", mail=get_mail(mail_id))


@mailbox_bp.get("/mailbox/<int:mail_id>/page")
@access(Role.PUBLIC)
def page(mail_id: int) -> ResponseReturnValue:
    """The mail's HTML for the frame of `show`; its links open in the whole window."""
    body = get_mail(mail_id).body_html.replace("<head>", '<head><base target="_top">', 1)
    return Response(body, mimetype="text/html", headers={"Content-Security-Policy": _MAIL_CSP})
