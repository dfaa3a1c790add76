"""What a draft's rules would have taken from a month's real deals: read by creator, worked out in pieces, kept.

A month may have hundreds of thousands of deals. The first piece is done while the administrator waits; a job does the
others, one transaction each, and goes on where a crash left it.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from marketplace.fees.effect import Effect, SignedDeal, Trial
from marketplace.fees.models import FeeAgreement, FeeEffect, FeePolicy
from marketplace.fees.parties import Agreement, FeeParties
from marketplace.fees.policy import Policy
from marketplace.fees.queries import as_agreement, as_policy, fee_day
from marketplace.infra.db import db
from marketplace.infra.jobs import defer
from marketplace.kit import clock
from marketplace.kit.deal_kinds import DealKind
from marketplace.kit.errors import Conflict, Invalid, NotFound
from marketplace.kit.money import Money
from marketplace.ledger.accounts import brand_owner, creator_owner

PIECE = 5_000
MONTHS = 3
# Both use ix_deals_signed, which has a month's signed deals in this order.
_TOTAL = text("SELECT count(*) FROM deals WHERE quote IS NOT NULL AND left(quote ->> 'on', 7) = :month")
_DEALS = text("""
    SELECT deals.id, deals.creator_id, deals.brand_id, deals.kind, creators.created_at,
           deals.quote ->> 'on' AS signed_on, deals.quote ->> 'currency' AS currency,
           CAST(deals.quote ->> 'price' AS bigint) AS price,
           CAST(deals.quote ->> 'earned_before' AS bigint) AS earned_before,
           CAST(deals.quote -> 'policy' ->> 'version' AS bigint) AS version,
           (SELECT coalesce(sum(CAST(line ->> 'amount' AS bigint)), 0)
            FROM jsonb_array_elements(deals.quote -> 'creator_lines') line) AS commission,
           (SELECT coalesce(sum(CAST(line ->> 'amount' AS bigint)), 0)
            FROM jsonb_array_elements(deals.quote -> 'brand_lines') line) AS service_fee
    FROM deals JOIN creators ON creators.id = deals.creator_id
    WHERE deals.quote IS NOT NULL AND left(deals.quote ->> 'on', 7) = :month
      AND (deals.creator_id, deals.id) > (:creator_id, :deal_id)
    ORDER BY deals.creator_id, deals.id LIMIT :most
""")


def recent_months() -> list[date]:
    """The first days of the whole calendar months that a draft can be tried on, the last one first."""
    found, first = [], fee_day().replace(day=1)
    for _ in range(MONTHS):
        first = (first - timedelta(days=1)).replace(day=1)
        found.append(first)
    return found


def rules_digest(row: FeePolicy) -> str:
    """Names the draft's rules: what was worked out for other rules is of an earlier draft."""
    return hashlib.sha256(json.dumps(as_policy(row).to_json(), sort_keys=True).encode()).hexdigest()


def newest_effects(row: FeePolicy) -> Sequence[FeeEffect]:
    """What was worked out for the draft as it is now, the newest of each month."""
    query = select(FeeEffect).ext(distinct_on(FeeEffect.month)).where(FeeEffect.digest == rules_digest(row))
    return db.session.scalars(query.order_by(FeeEffect.month.desc(), FeeEffect.id.desc())).all()


def get_effect(effect_id: int) -> FeeEffect:
    """
    Raises:
        NotFound: there is none.
    """
    found = db.session.get(FeeEffect, effect_id)
    if found is None:
        raise NotFound
    return found


def try_draft(row: FeePolicy | None, month: date) -> FeeEffect:
    """Begin to work out the draft's effect on the month's deals; a job goes on where a piece isn't enough.

    One that is being worked out already is given again.

    Raises:
        Conflict: there is no draft.
        Invalid: the month can't be tried.
    """
    if row is None:
        raise Conflict(_l("There is no draft now. It was published or discarded."))
    if month not in recent_months():
        raise Invalid(_l("Choose one of the last %(number)s whole months.", number=MONTHS), field="month")
    digest = rules_digest(row)
    same = select(FeeEffect).where(FeeEffect.digest == digest, FeeEffect.month == month)
    running = db.session.scalars(same.where(FeeEffect.finished_at.is_(None))).first()
    if running is not None:
        return running
    effect = FeeEffect(
        digest=digest,
        month=month,
        rules=as_policy(row).to_json(),
        total=db.session.scalar(_TOTAL, {"month": _name(month)}) or 0,
        done=0,
        place=[0, 0],
        found={},
        started_at=clock.now(),
    )
    db.session.add(effect)
    db.session.flush()
    go_on(effect.id)
    return effect


def go_on(effect_id: int) -> None:
    """Work out one piece more, and enqueue the next if there is one. Repeated after the end it does nothing."""
    query = select(FeeEffect).where(FeeEffect.id == effect_id).with_for_update()
    effect = db.session.scalars(query.execution_options(populate_existing=True)).one()
    if effect.finished_at is not None:
        return
    found = Effect.from_json(effect.found)
    deals = list(_next_deals(effect))
    Trial(Policy.from_json(effect.rules), _agreements(effect.month)).run(found, deals)
    if len(deals) < PIECE:
        found.count_creator()
        effect.finished_at = clock.now()
        effect.total = effect.done + len(deals)
    else:
        effect.place = [deals[-1].creator_id, deals[-1].deal_id]
        defer("console.go_on_with_fee_effect", effect_id=effect_id)
    effect.done += len(deals)
    effect.total = max(effect.total, effect.done)
    effect.found = found.to_json()


def _next_deals(effect: FeeEffect) -> Iterator[SignedDeal]:
    creator_id, deal_id = effect.place
    values = {"month": _name(effect.month), "creator_id": creator_id, "deal_id": deal_id, "most": PIECE}
    for row in db.session.execute(_DEALS, values):
        creator, since = creator_owner(row.creator_id), fee_day(row.created_at)
        yield SignedDeal(
            deal_id=row.id,
            creator_id=row.creator_id,
            # The month of the allowance doesn't matter: what was earned in it is frozen with the quote.
            parties=FeeParties(creator, "UTC", since, brand_owner(row.brand_id)),
            kind=DealKind(row.kind),
            on=date.fromisoformat(row.signed_on),
            price=Money(row.price, row.currency),
            earned_before=Money(row.earned_before, row.currency),
            commission=int(row.commission),
            service_fee=int(row.service_fee),
            version=row.version,
        )


def _agreements(month: date) -> list[Agreement]:
    """Those that hold on a day of the month: they go on under other rules."""
    following = (month + timedelta(days=31)).replace(day=1)
    query = select(FeeAgreement).where(
        FeeAgreement.published_at.is_not(None),
        FeeAgreement.starts < following,
        or_(FeeAgreement.ends.is_(None), FeeAgreement.ends >= month),
    )
    return [as_agreement(row) for row in db.session.scalars(query.order_by(FeeAgreement.id))]


def _name(month: date) -> str:
    return month.isoformat()[:7]
