"""A company as the payment provider remembers it, and the ways to pay that its members saved there.

These verbs talk to Stripe, so they own their transactions: nothing may be open when they are called.
"""

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from marketplace.accounts.actor import Actor, BrandRole
from marketplace.accounts.models import User
from marketplace.brands.models import Brand
from marketplace.escrow.models import Customer
from marketplace.infra import stripe_gateway as gateway
from marketplace.infra.db import db, end_transaction, transaction
from marketplace.kit import clock
from marketplace.kit.errors import NotAllowed, NotFound

# The provider's word for an object that somebody has deleted on its own pages.
GONE = "resource_missing"


def may_keep_methods(actor: Actor) -> bool:
    """Whether the actor sees and removes what the company has saved: its owners and those who look after its money."""
    return actor.brand_id is not None and actor.brand_role in (BrandRole.OWNER, BrandRole.FINANCE)


def ensure_customer(brand_id: int, user_id: int) -> str:
    """The provider's id for the company, made on first use with the e-mail of the member who pays.

    Raises:
        ProviderUnavailable: nobody knows whether it was made; the same key finds it.
        ProviderFault: the same, under a key that is spent: the next try has another, and what was made stays unused.
        ProviderRefused: it was not.
    """
    end_transaction()
    with transaction():
        found = _customer(brand_id)
        if found.stripe_customer_id is not None:
            return found.stripe_customer_id
        order = _order(found, user_id)
    try:
        made = gateway.create_customer(order)
    except gateway.ProviderFault:
        forget_customer(brand_id)
        raise
    with transaction():
        found = _customer(brand_id)
        # Two members at once may have made two: both pay as the first that was kept.
        found.stripe_customer_id = found.stripe_customer_id or made
        return found.stripe_customer_id


def _customer(brand_id: int) -> Customer:
    db.session.execute(insert(Customer).values(brand_id=brand_id, created_at=clock.now()).on_conflict_do_nothing())
    query = select(Customer).where(Customer.brand_id == brand_id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _order(found: Customer, user_id: int) -> gateway.CustomerOrder:
    """Each row has a key of its own, so that one made anew is another customer."""
    brand, payer = db.session.get_one(Brand, found.brand_id), db.session.get_one(User, user_id)
    key = f"customer:{brand.id}:{user_id}:{found.created_at.timestamp()}"
    return gateway.CustomerOrder(key, f"brand:{brand.id}", brand.name, payer.email)


def forget_customer(brand_id: int) -> None:
    """Drop the company's place at the provider, as it is gone there: the next payment makes another."""
    with transaction():
        db.session.execute(delete(Customer).where(Customer.brand_id == brand_id))


def saved_methods(actor: Actor) -> list[gateway.SavedMethod]:
    """What the actor's company has saved, the newest first.

    Raises:
        NotAllowed: it is not the actor's to see.
        ProviderUnavailable: the provider doesn't answer.
    """
    customer_id = _own_customer(actor)
    if customer_id is None:
        return []
    try:
        return gateway.list_methods(customer_id)
    except gateway.ProviderRefused as refusal:
        if refusal.code != GONE:
            raise
        return []


def remove_method(actor: Actor, method_id: str) -> None:
    """Have the provider forget one of the company's saved ways to pay.

    Raises:
        NotAllowed: it is not the actor's to remove.
        NotFound: the company has no such one, perhaps as a colleague was faster.
        ProviderUnavailable: the provider doesn't answer.
    """
    if all(method.id != method_id for method in saved_methods(actor)):
        raise NotFound
    gateway.detach_method(method_id)


def _own_customer(actor: Actor) -> str | None:
    if not may_keep_methods(actor):
        raise NotAllowed
    end_transaction()
    query = select(Customer.stripe_customer_id).where(Customer.brand_id == actor.brand_id)
    found = db.session.scalar(query)
    end_transaction()
    return found
