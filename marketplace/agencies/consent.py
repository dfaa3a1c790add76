"""What a creator reads before they agree to be represented, in their language: kept word for word once they do."""

import hashlib

from flask_babel import gettext as _
from flask_babel import ngettext

from marketplace.agencies.models import Representation
from marketplace.infra.i18n import percent


def consent_text(offer: Representation) -> str:
    """The text in the reader's language, a paragraph a block; the offer has its agency and creator at hand."""
    return "\n\n".join(str(paragraph) for paragraph in _paragraphs(offer))


def fingerprint(text: str) -> str:
    """Ties what is agreed to what was shown: a name or a share that changed meanwhile makes another text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _paragraphs(offer: Representation) -> list[str]:
    agency = offer.agency
    return [
        _agency_named(offer),
        _(
            "In my name it may: change my profile, channels, offers and calendar; apply to briefs; answer invitations "
            "and bookings; negotiate terms and sign contracts, which bind me; hand in drafts and publications; write "
            "messages, and statements in a dispute. Each of these shows who did it, and that it was for me."
        ),
        _(
            "It may not: see to my payout account or receive my part of the money, change my account or its password, "
            "or consent or give notice in my place. I can do everything myself at any time."
        ),
        _(
            "Of each deal signed while this holds, %(agency)s receives %(share)s of what I receive after the "
            "platform’s commission, rounded down. Mutuals takes it out of my part and sends it to the agency. A deal "
            "keeps the share that held when both sides had signed it.",
            agency=agency.name,
            share=percent(offer.share),
        ),
        ngettext(
            "I can end this at any time with notice of %(num)s day, and so can the agency. Until that day it holds as "
            "before; from then on the agency can do nothing in my name. Deals signed until then keep the share.",
            "I can end this at any time with notice of %(num)s days, and so can the agency. Until that day it holds "
            "as before; from then on the agency can do nothing in my name. Deals signed until then keep the share.",
            offer.notice_days,
        ),
    ]


def _agency_named(offer: Representation) -> str:
    agency = offer.agency
    named = {"creator": offer.creator.name, "legal": agency.legal_name, "agency": agency.name}
    if not agency.registration_number:
        words = _("I, known on Mutuals as %(creator)s, let %(legal)s (%(agency)s) represent me on Mutuals.", **named)
        return str(words)
    words = _(
        "I, known on Mutuals as %(creator)s, let %(legal)s (%(agency)s, registered under %(number)s) represent me on "
        "Mutuals.",
        **named,
        number=agency.registration_number,
    )
    return str(words)
