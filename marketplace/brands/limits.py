"""What a member may commit of the brand's money in a calendar month, counted where money is committed.

The month is the platform's. A limit is in one currency: who has one can't commit another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update

from marketplace.accounts.actor import Actor, BrandRole
from marketplace.accounts.models import User
from marketplace.brands.models import Commitment, Member
from marketplace.infra.db import db
from marketplace.infra.i18n import listed, money_text
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import NotAllowed
from marketplace.kit.money import Money


@dataclass(frozen=True, slots=True)
class MonthlyLimit:
    """A member's limit for this month, and what of it is used."""

    most: Money
    used: Money

    @property
    def left(self) -> Money:
        """Never below nothing, even where the limit was lowered after it was used."""
        return max(self.most - self.used, Money.zero(self.most.currency))

    def covers(self, amount: Money) -> bool:
        return amount.currency == self.most.currency and amount <= self.left


@dataclass(frozen=True, slots=True)
class Forecast:
    """What committing `amount` would do to the actor's month, and who can raise the limit."""

    limit: MonthlyLimit
    amount: Money
    owners: Sequence[str]

    @property
    def fits(self) -> bool:
        return self.limit.covers(self.amount)

    @property
    def left_after(self) -> Money:
        return self.limit.left - self.amount


class OverSpendingLimit(NotAllowed):
    """The amount doesn't fit into what the member may still commit this month."""

    def __init__(self, message: object, limit: MonthlyLimit, amount: Money) -> None:
        super().__init__(message)
        self.limit = limit
        self.amount = amount


def month_start(moment: datetime | None = None) -> datetime:
    """When the calendar month of `moment` (now if None) began on the platform's clock."""
    there = (moment or clock.now()).astimezone(ZoneInfo(settings().default_timezone))
    return there.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def commit(actor: Actor, reference: str, amount: Money) -> None:
    """Count `amount` against the actor's month under `reference`, such as `deal:1001`.

    Nothing happens where the reference counts already, for whichever member. The member's row is locked until the
    transaction ends: of two commitments at once one waits, and sees the other.

    Raises:
        NotAllowed: the actor belongs to no brand.
        OverSpendingLimit: it is more than what is left of the actor's limit.
    """
    member = _locked_member(actor)
    found = _commitment(member.brand_id, reference)
    if found is not None and found.released_at is None:
        return
    limit = limit_of(member)
    if limit is not None and not limit.covers(amount):
        raise _refusal(member.brand_id, limit, amount)
    row = found or Commitment(brand_id=member.brand_id, reference=reference)
    row.user_id, row.amount, row.currency = member.user_id, amount.amount, amount.currency
    row.at, row.released_at = clock.now(), None
    db.session.add(row)
    db.session.flush()


def commit_all(actor: Actor, amounts: Mapping[str, Money]) -> None:
    """Count several at once by their references, all or none: as `commit` for each, and together within the limit.

    Raises:
        NotAllowed, OverSpendingLimit: as `commit`.
    """
    member = _locked_member(actor)
    limit, new = limit_of(member), _new_amounts(member.brand_id, amounts)
    if limit is not None and len(new) > 1:
        other = next((amount for amount in new if amount.currency != limit.most.currency), None)
        whole = other if other is not None else sum(new, Money.zero(limit.most.currency))
        if not limit.covers(whole):
            raise _refusal(member.brand_id, limit, whole)
    for reference, amount in amounts.items():
        commit(actor, reference, amount)


def forecast_all(actor: Actor, amounts: Mapping[str, Money]) -> Forecast | None:
    """What `commit_all` would come to; None where no limit stands in the way, or nothing new would count. All amounts
    are of one currency."""
    limit = own_limit(actor) if actor.brand_id is not None else None
    new = _new_amounts(actor.brand_id, amounts) if actor.brand_id is not None and limit is not None else []
    if actor.brand_id is None or limit is None or not new:
        return None
    return Forecast(limit, sum(new, Money.zero(new[0].currency)), owner_names(actor.brand_id))


def _new_amounts(brand_id: int, amounts: Mapping[str, Money]) -> list[Money]:
    """Those of the amounts that count against nobody's month yet."""
    mine = (Commitment.brand_id == brand_id, Commitment.reference.in_(amounts), Commitment.released_at.is_(None))
    known = set(db.session.scalars(select(Commitment.reference).where(*mine)))
    return [amount for reference, amount in amounts.items() if reference not in known]


def correct(brand_id: int, reference: str, amount: Money) -> None:
    """Count what it really came to, once that is fixed; nothing happens where nothing counts."""
    mine = (Commitment.brand_id == brand_id, Commitment.reference == reference, Commitment.released_at.is_(None))
    db.session.execute(update(Commitment).where(*mine).values(amount=amount.amount, currency=amount.currency))


def release(reference: str) -> None:
    """Give back what counts under `reference`, as nothing was paid; nothing happens where nothing counts."""
    mine = (Commitment.reference == reference, Commitment.released_at.is_(None))
    db.session.execute(update(Commitment).where(*mine).values(released_at=clock.now()))


def counts(brand_id: int, reference: str) -> bool:
    """Whether the reference counts against some member's month already."""
    found = _commitment(brand_id, reference)
    return found is not None and found.released_at is None


def forecast(actor: Actor, reference: str, amount: Money) -> Forecast | None:
    """What `commit` would come to; None where no limit stands in the way, or somebody's month counts it already."""
    limit = own_limit(actor) if actor.brand_id is not None else None
    if actor.brand_id is None or limit is None or counts(actor.brand_id, reference):
        return None
    return Forecast(limit, amount, owner_names(actor.brand_id))


def own_limit(actor: Actor) -> MonthlyLimit | None:
    """The actor's limit and what of it is used; None where they may commit any amount."""
    query = select(Member).where(Member.brand_id == actor.brand_id, Member.user_id == actor.user_id)
    member = db.session.scalars(query).first()
    return limit_of(member) if member is not None else None


def limit_of(member: Member) -> MonthlyLimit | None:
    most = member.limit
    if most is None:
        return None
    used = used_by_member(member.brand_id, most.currency).get(member.user_id, 0)
    return MonthlyLimit(most, Money(used, most.currency))


def used_by_member(brand_id: int, currency: str) -> dict[int, int]:
    """What each user of the brand has committed in this month, in minor units."""
    query = select(Commitment.user_id, func.sum(Commitment.amount)).where(
        Commitment.brand_id == brand_id,
        Commitment.currency == currency,
        Commitment.released_at.is_(None),
        Commitment.at >= month_start(),
    )
    return {user_id: int(amount) for user_id, amount in db.session.execute(query.group_by(Commitment.user_id))}


def _locked_member(actor: Actor) -> Member:
    query = select(Member).where(Member.brand_id == actor.brand_id, Member.user_id == actor.user_id)
    member = db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).first()
    if member is None:
        raise NotAllowed(_l("You don’t belong to this company any more."))
    return member


def _commitment(brand_id: int, reference: str) -> Commitment | None:
    query = select(Commitment).where(Commitment.brand_id == brand_id, Commitment.reference == reference)
    return db.session.scalars(query.execution_options(populate_existing=True)).first()


def _refusal(brand_id: int, limit: MonthlyLimit, amount: Money) -> OverSpendingLimit:
    owners = listed(owner_names(brand_id))
    if amount.currency != limit.most.currency:
        message = _l(
            "Your spending limit is in %(currency)s, and this deal is in another currency. Owners of the company can "
            "sign and pay for it, or lift your limit: %(owners)s. Nothing was signed or paid.",
            currency=limit.most.currency,
            owners=owners,
        )
    else:
        message = _l(
            "This costs %(amount)s, and %(left)s is left of your %(limit)s for this month. Owners of the company "
            "can raise your limit, or sign and pay for it: %(owners)s. Nothing was signed or paid.",
            amount=money_text(amount),
            left=money_text(limit.left),
            limit=money_text(limit.most),
            owners=owners,
        )
    return OverSpendingLimit(message, limit, amount)


def owner_names(brand_id: int) -> Sequence[str]:
    """Who can raise a limit, the oldest first."""
    query = select(User.name).join(Member, Member.user_id == User.id)
    query = query.where(Member.brand_id == brand_id, Member.role == BrandRole.OWNER)
    return db.session.scalars(query.order_by(Member.id)).all()
