"""Who may do what with creators' profiles, channels and readings."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from marketplace.accounts.actor import Actor
from marketplace.creators.models import Creator
from marketplace.infra.settings import settings
from marketplace.kit import clock
from marketplace.kit.errors import NotAllowed


def may_have_profile(actor: Actor) -> bool:
    """Whoever joined as a creator; nobody else becomes one by sending the form."""
    return actor.signed_in and (actor.side == "creator" or actor.creator_id is not None)


def require_reviewer(actor: Actor, creator: Creator) -> None:
    """
    Raises:
        NotAllowed: the actor is no administrator, or would judge their own reading.
    """
    if not actor.is_admin:
        raise NotAllowed
    if creator.user_id == actor.user_id:
        raise NotAllowed(_l("You can’t review your own reading. Another administrator does it."))


def is_eligible(creator: Creator) -> bool:
    """Enough verified fans, or not long without them: exactly on the threshold isn't enough."""
    return creator.eligible


def today() -> date:
    """The latest day that a reading may have been taken on, by the platform's own time zone."""
    return platform_day(clock.now())


def platform_day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(settings().default_timezone)).date()
