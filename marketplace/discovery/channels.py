"""The channels of a creator as their public page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.creators.models import Channel, FanReading, ReadingStatus
from marketplace.creators.queries import channels_with_readings


@dataclass(frozen=True, slots=True)
class ChannelFans:
    """A channel with its newest accepted reading, if it has one."""

    channel: Channel
    reading: FanReading | None

    @property
    def fans(self) -> int:
        return self.reading.fans if self.reading is not None else 0


def channel_fans(creator_id: int) -> Sequence[ChannelFans]:
    """The creator's channels, the most verified fans first: two queries."""
    found = [ChannelFans(channel, _newest_accepted(channel)) for channel in channels_with_readings(creator_id)]
    return sorted(found, key=lambda channel: channel.fans, reverse=True)


def _newest_accepted(channel: Channel) -> FanReading | None:
    accepted = [reading for reading in channel.readings if reading.status is ReadingStatus.ACCEPTED]
    return max(accepted, key=lambda reading: (reading.taken_on, reading.id), default=None)
