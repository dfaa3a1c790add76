"""Words for money that moved."""

from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.kinds import KINDS, Words

KINDS.update(
    {
        "money.transferred": Words(
            _l("%(amount)s is on its way to you"),
            _l("It left for your payout account. Your bank decides the day it arrives."),
            _l("See your earnings"),
            "payouts.earnings",
            "wallet2",
        ),
        "money.payout_account_ready": Words(
            _l("Your payout account is ready"),
            _l("What you earn goes there by itself when its holding time is over."),
            _l("See your earnings"),
            "payouts.earnings",
            "wallet2",
        ),
        "money.agency_transferred": Words(
            _l("%(amount)s is on its way to your agency"),
            _l("It is your share of “%(title)s”, and left for your payout account."),
            _l("See your agency’s earnings"),
            "payouts.agency_earnings",
            "wallet2",
        ),
        "money.agency_payout_account_ready": Words(
            _l("Your agency’s payout account is ready"),
            _l("Your shares go there by themselves when their holding time is over."),
            _l("See your agency’s earnings"),
            "payouts.agency_earnings",
            "wallet2",
        ),
        "money.refunded": Words(
            _l("%(amount)s goes back to you"),
            _l("It is the refund for “%(title)s”, to the card that paid. Banks take up to ten days to show it."),
            _l("See what you spent"),
            "escrow.spending",
            "arrow-counterclockwise",
        ),
    }
)
