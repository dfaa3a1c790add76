"""The page on which the two sides of a completed deal review each other."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace.accounts.session import Role, access, current_actor
from marketplace.deals.lifecycle import State
from marketplace.deals.policy import side_of
from marketplace.deals.queries import get_deal_with_sides
from marketplace.infra.db import transaction
from marketplace.infra.fields import show_error
from marketplace.kit.errors import Conflict, Invalid
from marketplace.reviews.forms import ReviewForm
from marketplace.reviews.policy import may_review, write_until
from marketplace.reviews.queries import reviews_of_deal
from marketplace.reviews.service import write_review

bp = Blueprint("reviews", __name__)


@bp.route("/deals/<int:deal_id>/review", methods=["GET", "POST"])
@access(Role.SIGNED_IN)
def write(deal_id: int) -> ResponseReturnValue:
    """One's own review, or the form for it; the other side's once it is shown."""
    form = ReviewForm()
    if form.validate_on_submit():
        try:
            with transaction():
                review = write_review(current_actor(), deal_id, int(form.stars.data), form.text.data or "")
                shown = review.shown_at is not None
        except Invalid as error:
            show_error(form, error)
        else:
            _thank(shown)
            return redirect(url_for("reviews.write", deal_id=deal_id), 303)
    return _page(deal_id, form), 422 if form.is_submitted() else 200


def _thank(shown: bool) -> None:
    if shown:
        flash(_("Thank you. Both reviews can be read now."), "good")
    else:
        flash(_("Thank you. Your review shows when the other side has written theirs, or its time is over."), "good")


def _page(deal_id: int, form: ReviewForm) -> str:
    actor = current_actor()
    deal = get_deal_with_sides(actor, deal_id)
    if deal.state is not State.COMPLETED:
        raise Conflict(_("A deal can be reviewed once it is completed."))
    side = side_of(actor, deal)
    reviews = reviews_of_deal(deal, side)
    own = next((review for review in reviews if review.side is side), None)
    return render_template(
        "reviews/write.html",
        deal=deal,
        creator=deal.creator,
        brand=deal.brand,
        side=side,
        form=form,
        own=own,
        other=next((review for review in reviews if review.side is not side), None),
        may_write=own is None and may_review(actor, deal),
        until=write_until(deal),
    )
