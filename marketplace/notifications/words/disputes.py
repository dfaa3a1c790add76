"""Words for a dispute that is open: it has a page of its own, which the sides and the administrators share."""

from flask_babel import lazy_gettext as _l

from marketplace.notifications.words.deals import SAY_YOUR_SIDE
from marketplace.notifications.words.kinds import KINDS, Words

_CASE = _l("Open the case")
KINDS["dispute.opened.side"] = Words(
    _l("%(who)s opened a dispute on “%(title)s”"), SAY_YOUR_SIDE, _CASE, "disputes.show", "pause-fill", asks=True
)
KINDS["dispute.opened.admin"] = Words(
    _l("%(who)s opened a dispute on “%(title)s”"),
    _l("The deal’s clock and money stand still until you rule."),
    _CASE,
    "disputes.show",
    "pause-fill",
    asks=True,
)
