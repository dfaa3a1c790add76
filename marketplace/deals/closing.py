"""The verbs that end a deal before any money came in: a side cancels, or the clock runs out."""

from flask_babel import lazy_gettext as _l

from marketplace.accounts.actor import SYSTEM, Actor
from marketplace.brands import limits
from marketplace.deals.lifecycle import Action, State
from marketplace.deals.models import Deal
from marketplace.deals.move import move_deal
from marketplace.deals.policy import require
from marketplace.deals.queries import get_deal
from marketplace.deals.quotes import release_deal_allowance
from marketplace.infra.jobs import defer
from marketplace.kit.errors import Invalid
from marketplace.ledger.accounts import deal_owner


def cancel(actor: Actor, deal_id: int, why: str) -> Deal:
    """End the deal before it is funded; nothing is owed.

    Raises:
        NotFound, NotAllowed, Conflict: as always.
        Invalid: no reason is given.
    """
    deal = get_deal(actor, deal_id, lock=True)
    side = require(actor, Action.CANCEL, deal)
    if not why.strip():
        raise Invalid(_l("Say why, so that the other side understands."), field="why")
    _give_back(deal)
    move_deal(deal, Action.CANCEL, actor, side, why=why)
    return deal


def expire(deal: Deal) -> Deal:
    """Let the clock end a deal whose time is up. The deal's row must be locked.

    Raises:
        Conflict: its state isn't one that expires.
    """
    side = require(SYSTEM, Action.EXPIRE, deal)
    _give_back(deal)
    move_deal(deal, Action.EXPIRE, SYSTEM, side)
    return deal


def _give_back(deal: Deal) -> None:
    """Its place in the creator's month and in that of the member who committed to it, and the checkout that its brand
    may have open: nobody should pay in vain."""
    release_deal_allowance(deal)
    limits.release(deal_owner(deal.id))
    if deal.state is State.FUNDING:
        defer("escrow.close_checkout", deal_id=deal.id)
