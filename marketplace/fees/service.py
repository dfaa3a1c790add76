"""The verbs of fees: install the default policy, and take, lower or give back a deal's place in its creator's month."""

from datetime import UTC, date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from marketplace.fees.default_policy import DEFAULT_POLICY
from marketplace.fees.models import CreatorMonthEarnings, FeeAllowance, FeePolicy
from marketplace.fees.parties import FeeParties
from marketplace.fees.queries import fee_day, fee_month, rules_for
from marketplace.fees.quote import AgencyShare, FeeQuote, quote
from marketplace.infra.db import db
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.errors import Conflict, NotFound
from marketplace.kit.money import Money

DEFAULT_SINCE = datetime(2000, 1, 1, tzinfo=UTC)


class AllowanceKeyReused(Conflict):
    """The key reserved a place for another deal before, or one that was given back."""


def ensure_default_policy() -> None:
    """Publish the default policy as version 1 unless there is any version; repeating it changes nothing."""
    rules = {name: value for name, value in DEFAULT_POLICY.to_json().items() if name != "version"}
    values = {
        "version": DEFAULT_POLICY.version,
        "effective_from": DEFAULT_SINCE.date(),
        "published_at": DEFAULT_SINCE,
        "rules": rules,
        "published_by": "installation",
    }
    db.session.execute(insert(FeePolicy).values(values).on_conflict_do_nothing())


def freeze_quote(
    parties: FeeParties, key: str, deal_kind: DealKind, price: Money, agency: AgencyShare | None = None
) -> FeeQuote:
    """The quote of a deal that is being signed now, with its place in the creator's month reserved under `key`.

    The rules are those of the platform's day, the month is that of the creator's own calendar. Repeated with the same
    input in the same month it reserves nothing more and gives the same.

    Raises:
        NotFound: no policy is in force today.
        CurrencyNotCovered: a rule that holds has no amount in this currency.
        AllowanceKeyReused: the key was used for other input, or was released.
    """
    on = fee_day()
    rules = rules_for(parties, deal_kind, price.currency, on)
    earned = reserve_allowance(parties.creator, fee_month(parties.zone), price, key)
    return quote(rules, deal_kind, price, earned, on, agency=agency)


def reserve_allowance(creator: str, month: date, price: Money, key: str) -> Money:
    """Count `price` into the creator's month and return what was counted before it, gross.

    The month's row is locked until the transaction ends: of two deals signed in the same second one waits, and sees
    the other's price. The same key with the same input returns what it returned the first time.

    Raises:
        AllowanceKeyReused: the key was used for other input, or was released.
    """
    values = {"creator": creator, "month": month.replace(day=1), "currency": price.currency}
    fresh = db.session.execute(
        insert(FeeAllowance)
        .values(**values, key=key, price=price.amount, kept=price.amount, earned_before=0)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(FeeAllowance.id)
    ).scalar_one_or_none()
    if fresh is None:
        return _reserved_before(key, values, price)
    earned = db.session.execute(
        insert(CreatorMonthEarnings)
        .values(**values, earned=price.amount)
        .on_conflict_do_update(
            index_elements=["creator", "month", "currency"],
            set_={"earned": CreatorMonthEarnings.earned + price.amount},
        )
        .returning(CreatorMonthEarnings.earned)
    ).scalar_one()
    before = Money(earned, price.currency) - price
    db.session.execute(update(FeeAllowance).where(FeeAllowance.id == fresh).values(earned_before=before.amount))
    return before


def _reserved_before(key: str, values: dict[str, object], price: Money) -> Money:
    found = db.session.execute(
        select(FeeAllowance).where(FeeAllowance.key == key).execution_options(populate_existing=True)
    ).scalar_one()
    same = all(getattr(found, name) == value for name, value in values.items())
    if not same or found.price != price.amount or found.kept != price.amount:
        raise AllowanceKeyReused(_l("The key %(key)s was used for another deal.", key=key))
    return Money(found.earned_before, found.currency)


def lower_allowance(key: str, kept: Money) -> None:
    """Count only `kept` of the deal's price from now on, as a ruling gave only so much to the creator.

    Deals signed since keep the quotes they have; the room this makes goes to those signed later.

    Raises:
        NotFound: nothing was reserved under this key.
        Conflict: less than `kept` counts now.
    """
    found = _locked(key)
    if found is None:
        raise NotFound(_l("Nothing was reserved under the key %(key)s.", key=key))
    if Money(found.kept, found.currency) < kept or kept.amount < 0:
        raise Conflict(_l("A reserved amount can only be lowered."))
    _give_back(found, found.kept - kept.amount)


def release_allowance(key: str) -> None:
    """Give back all that a deal reserved, as it ended without settlement; nothing happens where nothing is reserved."""
    found = _locked(key)
    if found is not None:
        _give_back(found, found.kept)


def _locked(key: str) -> FeeAllowance | None:
    return db.session.execute(
        select(FeeAllowance).where(FeeAllowance.key == key).with_for_update().execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _give_back(found: FeeAllowance, amount: int) -> None:
    if not amount:
        return
    found.kept -= amount
    db.session.flush()
    db.session.execute(
        update(CreatorMonthEarnings)
        .where(
            CreatorMonthEarnings.creator == found.creator,
            CreatorMonthEarnings.month == found.month,
            CreatorMonthEarnings.currency == found.currency,
        )
        .values(earned=CreatorMonthEarnings.earned - amount)
    )
