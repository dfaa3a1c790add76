"""The words of a deal's states and sides."""

from flask_babel import lazy_gettext as _l

from marketplace.deals.lifecycle import State
from marketplace.deals.models import DealSide
from marketplace.infra.labels import register

register(
    State,
    {
        State.NEGOTIATING: _l("Negotiating"),
        State.SIGNING: _l("Signing"),
        State.FUNDING: _l("Funding"),
        State.PRODUCTION: _l("Production"),
        State.DRAFT_REVIEW: _l("Draft review"),
        State.PUBLISHING: _l("Publishing"),
        State.ACCEPTANCE: _l("Acceptance"),
        State.DISPUTED: _l("Disputed"),
        State.FROZEN: _l("Frozen"),
        State.COMPLETED: _l("Completed"),
        State.REFUNDED: _l("Refunded"),
        State.CANCELLED: _l("Cancelled"),
        State.EXPIRED: _l("Expired"),
    },
)
register(
    DealSide,
    {
        DealSide.CREATOR: _l("Creator"),
        DealSide.BRAND: _l("Brand"),
        DealSide.ADMIN: _l("Administrator"),
        DealSide.CLOCK: _l("Mutuals"),
    },
)

# The steps of the straight way, as work rather than as states.
STEP_WORDS = {
    State.NEGOTIATING: _l("Terms"),
    State.SIGNING: _l("Contract"),
    State.FUNDING: _l("Escrow"),
    State.PRODUCTION: _l("Making"),
    State.DRAFT_REVIEW: _l("Draft review"),
    State.PUBLISHING: _l("Publishing"),
    State.ACCEPTANCE: _l("Acceptance"),
}
