"""A deal as one reader sees it: who they are, what the others are called, whose turn that makes it."""

from dataclasses import dataclass

from flask_babel import gettext as _

from marketplace.accounts.actor import Actor
from marketplace.agencies.words import name_behind
from marketplace.contracts.models import Party
from marketplace.deals.lifecycle import FINAL, STOPPED, State
from marketplace.deals.models import Deal, DealEvent, DealSide, Message
from marketplace.deals.policy import side_of, whose_turn


@dataclass(frozen=True, slots=True)
class Perspective:
    """The deal (with creator and brand loaded), its reader, and whose signatures are on the contract."""

    deal: Deal
    actor: Actor
    signed: frozenset[Party] = frozenset()

    @property
    def side(self) -> DealSide:
        """The reader's side; an administrator looks on."""
        return side_of(self.actor, self.deal) or DealSide.ADMIN

    @property
    def other_name(self) -> str:
        """The name of the side across; an administrator has none, and reads the creator's."""
        return self.deal.brand.name if self.side is DealSide.CREATOR else self.deal.creator.name

    def name_of(self, side: DealSide) -> str:
        match side:
            case DealSide.CREATOR:
                return self.deal.creator.name
            case DealSide.BRAND:
                return self.deal.brand.name
            case DealSide.ADMIN:
                return str(_("An administrator"))
            case DealSide.CLOCK:
                return "Mutuals"

    def who_did(self, entry: DealEvent | Message) -> str:
        """You, a colleague by name, or the other side by the name it goes by; an agency's people say for whom."""
        if entry.user_id is not None and entry.user_id == self.actor.user_id:
            return str(_("You"))
        kept = entry.actor_name if isinstance(entry, DealEvent) else entry.author_name
        if entry.side is DealSide.CREATOR:
            return name_behind(entry.user_id, kept, self.deal.creator)
        return kept if entry.side is self.side else self.name_of(entry.side)

    @property
    def turn_of(self) -> DealSide | None:
        """Whom the deal waits for. While it is signed that may be both: then the reader's side comes first."""
        if self.deal.state is not State.SIGNING:
            return whose_turn(self.deal)
        waiting = [side for side in (DealSide.CREATOR, DealSide.BRAND) if Party(side.value) not in self.signed]
        return self.side if self.side in waiting or not waiting else waiting[0]

    @property
    def tone(self) -> str:
        """The colour of the deal for its reader: you, them, done, over or alarm."""
        return tone_of(self.deal, self.turn_of is self.side)


def tone_of(deal: Deal, yours: bool) -> str:
    """you, them, done, over or alarm."""
    if deal.state in STOPPED:
        return "alarm"
    if deal.state is State.COMPLETED:
        return "done"
    if deal.state in FINAL:
        return "over"
    return "you" if yours else "them"
