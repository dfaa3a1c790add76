"""Payees on their way to their money, for tests: earned, onboarded, paid."""

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.escrow.jobs import release_earnings_job
from marketplace.escrow.models import Settlement
from marketplace.infra.db import db, transaction
from marketplace.kit import clock
from marketplace.payouts.models import ConnectedAccount, Schedule, Transfer
from marketplace.payouts.onboarding import refresh_account, start_onboarding
from marketplace.payouts.payee import Payee
from marketplace.payouts.plans import set_plan
from marketplace.payouts.queries import account_for
from marketplace.stripe_sandbox import guest
from tests.support.market import CreatorSide
from tests.support.money import Parties, completed_deal

RunJobs = Callable[..., None]
LATER = timedelta(days=8)
"""By then the hold of what is earned now is over."""


def onboarded(creator: CreatorSide, account_number: str = "000123456789") -> str:
    """The creator has filled in Stripe's page, with this bank account; their account there."""
    guest.onboard(start_onboarding(creator.actor), account_number=account_number)
    return reread(creator)


def reread(creator: CreatorSide) -> str:
    """Read the creator's account from Stripe again; its id there."""
    stripe_id = account(creator).stripe_account_id
    assert stripe_id is not None
    refresh_account(stripe_id)
    return stripe_id


def account(creator: CreatorSide) -> ConnectedAccount:
    """The creator's account as it is now, apart from the session."""
    db.session.expire_all()
    found = account_for(Payee(creator_id=creator.id))
    assert found is not None
    db.session.expunge(found)
    db.session.rollback()
    return found


def choose(creator: CreatorSide, schedule: Schedule, **minimums: int) -> None:
    with transaction():
        set_plan(creator.actor, schedule, minimums)


def available_deal(price: int = 12_000_00, creator: CreatorSide | None = None) -> Parties:
    """A deal whose earnings' hold is over; its release has enqueued what follows from the plan."""
    parties = completed_deal(price, creator)
    with transaction():
        settlement = db.session.scalars(select(Settlement).where(Settlement.deal_id == parties.deal_id)).one()
        settlement.available_at = clock.now() - timedelta(minutes=1)
    release_earnings_job()
    return parties


def release(run_jobs: RunJobs) -> None:
    """The hold is over, and what can be sent is sent."""
    with clock.at(clock.now() + LATER):
        release_earnings_job()
        run_jobs()


def transfers_of(creator: CreatorSide) -> list[Transfer]:
    """The creator's transfers, the oldest first, apart from the session."""
    db.session.expire_all()
    found = list(
        db.session.scalars(select(Transfer).where(Transfer.creator_id == creator.id).order_by(Transfer.created_at))
    )
    db.session.expunge_all()
    db.session.rollback()
    return found


def sign_in_admin(client: FlaskClient, admin: Actor) -> None:
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{admin.user_id}:1", True
