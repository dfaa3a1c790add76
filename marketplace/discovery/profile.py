"""A creator's public page. It stands here, above offers, because it shows them; its address is the creators'."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from marketplace.accounts.session import Role, access, current_actor
from marketplace.creators.models import Channel, FanReading, ReadingStatus
from marketplace.creators.policy import is_eligible
from marketplace.creators.queries import channels_with_readings, get_creator_by_handle
from marketplace.creators.views import bp
from marketplace.offers.policy import may_book
from marketplace.offers.queries import listed_offers_of


@dataclass(frozen=True, slots=True)
class ChannelFans:
    """A channel with its newest accepted reading, if it has one."""

    channel: Channel
    reading: FanReading | None

    @property
    def fans(self) -> int:
        return self.reading.fans if self.reading is not None else 0


@bp.get("/c/<handle>", endpoint="profile")
@access(Role.PUBLIC)
def show(handle: str) -> ResponseReturnValue:
    creator = get_creator_by_handle(handle)
    channels = sorted(_verified(channels_with_readings(creator.id)), key=lambda found: found.fans, reverse=True)
    offers = listed_offers_of(creator)
    actor = current_actor()
    return render_template(
        "creators/profile.html",
        creator=creator,
        channels=channels,
        largest=channels[0].reading if channels else None,
        offers=offers,
        lowest=min((offer.lowest for offer in offers), default=None),
        own=actor.creator_id == creator.id,
        may_book=may_book(actor),
        may_invite=actor.may_manage_brand and is_eligible(creator),
    )


def _verified(channels: Sequence[Channel]) -> list[ChannelFans]:
    return [ChannelFans(channel, _newest_accepted(channel)) for channel in channels]


def _newest_accepted(channel: Channel) -> FanReading | None:
    accepted = [reading for reading in channel.readings if reading.status is ReadingStatus.ACCEPTED]
    return max(accepted, key=lambda reading: (reading.taken_on, reading.id), default=None)
