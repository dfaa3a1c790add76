"""The channels of a creator as their public page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.creators.models import Channel, FanReading
from marketplace.creators.reading_queries import channels_with_newest


@dataclass(frozen=True, slots=True)
class ChannelFans:
    """A channel with its newest accepted reading, if it has one."""

    channel: Channel
    reading: FanReading | None

    @property
    def fans(self) -> int:
        return self.reading.fans if self.reading is not None else 0


def channel_fans(creator_id: int) -> Sequence[ChannelFans]:
    """The creator's channels, the most verified fans first: one query."""
    found = [ChannelFans(channel, reading) for channel, reading in channels_with_newest(creator_id)]
    return sorted(found, key=lambda channel: channel.fans, reverse=True)
