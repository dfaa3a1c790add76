"""Reads of disputes, each scoped to who asks."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import selectinload

from marketplace.accounts.actor import Actor
from marketplace.brands.models import Brand
from marketplace.creators.models import Creator
from marketplace.deals.lifecycle import State
from marketplace.deals.models import Deal, DealSide
from marketplace.deals.policy import other_side
from marketplace.deals.queries import visible_deals
from marketplace.disputes.models import Dispute, DisputeStatus, Statement
from marketplace.infra.db import db
from marketplace.infra.storage import StoredFile
from marketplace.kit.errors import NotFound


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """A dispute in a list, with its deal and both sides."""

    dispute: Dispute
    deal: Deal
    creator: Creator
    brand: Brand


def get_dispute(actor: Actor, dispute_id: int) -> Dispute:
    """One dispute of a deal that the actor may see.

    Raises:
        NotFound: there is none, or it isn't the actor's.
    """
    deals = visible_deals(actor).with_only_columns(Deal.id)
    query = select(Dispute).where(Dispute.id == dispute_id, Dispute.deal_id.in_(deals))
    dispute = db.session.scalars(query.options(selectinload(Dispute.statements))).first()
    if dispute is None:
        raise NotFound
    return dispute


def dispute_of(deal_id: int) -> Dispute | None:
    """The deal's open dispute, else its newest."""
    query = select(Dispute).where(Dispute.deal_id == deal_id)
    return db.session.scalars(query.order_by(Dispute.id.desc()).limit(1)).first()


def stands_still() -> ColumnElement[bool]:
    """The condition for disputes that nobody can rule: a bank has taken the deal's payment back, and decides first."""
    frozen = select(Deal.id).where(Deal.id == Dispute.deal_id, Deal.state == State.FROZEN)
    return frozen.correlate(Dispute).exists()


def waits_for_ruling() -> ColumnElement[bool]:
    """The condition for disputes that an administrator can rule now."""
    return and_(Dispute.status == DisputeStatus.OPEN, ~stands_still())


def list_disputes(status: DisputeStatus | None, limit: int, before: int | None = None) -> list[DisputeRow]:
    """For administrators: open ones that can be ruled oldest first, as they are a queue; others newest first."""
    query = _rows()
    if status is DisputeStatus.OPEN:
        query = query.where(waits_for_ruling()).order_by(Dispute.opened_at, Dispute.id)
        return [DisputeRow(*row) for row in db.session.execute(query.limit(limit))]
    if status is not None:
        query = query.where(Dispute.status == status)
    if before is not None:
        query = query.where(Dispute.id < before)
    return [DisputeRow(*row) for row in db.session.execute(query.order_by(Dispute.id.desc()).limit(limit))]


def _rows() -> Select[Dispute, Deal, Creator, Brand]:
    return (
        select(Dispute, Deal, Creator, Brand)
        .join(Deal, Deal.id == Dispute.deal_id)
        .join(Creator, Creator.id == Deal.creator_id)
        .join(Brand, Brand.id == Deal.brand_id)
    )


def proposal_to(dispute: Dispute, side: DealSide | None) -> Statement | None:
    """The newest split that the side across from `side` has proposed, which `side` may take."""
    if side not in (DealSide.CREATOR, DealSide.BRAND):
        return None
    query = (
        select(Statement)
        .where(
            Statement.dispute_id == dispute.id,
            Statement.side == other_side(side),
            Statement.wants_amount.is_not(None),
        )
        .order_by(Statement.id.desc())
        .limit(1)
    )
    return db.session.scalars(query).first()


def statement_file(dispute: Dispute, file_id: int) -> StoredFile:
    """A file that a side handed in with a statement of this dispute.

    Raises:
        NotFound: it belongs to no statement of it.
    """
    query = select(StoredFile).join(Statement, Statement.file_id == StoredFile.id)
    found = db.session.scalars(query.where(Statement.dispute_id == dispute.id, StoredFile.id == file_id)).first()
    if found is None:
        raise NotFound
    return found
