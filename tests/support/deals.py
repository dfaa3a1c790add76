"""Deals for tests, brought to any state by the verbs that people use.

Call inside an application context and a transaction, as `market`. Only the money is short-cut: `fund` books the payment
that escrow would have received from Stripe.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from marketplace.accounts.actor import Actor
from marketplace.briefs.policy import platform_today
from marketplace.contracts.queries import get_contract
from marketplace.creators.queries import fee_parties
from marketplace.deals import service
from marketplace.deals.lifecycle import STEPS, Action, State
from marketplace.deals.models import Deal, DealSide
from marketplace.deals.move import move_deal
from marketplace.deals.queries import get_deal, newest_terms
from marketplace.deals.quotes import quote_of
from marketplace.deals.terms import TermsInput
from marketplace.fees.queries import earned_in_month, fee_month
from marketplace.kit.money import Money
from marketplace.ledger.accounts import escrow, stripe_clearing
from marketplace.ledger.postings import credit, debit
from marketplace.ledger.service import post
from tests.support.market import (
    BrandSide,
    CreatorSide,
    brief_facts,
    make_application,
    make_brand,
    make_brief,
    make_creator,
)


@dataclass(frozen=True, slots=True)
class DealSides:
    """A deal and the two who made it. Plain values."""

    id: int
    creator: CreatorSide
    brand: BrandSide


def make_deal(
    creator: CreatorSide | None = None,
    brand: BrandSide | None = None,
    *,
    price: int = 12_000_00,
    title: str = "A week of suppers",
    state: State = State.NEGOTIATING,
) -> DealSides:
    """The creator applied at `price` (minor units), the brand accepted; then on to `state` by the straight way."""
    creator, brand = creator or make_creator(), brand or make_brand()
    brief = make_brief(brand, brief_facts(title=title))
    selection = make_application(creator, brief.id, price)
    sides = DealSides(service.accept_selection(brand.actor, selection.id).id, creator, brand)
    advance(sides, state)
    return sides


def advance(sides: DealSides, to: State) -> None:
    """Take the straight way from where the deal stands to `to`."""
    steps: dict[State, Callable[[DealSides], object]] = {
        State.NEGOTIATING: agree,
        State.SIGNING: sign_both,
        State.FUNDING: fund,
        State.PRODUCTION: hand_in,
        State.DRAFT_REVIEW: approve,
        State.PUBLISHING: publish,
    }
    goal = STEPS.index(to)
    while STEPS.index(current(sides).state) < goal:
        steps[current(sides).state](sides)


def current(sides: DealSides) -> Deal:
    return get_deal(sides.creator.actor, sides.id)


def agree(sides: DealSides) -> Deal:
    """The side that is asked accepts what is on the table."""
    deal = current(sides)
    actor = sides.brand.actor if deal.proposed_by is DealSide.CREATOR else sides.creator.actor
    return service.accept_terms(actor, sides.id, newest_terms(sides.id).number)


def fingerprint_of(sides: DealSides, locale: str = "en") -> str:
    """What the page shows for the contract in `locale`."""
    contract_id = current(sides).contract_id
    assert contract_id is not None
    return next(file.sha256 for file in get_contract(contract_id).files if file.locale == locale)


def sign_as(sides: DealSides, actor: Actor, locale: str = "en") -> Deal:
    sha256 = fingerprint_of(sides, locale)
    return service.sign(actor, sides.id, sha256, address="203.0.113.7", user_agent="A browser", locale=locale)


def sign_both(sides: DealSides) -> None:
    sign_as(sides, sides.creator.actor)
    sign_as(sides, sides.brand.actor, "zh")


def fund(sides: DealSides) -> None:
    """As if Stripe had said that the brand paid: the books and the state, no provider."""
    deal = get_deal(sides.brand.actor, sides.id, lock=True)
    quote = quote_of(deal)
    assert quote is not None
    total = quote.brand_total
    lines = (debit(stripe_clearing(total.currency), total), credit(escrow(deal.id, total.currency), total))
    post("payment.received", f"test:fund:{deal.id}", lines, f"deal:{deal.id}")
    move_deal(deal, Action.FUND, sides.brand.actor, DealSide.BRAND)


def hand_in(
    sides: DealSides, url: str = "https://drive.example.com/draft", note: str = "The lid lifts at 0:41."
) -> None:
    service.submit_draft(sides.creator.actor, sides.id, url=url, note=note)


def send_back(sides: DealSides, note: str = "Let the rain be quieter, please.") -> None:
    service.request_revision(sides.brand.actor, sides.id, note)


def approve(sides: DealSides) -> None:
    service.approve_draft(sides.brand.actor, sides.id)


def publish(sides: DealSides, url: str = "https://www.douyin.com/video/7300000000000000001") -> None:
    service.submit_publication(sides.creator.actor, sides.id, url)


def terms_input(sides: DealSides, **changed: object) -> TermsInput:
    """The terms on the table with some fields changed; the price is 500 yuan more where nothing is."""
    newest = newest_terms(sides.id)
    same = TermsInput(
        deliverables=newest.deliverables,
        price=newest.price,
        draft_due_on=newest.draft_due_on,
        publish_on=newest.publish_on,
        revisions=newest.revisions,
        usage_rights=newest.usage_rights,
        disclosure=newest.disclosure,
    )
    changed = changed or {"price": newest.price + Money(500_00, newest.price.currency)}
    return replace(same, **changed)  # type: ignore[arg-type]


def earned_this_month(creator_id: int) -> Money:
    """What counts into the creator's present month of fees."""
    parties = fee_parties(creator_id)
    return earned_in_month(parties.creator, "CNY", fee_month(parties.zone))


def counter(sides: DealSides, actor: Actor, **changed: object) -> int:
    """Propose other terms as `actor`; returns their number."""
    based_on = newest_terms(sides.id).number
    return service.propose_terms(actor, sides.id, terms_input(sides, **changed), based_on).number


def in_days(days: int) -> date:
    return platform_today() + timedelta(days=days)
