"""The password asked again before what binds or gives away, so that nobody does it on a screen left open."""

from flask_babel import lazy_gettext as _l

from marketplace.accounts.actor import Actor
from marketplace.accounts.limits import OWN_PASSWORD, guard, take_back
from marketplace.accounts.models import User
from marketplace.accounts.service import verify_password
from marketplace.infra.db import db, transaction
from marketplace.kit.errors import Invalid


def ask_password_again(actor: Actor, typed: str) -> None:
    """Owns its transactions: every try counts before it is answered, and a right one is taken back.

    Raises:
        OverLimit: too many wrong ones were tried.
        Invalid: it isn't the actor's password (field `password`).
    """
    guard((OWN_PASSWORD, str(actor.user_id)))
    if not verify_password(db.session.get_one(User, actor.user_id), typed):
        raise Invalid(_l("This isn’t your password. Nothing was signed or changed."), field="password")
    with transaction():
        take_back(OWN_PASSWORD, str(actor.user_id))
