"""The page of a deal's money: every movement of its escrow with its entry in the books."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from marketplace.accounts.session import Role, access, current_actor
from marketplace.chargebacks.models import ChargebackPart
from marketplace.chargebacks.queries import claims_on
from marketplace.deals.models import Deal
from marketplace.payouts.at_stripe import objects_of
from marketplace.payouts.deal_money import Reader, money_of

bp = Blueprint("money", __name__)


@bp.app_template_global()
def claims_on_deal(deal: Deal) -> list[ChargebackPart]:
    """For the page of a deal that is over, which is of a feature below this one: what a bank has of its payment."""
    return claims_on(deal.id)


@bp.get("/deals/<int:deal_id>/money")
@access(Role.CREATOR, Role.BRAND, Role.AGENCY, Role.ADMIN)
def deal(deal_id: int) -> ResponseReturnValue:
    """What came into escrow, what went where by which rule, and what is still there, as the reader may see it."""
    found = money_of(current_actor(), deal_id)
    made = objects_of(found.deal.id) if found.reader is Reader.ADMIN else []
    return render_template(
        "payouts/deal_money.html", money=found, deal=found.deal, reader=found.reader.value, made=made
    )
