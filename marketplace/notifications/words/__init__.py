"""What people are told: for each kind the fact, what it asks of them, the button, and where it leads.

The bell and the mail take their words from here alone. A kind is `<subject>.<what>.<whom>`; `plain` is for people who
only look on, and for whoever hears of it after the moment to act has passed. Names in `%(…)s` are those that
`jobs` and the modules beside it give as details. Each subject has a module; a new one is imported here.
"""

from marketplace.notifications.words import (
    agencies,
    audiences,
    briefs,
    chargebacks,
    deadlines,
    deals,
    disputes,
    fee_rules,
    holding,
    manual_entries,
    members,
    messages,
    money,
    paydays,
    payees,
    readings,
    reconciling,
    reports,
    reviews,
    selections,
)
from marketplace.notifications.words.kinds import KINDS, Words

__all__ = [
    "KINDS",
    "Words",
    "agencies",
    "audiences",
    "briefs",
    "chargebacks",
    "deadlines",
    "deals",
    "disputes",
    "fee_rules",
    "holding",
    "manual_entries",
    "members",
    "messages",
    "money",
    "paydays",
    "payees",
    "readings",
    "reconciling",
    "reports",
    "reviews",
    "selections",
]
