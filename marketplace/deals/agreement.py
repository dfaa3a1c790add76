"""What a contract says of a deal: its parties, its terms, the fees of the day, and the clocks in force."""

from marketplace.accounts.models import User
from marketplace.brands.models import Brand
from marketplace.contracts.agreement import Agreement, Clocks, FeeLineText, PartyDetails
from marketplace.creators.models import Creator
from marketplace.deals.models import Deal, Terms
from marketplace.deals.quotes import estimate_quote
from marketplace.fees.explain import explain_openly
from marketplace.fees.quote import FeeLine
from marketplace.infra.db import db
from marketplace.infra.i18n import LANGUAGES, reader
from marketplace.infra.settings import settings
from marketplace.kit import clock


def agreement_of(deal: Deal, terms: Terms) -> Agreement:
    """The agreement on `terms` as of now. The creator's commission is a sum only: what they earn is not the brand's."""
    quote = estimate_quote(deal, terms.price)
    creator = db.session.get_one(Creator, deal.creator_id)
    brand = db.session.get_one(Brand, deal.brand_id)
    return Agreement(
        reference=deal.reference,
        title=deal.title,
        kind=deal.kind.value,
        terms_number=terms.number,
        agreed_at=clock.now(),
        timezone=settings().default_timezone,
        creator=PartyDetails(creator.name, db.session.get_one(User, creator.user_id).name),
        brand=PartyDetails(brand.name, brand.legal_name or brand.name, brand.registration_number),
        deliverables=terms.deliverables,
        currency=terms.price_currency,
        price=terms.price_amount,
        draft_due_on=terms.draft_due_on,
        publish_on=terms.publish_on,
        revisions=terms.revisions,
        usage_rights=terms.usage_rights,
        disclosure=terms.disclosure,
        fee_policy=quote.policy.version,
        brand_fee_lines=tuple(_line(line) for line in quote.brand_lines),
        brand_fee=quote.brand_fee.amount,
        creator_fee=quote.creator_fee.amount,
        clocks=_clocks(),
    )


def _line(line: FeeLine) -> FeeLineText:
    words = {}
    for locale in LANGUAGES:
        with reader(locale, settings().default_timezone):
            words[locale] = str(explain_openly(line))
    return FeeLineText(words, line.amount.amount)


def _clocks() -> Clocks:
    found = settings()
    return Clocks(
        grace=found.production_grace_days,
        draft_review=found.draft_review_days,
        acceptance=found.acceptance_days,
        earnings_hold=found.earnings_hold_days,
    )
