"""A deal's fees: an estimate while it is negotiated, then the quote that signing froze with its place in the month."""

from marketplace.agencies.queries import share_in_force, share_of
from marketplace.creators.queries import fee_parties
from marketplace.deals.models import Deal
from marketplace.fees.queries import preview_quote
from marketplace.fees.quote import FeeQuote
from marketplace.fees.service import freeze_quote, release_allowance
from marketplace.kit.money import Money
from marketplace.ledger.accounts import deal_owner


def allowance_key(deal_id: int) -> str:
    """The key under which the deal's price counts into its creator's month."""
    return deal_owner(deal_id)


def estimate_quote(deal: Deal, price: Money) -> FeeQuote:
    """What the fees would be if the deal were signed now at `price`, and its agency's part; it can still change.

    Raises:
        CurrencyNotCovered: the policy in force names no amounts in this currency.
    """
    return preview_quote(fee_parties(deal.creator_id, deal.brand_id), deal.kind, price, share_of(deal.creator_id))


def quote_of(deal: Deal) -> FeeQuote | None:
    """The quote frozen when both signed; None before."""
    return FeeQuote.from_json(deal.quote) if deal.quote is not None else None


def cost_to_brand(deal: Deal) -> Money:
    """What the brand pays for a deal whose terms are agreed: as it was frozen, or by an estimate before."""
    quote = quote_of(deal)
    if quote is None:
        assert deal.accepted_terms is not None
        quote = estimate_quote(deal, deal.accepted_terms.price)
    return quote.brand_total


def freeze_deal_quote(deal: Deal) -> FeeQuote:
    """Fix the fees of a deal that both have just signed, and count its price into the creator's month.

    The agency that represents the creator now has its share, by the consent that holds now; later changes touch none.
    """
    assert deal.accepted_terms is not None
    represented = share_in_force(deal.creator_id)
    quote = freeze_quote(
        fee_parties(deal.creator_id, deal.brand_id),
        allowance_key(deal.id),
        deal.kind,
        deal.accepted_terms.price,
        represented.share if represented is not None else None,
    )
    deal.agency_id = represented.agency_id if represented is not None else None
    deal.quote = quote.to_json()
    return quote


def release_deal_allowance(deal: Deal) -> None:
    """Give the deal's place in the month back, as it ended without settlement. Nothing happens where none is held."""
    release_allowance(allowance_key(deal.id))
