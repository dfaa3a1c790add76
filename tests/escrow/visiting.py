"""Whoever looks at pages of money, for tests, and the checkout that a deal was paid at."""

from flask import Flask

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.escrow.models import Checkout
from marketplace.escrow.queries import newest_payment
from marketplace.infra.db import db
from tests.support.market import BrandSide, CreatorSide, sign_in
from tests.support.money import Parties
from tests.support.web import Client


def visit(app: Flask, side: BrandSide | CreatorSide) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    sign_in(client, side)
    return client


def console(app: Flask, admin: Actor) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    with client.session_transaction() as session:
        session["_user_id"] = db.session.get_one(User, admin.user_id).get_id()
        session["_fresh"] = True
    return client


def checkout_of(parties: Parties) -> Checkout:
    payment = newest_payment(parties.deal_id)
    assert payment is not None
    db.session.refresh(payment.checkout)
    return payment.checkout
