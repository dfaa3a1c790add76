"""What is told of a company's members: to its owners who came and went, to a member what became of their place."""

from marketplace.accounts.acting import Acting
from marketplace.accounts.models import User
from marketplace.brands.models import Brand, MemberEvent, MemberEventKind
from marketplace.infra.db import db
from marketplace.notifications.recipients import Recipient, brand_owners, without
from marketplace.notifications.service import News, tell
from marketplace.notifications.told import Detail, money_detail, role_detail

_TO_OWNERS = (MemberEventKind.JOINED, MemberEventKind.LEFT)


def tell_of_member_event(event_id: int) -> None:
    event = db.session.get(MemberEvent, event_id)
    if event is None:
        return
    details: dict[str, Detail] = {
        "who": event.user_name,
        "company": db.session.get_one(Brand, event.brand_id).name,
        "role": role_detail(event.role) if event.role is not None else "",
        "amount": money_detail(event.limit) if event.limit is not None else "",
    }
    news = News(f"member_event:{event.id}", "member", {}, details)
    for to in without(_people(event), (event.user_id,)):
        tell(to, _kind(event), news)


def _people(event: MemberEvent) -> list[Recipient]:
    if event.kind in _TO_OWNERS:
        return brand_owners(event.brand_id)
    user = db.session.get(User, event.subject_id) if event.subject_id is not None else None
    if user is None or user.suspended_at is not None:
        return []
    # Who was removed has no place there any more.
    return [
        Recipient(user, None if event.kind is MemberEventKind.REMOVED else Acting("brand", brand_id=event.brand_id))
    ]


def _kind(event: MemberEvent) -> str:
    if event.kind is MemberEventKind.LIMIT:
        return "company.limit.set" if event.limit is not None else "company.limit.lifted"
    return f"company.{event.kind.value}"
