"""Agencies and whom they represent, for tests, made by the verbs that people use. Call inside a transaction."""

from dataclasses import dataclass

from marketplace.accounts.acting import Acting
from marketplace.accounts.actor import Actor, AgencyRole
from marketplace.accounts.models import Side, User
from marketplace.agencies.consent import consent_text, fingerprint
from marketplace.agencies.members import add_member
from marketplace.agencies.models import Representation
from marketplace.agencies.queries import representation_for
from marketplace.agencies.representing import consent, offer_representation
from marketplace.agencies.service import AgencyFacts, create_agency
from marketplace.app import load_actor
from marketplace.infra.db import db
from tests.support.market import CreatorSide, make_user


@dataclass(frozen=True, slots=True)
class AgencySide:
    """An agency's person who can act, its owner unless told otherwise."""

    id: int
    user_id: int
    session_id: str
    actor: Actor

    def acting_for(self, creator: CreatorSide) -> Actor:
        """The same person in the place of somebody whom the agency represents."""
        place = Acting("agency", agency_id=self.id, for_creator_id=creator.id)
        return load_actor(db.session.get_one(User, self.user_id), place)


def make_agency(name: str = "Lantern Agency", owner: str = "Wei Min") -> AgencySide:
    user = make_user(Side.AGENCY, owner)
    facts = AgencyFacts(
        name=name,
        handle=f"agency-{user.id}",
        legal_name=f"{name} Co., Ltd.",
        registration_number="91310000MA1K00001Y",
    )
    agency = create_agency(load_actor(user), facts)
    return AgencySide(agency.id, user.id, user.get_id(), load_actor(user))


def make_colleague(agency: AgencySide, name: str = "Tang Li", role: AgencyRole = AgencyRole.MEMBER) -> AgencySide:
    user = make_user(Side.AGENCY, name)
    add_member(agency.actor, user.email, role)
    return AgencySide(agency.id, user.id, user.get_id(), load_actor(user))


def offer(agency: AgencySide, creator: CreatorSide, share: int = 1_500, notice_days: int = 30) -> Representation:
    return offer_representation(agency.actor, creator.handle, share, notice_days, "We know your kitchen.")


def agree(creator: CreatorSide, representation_id: int) -> Representation:
    """The creator reads the text and types their name below it."""
    found = representation_for(creator.actor, representation_id)
    return consent(creator.actor, representation_id, "Lin Yue", fingerprint(consent_text(found)))


def represent(agency: AgencySide, creator: CreatorSide, share: int = 1_500, notice_days: int = 30) -> Representation:
    """The agency represents the creator from now on."""
    return agree(creator, offer(agency, creator, share, notice_days).id)
