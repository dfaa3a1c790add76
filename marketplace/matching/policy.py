"""Who may do what with a selection. The side that did not make it answers; the side that made it may withdraw."""

from enum import StrEnum

from marketplace.accounts.actor import Actor
from marketplace.brands.policy import can_manage
from marketplace.kit import clock
from marketplace.matching.models import Selection, SelectionKind, SelectionStatus


class Step(StrEnum):
    """What somebody can do with a selection that waits for its answer."""

    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


def made_by_brand(selection: Selection) -> bool:
    return selection.kind is not SelectionKind.APPLICATION


def _acts_for_maker(actor: Actor, selection: Selection) -> bool:
    return _acts_for_brand(actor, selection) if made_by_brand(selection) else _acts_for_creator(actor, selection)


def acts_for_answerer(actor: Actor, selection: Selection) -> bool:
    """Whether the actor may speak for the side that has to answer."""
    return _acts_for_creator(actor, selection) if made_by_brand(selection) else _acts_for_brand(actor, selection)


def _acts_for_brand(actor: Actor, selection: Selection) -> bool:
    return can_manage(actor, selection.brand_id)


def _acts_for_creator(actor: Actor, selection: Selection) -> bool:
    return actor.creator_id is not None and actor.creator_id == selection.creator_id


def is_waiting(selection: Selection) -> bool:
    """Open and in time; the clock's job may be a minute behind."""
    return selection.status is SelectionStatus.OPEN and clock.now() < selection.expires_at


def has_lapsed(selection: Selection) -> bool:
    """Nobody answered in time, whether the clock's job has noted it yet or not."""
    unanswered = selection.status is SelectionStatus.OPEN and not is_waiting(selection)
    return unanswered or selection.status is SelectionStatus.EXPIRED


def is_unread(selection: Selection, actor: Actor) -> bool:
    """It changed since somebody of the actor's side looked. Who can't answer for their company has nothing unread."""
    if _acts_for_creator(actor, selection):
        seen = selection.creator_seen_at
    elif _acts_for_brand(actor, selection):
        seen = selection.brand_seen_at
    else:
        return False
    return seen is None or seen < selection.changed_at


def available_steps(selection: Selection, actor: Actor) -> list[Step]:
    """What the actor can do now."""
    if not is_waiting(selection):
        return []
    if acts_for_answerer(actor, selection):
        return [Step.ACCEPT, Step.DECLINE]
    return [Step.WITHDRAW] if _acts_for_maker(actor, selection) else []


def may_withdraw(actor: Actor, selection: Selection) -> bool:
    return _acts_for_maker(actor, selection)
