"""What kind of work a deal is: the word that offers, briefs, deals and fee rules share."""

from enum import StrEnum


class DealKind(StrEnum):
    VIDEO = "video"
    IMAGE = "image"
    LIVE_MENTION = "live_mention"
    LIVE_SESSION = "live_session"
    LIVE_COMMERCE = "live_commerce"
    LIVE_REWARDS = "live_rewards"
