"""The verbs of a brand's members: roles, limits, leaving, removing, handing the brand over.

Each takes the brand's row as its lock, so that two owners who leave at once can't leave it without one.
"""

from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, select

from marketplace.accounts.actor import Actor, BrandRole
from marketplace.accounts.models import User
from marketplace.brands.models import Brand, Member, MemberEvent, MemberEventKind
from marketplace.infra.db import Model, db
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, NotAllowed, NotFound
from marketplace.kit.money import Money

Row = TypeVar("Row", bound=Model)
# An invitation has a mail of its own.
_TOLD = frozenset(MemberEventKind) - {MemberEventKind.FOUNDED, MemberEventKind.INVITED, MemberEventKind.REVOKED}


def change_role(actor: Actor, user_id: int, role: BrandRole) -> Member:
    """Give a member, oneself too, another role. Whoever becomes an owner has no spending limit any more.

    Raises:
        NotAllowed: the actor is no owner.
        NotFound: the user doesn't belong to the brand.
        Conflict: the brand would have no owner.
    """
    member = _locked_member_of(actor, user_id)
    if member.role is role:
        return member
    before = member.role
    _keep_an_owner(member, role)
    member.role = role
    if role is BrandRole.OWNER:
        member.limit_amount = member.limit_currency = None
    record(actor, MemberEventKind.ROLE, subject=_user(user_id), role=role, role_before=before)
    return member


def set_limit(actor: Actor, user_id: int, limit: Money | None) -> Member:
    """Say how much another member may commit in a calendar month; None lifts the limit.

    Raises:
        NotAllowed: the actor is no owner, or means themselves.
        NotFound: the user doesn't belong to the brand.
    """
    member = _locked_member_of(actor, user_id)
    if user_id == actor.user_id:
        raise NotAllowed(_l("Another owner sets your limit; nobody sets their own."))
    if member.limit == limit:
        return member
    member.limit_amount = limit.amount if limit is not None else None
    member.limit_currency = limit.currency if limit is not None else None
    amount, currency = member.limit_amount, member.limit_currency
    record(actor, MemberEventKind.LIMIT, subject=_user(user_id), limit_amount=amount, limit_currency=currency)
    return member


def remove_member(actor: Actor, user_id: int) -> None:
    """Take another member's place away. What they did for the brand stays.

    Raises:
        NotAllowed: the actor is no owner, or means themselves.
        NotFound: the user doesn't belong to the brand.
        Conflict: the brand would have no owner.
    """
    member = _locked_member_of(actor, user_id)
    if user_id == actor.user_id:
        raise NotAllowed(_l("To go yourself, leave the company. Nothing was changed."))
    _keep_an_owner(member)
    record(actor, MemberEventKind.REMOVED, subject=_user(user_id), role_before=member.role)
    db.session.delete(member)
    db.session.flush()


def leave(actor: Actor) -> None:
    """Give one's own place up.

    Raises:
        NotFound: the actor doesn't belong to the brand any more.
        Conflict: the brand would have no owner.
    """
    lock_brand(actor)
    member = _member(actor, actor.user_id)
    _keep_an_owner(member)
    record(actor, MemberEventKind.LEFT, subject=_user(member.user_id), role_before=member.role)
    db.session.delete(member)
    db.session.flush()


def transfer_ownership(actor: Actor, user_id: int) -> None:
    """Make another member an owner and become a manager oneself, in one step. The caller has asked for the password.

    Raises:
        NotAllowed: the actor is no owner, or means themselves.
        NotFound: the user doesn't belong to the brand.
    """
    member = _locked_member_of(actor, user_id)
    if user_id == actor.user_id:
        raise NotAllowed(_l("Choose somebody else to hand the company to."))
    before = member.role
    member.role, member.limit_amount, member.limit_currency = BrandRole.OWNER, None, None
    _member(actor, actor.user_id).role = BrandRole.MANAGER
    record(actor, MemberEventKind.TRANSFERRED, subject=_user(user_id), role=BrandRole.OWNER, role_before=before)


def lock_brand(actor: Actor, *, owner: bool = False) -> Brand:
    """The brand's row, locked; with `owner`, only for somebody who is one now, whatever they were a moment ago.

    Raises:
        NotFound: the actor belongs to no brand.
        NotAllowed: an owner is wanted, and the actor is none.
    """
    if actor.brand_id is None:
        raise NotFound
    brand = lock_row(Brand, actor.brand_id)
    if owner and _member(actor, actor.user_id).role is not BrandRole.OWNER:
        raise NotAllowed(_l("Only owners say who belongs to the company."))
    return brand


def lock_row(model: type[Row], row_id: int | None) -> Row:
    """The row, locked for those who lock it too: a row elsewhere that only points to it may still be written."""
    lock = {"key_share": True}
    return db.session.get_one(model, row_id, with_for_update=lock, populate_existing=True)


def record(
    actor: Actor, kind: MemberEventKind, *, subject: User | str, brand_id: int | None = None, **details: Any
) -> None:
    """Append to the brand's history. `subject` is a person, or the e-mail of somebody invited."""
    named = {"subject": subject} if isinstance(subject, str) else {"subject": subject.name, "subject_id": subject.id}
    who = {"brand_id": brand_id or actor.brand_id, "user_id": actor.user_id, "user_name": actor.name}
    event = MemberEvent(kind=kind, **who, **named, **details, at=clock.now())
    db.session.add(event)
    db.session.flush()
    if kind in _TOLD:
        defer("notifications.tell_member_event", event_id=event.id)


def _locked_member_of(actor: Actor, user_id: int) -> Member:
    lock_brand(actor, owner=True)
    return _member(actor, user_id)


def _member(actor: Actor, user_id: int | None) -> Member:
    """The member's row, locked too: their month may be being counted."""
    query = select(Member).where(Member.brand_id == actor.brand_id, Member.user_id == user_id)
    lock = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = db.session.scalars(lock).first()
    if found is None:
        raise NotFound
    return found


def _keep_an_owner(member: Member, role: BrandRole | None = None) -> None:
    """Refuse to take the last owner's place. The brand's row is locked."""
    if member.role is not BrandRole.OWNER or role is BrandRole.OWNER:
        return
    other = exists().where(
        Member.brand_id == member.brand_id,
        Member.role == BrandRole.OWNER,
        Member.user_id != member.user_id,
        # Who is suspended can't sign in, so the company would be nobody's.
        User.id == Member.user_id,
        User.suspended_at.is_(None),
    )
    if not db.session.scalar(select(other)):
        raise Conflict(_l("A company always has an owner. Make somebody else one first. Nothing was changed."))


def _user(user_id: int) -> User:
    return db.session.get_one(User, user_id)
