"""The verbs of invitations: asking somebody to join a brand by mail, asking again, taking it back, joining.

The database keeps only the hash of what the mail carries. A link works once, until it expires, and only for the e-mail
that it was sent to.
"""

from dataclasses import dataclass
from datetime import timedelta

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from marketplace.accounts.actor import Actor, BrandRole
from marketplace.accounts.models import Side, User
from marketplace.accounts.policy import require_confirmed
from marketplace.accounts.service import create_user, find_user, normalise_email
from marketplace.brands.labels import RIGHTS
from marketplace.brands.members import lock_brand, lock_row, record
from marketplace.brands.models import Brand, Invitation, Member, MemberEventKind
from marketplace.brands.queries import is_member
from marketplace.infra.db import db
from marketplace.infra.mail import send_mail
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from marketplace.kit.ids import new_token, token_hash


@dataclass(frozen=True, slots=True)
class Opened:
    """An invitation as whoever opens its link sees it. `invited_by` is the name of whom it is from."""

    brand: Brand
    email: str
    role: BrandRole
    invited_by: str


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Who is asked, as what, and the language of the mail where nobody knows the reader's."""

    email: str
    role: BrandRole
    locale: str


def invite(actor: Actor, email: str, role: BrandRole, locale: str) -> Invitation:
    """Mail an invitation, in `locale` where the reader has no account that says how they read.

    Raises:
        NotAllowed: the actor is no owner.
        Invalid: the actor hasn't confirmed their e-mail; the e-mail can't be one, belongs to a member, or has an
            invitation that is open (field `email`).
    """
    require_confirmed(actor)
    brand = lock_brand(actor, owner=True)
    email = normalise_email(email)
    reader = find_user(email)
    if reader is not None and is_member(reader.id, brand.id):
        raise Invalid(_l("This person belongs to the company already."), field="email")
    standing = _open_for(brand.id, email)
    if standing is not None and standing.expires_at > clock.now():
        raise Invalid(_l("This person has an invitation that is open. Send it again instead."), field="email")
    if standing is not None:
        standing.revoked_at = clock.now()
    invitation = _send(actor, brand, _Wanted(email, role, locale))
    record(actor, MemberEventKind.INVITED, subject=email, role=role)
    return invitation


def resend(actor: Actor, invitation_id: int, locale: str) -> Invitation:
    """Mail a new link; the one mailed before stops working.

    Raises:
        NotAllowed: the actor is no owner.
        NotFound: the brand has no such invitation.
        Conflict: it was accepted or taken back.
    """
    require_confirmed(actor)
    brand = lock_brand(actor, owner=True)
    before = _locked(brand.id, invitation_id)
    before.revoked_at = clock.now()
    db.session.flush()
    invitation = _send(actor, brand, _Wanted(before.email, before.role, locale))
    record(actor, MemberEventKind.INVITED, subject=before.email, role=before.role)
    return invitation


def revoke(actor: Actor, invitation_id: int) -> None:
    """Take an invitation back: its link stops working.

    Raises:
        NotAllowed, NotFound, Conflict: as `resend`.
    """
    brand = lock_brand(actor, owner=True)
    invitation = _locked(brand.id, invitation_id)
    invitation.revoked_at = clock.now()
    record(actor, MemberEventKind.REVOKED, subject=invitation.email, role=invitation.role)


def look_at_invitation(token: str) -> Opened:
    """What the link invites to; it stays unused.

    Raises:
        Invalid: the link can't be used (any more), and why.
    """
    invitation = _usable(_by_token(token))
    brand = db.session.get_one(Brand, invitation.brand_id)
    inviter = db.session.get_one(User, invitation.invited_by)
    return Opened(brand, invitation.email, invitation.role, inviter.name)


def accept_invitation(actor: Actor, token: str) -> int:
    """Join the brand; returns its id. Who could open the mail has confirmed the e-mail with it.

    Raises:
        Invalid: the link can't be used (any more).
        NotAllowed: the actor's e-mail is another, or the actor is an administrator, who takes no side.
        Conflict: the actor belongs to the brand already.
    """
    lock_row(Brand, _by_token(token).brand_id)
    user = lock_row(User, actor.user_id)
    invitation = _usable(_by_token(token, lock=True))
    if user.email.lower() != invitation.email.lower():
        raise NotAllowed(_l("This invitation is for another e-mail than yours."))
    if user.is_admin:
        raise NotAllowed(_l("Administrators take no side, so they can’t join a company."))
    if is_member(user.id, invitation.brand_id):
        raise Conflict(_l("You belong to this company already."))
    _join(user, invitation)
    return invitation.brand_id


def sign_up_invited(token: str, *, name: str, password: str, locale: str, timezone: str) -> User:
    """Make an account for whom the link was mailed to, and join the brand with it.

    Raises:
        Invalid: the link can't be used (any more); the name or the password won't do (with its field).
        EmailTaken: the e-mail has an account since: sign in with it.
    """
    email = look_at_invitation(token).email
    user = create_user(
        email=email, password=password, name=name, side=Side.BRAND, locale=locale, timezone=timezone, confirmed=True
    )
    accept_invitation(Actor(user_id=user.id, name=user.name), token)
    return user


def _send(actor: Actor, brand: Brand, wanted: _Wanted) -> Invitation:
    token, now = new_token(), clock.now()
    invitation = Invitation(
        brand_id=brand.id,
        email=wanted.email,
        role=wanted.role,
        token_hash=token_hash(token),
        invited_by=actor.user_id,
        invited_at=now,
        expires_at=now + timedelta(days=settings().invitation_days),
    )
    db.session.add(invitation)
    db.session.flush()
    reader = find_user(wanted.email)
    send_mail(
        "brand_invitation",
        user_id=reader.id if reader is not None else None,
        address=wanted.email,
        locale=reader.locale if reader is not None else wanted.locale,
        timezone=reader.timezone if reader is not None else settings().default_timezone,
        inviter=actor.name,
        brand=brand.name,
        role=wanted.role,
        rights=RIGHTS[wanted.role],
        until=invitation.expires_at,
        url=url_for("brands.join", token=token, _external=True),
    )
    return invitation


def _join(user: User, invitation: Invitation) -> None:
    now = clock.now()
    invitation.accepted_by, invitation.accepted_at = user.id, now
    user.email_confirmed_at = user.email_confirmed_at or now
    db.session.add(Member(brand_id=invitation.brand_id, user_id=user.id, role=invitation.role, joined_at=now))
    joined = Actor(user_id=user.id, name=user.name)
    record(joined, MemberEventKind.JOINED, subject=user, brand_id=invitation.brand_id, role=invitation.role)


def _open_for(brand_id: int, email: str) -> Invitation | None:
    query = select(Invitation).where(
        Invitation.brand_id == brand_id,
        func.lower(Invitation.email) == func.lower(email),
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
    )
    return db.session.scalars(query).first()


def _locked(brand_id: int, invitation_id: int) -> Invitation:
    query = select(Invitation).where(Invitation.id == invitation_id, Invitation.brand_id == brand_id)
    found = db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound
    if found.accepted_at is not None:
        raise Conflict(_l("This person has joined meanwhile. Nothing was changed."))
    if found.revoked_at is not None:
        raise Conflict(_l("This invitation was taken back or sent again meanwhile. Nothing was changed."))
    return found


def _by_token(token: str, *, lock: bool = False) -> Invitation:
    query = select(Invitation).where(Invitation.token_hash == token_hash(token))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalars(query).first()
    if found is None:
        raise Invalid(_l("This link isn’t one of ours, or a part of it is missing. Open it from the mail again."))
    return found


def _usable(invitation: Invitation) -> Invitation:
    if invitation.accepted_at is not None:
        raise Invalid(_l("This invitation was accepted already. It works once."))
    if invitation.revoked_at is not None and _open_for(invitation.brand_id, invitation.email) is not None:
        raise Invalid(_l("A newer invitation was sent to you since. Open the link in the newest mail."))
    if invitation.revoked_at is not None:
        raise Invalid(_l("The company has taken this invitation back. Ask whoever invited you."))
    if invitation.expires_at <= clock.now():
        raise Invalid(_l("This invitation is too old. Ask whoever invited you to send it again."))
    return invitation
