"""Words for who belongs to a company, as whom, and for how much."""

from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.kinds import KINDS, Words

_MEMBERS = _l("See the members")
_BY = _l("%(who)s changed it.")

KINDS.update(
    {
        "company.joined": Words(
            _l("%(who)s joined %(company)s"), _l("Their role: %(role)s."), _MEMBERS, "brands.members", "person-check"
        ),
        "company.left": Words(
            _l("%(who)s left %(company)s"),
            _l("What they did for the company stays."),
            _MEMBERS,
            "brands.members",
            "person-x",
        ),
        "company.role": Words(
            _l("Your role at %(company)s has changed: %(role)s"), _BY, _MEMBERS, "brands.members", "person-gear"
        ),
        "company.limit.set": Words(
            _l("Your spending limit at %(company)s is %(amount)s a month now"),
            _BY,
            _MEMBERS,
            "brands.members",
            "wallet2",
        ),
        "company.limit.lifted": Words(
            _l("You have no spending limit at %(company)s any more"), _BY, _MEMBERS, "brands.members", "wallet2"
        ),
        "company.transferred": Words(
            _l("%(who)s handed %(company)s over to you"),
            _l("You are its owner now: you say who belongs to it and how much each may spend."),
            _MEMBERS,
            "brands.members",
            "building-check",
        ),
        "company.removed": Words(
            _l("%(who)s removed you from %(company)s"),
            _l("What you did for the company stays. If this is a mistake, ask its owner to invite you again."),
            _l("Open your home page"),
            "home.today",
            "person-x",
        ),
    }
)
