"""Every word, figure and date of the document in one language, ready to be set: the template only places them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from marketplace.contracts.agreement import Agreement, PartyDetails
from marketplace.infra.i18n import language, money_text, reader, short_date
from marketplace.infra.labels import label
from marketplace.kit.deal_kinds import DealKind


def written(agreement: Agreement, locale: str) -> dict[str, Any]:
    """The document in `locale`, dates in the agreement's own time zone. The same agreement gives the same words."""
    with reader(locale, agreement.timezone):
        return {
            "language": language(),
            "created": _parts(agreement.agreed_at, agreement.timezone),
            "running": _("Contract %(reference)s", reference=agreement.reference),
            "page": _("Page {page} of {pages}"),
            "kicker": _("Contract for a creator’s work"),
            "title": agreement.title,
            "subtitle": _(
                "%(reference)s, agreed on %(moment)s", reference=agreement.reference, moment=_moment(agreement)
            ),
            "parties": [
                _party(_("The creator"), agreement.creator),
                _party(_("The brand"), agreement.brand),
            ],
            "sections": [_work(agreement), _money(agreement), _clocks(agreement), _escrow(agreement), _disagreement()],
            "signing": _signing(agreement),
        }


def _parts(moment: datetime, timezone: str) -> list[int]:
    local = moment.astimezone(ZoneInfo(timezone))
    return [local.year, local.month, local.day, local.hour, local.minute, local.second]


def _moment(agreement: Agreement) -> str:
    """The moment with its year: nothing here may depend on the day it is written."""
    local = agreement.agreed_at.astimezone(ZoneInfo(agreement.timezone))
    return str(_("%(day)s, %(time)s", day=short_date(local.date()), time=f"{local:%H:%M}"))


def _party(role: str, party: PartyDetails) -> dict[str, Any]:
    lines = [] if party.legal_name == party.name else [_("Known on Mutuals as %(name)s", name=party.name)]
    if party.registration_number:
        lines.append(_("Registration number %(number)s", number=party.registration_number))
    return {"role": role, "name": party.legal_name, "lines": lines}


def _fact(name: str, value: str, why: str = "") -> dict[str, str]:
    return {"name": name, "value": value, "why": why}


def _work(agreement: Agreement) -> dict[str, Any]:
    included = agreement.revisions
    revisions = ngettext("%(num)s included", "%(num)s included", included) if included else _("None included")
    return {
        "heading": _("What is delivered"),
        "facts": [
            _fact(_("Kind of work"), str(label(DealKind(agreement.kind)))),
            _fact(_("Deliverables"), agreement.deliverables),
            _fact(_("Draft due"), short_date(agreement.draft_due_on)),
            _fact(_("Publish on"), short_date(agreement.publish_on)),
            _fact(_("Revisions"), revisions),
            _fact(_("Usage rights"), agreement.usage_rights or _("Nothing beyond the publication itself")),
            _fact(_("Disclosure"), agreement.disclosure or _("As the law and the platform require")),
        ],
        "clauses": [],
    }


def _money(agreement: Agreement) -> dict[str, Any]:
    money = agreement.money
    lines = [
        _fact(_("Service fee"), money_text(money(line.amount), signed=True), line.words[language()])
        for line in agreement.brand_fee_lines
    ]
    price, brand_fee, creator_fee = money(agreement.price), money(agreement.brand_fee), money(agreement.creator_fee)
    return {
        "heading": _("What is paid"),
        "facts": [],
        "slips": [
            {
                "lines": [_fact(_("Price agreed"), money_text(price)), *lines],
                "sum": _fact(_("The brand pays"), money_text(price + brand_fee)),
            },
            {
                "lines": [
                    _fact(_("Price agreed"), money_text(price)),
                    _fact(_("Commission"), money_text(-creator_fee), _("by the fee policy below")),
                ],
                "sum": _fact(_("The creator receives"), money_text(price - creator_fee)),
            },
        ],
        "clauses": [
            _(
                "The platform’s fees are worked out by its fee policy, version %(version)s on the day above, and are "
                "fixed when both have signed: until then a change of the policy or its programmes, an agreement of "
                "either side with Mutuals on fees, or another deal that the creator signs in the same month can change "
                "them. The price doesn’t change.",
                version=agreement.fee_policy,
            )
        ],
    }


def _clocks(agreement: Agreement) -> dict[str, Any]:
    clocks = agreement.clocks
    return {
        "heading": _("What happens when"),
        "facts": [],
        "clauses": [
            _(
                "The creator hands in a draft by the day it is due. When no draft is there %(days)s days after that "
                "day, the brand may cancel and gets back everything it paid, fee included.",
                days=clocks.grace,
            ),
            _(
                "The brand answers a draft within %(days)s days: it approves, or asks for one of the revisions "
                "included. A draft that gets no answer in that time is approved.",
                days=clocks.draft_review,
            ),
            _(
                "After approval the creator publishes as agreed and hands in the link. The brand accepts the published "
                "work within %(days)s days. Work that gets no answer in that time is accepted.",
                days=clocks.acceptance,
            ),
        ],
    }


def _escrow(agreement: Agreement) -> dict[str, Any]:
    return {
        "heading": _("Where the money is"),
        "facts": [],
        "clauses": [
            _(
                "The brand pays before the work starts. Stripe, the payment provider, holds the money; Mutuals "
                "controls when it is paid out, and neither lends nor invests it. This is what is called escrow here."
            ),
            _(
                "The money leaves escrow in four cases only: the brand accepts the work; the time to accept runs out; "
                "the brand cancels because no draft came in time; an administrator rules in a dispute. In the first "
                "two the creator’s part is theirs and is held for %(days)s more days before it is transferred.",
                days=agreement.clocks.earnings_hold,
            ),
            _("Before the brand has paid, either side may cancel, and nobody owes anything."),
            _(
                "A payer’s bank may take a payment back without asking anybody (a chargeback). Mutuals answers it with "
                "this contract and the work. A deal that isn’t settled then stands still: it goes on if the bank gives "
                "the money back, and is over if it doesn’t."
            ),
            _(
                "After settlement nothing more is sent of such a payment until the bank has decided. If the bank keeps "
                "it, each gives up what they had of it: Mutuals its fees; the creator, and an agency with a share, "
                "what they received, which is taken from their next earnings. Charges of the bank or of Stripe are "
                "borne by Mutuals. What the brand owes for accepted work isn’t changed by this."
            ),
        ],
    }


def _disagreement() -> dict[str, Any]:
    return {
        "heading": _("If the sides disagree"),
        "facts": [],
        "clauses": [
            _(
                "While the money is in escrow, either side may open a dispute. From that moment the money and every "
                "period above stand still."
            ),
            _(
                "Both sides say what happened and may add files. They may agree between themselves at any time. "
                "Otherwise an administrator of Mutuals decides, in writing and with reasons, how the price is divided. "
                "Fees are charged only on the part that goes to the creator."
            ),
            _("This contract doesn’t take away rights that the law gives to either side."),
        ],
    }


def _signing(agreement: Agreement) -> dict[str, Any]:
    return {
        "heading": _("Signatures"),
        "note": _(
            "Signed on Mutuals. Each signature is kept with this file’s fingerprint (SHA-256), the name of the person, "
            "the time and the address it came from. The English and the Chinese text say the same; each side signs the "
            "one it reads."
        ),
        "boxes": [
            {"role": _("For the creator"), "name": agreement.creator.legal_name},
            {"role": _("For the brand"), "name": agreement.brand.legal_name},
        ],
        "blank": _("Name, time"),
    }
