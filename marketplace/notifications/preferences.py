"""What each person wants to be told of, behind the bell and by mail, and the links in mails that change it."""

from collections.abc import Collection
from dataclasses import dataclass

from flask import current_app, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from marketplace.accounts.actor import Actor
from marketplace.accounts.models import User
from marketplace.infra.db import db
from marketplace.kit.errors import NotAllowed, NotFound
from marketplace.notifications.models import NotificationPreference
from marketplace.notifications.topics import ALWAYS_IN_BELL, Topic


@dataclass(frozen=True, slots=True)
class Wish:
    """Where news of one topic go. Without a choice: both."""

    bell: bool = True
    mail: bool = True


def wishes_of(user_id: int) -> dict[Topic, Wish]:
    """The person's wish for every topic, in one query."""
    rows = db.session.scalars(select(NotificationPreference).where(NotificationPreference.user_id == user_id))
    chosen = {row.kind: row for row in rows}
    return {topic: _wish(topic, chosen.get(topic)) for topic in Topic}


def wish_of(user_id: int, topic: Topic) -> Wish:
    return _wish(topic, db.session.get(NotificationPreference, (user_id, topic.value)))


def _wish(topic: Topic, row: NotificationPreference | None) -> Wish:
    if row is None:
        return Wish()
    return Wish(row.bell or topic in ALWAYS_IN_BELL, row.mail)


def choose(actor: Actor, *, topics: Collection[Topic], bell: Collection[Topic], mail: Collection[Topic]) -> None:
    """Keep the person's wish for each of `topics`; what isn't in `bell` or `mail` is turned off there.

    Raises:
        NotAllowed: nobody is signed in.
    """
    if actor.user_id is None:
        raise NotAllowed
    for topic in topics:
        _keep(actor.user_id, topic, Wish(topic in bell or topic in ALWAYS_IN_BELL, topic in mail))


def _keep(user_id: int, topic: Topic, wish: Wish) -> None:
    row = insert(NotificationPreference).values(user_id=user_id, kind=topic.value, bell=wish.bell, mail=wish.mail)
    mine = [NotificationPreference.user_id, NotificationPreference.kind]
    db.session.execute(
        row.on_conflict_do_update(index_elements=mine, set_={"bell": wish.bell, "mail": wish.mail}),
        execution_options={"populate_existing": True},
    )


def unsubscribe_url(user_id: int, topic: Topic) -> str:
    """The address that a mail's program calls to have no more of them: signed, so that it works without signing in."""
    return url_for("unsubscribe.mail", token=_signer().dumps([user_id, topic.value]), _external=True)


def read_token(token: str) -> tuple[User, Topic]:
    """
    Raises:
        NotFound: the link isn't one of ours, or its person is gone.
    """
    try:
        user_id, name = _signer().loads(token)
        topic = Topic(name)
    except (BadSignature, ValueError, TypeError):
        raise NotFound from None
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound
    return user, topic


def stop_mail(token: str) -> Topic:
    """Turn off the mails of the token's topic for its person; the bell stays as it is.

    Raises:
        NotFound: as `read_token`.
    """
    user, topic = read_token(token)
    _keep(user.id, topic, Wish(wish_of(user.id, topic).bell, mail=False))
    return topic


def _signer() -> URLSafeSerializer:
    # No expiry: a mail of last year must still be stopped by its own link.
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="notifications.unsubscribe")
