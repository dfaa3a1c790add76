"""Words of agencies that other pages share: who did something for whom."""

from flask_babel import gettext as _

from marketplace.creators.models import Creator


def done_for(who: str, creator: str) -> str:
    """Somebody of an agency, and the creator they did it for: “Wei Min · Lantern Agency, for Lin Yue”."""
    return str(_("%(who)s, for %(creator)s", who=who, creator=creator))


def name_behind(user_id: int | None, kept_name: str, creator: Creator) -> str:
    """Who stands behind what was done on a creator's side: the creator by the name they go by, or who did it for
    them, by the name that was kept with it."""
    if user_id is None or user_id == creator.user_id:
        return creator.name
    return done_for(kept_name, creator.name)
