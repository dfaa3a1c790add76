"""What is told of a selection: that it was made, what became of it, and that it waits."""

from sqlalchemy import select

from marketplace.brands.models import Brand
from marketplace.creators.models import Creator
from marketplace.deals.models import Deal, DealSide
from marketplace.infra.db import db
from marketplace.matching.models import Selection, SelectionKind, SelectionStatus
from marketplace.notifications import service
from marketplace.notifications.recipients import Recipient, brand_people, creator_people, without
from marketplace.notifications.service import News
from marketplace.notifications.told import Detail, acting_detail, moment_detail, money_detail


def tell(selection_id: int, what: str) -> None:
    selection = db.session.get(Selection, selection_id)
    if selection is None or (what in ("made", "reminder") and selection.status is not SelectionStatus.OPEN):
        return
    maker = DealSide.CREATOR if selection.kind is SelectionKind.APPLICATION else DealSide.BRAND
    answerer = DealSide.BRAND if maker is DealSide.CREATOR else DealSide.CREATOR
    match what:
        case "made":
            _tell_side(selection, f"selection.{selection.kind.value}.made", answerer, maker, what)
        case "reminder" | "withdrawn":
            _tell_side(selection, f"selection.{what}", answerer, maker, what)
        case "accepted" | "declined":
            _tell_side(selection, f"selection.{what}", maker, answerer, what)
        case "expired":
            for side in (maker, answerer):
                _tell_side(selection, "selection.expired", side, None, what)


def _tell_side(selection: Selection, kind: str, side: DealSide, doer: DealSide | None, what: str) -> None:
    details: dict[str, Detail] = {
        "title": selection.title,
        "price": money_detail(selection.price),
        "deadline": moment_detail(selection.expires_at),
    }
    if doer is not None:
        details["who"] = _name(selection, doer, what)
    values = {"selection_id": selection.id}
    if what == "accepted":
        deal_id = db.session.scalars(select(Deal.id).where(Deal.selection_id == selection.id)).one()
        values = {"deal_id": deal_id}
    news = News(f"selection:{selection.id}:{what}", "selection", values, details)
    # Whoever took it back or answered is on the other side, but one person may stand on both.
    for to in without(_people(selection, side), (selection.answered_by,)):
        service.tell(to, kind, news)


def _people(selection: Selection, side: DealSide) -> list[Recipient]:
    if side is DealSide.CREATOR:
        return creator_people(selection.creator_id)
    return brand_people(selection.brand_id)


def _name(selection: Selection, side: DealSide, what: str) -> Detail:
    """What the side calls itself; who answers for a creator is named with them."""
    if side is not DealSide.CREATOR:
        return db.session.get_one(Brand, selection.brand_id).name
    creator = db.session.get_one(Creator, selection.creator_id)
    if what in ("made", "reminder"):
        user_id, kept = selection.created_by or None, selection.created_by_name
    else:
        user_id, kept = selection.answered_by, selection.answered_by_name
    return creator.name if user_id in (None, creator.user_id) else acting_detail(kept, creator.name)
