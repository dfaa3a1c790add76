"""What is told of fee rules: to other administrators that some wait, to those who wrote them what came of it."""

from sqlalchemy import select

from marketplace.accounts.models import User
from marketplace.fees.models import FeeAgreement, FeePolicy, FeeRuleEvent, RuleAction
from marketplace.infra.db import db
from marketplace.notifications.recipients import Recipient, administrators, without
from marketplace.notifications.service import News, tell

_VALUES = {"policy": "version", "agreement": "agreement_id"}


def tell_of_fee_rules(event_id: int) -> None:
    """Nobody is told of what is gone meanwhile, or of what they did themselves."""
    event = db.session.get(FeeRuleEvent, event_id)
    if event is None:
        return
    sort, number = event.subject.partition(":")[::2]
    row = db.session.get(FeePolicy, int(number)) if sort == "policy" else db.session.get(FeeAgreement, int(number))
    if row is None:
        return
    details = {"who": event.name, "reason": event.why, "number": number}
    news = News(f"fee_rules:{event.id}", "fee_rules", {_VALUES[sort]: int(number)}, details)
    writers = [int(key.partition(":")[2]) for key in row.editors]
    people = without(administrators(), writers) if event.action is RuleAction.PROPOSED else _writers(writers, event.by)
    for to in people:
        tell(to, f"fee_rules.{sort}.{event.action.value}", news)


def _writers(user_ids: list[int], by: str) -> list[Recipient]:
    query = select(User).where(User.id.in_(user_ids), User.suspended_at.is_(None), User.is_admin)
    return [Recipient(user) for user in db.session.scalars(query.order_by(User.id)) if by != f"user:{user.id}"]
