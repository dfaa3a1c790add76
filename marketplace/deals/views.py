"""Pages of deals: the list, one deal with all it went through, and what each side does in it."""

from collections.abc import Callable
from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.again import ask_password_again
from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands import limits
from marketplace.contracts.queries import contract_pdf as find_pdf
from marketplace.contracts.queries import get_contract
from marketplace.contracts.service import fingerprint
from marketplace.deals import message_views, page, service
from marketplace.deals.blueprint import bp
from marketplace.deals.diff import changes
from marketplace.deals.forms import (
    CancelForm,
    DraftForm,
    MessageForm,
    PublicationForm,
    RevisionForm,
    SignForm,
    TermsForm,
)
from marketplace.deals.lifecycle import Action
from marketplace.deals.models import Deal, DeliveryKind, Terms
from marketplace.deals.perspective import Perspective, tone_of
from marketplace.deals.policy import available_actions, can, require, revisions_left
from marketplace.deals.queries import (
    Tab,
    deal_of_selection,
    delivered_file,
    get_deal,
    get_deal_with_sides,
    list_deals,
    newest_delivery,
    newest_terms,
)
from marketplace.deals.quotes import cost_to_brand
from marketplace.deals.seal import seal_lines
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.infra.i18n import LANGUAGES, language
from marketplace.infra.settings import settings
from marketplace.infra.storage import StoredFile, store_file
from marketplace.infra.uploads import send_stored
from marketplace.kit.errors import Conflict, Invalid, NotFound
from marketplace.ledger.accounts import deal_owner
from marketplace.matching.views import take_step

_LARGEST_PAGE = 10_000
_SIDES = (Role.CREATOR, Role.BRAND)
_READERS = (Role.CREATOR, Role.BRAND, Role.ADMIN)


# --- Reading ----------------------------------------------------------------------------------------------------------


@bp.get("/deals")
@access(*_SIDES)
def index() -> ResponseReturnValue:
    """The reader’s deals in three heaps; without a choice, those that wait for them."""
    actor = current_actor()
    chosen = request.args.get("tab", "")
    tab = Tab(chosen) if chosen in set(Tab) else Tab.YOURS
    number = min(request.args.get("page", 1, type=int), _LARGEST_PAGE)
    deals = list_deals(actor, tab, number)
    payable = sum(can(actor, Action.FUND, row.deal) for row in deals.rows)
    return render_template("deals/index.html", deals=deals, tab=tab, tone_of=tone_of, payable=payable)


@bp.get("/deals/<int:deal_id>")
@access(*_READERS)
def show(deal_id: int) -> ResponseReturnValue:
    return _deal_page(deal_id)


def _deal_page(deal_id: int, status: int = HTTPStatus.OK, form: MessageForm | None = None) -> ResponseReturnValue:
    found = page.build(current_actor(), deal_id, request.args.get("terms", type=int))
    return render_template(
        "deals/show.html", page=found, deal=found.deal, form=form or MessageForm(formdata=None)
    ), status


@bp.get("/selections/<int:selection_id>/deal")
@access(*_READERS)
def for_selection(selection_id: int) -> ResponseReturnValue:
    """Where a returned selection led."""
    return _to_deal(deal_of_selection(current_actor(), selection_id).id)


@bp.get("/deals/<int:deal_id>/files/<int:file_id>")
@access(*_READERS)
def file(deal_id: int, file_id: int) -> ResponseReturnValue:
    deal = get_deal(current_actor(), deal_id)
    return send_stored(delivered_file(deal.id, file_id))


def _to_deal(deal_id: int, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("deals.show", deal_id=deal_id, _anchor=anchor), HTTPStatus.SEE_OTHER)


def _done(deal_id: int, verb: Callable[[], object], said: str) -> ResponseReturnValue:
    """Take a step of one button. Whoever was slower sees the deal as it stands now, and why nothing was done."""
    try:
        with transaction():
            verb()
    except (Conflict, Invalid) as refused:
        flash(str(refused) or _("It changed a moment before you answered. Nothing was done twice."), "alarm")
        return _deal_page(deal_id, refused.status)
    flash(said, "good")
    return _to_deal(deal_id)


# --- Opening, terms ---------------------------------------------------------------------------------------------------


@bp.post("/selections/<int:selection_id>/accept")
@access(*_SIDES)
def accept_selection(selection_id: int) -> ResponseReturnValue:
    """Whoever was slower, or meets a closed brief or a busy creator, sees how the selection stands and why."""
    opened: list[int] = []
    late = take_step(selection_id, lambda: opened.append(service.accept_selection(current_actor(), selection_id).id))
    if late is not None:
        return late
    flash(_("It’s a match. The deal is open: agree on the terms."), "good")
    return _to_deal(opened[0])


@bp.route("/deals/<int:deal_id>/terms/new", methods=["GET", "POST"])
@access(*_SIDES)
def propose(deal_id: int) -> ResponseReturnValue:
    """Other terms than those on the table. Newer ones that came meanwhile are shown before anything is sent."""
    actor = current_actor()
    require(actor, Action.PROPOSE_TERMS, get_deal(actor, deal_id))
    terms = newest_terms(deal_id)
    form = TermsForm.answering(terms)
    status = HTTPStatus.OK if not form.is_submitted() else HTTPStatus.UNPROCESSABLE_ENTITY
    if form.validate_on_submit():
        try:
            with transaction():
                number = service.propose_terms(actor, deal_id, form.terms(), form.based_on.data or 0).number
        except (Invalid, service.StaleTerms) as refused:
            show_error(form, refused)
            status = HTTPStatus(refused.status)
            terms = newest_terms(deal_id)
            form.based_on.raw_data, form.based_on.data = None, terms.number
        else:
            flash(_("Terms %(number)s are proposed.", number=number), "good")
            return _to_deal(deal_id)
    return _terms_page(deal_id, terms, form), status


def _terms_page(deal_id: int, terms: Terms, form: TermsForm) -> str:
    view = Perspective(get_deal_with_sides(current_actor(), deal_id), current_actor())
    shown = changes(form.terms(), terms) if form.is_submitted() and not form.errors else []
    return render_template(
        "deals/propose.html",
        deal=view.deal,
        view=view,
        terms=terms,
        form=form,
        changes=shown,
        standing=changes(terms, None),
    )


@bp.post("/deals/<int:deal_id>/terms/<int:number>/accept")
@access(*_SIDES)
def accept_terms(deal_id: int, number: int) -> ResponseReturnValue:
    actor = current_actor()
    said = _("Terms %(number)s are agreed. Read the contract and sign it.", number=number)
    return _done(deal_id, lambda: service.accept_terms(actor, deal_id, number), said)


# --- Contract ---------------------------------------------------------------------------------------------------------


@bp.get("/deals/<int:deal_id>/contract")
@access(*_READERS)
def contract(deal_id: int) -> ResponseReturnValue:
    return _contract_page(deal_id, SignForm(formdata=None))


def _contract_page(deal_id: int, form: SignForm) -> str:
    actor = current_actor()
    deal = get_deal_with_sides(actor, deal_id)
    if deal.contract_id is None:
        raise NotFound(_("There is no contract yet: the terms come first."))
    found = get_contract(deal.contract_id)
    signatures = {signature.party: signature for signature in found.signatures}
    files = {file.locale: file for file in found.files}
    form.sha256.data, form.locale.data = files[language()].sha256, language()
    return render_template(
        "deals/contract.html",
        deal=deal,
        view=Perspective(deal, actor, frozenset(signatures)),
        contract=found,
        files=files,
        signatures=signatures,
        may_sign=(may_sign := Action.SIGN in available_actions(deal, actor)),
        spending=_spending(deal) if may_sign else None,
        form=form,
        fingerprint=fingerprint,
        seal_lines=seal_lines,
    )


def _spending(deal: Deal) -> limits.Forecast | None:
    """What signing for the brand would do to the member's month."""
    actor = current_actor()
    if actor.brand_id is None:
        return None
    return limits.forecast(actor, deal_owner(deal.id), cost_to_brand(deal))


@bp.get("/deals/<int:deal_id>/contract/<locale>.pdf")
@access(*_READERS)
def contract_pdf(deal_id: int, locale: str) -> ResponseReturnValue:
    deal = get_deal(current_actor(), deal_id)
    if deal.contract_id is None or locale not in LANGUAGES:
        raise NotFound
    return send_stored(find_pdf(deal.contract_id, locale))


@bp.post("/deals/<int:deal_id>/contract/sign")
@access(*_SIDES)
def sign(deal_id: int) -> ResponseReturnValue:
    """The signature. The password is asked again, so that a borrowed screen signs nothing."""
    actor = current_actor()
    require(actor, Action.SIGN, get_deal(actor, deal_id))
    form = SignForm()
    sha256, locale = form.sha256.data or "", form.locale.data or ""
    if not form.validate_on_submit() or not _password_fits(form):
        return _contract_page(deal_id, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        with transaction():
            service.sign(
                actor,
                deal_id,
                sha256,
                address=request.remote_addr or "",
                user_agent=request.user_agent.string,
                locale=locale,
            )
    except (Invalid, limits.OverSpendingLimit) as refused:
        show_error(form, refused)
        return _contract_page(deal_id, form), refused.status
    except Conflict as refused:
        flash(str(refused) or _("This contract doesn’t wait for your signature any more."), "alarm")
        return _deal_page(deal_id, HTTPStatus.CONFLICT)
    flash(_("You have signed."), "good")
    return _to_deal(deal_id)


def _password_fits(form: SignForm) -> bool:
    try:
        ask_password_again(current_actor(), form.password.data or "")
    except Invalid as refused:
        show_error(form, refused)
        return False
    return True


# --- Work -------------------------------------------------------------------------------------------------------------


@bp.route("/deals/<int:deal_id>/draft", methods=["GET", "POST"])
@access(Role.CREATOR)
def submit_draft(deal_id: int) -> ResponseReturnValue:
    actor = current_actor()
    form = DraftForm()

    def verb() -> None:
        service.submit_draft(actor, deal_id, url=form.url.data, file=_stored(form), note=form.note.data)

    return _form_page(
        deal_id, Action.SUBMIT_DRAFT, form, verb, template="deals/draft.html", said=_("The draft is handed in.")
    )


def _stored(form: DraftForm) -> StoredFile | None:
    return store_file(*form.file.upload) if form.file.upload is not None else None


@bp.route("/deals/<int:deal_id>/revision", methods=["GET", "POST"])
@access(Role.BRAND)
def request_revision(deal_id: int) -> ResponseReturnValue:
    actor = current_actor()
    form = RevisionForm()

    def verb() -> None:
        service.request_revision(actor, deal_id, form.note.data)

    said = _("The draft goes back with what should change.")
    return _form_page(deal_id, Action.REQUEST_REVISION, form, verb, template="deals/revision.html", said=said)


@bp.post("/deals/<int:deal_id>/approve")
@access(Role.BRAND)
def approve_draft(deal_id: int) -> ResponseReturnValue:
    actor = current_actor()
    return _done(deal_id, lambda: service.approve_draft(actor, deal_id), _("The draft is approved."))


@bp.route("/deals/<int:deal_id>/publication", methods=["GET", "POST"])
@access(Role.CREATOR)
def submit_publication(deal_id: int) -> ResponseReturnValue:
    actor = current_actor()
    form = PublicationForm()

    def verb() -> None:
        service.submit_publication(actor, deal_id, form.url.data, form.note.data)

    said = _("The link is handed in.")
    return _form_page(deal_id, Action.SUBMIT_PUBLICATION, form, verb, template="deals/publication.html", said=said)


@bp.route("/deals/<int:deal_id>/cancel", methods=["GET", "POST"])
@access(*_SIDES)
def cancel(deal_id: int) -> ResponseReturnValue:
    actor = current_actor()
    form = CancelForm()

    def verb() -> None:
        service.cancel(actor, deal_id, form.why.data)

    return _form_page(
        deal_id, Action.CANCEL, form, verb, template="deals/cancel.html", said=_("The deal is ended. Nothing is owed.")
    )


StepForm = DraftForm | RevisionForm | PublicationForm | CancelForm


def _form_page(
    deal_id: int, action: Action, form: StepForm, verb: Callable[[], None], *, template: str, said: str
) -> ResponseReturnValue:
    """A step with its own form: shown where the step is possible, sent once, and shown again with what is wrong."""
    actor = current_actor()
    try:
        require(actor, action, get_deal(actor, deal_id))
        if not form.validate_on_submit():
            status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK
            return _step_page(deal_id, form, template), status
        with transaction():
            verb()
    except Invalid as refused:
        show_error(form, refused)
        return _step_page(deal_id, form, template), HTTPStatus.UNPROCESSABLE_ENTITY
    except Conflict as refused:
        flash(str(refused) or _("The deal has moved on. Nothing was done twice."), "alarm")
        return _deal_page(deal_id, HTTPStatus.CONFLICT)
    flash(said, "good")
    return _to_deal(deal_id)


def _step_page(deal_id: int, form: StepForm, template: str) -> str:
    deal: Deal = get_deal_with_sides(current_actor(), deal_id)
    draft = newest_delivery(deal.id, DeliveryKind.DRAFT)
    view = Perspective(deal, current_actor())
    return render_template(
        template,
        deal=deal,
        view=view,
        form=form,
        draft=draft,
        terms=deal.accepted_terms,
        left=revisions_left(deal),
        max_upload=settings().max_upload_bytes,
        review_days=settings().draft_review_days,
        acceptance_days=settings().acceptance_days,
    )


__all__ = ["bp", "message_views"]
