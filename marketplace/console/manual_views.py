"""Pages of entries by hand: what waits, the form, and the page where a second administrator decides."""

from collections.abc import Sequence
from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from marketplace.accounts.again import ask_password_again
from marketplace.accounts.forms import DecideForm
from marketplace.accounts.limits import OverLimit
from marketplace.accounts.session import Role, access, current_actor
from marketplace.chargebacks.models import Chargeback
from marketplace.console import manual
from marketplace.console.blueprint import bp
from marketplace.console.books import amount, name_owners
from marketplace.console.correcting import correcting_form
from marketplace.console.entry_views import entry_page
from marketplace.console.manual_approval import approve, effects_of, objections
from marketplace.console.manual_forms import ManualForm, RefusalForm, ReversalForm, read_lines
from marketplace.console.manual_queries import Heap, claims_on_money_of, get_manual_entry, list_manual_entries
from marketplace.console.models import ManualEntry, ManualEntryState
from marketplace.console.query_forms import id_in, member_in, words_in
from marketplace.console.words import deal_of, entry_words, owner_words
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Conflict, Invalid, NotAllowed
from marketplace.reconciliation.queries import get_movement, is_reported

_WORDS = {"amount": amount, "entry_words": entry_words, "owner_words": owner_words, "deal_of": deal_of}


@bp.get("/console/books/manual")
@access(Role.ADMIN)
def manual_entries() -> ResponseReturnValue:
    heap = member_in("tab", Heap) or Heap.WAITING
    page = list_manual_entries(heap, id_in("place"))
    return render_template("console/manual_entries.html", page=page, heap=heap, heaps=list(Heap), **_WORDS)


# --- Proposing --------------------------------------------------------------------------------------------------------
@bp.route("/console/books/manual/new", methods=["GET", "POST"])
@access(Role.ADMIN)
def new_manual_entry() -> ResponseReturnValue:
    """The buttons that add or remove a line, or show what the entry would do, change nothing but what is shown."""
    if request.method != "POST":
        return _form_page(ManualForm(formdata=_prefilled()))
    form = ManualForm(formdata=read_lines(request.form, request.form.get("remove", type=int)))
    if "add" in request.form and len(form.lines.entries) < manual.MOST_LINES:
        form.lines.append_entry()
    if {"add", "remove"} & set(request.form) or not form.validate():
        return _form_page(form)
    if "preview" in request.form:
        return _form_page(form, preview=True)
    try:
        with transaction():
            found = manual.propose(current_actor(), form.proposal())
            manual_id, against = found.id, objections(form.posting_lines())
    except Invalid as refused:
        show_error(form, refused)
        return _form_page(form)
    _say_proposed(against)
    return redirect(url_for("console.manual_entry", manual_id=manual_id), HTTPStatus.SEE_OTHER)


def _prefilled() -> MultiDict[str, str] | None:
    """What a link to the form has filled in: why, to which deal or account it belongs, and its lines. A movement's link
    says only which one, and the rest is made of it."""
    transaction_id = words_in("movement")
    if transaction_id and is_reported(transaction_id):
        return correcting_form(get_movement(transaction_id))
    return read_lines(request.args) if request.args else None


def _form_page(form: ManualForm, *, preview: bool = False) -> ResponseReturnValue:
    effects, against = [], ""
    if preview:
        with transaction():
            lines = form.posting_lines()
            try:
                manual.require_balance(lines)
                effects, against = effects_of(lines), objections(lines)
            except Invalid as refused:
                show_error(form, refused)
    page = render_template(
        "console/manual_form.html",
        form=form,
        effects=effects,
        against=against,
        owners=name_owners(effect.account for effect in effects),
        most_lines=manual.MOST_LINES,
        **_WORDS,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors or form.form_errors else HTTPStatus.OK


def _say_proposed(against: str) -> None:
    flash(_("The entry is proposed. Nothing is posted before another administrator approves it."), "good")
    if against:
        flash(_("As things stand, its approval would be refused: %(why)s", why=against), "alarm")


@bp.post("/console/books/entries/<int:entry_id>/reverse")
@access(Role.ADMIN)
def propose_reversal(entry_id: int) -> ResponseReturnValue:
    form = ReversalForm()
    if not form.validate():
        return entry_page(entry_id, form)
    try:
        with transaction():
            found = manual.propose_reversal(current_actor(), entry_id, form.reason.data)
            manual_id, against = found.id, objections(manual.lines_of(found))
    except Conflict as refused:
        return entry_page(entry_id, form, said=str(refused), status=refused.status)
    _say_proposed(against)
    return redirect(url_for("console.manual_entry", manual_id=manual_id), HTTPStatus.SEE_OTHER)


# --- Deciding ---------------------------------------------------------------------------------------------------------
@bp.get("/console/books/manual/<int:manual_id>")
@access(Role.ADMIN)
def manual_entry(manual_id: int) -> ResponseReturnValue:
    return _page(manual_id)


@bp.post("/console/books/manual/<int:manual_id>/approve")
@access(Role.ADMIN)
def approve_manual_entry(manual_id: int) -> ResponseReturnValue:
    actor, form = current_actor(), DecideForm()
    try:
        found = get_manual_entry(manual_id)
        manual.require_second(actor, found)
        if not form.validate():
            return _page(manual_id, approval=form)
        ask_password_again(actor, form.password.data)
        if _seen(_claims_on(found)) != (form.seen.data or ""):
            raise Conflict(
                _("What banks have of this payment has changed since you opened the page. Nothing was posted.")
            )
        approve(actor, manual_id)
    except (Invalid, OverLimit) as refused:
        show_error(form, refused)
        return _page(manual_id, approval=form)
    except (Conflict, NotAllowed) as refused:
        return _page(manual_id, said=str(refused), status=refused.status)
    flash(_("You approved the entry: it is posted."), "good")
    return redirect(url_for("console.manual_entry", manual_id=manual_id), HTTPStatus.SEE_OTHER)


@bp.post("/console/books/manual/<int:manual_id>/refuse")
@access(Role.ADMIN)
def refuse_manual_entry(manual_id: int) -> ResponseReturnValue:
    form = RefusalForm()
    try:
        manual.require_second(current_actor(), get_manual_entry(manual_id))
        if not form.validate():
            return _page(manual_id, refusal=form)
        with transaction():
            manual.refuse(current_actor(), manual_id, form.note.data)
    except (Conflict, NotAllowed) as refused:
        return _page(manual_id, said=str(refused), status=refused.status)
    flash(_("You refused the entry. Nothing was posted."), "good")
    return redirect(url_for("console.manual_entry", manual_id=manual_id), HTTPStatus.SEE_OTHER)


@bp.post("/console/books/manual/<int:manual_id>/withdraw")
@access(Role.ADMIN)
def withdraw_manual_entry(manual_id: int) -> ResponseReturnValue:
    try:
        with transaction():
            manual.withdraw(current_actor(), manual_id)
    except (Conflict, NotAllowed) as refused:
        return _page(manual_id, said=str(refused), status=refused.status)
    flash(_("You withdrew the entry. Nothing was posted."), "good")
    return redirect(url_for("console.manual_entry", manual_id=manual_id), HTTPStatus.SEE_OTHER)


def _claims_on(found: ManualEntry) -> Sequence[Chargeback]:
    """Of one that waits: what is decided is decided."""
    if found.state is not ManualEntryState.PROPOSED:
        return []
    return claims_on_money_of({found.reference, *(line.account.owner for line in manual.lines_of(found))})


def _seen(claims: Sequence[Chargeback]) -> str:
    return " ".join(f"{claim.id}:{claim.stage}" for claim in claims)


def _page(
    manual_id: int,
    *,
    approval: DecideForm | None = None,
    refusal: RefusalForm | None = None,
    said: str = "",
    status: int = HTTPStatus.OK,
) -> ResponseReturnValue:
    """`said` is why nothing was done; it stands above how the entry is now."""
    found = get_manual_entry(manual_id)
    claims = _claims_on(found)
    effects = effects_of(manual.lines_of(found))
    page = render_template(
        "console/manual_entry.html",
        found=found,
        effects=effects,
        owners=name_owners(effect.account for effect in effects),
        claims=claims,
        approval=approval or DecideForm(formdata=None, data={"seen": _seen(claims)}),
        refusal=refusal or RefusalForm(formdata=None),
        mine=found.proposed_by == current_actor().user_id,
        said=said,
        **_WORDS,
    )
    wrong = any(form is not None and (form.errors or form.form_errors) for form in (approval, refusal))
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if wrong else status
