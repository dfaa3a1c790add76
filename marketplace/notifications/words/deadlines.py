"""Words for deadlines that come near."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.deals.lifecycle import State
from marketplace.notifications.words.deals import ANSWER_TERMS, OPEN_DEAL, SIGN_BY
from marketplace.notifications.words.kinds import KINDS, Words

# Half of the time has passed, or a day is left: the same words ask for the same thing, by state and side.
_WAITS = {"half": _l("“%(title)s” waits for you"), "day": _l("Less than a day is left for “%(title)s”")}
_REMINDERS: dict[tuple[State, str], tuple[LazyString, LazyString, str]] = {
    (State.NEGOTIATING, "creator"): (ANSWER_TERMS, _l("Read the terms"), "deals.show"),
    (State.NEGOTIATING, "brand"): (ANSWER_TERMS, _l("Read the terms"), "deals.show"),
    (State.SIGNING, "creator"): (SIGN_BY, _l("Read and sign"), "deals.contract"),
    (State.SIGNING, "brand"): (SIGN_BY, _l("Read and sign"), "deals.contract"),
    (State.FUNDING, "brand"): (
        _l("Pay into escrow by %(deadline)s. Without the payment the deal expires, and nothing is owed."),
        _l("See the quote and pay"),
        "escrow.fund",
    ),
    (State.PRODUCTION, "creator"): (
        _l("Hand in the draft. From %(deadline)s the brand may cancel and get everything back."),
        OPEN_DEAL,
        "deals.show",
    ),
    (State.DRAFT_REVIEW, "brand"): (
        _l("Approve the draft or ask for a revision by %(deadline)s. If you don’t answer, it is approved then."),
        _l("Review the draft"),
        "deals.show",
    ),
    (State.ACCEPTANCE, "brand"): (
        _l("Accept the work by %(deadline)s. If you don’t answer, it is accepted then and the creator is paid."),
        _l("Look at it and accept"),
        "deals.show",
    ),
}
for (_state, _whom), (_sentence, _button, _endpoint) in _REMINDERS.items():
    for _which, _fact in _WAITS.items():
        KINDS[f"deadline.{_which}.{_state.value}.{_whom}"] = Words(
            _fact, _sentence, _button, _endpoint, "clock", asks=True
        )
