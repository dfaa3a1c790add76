"""What is told of a stated audience: to administrators that its evidence waits, to the creator what became of it."""

from marketplace.creators.audience import get_statement
from marketplace.creators.models import ReadingStatus
from marketplace.kit.errors import NotFound
from marketplace.notifications.recipients import administrators, creator_people, without
from marketplace.notifications.service import News, tell
from marketplace.notifications.told import Detail


def tell_of_audience(statement_id: int) -> None:
    """Where the statement stands now."""
    try:
        statement, creator = get_statement(statement_id)
    except NotFound:
        return
    details: dict[str, Detail] = {"who": creator.name, "reason": statement.reason}
    waits = statement.status is ReadingStatus.PENDING
    values = {"statement_id": statement.id} if waits else {}
    news = News(f"audience:{statement.id}:{statement.status.value}", "audience", values, details)
    people = administrators() if waits else without(creator_people(creator.id), (statement.reviewed_by,))
    for to in people:
        tell(to, f"audience.{statement.status.value}", news)
