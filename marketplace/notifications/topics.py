"""What a person may be told of, as they choose it: each topic holds several kinds of news."""

from enum import StrEnum
from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.infra.labels import register


class Topic(StrEnum):
    PROPOSALS = "proposals"
    ANSWERS = "answers"
    WAITING = "waiting"
    BRIEFS = "briefs"
    TERMS = "terms"
    WORK = "work"
    ENDINGS = "endings"
    DEADLINES = "deadlines"
    MESSAGES = "messages"
    DISPUTES = "disputes"
    MONEY = "money"
    CHANNELS = "channels"
    OFFERS = "offers"
    REVIEWS = "reviews"
    PEOPLE = "people"
    REPORTS = "reports"
    REVIEWING = "reviewing"


register(
    Topic,
    {
        Topic.PROPOSALS: _l("Applications, invitations and bookings that reach you"),
        Topic.ANSWERS: _l("What becomes of those you made: a yes, a no, taken back, run out"),
        Topic.WAITING: _l("Reminders of those that wait for you"),
        Topic.BRIEFS: _l("Briefs: questions, answers, changes, their review"),
        Topic.TERMS: _l("Terms and contracts: proposed, agreed, signed"),
        Topic.WORK: _l("Work: drafts, revisions, publication, acceptance"),
        Topic.ENDINGS: _l("Deals that end: cancelled, run out"),
        Topic.DEADLINES: _l("Deadlines that come near"),
        Topic.MESSAGES: _l("Messages"),
        Topic.DISPUTES: _l("Disputes and their rulings"),
        Topic.MONEY: _l("Money: paid into escrow, paid out, given back"),
        Topic.CHANNELS: _l("Channels: readings reviewed, whether you may sell"),
        Topic.OFFERS: _l("Your offers"),
        Topic.REVIEWS: _l("Reviews"),
        Topic.PEOPLE: _l("Companies and agencies: who joins, leaves or represents"),
        Topic.REPORTS: _l("What became of your reports"),
        Topic.REVIEWING: _l("What waits for an administrator"),
    },
)

# What decides over money must be found later: it always stands behind the bell.
ALWAYS_IN_BELL: Final = frozenset({Topic.MONEY, Topic.DISPUTES})

GROUPS: Final[tuple[tuple[LazyString, tuple[Topic, ...]], ...]] = (
    (_l("Choosing each other"), (Topic.PROPOSALS, Topic.ANSWERS, Topic.WAITING, Topic.BRIEFS)),
    (_l("Deals"), (Topic.TERMS, Topic.WORK, Topic.DEADLINES, Topic.ENDINGS, Topic.MESSAGES)),
    (_l("Money"), (Topic.MONEY, Topic.DISPUTES)),
    (_l("You and your people"), (Topic.CHANNELS, Topic.OFFERS, Topic.REVIEWS, Topic.PEOPLE, Topic.REPORTS)),
    (_l("Administration"), (Topic.REVIEWING,)),
)

# A kind belongs to the longest of these that it begins with.
_BEGINNINGS: Final[dict[str, Topic]] = {
    "account": Topic.PEOPLE,
    "agency": Topic.PEOPLE,
    "audience": Topic.CHANNELS,
    "audience.pending": Topic.REVIEWING,
    "books": Topic.REVIEWING,
    "brand": Topic.PEOPLE,
    "brief": Topic.BRIEFS,
    "brief.held": Topic.REVIEWING,
    "channel": Topic.CHANNELS,
    "channel.code.pending": Topic.REVIEWING,
    "chargeback": Topic.MONEY,
    "chargeback.again.admin": Topic.REVIEWING,
    "chargeback.asked.admin": Topic.REVIEWING,
    "chargeback.due.admin": Topic.REVIEWING,
    "chargeback.changed.admin": Topic.REVIEWING,
    "chargeback.lost.admin": Topic.REVIEWING,
    "chargeback.over.admin": Topic.REVIEWING,
    "chargeback.overdue.admin": Topic.REVIEWING,
    "chargeback.taken.admin": Topic.REVIEWING,
    "chargeback.won.admin": Topic.REVIEWING,
    "company": Topic.PEOPLE,
    "creator": Topic.CHANNELS,
    "deadline": Topic.DEADLINES,
    "deal": Topic.WORK,
    "deal.accept_terms": Topic.TERMS,
    "deal.agree": Topic.DISPUTES,
    "deal.await_bank": Topic.MONEY,
    "deal.bank_refused": Topic.MONEY,
    "deal.cancel": Topic.ENDINGS,
    "deal.cancel_late": Topic.MONEY,
    "deal.charge_back": Topic.MONEY,
    "deal.complete_signing": Topic.TERMS,
    "deal.expire": Topic.ENDINGS,
    "deal.fund": Topic.MONEY,
    "deal.hold_apart": Topic.MONEY,
    "deal.limit": Topic.DISPUTES,
    "deal.lose_chargeback": Topic.MONEY,
    "deal.open_dispute": Topic.DISPUTES,
    "deal.propose_terms": Topic.TERMS,
    "deal.reinstate": Topic.MONEY,
    "deal.rule": Topic.DISPUTES,
    "deal.sign": Topic.TERMS,
    "deal.withdraw_dispute": Topic.DISPUTES,
    "dispute": Topic.DISPUTES,
    "dispute.limit.admin": Topic.REVIEWING,
    "dispute.opened.admin": Topic.REVIEWING,
    "holding": Topic.MONEY,
    "holding.last_days.admin": Topic.REVIEWING,
    "holding.reached.admin": Topic.REVIEWING,
    "holding.unsent_reached.admin": Topic.REVIEWING,
    "holding.warned.admin": Topic.REVIEWING,
    "fee_rules": Topic.REVIEWING,
    "invitation": Topic.PEOPLE,
    "manual_entry": Topic.REVIEWING,
    "member": Topic.PEOPLE,
    "message": Topic.MESSAGES,
    "money": Topic.MONEY,
    "offer": Topic.OFFERS,
    "payday": Topic.REVIEWING,
    "payment": Topic.REVIEWING,
    "refund": Topic.REVIEWING,
    "reading": Topic.CHANNELS,
    "reading.flagged": Topic.REVIEWING,
    "reading.pending": Topic.REVIEWING,
    "report": Topic.REPORTS,
    "report.made": Topic.REVIEWING,
    "representation": Topic.PEOPLE,
    "review": Topic.REVIEWS,
    "selection": Topic.ANSWERS,
    "selection.application.made": Topic.PROPOSALS,
    "selection.booking.made": Topic.PROPOSALS,
    "selection.invitation.made": Topic.PROPOSALS,
    "selection.reminder": Topic.WAITING,
    "standing": Topic.CHANNELS,
    "transfer": Topic.REVIEWING,
    "unanswered": Topic.REVIEWING,
    "unplaced": Topic.REVIEWING,
    "unreconciled": Topic.REVIEWING,
}


def topic_of(kind: str) -> Topic:
    """
    Raises:
        KeyError: nobody has said to which topic the kind belongs.
    """
    name = kind
    while name not in _BEGINNINGS:
        shorter = name.rpartition("_" if "_" in name.rpartition(".")[2] else ".")[0]
        if not shorter:
            raise KeyError(kind)
        name = shorter
    return _BEGINNINGS[name]
