"""What payees are told of their payout account, of payouts that came back or are paused, and of money taken back."""

from datetime import UTC, datetime

from marketplace.infra.db import transaction
from marketplace.infra.jobs import job
from marketplace.kit import clock
from marketplace.kit.money import Money
from marketplace.notifications.recipients import administrators, agency_people, creator_themselves
from marketplace.notifications.service import News, tell
from marketplace.notifications.told import Detail, moment_detail, money_detail


@job("notifications.tell_payee")
def tell_payee(
    *,
    kind: str,
    cause: str,
    creator_id: int | None,
    agency_id: int | None,
    amount: int | None = None,
    currency: str | None = None,
    deadline: int | None = None,
    failure: str = "",
    reason: str = "",
) -> None:
    """`kind` is one of `words.payees`; `cause` tells two cases of it apart. `amount` in minor units of `currency`,
    `deadline` in seconds, `failure` is the provider's code, `reason` an administrator's words."""
    details: dict[str, Detail] = {"reason": reason} if reason else {}
    if amount is not None and currency is not None:
        details["amount"] = money_detail(Money(amount, currency))
    if deadline is not None:
        details["deadline"] = moment_detail(datetime.fromtimestamp(deadline, UTC))
        kind += "_by"
    if failure:
        details["failure"] = {"payout_failure": failure}
    if reason:
        kind += "_why"
    with transaction():
        _tell(kind, cause, creator_id, agency_id, details)


@job("notifications.tell_refused_transfer")
def tell_refused_transfer(*, creator_id: int | None, agency_id: int | None, prepared_at: str) -> None:
    """Stripe refused one of the transfers that were prepared for a payee together, at `prepared_at`: the payee hears of
    them once, administrators once a day (UTC) of all payees'."""
    with transaction():
        _tell("transfer_refused", prepared_at, creator_id, agency_id, {})
        news = News(f"transfer.refused:{clock.now().astimezone(UTC).date()}", "books", {}, {})
        for to in administrators():
            tell(to, "transfer.refused", news)


def _tell(kind: str, cause: str, creator_id: int | None, agency_id: int | None, details: dict[str, Detail]) -> None:
    news = News(f"payee:{kind}:{cause}", "money", {}, details)
    if agency_id is not None:
        for to in agency_people(agency_id, owners=True):
            tell(to, f"money.{kind}", news)
    elif creator_id is not None:
        for to in creator_themselves(creator_id):
            tell(to, f"money.{kind}", news)
