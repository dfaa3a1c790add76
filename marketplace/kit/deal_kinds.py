"""What kind of work a deal is, for fee rules; and what is made, which offers and briefs name more finely."""

from enum import StrEnum


class DealKind(StrEnum):
    VIDEO = "video"
    IMAGE = "image"
    LIVE_MENTION = "live_mention"
    LIVE_SESSION = "live_session"
    LIVE_COMMERCE = "live_commerce"
    LIVE_REWARDS = "live_rewards"


class ContentKind(StrEnum):
    """What is made. A live session is sold by the hour."""

    VIDEO_20 = "video_20"
    VIDEO_60 = "video_60"
    VIDEO_LONG = "video_long"
    SERIES = "series"
    IMAGE_POST = "image_post"
    LIVE_MENTION = "live_mention"
    LIVE_SESSION = "live_session"
    LIVE_COMMERCE = "live_commerce"

    @property
    def deal_kind(self) -> DealKind:
        """The kind by which fee rules know it."""
        return _DEAL_KINDS[self]


_DEAL_KINDS = {
    ContentKind.VIDEO_20: DealKind.VIDEO,
    ContentKind.VIDEO_60: DealKind.VIDEO,
    ContentKind.VIDEO_LONG: DealKind.VIDEO,
    ContentKind.SERIES: DealKind.VIDEO,
    ContentKind.IMAGE_POST: DealKind.IMAGE,
    ContentKind.LIVE_MENTION: DealKind.LIVE_MENTION,
    ContentKind.LIVE_SESSION: DealKind.LIVE_SESSION,
    ContentKind.LIVE_COMMERCE: DealKind.LIVE_COMMERCE,
}
