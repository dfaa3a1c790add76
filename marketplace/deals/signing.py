"""The verb that signs: each party once; the second signature fixes the fees and asks for the money."""

from marketplace.accounts.actor import Actor
from marketplace.brands import limits
from marketplace.contracts.queries import get_contract
from marketplace.contracts.service import has_signed, sign_contract
from marketplace.deals.lifecycle import Action
from marketplace.deals.models import Deal, DealSide
from marketplace.deals.move import move_deal
from marketplace.deals.policy import other_side, party_of, require
from marketplace.deals.queries import get_deal
from marketplace.deals.quotes import cost_to_brand, freeze_deal_quote
from marketplace.ledger.accounts import deal_owner


def sign(actor: Actor, deal_id: int, sha256: str, *, address: str, user_agent: str, locale: str) -> Deal:
    """Sign the contract for the actor's side. The caller has asked for the password again.

    Whoever signs for the brand commits its money, within their limit of the month.

    `sha256` is the fingerprint of the file that was shown, `locale` its language.

    Raises:
        NotFound, NotAllowed, Conflict: as always; Conflict also when the side has signed.
        OverSpendingLimit: the deal costs more than the member may still commit this month.
        Invalid: it isn't this contract's fingerprint.
    """
    deal = get_deal(actor, deal_id, lock=True)
    side = require(actor, Action.SIGN, deal)
    if side is DealSide.BRAND:
        limits.commit(actor, deal_owner(deal.id), cost_to_brand(deal))
    assert deal.contract_id is not None
    sign_contract(
        get_contract(deal.contract_id),
        party_of(side),
        actor,
        locale=locale,
        sha256=sha256,
        address=address,
        user_agent=user_agent,
    )
    move_deal(deal, Action.SIGN, actor, side, details={"sha256": sha256, "locale": locale})
    if has_signed(deal.contract_id, party_of(other_side(side))):
        # What was counted when the brand signed was an estimate, if it signed first.
        limits.correct(deal.brand_id, deal_owner(deal.id), freeze_deal_quote(deal).brand_total)
        move_deal(deal, Action.COMPLETE_SIGNING, actor, side)
    return deal
