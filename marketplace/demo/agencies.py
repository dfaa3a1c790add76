"""The demo's agency: three creators whom it represents, one of them in notice, and an offer that waits."""

from dataclasses import dataclass
from typing import Final

from flask import current_app

from marketplace.accounts.acting import Acting
from marketplace.accounts.actor import Actor, AgencyRole
from marketplace.accounts.models import Side
from marketplace.accounts.service import create_user, find_user
from marketplace.agencies.consent import consent_text, fingerprint
from marketplace.agencies.members import add_member
from marketplace.agencies.queries import representation_for
from marketplace.agencies.representing import consent, give_notice, offer_representation
from marketplace.agencies.service import AgencyFacts, create_agency
from marketplace.demo import sandbox
from marketplace.demo.spec import AGENCY, CREATOR, DOMAIN, PASSWORD
from marketplace.demo.world import Story, World
from marketplace.infra.db import end_transaction, transaction
from marketplace.infra.i18n import reader
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.payouts.onboarding import refresh_account, start_onboarding
from marketplace.payouts.payee import Payee
from marketplace.payouts.queries import account_for
from marketplace.stripe_sandbox import guest


@dataclass(frozen=True, slots=True)
class _Term:
    """Whom it represents since `since` days before today, for `share` percent; `notice` is when they gave theirs."""

    creator: str
    since: int
    share: int
    words: str
    notice: int | None = None


_OPENED: Final = 302
_COLLEAGUE: Final = f"colleague@{AGENCY}.{DOMAIN}"
_FACTS: Final = AgencyFacts(
    name="Lantern Agency",
    handle=AGENCY,
    legal_name="Lantern Talent Ltd.",
    registration_number="DEMO-30881742",
    region="Edinburgh",
    about="Six people who read contracts so that you can cook, ride and write. We take few creators and stay small.",
)
_TERMS: Final = (
    _Term("amara-voss", 290, 20, "You answer four brands a week at midnight. Let us, and film instead."),
    _Term("jonah-reyes", 262, 15, "We know the outdoor brands you turn down, and the two you shouldn’t."),
    _Term("marta-elgin", 240, 10, "Ten percent, a month’s notice, and no deal without your yes.", notice=12),
)
_NOTICE_DAYS: Final = 30
_WAITING: Final = "We have read every caption of yours. Fifteen percent, and your evenings back."


def agency(world: World, password_hash: str) -> Story:
    """It opens, represents one creator after another, and lately asks one more."""
    yield world.at(_OPENED, 10)
    with transaction():
        _join(f"agency@{DOMAIN}", "Wei Min", password_hash)
        create_agency(world.learn(AGENCY, f"agency@{DOMAIN}"), _FACTS)
        world.learn(AGENCY, f"agency@{DOMAIN}")
    yield world.at(_OPENED, 11)
    _connect(world)
    yield world.at(_OPENED - 1, 9)
    with transaction():
        _join(_COLLEAGUE, "Tang Li", password_hash)
        add_member(world.actors[AGENCY], _COLLEAGUE, AgencyRole.MEMBER)
    for term in sorted(_TERMS, key=lambda one: -one.since):
        yield from _represent(world, term)
    for term in _TERMS:
        if term.notice is not None:
            yield world.at(term.notice, 15)
            with transaction():
                give_notice(world.actors[term.creator], world.represented[term.creator])
    yield world.at(2, 11)
    with transaction():
        offer_representation(world.actors[AGENCY], CREATOR, 1_500, _NOTICE_DAYS, _WAITING)


def _join(email: str, name: str, password_hash: str) -> None:
    create_user(
        email=email,
        password=PASSWORD,
        name=name,
        side=Side.AGENCY,
        locale="en",
        timezone=settings().default_timezone,
        confirmed=True,
        password_hash=password_hash,
    )


def _represent(world: World, term: _Term) -> Story:
    """Offered one day, agreed to on the next; from then on the agency's people act in the creator's deals."""
    yield world.at(term.since + 1, 14)
    with transaction():
        actor = world.actors[AGENCY]
        made = offer_representation(actor, term.creator, term.share * 100, _NOTICE_DAYS, term.words).id
    yield world.at(term.since, 20)
    with transaction(), reader("en", settings().default_timezone):
        creator = world.actors[term.creator]
        text = consent_text(representation_for(creator, made))
        consent(creator, made, creator.name, fingerprint(text))
    world.represented[term.creator] = made
    world.agents[term.creator] = _acting_for(world, term.creator)
    end_transaction()


def _acting_for(world: World, handle: str) -> Actor:
    owner, creator = world.actors[AGENCY], world.actors[handle]
    place = Acting("agency", agency_id=owner.agency_id, for_creator_id=creator.creator_id)
    found: Actor = current_app.extensions["mutuals_actor"](find_user(f"agency@{DOMAIN}"), place)
    return found


def _connect(world: World) -> None:
    """Set up where the agency's shares go, on the provider's page."""
    actor = world.actors[AGENCY]
    sandbox.set_clock(clock.now())
    guest.onboard(start_onboarding(actor), name=_FACTS.legal_name)
    account = account_for(Payee(agency_id=actor.agency_id))
    assert account is not None
    stripe_id = account.stripe_account_id
    end_transaction()
    assert stripe_id is not None
    refresh_account(stripe_id)
