"""Words for money that can't be held much longer: of deals at work, and of earnings that can't be sent."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.deals import OPEN_DEAL
from marketplace.notifications.words.kinds import KINDS, Words

_CASE = _l("Open the case")
_ICON = "hourglass-split"
_THEN = _l(
    "End it or agree on a split by %(deadline)s. If nobody has decided then, the creator gets what the brand last "
    "proposed in the case, and the rest goes back to the brand."
)

for _whom in ("creator", "brand"):
    KINDS[f"holding.warned.{_whom}"] = Words(
        _l("“%(title)s” must end by %(deadline)s"),
        _l(
            "Its money may not be held longer. If the deal is still at work on %(until)s, it is stopped, so that an "
            "administrator decides in time."
        ),
        OPEN_DEAL,
        "deals.show",
        _ICON,
        asks=True,
    )
    KINDS[f"holding.last_days.{_whom}"] = Words(
        _l("The last days to decide on “%(title)s”"), _THEN, OPEN_DEAL, "deals.show", _ICON, asks=True
    )


def _admin(what: str, fact: LazyString, says: LazyString, *, asks: bool = True) -> None:
    KINDS[f"holding.{what}.admin"] = Words(fact, says, OPEN_DEAL, "deals.show", _ICON, asks=asks)


_admin(
    "warned",
    _l("Money of “%(title)s” has been held for two thirds of its time"),
    _l(
        "Both sides were told. From %(until)s the deal is stopped and waits for your ruling; "
        "it must end by %(deadline)s."
    ),
)
_admin(
    "last_days",
    _l("Rule on “%(title)s” by %(deadline)s"),
    _l("Without a ruling the creator then gets what the brand last proposed, and the rest goes back."),
)
_admin(
    "reached",
    _l("The money of “%(title)s” has been held as long as it may be"),
    _l("If neither the sides nor you have decided, the deal ends by itself now."),
    asks=False,
)

_ASK = _l("Set up your payout account")
_WAITS = _l("Your earning from “%(title)s” can’t be sent yet")
_BY = _l(
    "It is yours, but Stripe may hold it for us only until %(deadline)s. "
    "Set up your payout account, and it leaves at once."
)
_OVER = _l(
    "It is yours, but Stripe’s time to hold it for us ended on %(deadline)s. Set up your payout account now; an "
    "administrator has been told as well."
)
for _payee, _endpoint in (("creator", "payouts.earnings"), ("agency", "payouts.agency_earnings")):
    for _stage, _says in (("warned", _BY), ("last_days", _BY), ("reached", _OVER)):
        KINDS[f"holding.unsent_{_stage}.{_payee}"] = Words(_WAITS, _says, _ASK, _endpoint, _ICON, asks=True)
KINDS["holding.unsent_reached.admin"] = Words(
    _l("An earning from “%(title)s” was held as long as it may be"),
    _l(
        "Its owner has no payout account that takes it, or their payouts are paused. Write to them, and agree how it "
        "leaves."
    ),
    _l("See held money"),
    "console.held",
    _ICON,
    asks=True,
)

KINDS["dispute.limit.side"] = Words(
    _l("“%(title)s” is stopped, so that it is decided in time"),
    _l("Its money can’t be held much longer. Say in the case how you see it, or agree with the other side on a split."),
    _CASE,
    "disputes.show",
    "pause-fill",
    asks=True,
)
KINDS["dispute.limit.admin"] = Words(
    _l("“%(title)s” is stopped and waits for your ruling"),
    _l("Its money can’t be held much longer, and neither side has ended the deal."),
    _CASE,
    "disputes.show",
    "pause-fill",
    asks=True,
)
