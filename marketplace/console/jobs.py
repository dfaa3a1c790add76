"""Jobs of the console."""

from marketplace.console.fee_effect import go_on
from marketplace.infra.db import transaction
from marketplace.infra.jobs import job


@job("console.go_on_with_fee_effect")
def go_on_with_fee_effect(effect_id: int) -> None:
    """One piece more of what a draft of the fee rules would have taken from a month's deals."""
    with transaction():
        go_on(effect_id)
