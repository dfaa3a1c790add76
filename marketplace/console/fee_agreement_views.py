"""Pages of agreements on fees: their lists, one of them, and the form in which one is proposed."""

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.again import ask_password_again
from marketplace.accounts.forms import DecideForm
from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands.queries import get_brand_by_handle
from marketplace.console.blueprint import bp
from marketplace.console.fee_forms import (
    MOST_STEPS,
    AgreementForm,
    EndForm,
    ReturnForm,
    SeenForm,
    add_step,
    agreement_data,
    read_steps,
)
from marketplace.console.fee_rules import author_of, brand_called, creator_called, name_parties
from marketplace.console.query_forms import id_in, member_in, words_in
from marketplace.creators.queries import get_creator_by_handle
from marketplace.fees import agreements, words
from marketplace.fees.agreements import AgreementChanged, AgreementFacts, AgreementTab
from marketplace.fees.events import agreement_subject, events_of
from marketplace.fees.models import FeeAgreement
from marketplace.fees.policy import rule_from_json
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Invalid
from marketplace.ledger.accounts import brand_owner, creator_owner


@bp.get("/console/fees/agreements")
@access(Role.ADMIN)
def fee_agreements() -> ResponseReturnValue:
    """Those under one tab; of one creator or one company where the address names them."""
    tab = member_in("tab", AgreementTab) or AgreementTab.CURRENT
    creator, brand = words_in("creator"), words_in("brand")
    page = agreements.list_agreements(
        tab,
        id_in("before"),
        creator=creator_owner(get_creator_by_handle(creator).id) if creator else None,
        brand=brand_owner(get_brand_by_handle(brand).id) if brand else None,
    )
    return render_template(
        "console/fee_agreements.html",
        page=page,
        tab=tab,
        tabs_of=list(AgreementTab),
        counts=agreements.count_agreements(),
        narrowed={"creator": creator or None, "brand": brand or None},
        parties=name_parties(page.rows),
        rule_of=_rule_of,
        words=words,
    )


@bp.route("/console/fees/agreements/new", methods=["GET", "POST"])
@access(Role.ADMIN)
def new_fee_agreement() -> ResponseReturnValue:
    return _form_page(None)


@bp.route("/console/fees/agreements/<int:agreement_id>/edit", methods=["GET", "POST"])
@access(Role.ADMIN)
def edit_fee_agreement(agreement_id: int) -> ResponseReturnValue:
    row = agreements.get_agreement(agreement_id)
    if row.published_at is not None:
        flash(_("This agreement is published: it can only end earlier."), "info")
        return _to(agreement_id)
    return _form_page(row)


@bp.get("/console/fees/agreements/<int:agreement_id>")
@access(Role.ADMIN)
def fee_agreement(agreement_id: int) -> ResponseReturnValue:
    return _page(agreement_id)


@bp.post("/console/fees/agreements/<int:agreement_id>/publish")
@access(Role.ADMIN)
def publish_fee_agreement(agreement_id: int) -> ResponseReturnValue:
    form, actor = DecideForm(), current_actor()
    if form.validate():
        try:
            ask_password_again(actor, form.password.data or "")
            with transaction():
                agreements.publish_agreement(author_of(actor), agreement_id, form.seen.data or "")
            flash(_("The agreement is published. It holds for deals signed from its first day on."), "good")
            return _to(agreement_id)
        except AgreementChanged as changed:
            form.seen.data = agreements.agreement_digest(agreements.get_agreement(agreement_id))
            form.form_errors.append(str(changed))
            return _page(agreement_id, published=form), HTTPStatus.CONFLICT
        except Invalid as refused:
            show_error(form, refused)
    return _page(agreement_id, published=form), HTTPStatus.UNPROCESSABLE_ENTITY


@bp.post("/console/fees/agreements/<int:agreement_id>/return")
@access(Role.ADMIN)
def return_fee_agreement(agreement_id: int) -> ResponseReturnValue:
    form = ReturnForm()
    if form.validate():
        try:
            with transaction():
                agreements.return_agreement(
                    author_of(current_actor()), agreement_id, form.seen.data or "", form.why.data
                )
            flash(_("The agreement is returned. It waits to be changed."), "good")
            return _to(agreement_id)
        except Invalid as refused:
            show_error(form, refused)
    return _page(agreement_id, returned=form), HTTPStatus.UNPROCESSABLE_ENTITY


@bp.post("/console/fees/agreements/<int:agreement_id>/discard")
@access(Role.ADMIN)
def discard_fee_agreement(agreement_id: int) -> ResponseReturnValue:
    with transaction():
        agreements.discard_agreement(author_of(current_actor()), agreement_id, SeenForm().seen.data or "")
    flash(_("The agreement is discarded. Nothing of it was in force."), "good")
    return redirect(url_for("console.fee_agreements", tab=AgreementTab.WAITING.value), HTTPStatus.SEE_OTHER)


@bp.post("/console/fees/agreements/<int:agreement_id>/end")
@access(Role.ADMIN)
def end_fee_agreement(agreement_id: int) -> ResponseReturnValue:
    form = EndForm()
    if form.validate():
        try:
            ask_password_again(current_actor(), form.password.data or "")
            with transaction():
                author = author_of(current_actor())
                agreements.end_agreement(author, agreement_id, form.last_day(), form.why.data)
            flash(_("The agreement ends with that day. Signed deals keep what they were signed under."), "good")
            return _to(agreement_id)
        except Invalid as refused:
            show_error(form, refused)
    return _page(agreement_id, ended=form), HTTPStatus.UNPROCESSABLE_ENTITY


def _to(agreement_id: int) -> ResponseReturnValue:
    return redirect(url_for("console.fee_agreement", agreement_id=agreement_id), HTTPStatus.SEE_OTHER)


def _page(
    agreement_id: int,
    *,
    published: DecideForm | None = None,
    returned: ReturnForm | None = None,
    ended: EndForm | None = None,
) -> str:
    row = agreements.get_agreement(agreement_id)
    seen = agreements.agreement_digest(row)
    return render_template(
        "console/fee_agreement.html",
        row=row,
        seen=seen,
        rule=rule_from_json(row.rule),
        tab=agreements.tab_of(row),
        parties=name_parties([row]),
        events=events_of(agreement_subject(row.id)),
        wrote=author_of(current_actor()).key in row.editors,
        published=published or DecideForm(formdata=None, data={"seen": seen}),
        returned=returned or ReturnForm(formdata=None, data={"seen": seen}),
        ended=ended or EndForm(formdata=None),
        words=words,
    )


def _rule_of(row: FeeAgreement) -> object:
    return rule_from_json(row.rule)


# --- The form ---------------------------------------------------------------------------------------------------------
def _form_page(row: FeeAgreement | None) -> ResponseReturnValue:
    """The form as it comes; the buttons that add or remove a step only change what is shown."""
    try:
        form = _form(row)
    except Invalid as refused:
        form = AgreementForm(formdata=None, data=_data(row))
        show_error(form, refused)
        return _form_template(form, row), HTTPStatus.UNPROCESSABLE_ENTITY
    if request.method != "POST" or {"add", "remove"} & set(request.form):
        return _form_template(form, row)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.validate():
        try:
            return _to(_save(form, row))
        except AgreementChanged as changed:
            assert row is not None, "only one that is there changes"
            form.seen.data, status = agreements.agreement_digest(row), HTTPStatus.CONFLICT
            form.form_errors.append(str(changed))
        except Invalid as refused:
            show_error(form, refused)
    return _form_template(form, row), status


def _save(form: AgreementForm, row: FeeAgreement | None) -> int:
    """
    Raises:
        Invalid: nobody has one of the handles, or as the verbs.
    """
    facts, author = _facts(form), author_of(current_actor())
    with transaction():
        if row is None:
            found = agreements.propose_agreement(author, facts).id
        else:
            found = agreements.edit_agreement(author, row.id, form.seen.data or "", facts).id
    flash(_("The agreement is proposed. The other administrators are told, and one of them may publish it."), "good")
    return found


def _facts(form: AgreementForm) -> AgreementFacts:
    creator, brand = form.creator.data, form.brand.data
    return form.facts(
        creator_owner(creator_called(creator)) if creator else None, brand_owner(brand_called(brand)) if brand else None
    )


def _form(row: FeeAgreement | None) -> AgreementForm:
    """
    Raises:
        Invalid: more steps came than a rule may have.
    """
    if request.method != "POST":
        return AgreementForm(formdata=None, data=_data(row))
    form = AgreementForm(formdata=read_steps(request.form, request.form.get("remove", type=int)))
    if "add" in request.form:
        add_step(form)
    return form


def _data(row: FeeAgreement | None) -> dict[str, object]:
    """What the form starts with: the agreement, or whom the address names."""
    if row is None:
        return {"creator": words_in("creator", 60), "brand": words_in("brand", 60)}
    parties = name_parties([row])
    sides = {"creator": row.creator or "", "brand": row.brand or ""}
    handles: dict[str, object] = {side: parties[key].handle for side, key in sides.items() if key in parties}
    return agreement_data(row) | handles | {"seen": agreements.agreement_digest(row)}


def _form_template(form: AgreementForm, row: FeeAgreement | None) -> str:
    return render_template("console/fee_agreement_form.html", form=form, row=row, most_steps=MOST_STEPS)
