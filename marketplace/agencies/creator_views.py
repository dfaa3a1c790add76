"""A creator's pages about agencies: who represents them, what was offered, and the consent itself."""

from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.again import ask_password_again
from marketplace.accounts.session import Role, access, current_actor
from marketplace.agencies.blueprint import bp
from marketplace.agencies.consent import consent_text, fingerprint
from marketplace.agencies.forms import ButtonForm, ConsentForm
from marketplace.agencies.models import RepresentationStatus
from marketplace.agencies.policy import require_creator_themselves
from marketplace.agencies.queries import representation_for, representations_of_creator
from marketplace.agencies.representing import consent, decline_offer
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import DomainError, Invalid, NotAllowed


@bp.get("/me/agency")
@access(Role.CREATOR)
def mine() -> ResponseReturnValue:
    """Who represents the creator, what is offered, what is over."""
    actor = current_actor()
    if actor.side == "creator" and actor.creator_id is None:
        flash(_("Fill in your profile first."), "info")
        return redirect(url_for("creators.edit"), HTTPStatus.SEE_OTHER)
    found = representations_of_creator(require_creator_themselves(actor))
    return render_template(
        "agencies/mine.html",
        present=next((one for one in found if one.status is RepresentationStatus.ACTIVE), None),
        offers=[one for one in found if one.status is RepresentationStatus.OFFERED],
        past=[one for one in found if one.status not in (RepresentationStatus.ACTIVE, RepresentationStatus.OFFERED)],
    )


@bp.route("/me/agency/<int:representation_id>", methods=["GET", "POST"])
@access(Role.CREATOR)
def answer(representation_id: int) -> ResponseReturnValue:
    """The consent: what the creator reads before they type their name below it."""
    actor = current_actor()
    require_creator_themselves(actor)
    offer = representation_for(actor, representation_id)
    if offer.status is not RepresentationStatus.OFFERED:
        return redirect(url_for("agencies.show", representation_id=offer.id), HTTPStatus.SEE_OTHER)
    form = ConsentForm()
    error: DomainError | None = None
    if form.validate_on_submit():
        try:
            ask_password_again(actor, form.password.data)
            with transaction():
                consent(actor, representation_id, form.name.data, form.shown.data or "")
        except Invalid as refused:
            error = refused
        else:
            flash(_("Agreed. They answer for you from now on; you can do everything yourself as before."), "good")
            return redirect(url_for("agencies.mine"), HTTPStatus.SEE_OTHER)
    if error is not None:
        offer = representation_for(actor, representation_id)
        show_error(form, error)
    text = consent_text(offer)
    form.shown.data = fingerprint(text)
    page = render_template(
        "agencies/answer.html",
        offer=offer,
        paragraphs=text.split("\n\n"),
        form=form,
        present=_present(actor.creator_id),
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK


def _present(creator_id: int | None) -> str | None:
    """The name of the agency that represents the creator now."""
    if creator_id is None:
        raise NotAllowed
    found = representations_of_creator(creator_id)
    return next((one.agency.name for one in found if one.status is RepresentationStatus.ACTIVE), None)


@bp.post("/me/agency/<int:representation_id>/decline")
@access(Role.CREATOR)
def decline(representation_id: int) -> ResponseReturnValue:
    form = ButtonForm()
    if form.validate_on_submit():
        with transaction():
            decline_offer(current_actor(), representation_id)
        flash(_("Declined. They are told."), "info")
    return redirect(url_for("agencies.mine"), HTTPStatus.SEE_OTHER)
