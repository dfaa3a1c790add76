"""The verbs of negotiation: propose terms, accept the other side's, which makes the contract."""

from dataclasses import astuple, dataclass
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from marketplace.accounts.actor import Actor
from marketplace.briefs.policy import platform_today
from marketplace.contracts.service import make_contract
from marketplace.deals.agreement import agreement_of
from marketplace.deals.ending import commit_terms
from marketplace.deals.lifecycle import Action
from marketplace.deals.models import Deal, Terms
from marketplace.deals.move import move_deal
from marketplace.deals.policy import require
from marketplace.deals.queries import get_deal, newest_terms
from marketplace.infra.db import db
from marketplace.infra.i18n import day, money_text
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid
from marketplace.kit.money import Money

# Stripe takes at most eight digits of minor units in one charge; the service fee has to fit in as well.
LARGEST_PRICE = 90_000_000
LATEST_DAYS = 730
MOST_REVISIONS = 20


class StaleTerms(Conflict):
    """Newer terms are on the table than those that were answered."""


@dataclass(frozen=True, slots=True)
class TermsInput:
    """What one side proposes. Days are the platform's; `note` is said to the other side and is no part of the terms."""

    deliverables: str
    price: Money
    draft_due_on: date
    publish_on: date
    revisions: int
    usage_rights: str = ""
    disclosure: str = ""
    note: str = ""


def propose_terms(actor: Actor, deal_id: int, terms: TermsInput, based_on: int) -> Terms:
    """Put new terms on the table; `based_on` is the number of those that they answer or replace.

    Raises:
        NotFound, NotAllowed, Conflict: as always; StaleTerms when `based_on` isn't the newest number.
        Invalid: they can't be agreed, or say what the newest say.
    """
    deal = get_deal(actor, deal_id, lock=True)
    side = require(actor, Action.PROPOSE_TERMS, deal)
    newest = newest_terms(deal.id)
    _require_newest(newest, based_on)
    _check(terms, newest.price_currency)
    if _same(terms, newest):
        raise Invalid(_l("Nothing differs from the terms on the table. Change something, or answer them as they are."))
    assert actor.user_id is not None
    proposed = Terms(
        deal_id=deal.id,
        number=newest.number + 1,
        proposed_by=side,
        user_id=actor.user_id,
        deliverables=terms.deliverables,
        price_amount=terms.price.amount,
        price_currency=terms.price.currency,
        draft_due_on=terms.draft_due_on,
        publish_on=terms.publish_on,
        revisions=terms.revisions,
        usage_rights=terms.usage_rights,
        disclosure=terms.disclosure,
        note=terms.note,
        created_at=clock.now(),
    )
    db.session.add(proposed)
    deal.proposed_by = side
    move_deal(deal, Action.PROPOSE_TERMS, actor, side, why=terms.note, details={"number": proposed.number})
    return proposed


def accept_terms(actor: Actor, deal_id: int, number: int) -> Deal:
    """Agree to the other side's newest terms: they are set as a contract, in every language, for both to sign.

    Raises:
        NotFound, NotAllowed, Conflict: as always; StaleTerms when newer terms than `number` are on the table; or the
            brief's budget doesn't reach for another price than the one chosen.
        Invalid: a day in them has passed, or the money would be held for longer than it may be.
    """
    deal = get_deal(actor, deal_id, lock=True)
    side = require(actor, Action.ACCEPT_TERMS, deal)
    newest = newest_terms(deal.id)
    _require_newest(newest, number)
    if newest.draft_due_on < platform_today():
        raise Invalid(_l("The draft’s due date in these terms has passed. Propose new dates."))
    if newest.publish_on > latest_publish_on():
        raise Invalid(_held_too_long())
    commit_terms(deal, newest)
    deal.accepted_terms = newest
    deal.contract_id = make_contract(agreement_of(deal, newest)).id
    move_deal(deal, Action.ACCEPT_TERMS, actor, side, details={"number": number})
    return deal


def _require_newest(newest: Terms, number: int) -> None:
    if newest.number != number:
        raise StaleTerms(
            _l("Terms %(number)s are on the table now. Read them before you answer.", number=newest.number)
        )


def _same(terms: TermsInput, other: Terms) -> bool:
    found = TermsInput(
        deliverables=other.deliverables,
        price=other.price,
        draft_due_on=other.draft_due_on,
        publish_on=other.publish_on,
        revisions=other.revisions,
        usage_rights=other.usage_rights,
        disclosure=other.disclosure,
    )
    return astuple(terms)[:-1] == astuple(found)[:-1]


def _check(terms: TermsInput, currency: str) -> None:
    if not terms.deliverables.strip():
        raise Invalid(_l("Say what is delivered."), field="deliverables")
    if terms.price.currency != currency:
        raise Invalid(_("This deal is in %(currency)s.", currency=currency), field="price")
    if terms.price.amount <= 0:
        raise Invalid(_l("The amount must be above zero."), field="price")
    if terms.price.amount > LARGEST_PRICE:
        most = money_text(Money(LARGEST_PRICE, currency))
        raise Invalid(_("The amount may be at most %(most)s.", most=most), field="price")
    if not 0 <= terms.revisions <= MOST_REVISIONS:
        raise Invalid(
            _("Include between %(least)s and %(most)s revisions.", least=0, most=MOST_REVISIONS), field="revisions"
        )
    _check_days(terms)


def _check_days(terms: TermsInput) -> None:
    today = platform_today()
    if terms.draft_due_on < today:
        raise Invalid(_l("The draft can’t be due on a day that has passed."), field="draft_due_on")
    if terms.publish_on < terms.draft_due_on:
        raise Invalid(
            _l("Publishing comes after the draft. Choose the day it is due, or a later one."), field="publish_on"
        )
    if terms.publish_on > today + timedelta(days=LATEST_DAYS):
        raise Invalid(_l("Choose a day within the next two years."), field="publish_on")
    if terms.publish_on > latest_publish_on():
        raise Invalid(_held_too_long(), field="publish_on")


def latest_publish_on() -> date:
    """The last day of publishing after which the brand can still be silent before its money may be held no longer.

    It counts as if the brand paid today: nobody knows yet when it will.
    """
    days = settings().holding_days - settings().acceptance_days - 1
    return platform_today() + timedelta(days=days)


def _held_too_long() -> str:
    days = settings().holding_days
    said = ngettext(
        "The brand’s money may be held for %(num)s day at most. Publish on %(day)s or earlier.",
        "The brand’s money may be held for %(num)s days at most. Publish on %(day)s or earlier.",
        days,
        day=day(latest_publish_on()),
    )
    return str(said)
