"""Words for drafts of the fee rules and for agreements: that one waits for a second person, what became of it."""

from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.kinds import KINDS, Words

_POLICY = _l("Look at the rules")
_AGREEMENT = _l("Look at the agreement")

KINDS.update(
    {
        "fee_rules.policy.proposed": Words(
            _l("%(who)s proposes version %(number)s of the fee rules"),
            _l("“%(reason)s” An administrator who has written nothing of it publishes it; it may be you."),
            _POLICY,
            "console.fee_version",
            "percent",
            asks=True,
        ),
        "fee_rules.policy.returned": Words(
            _l("%(who)s returned version %(number)s of the fee rules"),
            _l("“%(reason)s” Nothing is published. Change the draft and propose it again."),
            _POLICY,
            "console.fee_version",
            "arrow-counterclockwise",
            asks=True,
        ),
        "fee_rules.policy.published": Words(
            _l("%(who)s published version %(number)s of the fee rules"),
            _l("“%(reason)s” It holds for deals signed from its day on; signed deals keep the rules they have."),
            _POLICY,
            "console.fee_version",
            "check2",
        ),
        "fee_rules.agreement.proposed": Words(
            _l("%(who)s proposes fee agreement %(number)s"),
            _l("“%(reason)s” An administrator who has written nothing of it publishes it; it may be you."),
            _AGREEMENT,
            "console.fee_agreement",
            "percent",
            asks=True,
        ),
        "fee_rules.agreement.returned": Words(
            _l("%(who)s returned fee agreement %(number)s"),
            _l("“%(reason)s” Nothing is published. Change the agreement and it is proposed again."),
            _AGREEMENT,
            "console.fee_agreement",
            "arrow-counterclockwise",
            asks=True,
        ),
        "fee_rules.agreement.published": Words(
            _l("%(who)s published fee agreement %(number)s"),
            _l("“%(reason)s” It holds for deals signed from its first day on."),
            _AGREEMENT,
            "console.fee_agreement",
            "check2",
        ),
    }
)
