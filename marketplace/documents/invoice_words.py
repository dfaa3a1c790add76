"""The words of invoices, fee invoices and credit notes."""

from flask_babel import gettext as _

from marketplace.documents.parts import Words, amount, because, day, deal_fact, entry_facts, fact, moment, tax_slip


def invoice(data: Words) -> Words:
    creator = data["creator"]["name"]
    lines = [
        fact(_("Price, collected for %(creator)s", creator=creator), amount(data, data["price"])),
        fact(_("Service fee"), amount(data, data["service_fee"]["gross"]), because(data["fee_lines"])),
    ]
    return {
        "facts": [
            deal_fact(data["deal"]),
            fact(_("Creator"), creator),
            *_payment(data["payment"]),
            *entry_facts(data),
        ],
        "slips": [
            {"lines": lines, "sum": fact(_("Paid"), amount(data, data["total"]))},
            *tax_slip(data, data["service_fee"], _("Service fee")),
        ],
        "tables": [],
        "notes": [
            _(
                "The price is the creator’s: %(issuer)s collects it on their behalf and holds it in escrow until it is "
                "settled. %(issuer)s charges the service fee alone.",
                issuer=data["issuer"]["name"],
            ),
            _("Paid in full. Nothing is owed on this invoice."),
        ],
    }


def fee_invoice(data: Words) -> Words:
    commission = data["commission"]
    settled = [
        fact(_("Price settled"), amount(data, data["price"])),
        fact(_("Commission"), amount(data, -commission["gross"]), because(data["fee_lines"])),
    ]
    if data["agency_share"]:
        settled.append(fact(_("Your agency’s share"), amount(data, -data["agency_share"])))
    return {
        "facts": [
            deal_fact(data["deal"]),
            fact(_("Settled"), moment(data["settled_at"])),
            fact(_("Fee policy"), _("Version %(version)s", version=data["policy_version"])),
            *entry_facts(data),
        ],
        "slips": [
            {"lines": settled, "sum": fact(_("You receive"), amount(data, data["received"]))},
            *tax_slip(data, commission, _("Commission")),
        ],
        "tables": [],
        "notes": [_("The commission was taken out of the price at settlement. Nothing is owed on this invoice.")],
    }


def credit_note(data: Words) -> Words:
    corrects = data["corrects"]
    lines = [
        fact(_("Price, given back"), amount(data, data["price"])),
        fact(_("Service fee, given back"), amount(data, data["service_fee"]["gross"])),
    ]
    return {
        "facts": [
            fact(
                _("Corrects invoice"),
                _("%(number)s of %(day)s", number=corrects["number"], day=day(corrects["issued_at"])),
            ),
            deal_fact(data["deal"]),
            fact(_("Refund"), moment(data["refund"]["at"])),
            *_payment(data["payment"]),
            *entry_facts(data),
        ],
        "slips": [
            {"lines": lines, "sum": fact(_("You get back"), amount(data, data["total"]))},
            *tax_slip(data, data["service_fee"], _("Service fee, given back")),
        ],
        "tables": [],
        "notes": [
            _("With this note nothing of the invoice is left.")
            if data["whole"]
            else _("The rest of the invoice stands: that part of the price went to the creator."),
            _("The money goes back to the card that paid. Banks take up to ten days to show it."),
        ],
    }


def _payment(payment: Words) -> list[dict[str, str]]:
    paid = moment(payment["paid_at"])
    if payment["card"]:
        paid = _("%(moment)s, card ending in %(digits)s", moment=paid, digits=payment["card"])
    return [fact(_("Paid on"), paid), fact(_("Stripe charge"), payment["charge"] or "–")]
