"""Opens the deal of two sides that chose each other, with what was offered as its first terms."""

from datetime import timedelta

from marketplace.accounts.actor import Actor
from marketplace.deals.lifecycle import Action, State
from marketplace.deals.models import Deal, DealSide, Terms
from marketplace.deals.move import record
from marketplace.deals.policy import side_of
from marketplace.infra.db import db
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.matching.days import promised_days
from marketplace.matching.models import Selection, SelectionKind
from marketplace.matching.service import close_as_accepted


def accept_selection(actor: Actor, selection_id: int) -> Deal:
    """Return the other side's choice: the selection closes and its deal opens with terms 1.

    Raises:
        NotFound: there is no such selection, or it isn't the actor's.
        NotAllowed: it isn't the actor's to answer.
        Conflict: it has been answered, or has expired.
    """
    selection = close_as_accepted(actor, selection_id)
    now = clock.now()
    proposed_by = DealSide.CREATOR if selection.kind is SelectionKind.APPLICATION else DealSide.BRAND
    deal = Deal(
        creator_id=selection.creator_id,
        brand_id=selection.brand_id,
        brief_id=selection.brief_id,
        selection_id=selection.id,
        title=selection.title,
        kind=selection.deal_kind,
        state=State.NEGOTIATING,
        state_since=now,
        deadline_at=now + timedelta(days=settings().negotiating_days),
        proposed_by=proposed_by,
        created_at=now,
    )
    db.session.add(deal)
    db.session.flush()
    db.session.add(_first_terms(deal, selection))
    side = side_of(actor, deal)
    assert side is not None
    record(deal, Action.OPEN, actor, side, None, details={"number": 1})
    return deal


def _first_terms(deal: Deal, selection: Selection) -> Terms:
    days = promised_days(selection)
    revisions = selection.revisions
    return Terms(
        deal_id=deal.id,
        number=1,
        proposed_by=deal.proposed_by,
        user_id=selection.created_by,
        deliverables=selection.deliverables,
        price_amount=selection.price_amount,
        price_currency=selection.price_currency,
        draft_due_on=days.draft_due_on,
        publish_on=days.publish_on,
        revisions=settings().revisions_included if revisions is None else revisions,
        usage_rights=selection.usage_rights,
        disclosure=selection.disclosure,
        note=selection.message,
        created_at=deal.created_at,
    )
