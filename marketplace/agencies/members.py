"""The verbs of an agency's people: add somebody, give them another role, take their place away, leave.

Each takes the agency's row as its lock, so that two owners who leave at once can't leave it without one.
"""

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, select

from marketplace.accounts.actor import Actor, AgencyRole
from marketplace.accounts.policy import require_confirmed
from marketplace.accounts.service import find_user, normalise_email
from marketplace.agencies.models import Agency, AgencyMember
from marketplace.agencies.policy import require_owner
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed, NotFound


def add_member(actor: Actor, email: str, role: AgencyRole) -> AgencyMember:
    """Give somebody who has an account a place in the actor's agency; a mail tells them.

    An account whose e-mail nobody has confirmed may be a stranger's who typed it: it is none here.

    Raises:
        NotAllowed: the actor doesn't own the agency.
        Invalid: nobody has an account with this e-mail, or they belong to the agency already (field `email`); or the
            actor hasn't confirmed theirs.
    """
    agency_id = _locked(actor)
    require_confirmed(actor)
    user = find_user(normalise_email(email))
    if user is None or user.email_confirmed_at is None or user.is_admin or user.suspended_at is not None:
        raise Invalid(
            _l("Nobody who could join has an account with this e-mail. Ask them to sign up first."), field="email"
        )
    if _find(agency_id, user.id) is not None:
        raise Invalid(_l("%(name)s belongs to the agency already.", name=user.name), field="email")
    member = AgencyMember(agency_id=agency_id, user_id=user.id, role=role, joined_at=clock.now())
    db.session.add(member)
    db.session.flush()
    _tell(actor, member, "added")
    return member


def change_role(actor: Actor, user_id: int, role: AgencyRole) -> AgencyMember:
    """Give one of the agency's people, oneself too, another role.

    Raises:
        NotAllowed: the actor doesn't own the agency.
        NotFound: the user doesn't belong to it.
        Conflict: the agency would have no owner.
    """
    member = _member(_locked(actor), user_id)
    if role is not AgencyRole.OWNER:
        _keep_an_owner(member)
    member.role = role
    db.session.flush()
    return member


def remove_member(actor: Actor, user_id: int) -> None:
    """Take somebody's place away. What they did for creators stays under their name.

    Raises:
        NotAllowed: the actor doesn't own the agency, or means themselves.
        NotFound: the user doesn't belong to it.
    """
    agency_id = _locked(actor)
    if user_id == actor.user_id:
        raise NotAllowed(_l("To go yourself, leave the agency. Nothing was changed."))
    member = _member(agency_id, user_id)
    _tell(actor, member, "removed")
    db.session.delete(member)
    db.session.flush()


def leave(actor: Actor) -> None:
    """Give one's own place up.

    Raises:
        NotFound: the actor doesn't belong to the agency any more.
        Conflict: the agency would have no owner.
    """
    if actor.agency_id is None or actor.user_id is None:
        raise NotFound
    _lock(actor.agency_id)
    member = _member(actor.agency_id, actor.user_id)
    _keep_an_owner(member)
    db.session.delete(member)
    db.session.flush()


def _locked(actor: Actor) -> int:
    """The id of the agency that the actor owns, its row locked; who was an owner a moment ago isn't enough."""
    agency_id = require_owner(actor)
    _lock(agency_id)
    own = _find(agency_id, actor.user_id)
    if own is None or own.role is not AgencyRole.OWNER:
        raise NotAllowed(_l("Only owners of the agency may do this."))
    return agency_id


def _lock(agency_id: int) -> None:
    lock = {"key_share": True}
    db.session.get_one(Agency, agency_id, with_for_update=lock, populate_existing=True)


def _find(agency_id: int, user_id: int | None) -> AgencyMember | None:
    query = select(AgencyMember).where(AgencyMember.agency_id == agency_id, AgencyMember.user_id == user_id)
    return db.session.scalars(query.execution_options(populate_existing=True)).first()


def _member(agency_id: int, user_id: int) -> AgencyMember:
    found = _find(agency_id, user_id)
    if found is None:
        raise NotFound
    return found


def _keep_an_owner(member: AgencyMember) -> None:
    """Refuse to take the last owner's place. The agency's row is locked."""
    other = exists().where(
        AgencyMember.agency_id == member.agency_id,
        AgencyMember.role == AgencyRole.OWNER,
        AgencyMember.user_id != member.user_id,
    )
    if member.role is AgencyRole.OWNER and not db.session.scalar(select(other)):
        raise Conflict(_l("An agency always has an owner. Make somebody else one first. Nothing was changed."))


def _tell(actor: Actor, member: AgencyMember, what: str) -> None:
    defer(
        "notifications.tell_agency_member",
        agency_id=member.agency_id,
        user_id=member.user_id,
        member_id=member.id,
        what=what,
        by=actor.name,
    )
