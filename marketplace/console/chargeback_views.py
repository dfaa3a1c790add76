"""Pages of chargebacks: the queue, what payees owe of lost ones, and one chargeback with the answer to its bank."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.again import ask_password_again
from marketplace.accounts.forms import DecideForm
from marketplace.accounts.limits import OverLimit
from marketplace.accounts.models import User
from marketplace.accounts.session import Role, access, current_actor
from marketplace.chargebacks.answer import accept_loss, at_stake, check_evidence, save_texts, send_answer
from marketplace.chargebacks.evidence import assemble, fingerprint
from marketplace.chargebacks.labels import reason_words
from marketplace.chargebacks.models import WAITS_FOR_ANSWER, Chargeback, Stage
from marketplace.chargebacks.queries import (
    Debt,
    Heap,
    entries_of,
    get_chargeback,
    list_chargebacks,
    list_debts,
    parts_with_deals,
    same_dispute,
)
from marketplace.console.blueprint import bp
from marketplace.console.chargeback_forms import EvidenceForm
from marketplace.console.query_forms import id_in, member_in
from marketplace.console.words import entry_words
from marketplace.escrow.models import Checkout
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, transaction
from marketplace.infra.fields import show_error
from marketplace.infra.i18n import short_day
from marketplace.infra.labels import label
from marketplace.infra.storage import StoredFile
from marketplace.infra.uploads import send_stored
from marketplace.kit.errors import Conflict, Invalid, NotFound
from marketplace.ledger.accounts import AccountKind

_PAGE, _DEBTS = 100, 200
_ACCEPTING = "accept"
_TOO_MANY_PAGES = "dispute_evidence_page_limit_exceeded"


@dataclass(frozen=True, slots=True)
class _Step:
    """One stage on the way; `place` is past, now or next."""

    label: str
    note: str | None
    place: str


@bp.get("/console/chargebacks")
@access(Role.ADMIN)
def chargebacks() -> ResponseReturnValue:
    """Open ones first by when their evidence is due; closed ones; and who owes what of them."""
    if request.args.get("tab") == "owed":
        return render_template("console/chargeback_debts.html", debts=list_debts(_DEBTS), write_off_url=_write_off_url)
    heap = member_in("tab", Heap) or Heap.OPEN
    page = list_chargebacks(heap, _PAGE, id_in("place"))
    waits = {row.chargeback.id for row in page.rows if _is_unanswered(row.chargeback)}
    return render_template("console/chargebacks.html", page=page, heap=heap, waits=waits, reason_words=reason_words)


def _write_off_url(debt: Debt) -> str:
    """The form of an entry by hand, filled in: what will never be earned back is the platform's loss."""
    kind = AccountKind.AGENCY_OWES if debt.owner.startswith("agency:") else AccountKind.CREATOR_OWES
    figure, currency = str(debt.amount.major), debt.amount.currency
    lines: dict[str, Any] = {
        "lines-0-kind": AccountKind.CHARGEBACKS.value,
        "lines-0-currency": currency,
        "lines-0-debit": figure,
        "lines-1-kind": kind.value,
        "lines-1-owner": debt.owner,
        "lines-1-currency": currency,
        "lines-1-credit": figure,
    }
    return url_for("console.new_manual_entry", reference=debt.owner, **lines)


@bp.get("/console/chargebacks/<int:chargeback_id>")
@access(Role.ADMIN)
def chargeback(chargeback_id: int) -> ResponseReturnValue:
    return _page(chargeback_id)


@bp.post("/console/chargebacks/<int:chargeback_id>/evidence")
@access(Role.ADMIN)
def save_evidence(chargeback_id: int) -> ResponseReturnValue:
    """Save the texts; nothing is sent."""
    form = EvidenceForm()
    get_chargeback(chargeback_id)
    if not form.validate():
        return _page(chargeback_id, evidence=form)
    try:
        with transaction():
            save_texts(current_actor(), chargeback_id, form.values)
    except Invalid as refused:
        show_error(form, refused)
        return _page(chargeback_id, evidence=form)
    except Conflict as refused:
        return _page(chargeback_id, said=str(refused), status=refused.status)
    flash(_("The texts are saved. Nothing has been sent."), "good")
    return _back(chargeback_id)


@bp.post("/console/chargebacks/<int:chargeback_id>/assemble")
@access(Role.ADMIN)
def assemble_evidence(chargeback_id: int) -> ResponseReturnValue:
    """Make the file anew of what is known now."""
    found = get_chargeback(chargeback_id)
    if not _is_unanswered(found):
        return _page(chargeback_id, said=_("It has been answered, or is over."), status=HTTPStatus.CONFLICT)
    with transaction():
        assemble(chargeback_id)
    flash(_("The file was made again. Read it before you send it."), "good")
    return _back(chargeback_id)


@bp.get("/console/chargebacks/<int:chargeback_id>/evidence.pdf")
@access(Role.ADMIN)
def evidence_file(chargeback_id: int) -> ResponseReturnValue:
    found = get_chargeback(chargeback_id)
    if found.evidence_file_id is None:
        raise NotFound
    return send_stored(db.session.get_one(StoredFile, found.evidence_file_id))


@bp.post("/console/chargebacks/<int:chargeback_id>/submit")
@access(Role.ADMIN)
def submit_evidence(chargeback_id: int) -> ResponseReturnValue:
    """Send the checked evidence to the bank, which can be done once."""
    form = DecideForm()
    get_chargeback(chargeback_id)
    if not form.validate():
        return _page(chargeback_id, submitting=form)
    actor, seen = current_actor(), form.seen.data or ""
    return _decide(chargeback_id, form, lambda: check_evidence(actor, chargeback_id, seen))


@bp.post("/console/chargebacks/<int:chargeback_id>/accept")
@access(Role.ADMIN)
def accept_chargeback(chargeback_id: int) -> ResponseReturnValue:
    """Accept the loss, for good."""
    form = DecideForm(_ACCEPTING)
    get_chargeback(chargeback_id)
    if not form.validate():
        return _page(chargeback_id, accepting=form)
    actor, seen = current_actor(), form.seen.data or ""
    return _decide(chargeback_id, form, lambda: accept_loss(actor, chargeback_id, seen), accepts=True)


def _decide(
    chargeback_id: int, form: DecideForm, decision: Callable[[], None], *, accepts: bool = False
) -> ResponseReturnValue:
    """The password, the decision in a transaction of its own, and then the call: where Stripe is silent the worker
    goes on."""
    try:
        ask_password_again(current_actor(), form.password.data)
        with transaction():
            decision()
    except (Invalid, OverLimit) as refused:
        show_error(form, refused)
        return _page(chargeback_id, **{"accepting" if accepts else "submitting": form})
    except Conflict as refused:
        return _page(chargeback_id, said=str(refused), status=refused.status)
    try:
        refused_with = send_answer(chargeback_id)
        found = get_chargeback(chargeback_id)
        done = _done_words(found, accepts=accepts)
        flash(done or _undone_words(found, refused_with), "good" if done else "turn")
    except gateway.ProviderUnavailable:
        flash(_("Stripe doesn’t answer at the moment. What you decided is kept, and sent as soon as it does."), "turn")
    return _back(chargeback_id)


def _done_words(found: Chargeback, *, accepts: bool) -> str:
    """Nothing where something else has come of it than was decided, or nothing yet."""
    if accepts and found.stage is Stage.LOST:
        return str(_("The loss is accepted and booked."))
    if accepts and found.stage is Stage.WARNING_CLOSED:
        return str(_("The bank’s question is closed. No money moved."))
    if not accepts and found.submitted_at is not None:
        return str(_("The evidence is with the bank. It decides within some weeks."))
    return ""


def _undone_words(found: Chargeback, refused_with: str) -> str:
    if found.stage not in WAITS_FOR_ANSWER:
        return str(_("The bank had decided before. Nothing was sent to it."))
    if not _is_unanswered(found):
        return str(_("What you decided is kept. Stripe hasn’t said yet that it has it."))
    if refused_with == _TOO_MANY_PAGES:
        return str(
            _("Stripe refused it: it fills more pages than the card network takes. Shorten the texts, and send it.")
        )
    if not refused_with:
        return str(_("The bank has taken the money meanwhile, and that has no answer yet. Decide again."))
    return str(_("Stripe refused it. Nothing was sent; correct it, and send it again."))


def _back(chargeback_id: int) -> ResponseReturnValue:
    return redirect(url_for("console.chargeback", chargeback_id=chargeback_id), HTTPStatus.SEE_OTHER)


def _is_unanswered(found: Chargeback) -> bool:
    decided = found.submitted_at or found.checked_at or found.accepted_by
    return found.stage in WAITS_FOR_ANSWER and not decided


def _page(
    chargeback_id: int,
    *,
    evidence: EvidenceForm | None = None,
    submitting: DecideForm | None = None,
    accepting: DecideForm | None = None,
    said: str = "",
    status: int = HTTPStatus.OK,
) -> ResponseReturnValue:
    """`said` is why nothing was done; it stands above how things are now."""
    found = get_chargeback(chargeback_id)
    wrong = any(form is not None and (form.errors or form.form_errors) for form in (evidence, submitting, accepting))
    parts = parts_with_deals(found.id)
    page = render_template(
        "console/chargeback.html",
        found=found,
        checkout=db.session.get_one(Checkout, found.checkout_id),
        parts=parts,
        entries=entries_of(found, [row.deal.id for row in parts]),
        entry_words=entry_words,
        reason_words=reason_words,
        others=same_dispute(found),
        steps=_steps(found),
        unanswered=_is_unanswered(found),
        file=db.session.get(StoredFile, found.evidence_file_id) if found.evidence_file_id else None,
        evidence=evidence or EvidenceForm(formdata=None, data=found.evidence),
        submitting=submitting or DecideForm(formdata=None, data={"seen": fingerprint(found)}),
        accepting=accepting or DecideForm(_ACCEPTING, formdata=None, data={"seen": at_stake(found)}),
        checker=_name_of(found.checked_by),
        accepter=_name_of(found.accepted_by),
        said=said,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if wrong else status


def _name_of(user_id: int | None) -> str:
    user = db.session.get(User, user_id) if user_id is not None else None
    return user.name if user is not None else ""


_WAY = (Stage.NEEDS_RESPONSE, Stage.UNDER_REVIEW)
_ASKING = (Stage.WARNING_NEEDS_RESPONSE, Stage.WARNING_UNDER_REVIEW)


def _steps(found: Chargeback) -> list[_Step]:
    """From the bank's claim to its decision: a question has stages of its own."""
    way = _ASKING if found.stage in (*_ASKING, Stage.WARNING_CLOSED) else _WAY
    ends = {Stage.WON, Stage.LOST, Stage.WARNING_CLOSED, Stage.PREVENTED}
    over = found.stage in ends
    notes = [short_day(found.opened_at), short_day(found.submitted_at) if found.submitted_at else None]
    here = len(way) if over else way.index(found.stage)
    steps = [
        _Step(str(label(stage)), notes[number] if number <= here else None, "past" if number < here else "now")
        if number <= here
        else _Step(str(label(stage)), None, "next")
        for number, stage in enumerate(way)
    ]
    if over:
        closed = short_day(found.closed_at) if found.closed_at else None
        return [*steps, _Step(str(label(found.stage)), closed, "now")]
    return [*steps, _Step(_("Decided"), None, "next")]
