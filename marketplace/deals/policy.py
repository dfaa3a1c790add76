"""Who may do what in a deal, read from the lifecycle's table."""

from marketplace.accounts.actor import SYSTEM, Actor
from marketplace.contracts.models import Party
from marketplace.contracts.service import has_signed
from marketplace.deals.lifecycle import TABLE, Action, State, Who, find
from marketplace.deals.models import Deal, DealSide
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, NotAllowed

# Actions that commit the brand's money rather than its word.
_SPENDING = frozenset({Action.FUND})
# Steps that a verb takes as part of another, never a button of their own.
_INNER = frozenset(
    {
        Action.COMPLETE_SIGNING,
        Action.RULE_COMPLETED,
        Action.RULE_REFUNDED,
        Action.AGREE_COMPLETED,
        Action.AGREE_REFUNDED,
        Action.LIMIT_COMPLETED,
        Action.LIMIT_REFUNDED,
        Action.AWAIT_BANK,
        Action.BANK_REFUSED,
        Action.HOLD_APART,
        Action.CHARGE_BACK,
        Action.REINSTATE,
        Action.LOSE_CHARGEBACK,
    }
)


def side_of(actor: Actor, deal: Deal) -> DealSide | None:
    """Which side of the deal the actor stands on; None for a stranger."""
    if actor.creator_id is not None and actor.creator_id == deal.creator_id:
        return DealSide.CREATOR
    if actor.brand_id is not None and actor.brand_id == deal.brand_id:
        return DealSide.BRAND
    if actor.is_admin:
        return DealSide.ADMIN
    return DealSide.CLOCK if actor is SYSTEM else None


def can(actor: Actor, action: Action, deal: Deal) -> bool:
    """Whether the actor may take the action now."""
    side = side_of(actor, deal)
    transition = find(deal.state, action)
    if side is None or transition is None or not _stands_there(side, transition.who, deal):
        return False
    if side is DealSide.BRAND and not (actor.may_spend if action in _SPENDING else actor.may_manage_brand):
        return False
    if action is Action.FUND:
        return not deal.awaiting_bank
    if action is Action.CANCEL_LATE:
        return deal.deadline_at is not None and clock.now() >= deal.deadline_at
    if action is Action.REQUEST_REVISION:
        return revisions_left(deal) > 0
    return True


def _stands_there(side: DealSide, who: frozenset[Who], deal: Deal) -> bool:
    if side in (DealSide.ADMIN, DealSide.CLOCK):
        return Who(side.value) in who
    if Who.OTHER in who and deal.proposed_by is not side:
        return True
    return Who.EITHER in who or Who(side.value) in who


def revisions_left(deal: Deal) -> int:
    """How many revisions of those in the agreed terms the brand can still ask for."""
    included = deal.accepted_terms.revisions if deal.accepted_terms else 0
    return max(0, included - deal.revisions_used)


def available_actions(deal: Deal, actor: Actor) -> list[Action]:
    """What the actor may do now, in the table's order; a side that has signed isn't asked again."""
    found = [a for (state, a) in TABLE if state is deal.state and a not in _INNER and can(actor, a, deal)]
    if Action.SIGN in found and signed_by(deal, side_of(actor, deal)):
        found.remove(Action.SIGN)
    return found


def signed_by(deal: Deal, side: DealSide | None) -> bool:
    """Whether the side's signature is on the deal's contract."""
    if side not in _OTHER or deal.contract_id is None:
        return False
    return has_signed(deal.contract_id, party_of(side))


def may_write(actor: Actor, deal: Deal) -> bool:
    """Whether the actor may write to the other side: the creator, and members of the brand who do more than look on."""
    side = side_of(actor, deal)
    return side is DealSide.CREATOR or (side is DealSide.BRAND and actor.may_spend)


_OTHER = {DealSide.CREATOR: DealSide.BRAND, DealSide.BRAND: DealSide.CREATOR}


def other_side(side: DealSide) -> DealSide:
    """The side across from a creator's or a brand's."""
    return _OTHER[side]


def party_of(side: DealSide) -> Party:
    """The side as the contract calls it."""
    return Party(side.value)


def require(actor: Actor, action: Action, deal: Deal) -> DealSide:
    """The actor's side, if they may take the action now.

    Raises:
        Conflict: the deal has moved on, and the action isn't possible any more.
        NotAllowed: the action is somebody else's.
    """
    side = side_of(actor, deal)
    if find(deal.state, action) is None:
        raise Conflict
    if side is None or not can(actor, action, deal):
        raise NotAllowed
    return side


def whose_turn(deal: Deal) -> DealSide | None:
    """The side that the deal waits for; None when nobody, both, a bank, or an administrator is."""
    match deal.state:
        case State.NEGOTIATING:
            return DealSide.BRAND if deal.proposed_by is DealSide.CREATOR else DealSide.CREATOR
        case State.FUNDING:
            return None if deal.awaiting_bank else DealSide.BRAND
        case State.DRAFT_REVIEW | State.ACCEPTANCE:
            return DealSide.BRAND
        case State.PRODUCTION | State.PUBLISHING:
            return DealSide.CREATOR
        case _:
            return None
