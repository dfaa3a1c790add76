"""Pages of disputes: opening one, the case with what each side says, and the ruling."""

from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.again import ask_password_again
from marketplace.accounts.limits import MESSAGE, OverLimit, count_done
from marketplace.accounts.session import Role, access, current_actor
from marketplace.brands.models import Brand
from marketplace.creators.models import Creator
from marketplace.deals.lifecycle import FUNDED, Action, State
from marketplace.deals.models import Deal, DealSide
from marketplace.deals.policy import can, may_write, side_of
from marketplace.deals.queries import get_deal
from marketplace.disputes import labels  # noqa: F401  the words of this feature's enums
from marketplace.disputes.forms import OpenForm, RulingForm, StatementForm
from marketplace.disputes.models import Dispute, DisputeStatus
from marketplace.disputes.queries import dispute_of, get_dispute, proposal_to, statement_file
from marketplace.disputes.service import add_statement, agree, open_dispute, rule, withdraw_dispute
from marketplace.escrow.fund import frozen_quote
from marketplace.escrow.holding import deal_ends_at
from marketplace.infra.db import db, transaction
from marketplace.infra.fields import show_error
from marketplace.infra.uploads import send_stored
from marketplace.kit.errors import Conflict, Invalid, NotAllowed
from marketplace.kit.money import Money

bp = Blueprint("disputes", __name__)


@bp.route("/deals/<int:deal_id>/dispute", methods=["GET", "POST"], endpoint="open_dispute")
@access(Role.CREATOR, Role.BRAND, Role.ADMIN)
def open_page(deal_id: int) -> ResponseReturnValue:
    """The form that freezes a deal; leads to the case where there is one."""
    actor = current_actor()
    deal = get_deal(actor, deal_id)
    found = dispute_of(deal.id)
    if found is not None and found.status is DisputeStatus.OPEN:
        return redirect(url_for("disputes.show", dispute_id=found.id), HTTPStatus.SEE_OTHER)
    if not can(actor, Action.OPEN_DISPUTE, deal):
        if found is not None:
            return redirect(url_for("disputes.show", dispute_id=found.id), HTTPStatus.SEE_OTHER)
        if deal.state in FUNDED:
            raise NotAllowed
        raise Conflict(_("A dispute can be opened while the deal’s money is in escrow."))
    form = OpenForm()
    if form.validate_on_submit():
        try:
            with transaction():
                dispute_id = open_dispute(actor, deal_id, form.reason.data, form.claim()).id
            flash(_("The dispute is open. Clocks and money stand still."), "info")
            return redirect(url_for("disputes.show", dispute_id=dispute_id), HTTPStatus.SEE_OTHER)
        except Invalid as refused:
            show_error(form, refused)
            deal = get_deal(actor, deal_id)
    return _page("disputes/open.html", form, deal=deal, quote=frozen_quote(deal))


@bp.get("/disputes/<int:dispute_id>")
@access(Role.CREATOR, Role.BRAND, Role.ADMIN)
def show(dispute_id: int) -> ResponseReturnValue:
    """The case: what is frozen, what each side says, and the ruling when there is one."""
    dispute = get_dispute(current_actor(), dispute_id)
    return _case(dispute, StatementForm())


@bp.post("/disputes/<int:dispute_id>/statements", endpoint="state")
@access(Role.CREATOR, Role.BRAND, Role.ADMIN)
def add(dispute_id: int) -> ResponseReturnValue:
    """Say something in the case."""
    actor = current_actor()
    dispute = get_dispute(actor, dispute_id)
    form = StatementForm()
    if form.validate():
        try:
            with transaction():
                count_done(MESSAGE, str(actor.user_id))
                add_statement(actor, dispute_id, form.claim())
            flash(_("Added to the case. The other side reads it."), "good")
            return redirect(url_for("disputes.show", dispute_id=dispute_id), HTTPStatus.SEE_OTHER)
        except (Invalid, OverLimit) as refused:
            show_error(form, refused)
            dispute = get_dispute(actor, dispute_id)
    return _case(dispute, form)


@bp.route("/disputes/<int:dispute_id>/agreement/<int:statement_id>", methods=["GET", "POST"], endpoint="agree")
@access(Role.CREATOR, Role.BRAND)
def agreement(dispute_id: int, statement_id: int) -> ResponseReturnValue:
    """Taking the other side's split, with what follows from it in view."""
    actor = current_actor()
    dispute = get_dispute(actor, dispute_id)
    deal = get_deal(actor, dispute.deal_id)
    if request.method == "POST":
        with transaction():
            agree(actor, dispute_id, statement_id)
        flash(_("Agreed. The dispute is over, and the money follows."), "good")
        return redirect(url_for("disputes.show", dispute_id=dispute_id), HTTPStatus.SEE_OTHER)
    proposal = proposal_to(dispute, side_of(actor, deal))
    if dispute.status is not DisputeStatus.OPEN or proposal is None or proposal.id != statement_id:
        raise Conflict(_("This proposal can’t be taken any more. Nothing was changed."))
    quote = frozen_quote(deal)
    part = Money(proposal.wants_amount or 0, quote.price.currency)
    return render_template(
        "disputes/agree.html",
        dispute=dispute,
        deal=deal,
        quote=quote,
        part=part,
        split=quote.split(part),
        proposal=proposal,
        may_agree=can(actor, Action.AGREE_COMPLETED, deal),
        **_sides(deal),
    )


@bp.post("/disputes/<int:dispute_id>/withdraw")
@access(Role.CREATOR, Role.BRAND)
def withdraw(dispute_id: int) -> ResponseReturnValue:
    """Take the dispute back: the deal goes on."""
    with transaction():
        deal_id = withdraw_dispute(current_actor(), dispute_id).deal_id
    flash(_("The dispute is withdrawn. The deal goes on, with the time it had left."), "good")
    return redirect(url_for("deals.show", deal_id=deal_id), HTTPStatus.SEE_OTHER)


@bp.get("/disputes/<int:dispute_id>/files/<int:file_id>")
@access(Role.CREATOR, Role.BRAND, Role.ADMIN)
def file(dispute_id: int, file_id: int) -> ResponseReturnValue:
    """A file handed in with a statement."""
    return send_stored(statement_file(get_dispute(current_actor(), dispute_id), file_id))


@bp.route("/disputes/<int:dispute_id>/ruling", methods=["GET", "POST"], endpoint="rule")
@access(Role.ADMIN)
def ruling(dispute_id: int) -> ResponseReturnValue:
    """The ruling in two steps: first the split as both sides will see it, then the decision, on just that."""
    actor = current_actor()
    dispute = get_dispute(actor, dispute_id)
    if dispute.status is not DisputeStatus.OPEN:
        raise Conflict(_("This dispute is over. Nothing was changed."))
    deal = get_deal(actor, dispute.deal_id)
    decides = request.form.get("step") == "rule"
    form = RulingForm(decides=decides)
    valid = form.validate_on_submit()
    checked = (valid or form.errors.keys() == {"password"}) and _part_fits(form, deal)
    part = form.creator_part.data or Money.zero()
    if valid and checked and decides and _is_shown(form, part):
        try:
            ask_password_again(actor, form.password.data)
            with transaction():
                rule(actor, dispute_id, part, form.reasons.data)
            flash(_("Ruled. The money follows, and both sides are told."), "good")
            return redirect(url_for("disputes.show", dispute_id=dispute_id), HTTPStatus.SEE_OTHER)
        except (Invalid, OverLimit) as refused:
            show_error(form, refused)
    return _ruling_page(dispute, deal, form, checked=checked)


def _part_fits(form: RulingForm, deal: Deal) -> bool:
    part, price = form.creator_part.data, frozen_quote(deal).price
    if part is None or part > price:
        show_error(form, Invalid(_("It can’t be more than the price."), field="creator_part"))
        return False
    return True


def _is_shown(form: RulingForm, part: Money) -> bool:
    if form.shown.data == str(part.amount):
        return True
    show_error(form, Invalid(_("This part was changed. Look at its split, then rule."), field="creator_part"))
    return False


def _ruling_page(dispute: Dispute, deal: Deal, form: RulingForm, *, checked: bool) -> ResponseReturnValue:
    quote = frozen_quote(deal)
    part = form.creator_part.data if checked and form.creator_part.data is not None else None
    form.shown.data = str(part.amount) if part is not None else ""
    context = {
        "split": quote.split(part) if part is not None else None,
        "part": part,
        "rest": quote.price - part if part is not None else None,
        "partial": quote.partial(part) if part is not None else None,
    }
    page = render_template(
        "disputes/ruling.html", dispute=dispute, deal=deal, form=form, quote=quote, **context, **_sides(deal)
    )
    refused = form.is_submitted() and (not checked or form.errors or form.form_errors)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK


def _case(dispute: Dispute, form: StatementForm) -> ResponseReturnValue:
    actor = current_actor()
    deal = get_deal(actor, dispute.deal_id)
    quote = frozen_quote(deal)
    side = side_of(actor, deal)
    is_open = dispute.status is DisputeStatus.OPEN
    part = Money(dispute.creator_part_amount, quote.price.currency) if dispute.creator_part_amount is not None else None
    return _page(
        "disputes/show.html",
        form,
        dispute=dispute,
        deal=deal,
        quote=quote,
        side=side,
        may_say=is_open and (side is DealSide.ADMIN or may_write(actor, deal)),
        may_propose=can(actor, Action.AGREE_COMPLETED, deal),
        may_withdraw=is_open and side is dispute.opened_by and can(actor, Action.WITHDRAW_DISPUTE, deal),
        proposal=proposal_to(dispute, side) if is_open and can(actor, Action.AGREE_COMPLETED, deal) else None,
        decide_by=deal_ends_at(deal.id) if is_open else None,
        may_rule=is_open and actor.is_admin and deal.state is State.DISPUTED,
        part=part,
        split=quote.split(part) if part is not None else None,
        **_sides(deal),
    )


def _sides(deal: Deal) -> dict[str, object]:
    return {
        "creator": db.session.get_one(Creator, deal.creator_id),
        "brand": db.session.get_one(Brand, deal.brand_id),
    }


def _page(template: str, form: StatementForm, **context: object) -> ResponseReturnValue:
    page = render_template(template, form=form, **context)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors or form.form_errors else HTTPStatus.OK
