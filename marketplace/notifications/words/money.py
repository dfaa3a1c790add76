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
        "money.invoice": Words(
            _l("Invoice %(number)s over %(amount)s is ready"),
            _l("It is for your payment for “%(title)s”, with the service fee and its tax apart."),
            _l("See the invoice"),
            "documents.show",
            "receipt",
        ),
        "money.statement": Words(
            _l("Your statement for %(month)s is ready"),
            _l("It lists every movement of your money in that month, with opening and closing balance."),
            _l("See the statement"),
            "documents.show",
            "receipt",
        ),
        "money.summary": Words(
            _l("Your earnings summary for %(year)s is ready"),
            _l("It lists by month what you earned, what was taken, and what was transferred to you."),
            _l("See the summary"),
            "documents.show",
            "receipt",
        ),
        "money.refunded": Words(
            _l("%(amount)s goes back to you"),
            _l("It is the refund for “%(title)s”, to where it came from. Banks take up to ten days to show it."),
            _l("See what you spent"),
            "spending.index",
            "arrow-counterclockwise",
        ),
        "money.refund_failed": Words(
            _l("Your bank didn’t take the refund of %(amount)s"),
            _l(
                "It is the refund for “%(title)s”. We hold the money for you and send it in another way; an "
                "administrator has been told, and writes to you if we need something."
            ),
            _l("See what you spent"),
            "spending.index",
            "exclamation-triangle",
        ),
        "payment.held": Words(
            _l("A payment of %(price)s by %(company)s arrived as %(amount)s and is held apart"),
            _l(
                "Its deals stay unpaid. Send it back, or place it by hand. If Stripe changed the currency, it has no "
                "bank account of ours in the one that was asked: add it before the next payment comes."
            ),
            _l("See what is stuck"),
            "console.refunds",
            "exclamation-triangle",
            asks=True,
        ),
        "unplaced.money": Words(
            _l("%(amount)s isn’t placed yet"),
            _l("It lies apart in the books and belongs to nobody there. An entry by hand says whose it is."),
            _l("See what is stuck"),
            "console.refunds",
            "journal-text",
            asks=True,
        ),
        "unanswered.day": Words(
            _l("Stripe has given no answer about refunds or transfers for a day"),
            _l(
                "How many: %(number)s. Their money is marked as on its way, and each is tried again by itself. Most "
                "often our key lacks a permission."
            ),
            _l("See what is stuck"),
            "console.refunds",
            "exclamation-triangle",
            asks=True,
        ),
        "refund.failed": Words(
            _l("A refund of %(amount)s for “%(title)s” failed"),
            _l("Its money is held for the brand. Try it again, or settle it by hand."),
            _l("See the refunds that failed"),
            "console.refunds",
            "exclamation-triangle",
            asks=True,
        ),
    }
)
