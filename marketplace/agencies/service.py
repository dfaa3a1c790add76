"""The verbs of an agency's profile: make one with its first owner, and change it."""

from dataclasses import asdict, dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import Actor, AgencyRole
from marketplace.accounts.models import User
from marketplace.agencies.models import Agency, AgencyMember
from marketplace.agencies.policy import require_owner
from marketplace.infra.db import db, refusing
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed


@dataclass(frozen=True, slots=True)
class AgencyFacts:
    """What an agency says of itself. `handle` is its short name in addresses; `legal_name` stands in every consent."""

    name: str
    handle: str
    legal_name: str
    registration_number: str = ""
    region: str = ""
    about: str = ""


def create_agency(actor: Actor, facts: AgencyFacts) -> Agency:
    """Make an agency with the actor as its owner.

    Raises:
        NotAllowed: an administrator takes no side.
        Invalid: another agency has the handle, perhaps the actor's own since a moment ago in another tab.
    """
    if actor.user_id is None or actor.is_admin:
        raise NotAllowed(_l("Administrators take no side, so they have no agency."))
    # The user's row is the lock: the second of two first saves finds the handle taken.
    db.session.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
    now = clock.now()
    agency = Agency(**asdict(facts), created_at=now)
    with refusing("uq_agencies_handle", _handle_taken()):
        db.session.add(agency)
    db.session.add(AgencyMember(agency_id=agency.id, user_id=actor.user_id, role=AgencyRole.OWNER, joined_at=now))
    db.session.flush()
    return agency


def edit_agency(actor: Actor, facts: AgencyFacts, version: int) -> Agency:
    """Change the profile of the actor's agency, as they saw it at `version`. Consents that were given keep the names
    that stood in them.

    Raises:
        NotAllowed: the actor doesn't own it.
        Conflict: another owner has changed it since.
        Invalid: another agency has the handle.
    """
    agency = db.session.get_one(Agency, require_owner(actor), with_for_update=True, populate_existing=True)
    if agency.version != version:
        raise Conflict(_l("Someone else has changed the profile since you opened it. Open it again to see how."))
    with refusing("uq_agencies_handle", _handle_taken()):
        for name, value in asdict(facts).items():
            setattr(agency, name, value)
        agency.version += 1
    return agency


def _handle_taken() -> Invalid:
    return Invalid(_l("Another agency has this short name. Choose another one."), field="handle")
