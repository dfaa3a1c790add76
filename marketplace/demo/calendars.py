"""When the demo's creators take work: some days off, one on holiday, one with as many deals as she takes."""

from datetime import date, timedelta
from typing import Final

from marketplace.accounts.actor import Actor
from marketplace.creators.policy import today
from marketplace.creators.queries import get_creator
from marketplace.demo.spec import CREATOR
from marketplace.demo.world import Story, World
from marketplace.infra.db import transaction
from marketplace.offers.availability import load_calendar
from marketplace.offers.days import block_days, set_limits

_ON_HOLIDAY: Final = "sofia-lindqvist"
_FULL: Final = "marta-elgin"
_DAYS_OFF: Final = {CREATOR: (5, 6, 12, 19, 20, 33, 34), "ben-achterberg": (2, 3, 9), "he-mianmian": (4, 11, 18)}
_HOLIDAY: Final = (-2, 9)
_LIMITS: Final = {CREATOR: 12, "tomas-okafor": 3, "gu-xinghe": 2}


def calendars(world: World) -> Story:
    """The last of all that happens, so that nobody's earlier booking is refused for it."""
    yield world.now
    with transaction():
        for handle, days in _DAYS_OFF.items():
            block_days(world.actors[handle], {_in(day) for day in days}, ())
        for handle, most in _LIMITS.items():
            set_limits(world.actors[handle], None, most)
        set_limits(world.actors[_ON_HOLIDAY], (_in(_HOLIDAY[0]), _in(_HOLIDAY[1])), None)
        set_limits(world.actors[_FULL], None, max(1, _running(world.actors[_FULL])))


def _in(days: int) -> date:
    return today() + timedelta(days=days)


def _running(actor: Actor) -> int:
    """How many deals take the creator's present day."""
    assert actor.creator_id is not None
    return load_calendar(get_creator(actor.creator_id), today(), today()).running(today())
