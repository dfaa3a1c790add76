"""Deals on their way to money, for tests: each step by the verbs that people use, in transactions of their own."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.briefs.policy import platform_today
from marketplace.contracts.models import ContractFile
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal
from marketplace.deals.opening import accept_selection
from marketplace.deals.signing import sign
from marketplace.deals.terms import TermsInput, accept_terms, propose_terms
from marketplace.deals.work import approve_draft, submit_draft, submit_publication
from marketplace.escrow.fund import start_funding
from marketplace.escrow.queries import newest_payment
from marketplace.escrow.receive import confirm_checkout
from marketplace.escrow.settle import accept_work
from marketplace.infra.db import db, transaction
from marketplace.kit.money import Money
from marketplace.ledger.accounts import Account
from marketplace.ledger.queries import balance
from marketplace.payouts.books import check_everything
from marketplace.stripe_sandbox import guest
from tests.support.market import BrandSide, CreatorSide, make_application, make_brand, make_brief, make_creator


@dataclass(frozen=True, slots=True)
class Parties:
    """A deal with its two sides, as plain values."""

    deal_id: int
    creator: CreatorSide
    brand: BrandSide


def negotiating_deal(
    price: int = 12_000_00, creator: CreatorSide | None = None, brand: BrandSide | None = None
) -> Parties:
    """A match at `price` minor units, its first terms on the table, proposed by the creator."""
    with transaction():
        creator, brand = creator or make_creator(), brand or make_brand()
        selection = make_application(creator, make_brief(brand).id, 12_000_00)
        deal = accept_selection(brand.actor, selection.id)
        today = platform_today()
        terms = TermsInput(
            deliverables="One film of 60 to 180 s and its cover.",
            price=Money(price),
            draft_due_on=today + timedelta(days=7),
            publish_on=today + timedelta(days=14),
            revisions=2,
        )
        propose_terms(creator.actor, deal.id, terms, 1)
        return Parties(deal.id, creator, brand)


def sign_both(parties: Parties) -> None:
    for actor in (parties.brand.actor, parties.creator.actor):
        with transaction():
            contract_id = db.session.get_one(Deal, parties.deal_id).contract_id
            query = select(ContractFile).where(ContractFile.contract_id == contract_id, ContractFile.locale == "en")
            fingerprint = db.session.scalars(query).one().sha256
            sign(actor, parties.deal_id, fingerprint, address="127.0.0.1", user_agent="test", locale="en")


def signed_deal(price: int = 12_000_00, creator: CreatorSide | None = None, brand: BrandSide | None = None) -> Parties:
    """A deal that both have signed: it waits for the brand's money."""
    parties = negotiating_deal(price, creator, brand)
    with transaction():
        accept_terms(parties.brand.actor, parties.deal_id, 2)
    sign_both(parties)
    return parties


def pay(parties: Parties, card: str = "4242424242424242") -> None:
    """The brand pays on the sandbox's page and is sent back."""
    guest.pay(start_funding(parties.brand.actor, parties.deal_id, "en"), card)
    confirm_newest(parties.deal_id)


def confirm_newest(deal_id: int) -> None:
    payment = newest_payment(deal_id)
    assert payment is not None
    confirm_checkout(str(payment.checkout_id))


def funded_deal(price: int = 12_000_00, creator: CreatorSide | None = None, brand: BrandSide | None = None) -> Parties:
    """A deal in production, its money in escrow."""
    parties = signed_deal(price, creator, brand)
    pay(parties)
    return parties


def publish(parties: Parties) -> None:
    """Draft, approval and publication: the deal waits for acceptance."""
    with transaction():
        submit_draft(parties.creator.actor, parties.deal_id, url="https://example.com/draft", note="")
        approve_draft(parties.brand.actor, parties.deal_id)
        submit_publication(parties.creator.actor, parties.deal_id, "https://www.douyin.com/video/1")


def completed_deal(
    price: int = 12_000_00, creator: CreatorSide | None = None, brand: BrandSide | None = None
) -> Parties:
    """A deal that the brand accepted, its escrow settled."""
    parties = funded_deal(price, creator, brand)
    publish(parties)
    accept(parties.brand.actor, parties.deal_id)
    return parties


def accept(actor: Actor, deal_id: int) -> None:
    with transaction():
        accept_work(actor, deal_id)


def state_of(deal_id: int) -> State:
    db.session.expire_all()
    state = db.session.get_one(Deal, deal_id).state
    db.session.rollback()
    return state


def held(account: Account) -> int:
    """What the books say the account holds, in minor units."""
    found = balance(account)
    db.session.rollback()
    return found


def assert_books_balance() -> None:
    """The check that ends every money test: ours, the deals' and Stripe's figures agree."""
    assert [f"{problem.where}: {problem.sentence}" for problem in check_everything()] == []
