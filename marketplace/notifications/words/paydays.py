"""Words for paydays."""

from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.kinds import KINDS, Words

KINDS.update(
    {
        "money.paid": Words(
            _l("Payday: %(amount)s is on its way to you"),
            _l("It left for your payout account. Your bank decides the day it arrives."),
            _l("See your earnings"),
            "payouts.earnings",
            "wallet2",
        ),
        "money.agency_paid": Words(
            _l("Payday: %(amount)s is on its way to your agency"),
            _l("They are your shares, and left for your payout account. Your bank decides the day they arrive."),
            _l("See your agency’s earnings"),
            "payouts.agency_earnings",
            "wallet2",
        ),
        "payday.failed": Words(
            _l("Payday has ended, and transfers were not made: %(number)s"),
            _l("The report says why. Their money is available again, and is tried anew after some hours."),
            _l("See the report"),
            "console.payday",
            "exclamation-triangle",
        ),
        "payday.left_out": Words(
            _l("Payday has left out earnings that the books don’t cover: %(number)s"),
            _l("The books hold less for their payees than is due. The whole check, flask ledger check, says whose."),
            _l("See the report"),
            "console.payday",
            "exclamation-triangle",
            asks=True,
        ),
    }
)
