"""The sentences of a company's history: who let whom in, as what, and for how much."""

from typing import Any

from flask_babel import gettext as _

from marketplace.brands.models import MemberEvent, MemberEventKind
from marketplace.infra.i18n import money_text
from marketplace.infra.labels import label


def sentence(event: MemberEvent) -> str:
    """What happened, in the reader's language."""
    names: dict[str, Any] = {"who": event.user_name, "subject": event.subject}
    if event.kind is MemberEventKind.LIMIT:
        return str(_limit(event, names))
    if event.role is not None:
        names["role"] = label(event.role)
    if event.role_before is not None:
        names["before"] = label(event.role_before)
    return str(_sentences(event.kind, names))


def _limit(event: MemberEvent, names: dict[str, Any]) -> Any:
    if event.limit is None:
        return _("%(who)s lifted the spending limit of %(subject)s", **names)
    amount = money_text(event.limit)
    return _("%(who)s set the spending limit of %(subject)s to %(amount)s a month", amount=amount, **names)


def _sentences(kind: MemberEventKind, names: dict[str, Any]) -> Any:
    match kind:
        case MemberEventKind.FOUNDED:
            return _("%(who)s made the company’s profile", **names)
        case MemberEventKind.INVITED:
            return _("%(who)s invited %(subject)s. Role: %(role)s", **names)
        case MemberEventKind.REVOKED:
            return _("%(who)s took the invitation of %(subject)s back", **names)
        case MemberEventKind.JOINED:
            return _("%(who)s joined. Role: %(role)s", **names)
        case MemberEventKind.ROLE:
            return _("%(who)s changed the role of %(subject)s from %(before)s to %(role)s", **names)
        case MemberEventKind.TRANSFERRED:
            return _("%(who)s handed the company over to %(subject)s, and is a manager now", **names)
        case MemberEventKind.LEFT:
            return _("%(who)s left. Role: %(before)s", **names)
        case MemberEventKind.REMOVED:
            return _("%(who)s removed %(subject)s. Role: %(before)s", **names)
        case MemberEventKind.LIMIT:
            raise ValueError(kind)
