"""The page of what both sides of a deal write to each other."""

from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.accounts.limits import MESSAGE, OverLimit, count_done
from marketplace.accounts.session import Role, access, current_actor
from marketplace.deals import service
from marketplace.deals.blueprint import bp
from marketplace.deals.forms import MessageForm
from marketplace.deals.perspective import Perspective
from marketplace.deals.policy import may_write
from marketplace.deals.queries import get_deal_with_sides, messages_of
from marketplace.infra.db import transaction

_MESSAGES = 50
_READERS = (Role.CREATOR, Role.BRAND, Role.ADMIN)


@bp.route("/deals/<int:deal_id>/messages", methods=["GET", "POST"])
@access(*_READERS)
def messages(deal_id: int) -> ResponseReturnValue:
    actor = current_actor()
    deal = get_deal_with_sides(actor, deal_id)
    form = MessageForm()
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK
    if form.validate_on_submit():
        try:
            with transaction():
                count_done(MESSAGE, str(actor.user_id))
                service.post_message(actor, deal_id, form.body.data)
            return redirect(url_for("deals.messages", deal_id=deal_id), HTTPStatus.SEE_OTHER)
        except OverLimit as refused:
            form.body.errors, status = [str(refused)], HTTPStatus.TOO_MANY_REQUESTS
    found, total = messages_of(deal.id, _MESSAGES, request.args.get("before", type=int))
    rest = found[-1].id if len(found) == _MESSAGES else None
    return render_template(
        "deals/messages.html",
        deal=deal,
        view=Perspective(deal, actor),
        messages=found,
        total=total,
        older=rest,
        form=form,
        may_write=may_write(actor, deal),
    ), status
