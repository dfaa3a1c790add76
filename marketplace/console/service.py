"""The console's own verbs: suspending an account and reinstating it."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.console.models import StandingChange
from marketplace.creators.queries import creator_id_of
from marketplace.creators.standing import refresh_standing
from marketplace.infra.db import db
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.payouts.pausing import pause_of, pause_payouts
from marketplace.payouts.payee import Payee


def suspend_user(actor: Actor, user_id: int, reason: str) -> User:
    """Keep a person out: every session ends at once and no new one begins. Their deals go on by the clocks.

    A creator's offers come down with it, and nothing is sent to them. An agency has other people, too: what is sent to
    it goes on until it is paused for itself.

    Raises:
        NotFound: there is no such person.
        NotAllowed: the actor is no administrator, was suspended meanwhile, or is that person.
        Conflict: the account is suspended already.
        Invalid: no reason is given.
    """
    user = _locked(actor, user_id)
    if user.suspended_at is not None:
        raise Conflict(_l("This account is suspended already."))
    _note(actor, user, suspended=True, reason=reason)
    user.suspended_at = clock.now()
    # A cookie from before stays worth nothing after the account is reinstated.
    user.session_version += 1
    _refresh_creator(user)
    _pause_creator(actor, user, reason)
    return user


def reinstate_user(actor: Actor, user_id: int, reason: str) -> User:
    """Let a suspended person sign in again. What is sent to them stays paused, as resuming it asks for the password.

    Raises:
        NotFound, NotAllowed, Invalid: as `suspend_user`.
        Conflict: the account isn't suspended.
    """
    user = _locked(actor, user_id)
    if user.suspended_at is None:
        raise Conflict(_l("This account isn’t suspended."))
    _note(actor, user, suspended=False, reason=reason)
    user.suspended_at = None
    _refresh_creator(user)
    return user


def _refresh_creator(user: User) -> None:
    creator_id = creator_id_of(user.id)
    if creator_id is not None:
        refresh_standing(creator_id)


def _pause_creator(actor: Actor, user: User, reason: str) -> None:
    creator_id = creator_id_of(user.id)
    if creator_id is not None and pause_of(Payee(creator_id=creator_id)) is None:
        pause_payouts(actor, Payee(creator_id=creator_id), reason)


def _locked(actor: Actor, user_id: int) -> User:
    """Both accounts' rows, so that two administrators can't suspend each other and leave nobody."""
    if not actor.is_admin:
        raise NotAllowed
    query = select(User).where(User.id.in_([user_id, actor.user_id])).order_by(User.id).with_for_update()
    found = {user.id: user for user in db.session.scalars(query.execution_options(populate_existing=True))}
    if user_id not in found:
        raise NotFound
    if user_id == actor.user_id:
        raise NotAllowed(_l("You can’t suspend or reinstate yourself. Another administrator does it."))
    if actor.user_id not in found or found[actor.user_id].suspended_at is not None:
        raise NotAllowed
    return found[user_id]


def _note(actor: Actor, user: User, *, suspended: bool, reason: str) -> None:
    if not reason.strip():
        raise Invalid(_l("Write why: whoever looks at this account later reads it."), field="reason")
    change = StandingChange(
        user_id=user.id,
        suspended=suspended,
        reason=reason.strip(),
        changed_by=actor.user_id,
        admin_name=actor.name,
        at=clock.now(),
    )
    db.session.add(change)
    db.session.flush()
