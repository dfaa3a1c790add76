"""An administrator's pause of all that is sent to a payee: begun, ended, and asked for by whoever prepares or sends."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, exists, select

from marketplace.accounts.actor import Actor
from marketplace.infra.db import db
from marketplace.infra.jobs import Deferred, defer_all
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed
from marketplace.payouts.pause_models import PayoutPause
from marketplace.payouts.payee import Payee, lock_payee

_RUNNING = PayoutPause.resumed_at.is_(None)


def pause_payouts(actor: Actor, payee: Payee, reason: str) -> PayoutPause:
    """Send nothing to the payee from now on; what Stripe was asked for before goes on. They keep what they have earned.

    Raises:
        NotAllowed: the actor is no administrator.
        Invalid: no reason is given (field `reason`).
        Conflict: their payouts are paused already.
    """
    _check(actor, reason)
    # As whoever prepares their transfers does: what isn't prepared by now won't be.
    lock_payee(payee)
    if pause_of(payee) is not None:
        raise Conflict(_l("Their payouts are paused already."))
    pause = PayoutPause(
        **payee.ids,
        reason=reason.strip(),
        paused_by=actor.user_id,
        paused_name=actor.name,
        paused_at=clock.now(),
    )
    db.session.add(pause)
    db.session.flush()
    _tell(payee, "payouts_paused", pause)
    return pause


def resume_payouts(actor: Actor, payee: Payee, reason: str) -> PayoutPause:
    """Let what waits go by the payee's plan again.

    Raises:
        NotAllowed, Invalid: as `pause_payouts`.
        Conflict: their payouts aren't paused.
    """
    _check(actor, reason)
    lock_payee(payee)
    pause = pause_of(payee)
    if pause is None:
        raise Conflict(_l("Their payouts aren’t paused."))
    pause.resume_reason, pause.resumed_at = reason.strip(), clock.now()
    pause.resumed_by, pause.resumed_name = actor.user_id, actor.name
    db.session.flush()
    _tell(payee, "payouts_resumed", pause)
    defer_all([Deferred("payouts.pay_due", payee.ids, lock=f"payee:{payee.owner}")])
    return pause


def _check(actor: Actor, reason: str) -> None:
    if not actor.is_admin:
        raise NotAllowed
    if not reason.strip():
        raise Invalid(_l("Write why: whoever looks at this payee later reads it."), field="reason")


def _tell(payee: Payee, kind: str, pause: PayoutPause) -> None:
    defer_all([Deferred("notifications.tell_payee", {"kind": kind, "cause": str(pause.id), **payee.ids})])


def pause_of(payee: Payee) -> PayoutPause | None:
    """The pause that runs, if one does."""
    return db.session.scalars(select(PayoutPause).where(running_pause(payee))).first()


def running_pause(payee: Payee) -> ColumnElement[bool]:
    """The condition for the payee's row of the pause that runs."""
    return payee.owns(PayoutPause) & _RUNNING


def pauses_of(payee: Payee) -> Sequence[PayoutPause]:
    """All that there were, the newest first."""
    query = select(PayoutPause).where(payee.owns(PayoutPause)).order_by(PayoutPause.id.desc())
    return db.session.scalars(query).all()


def is_paused(payee_id: Any, *, agencies: bool) -> ColumnElement[bool]:
    """The condition for rows whose creator, or agency, is sent nothing: few are, beside all payees."""
    whose = PayoutPause.agency_id if agencies else PayoutPause.creator_id
    return exists().where(whose == payee_id, _RUNNING)
