"""Counts of fans that come another way than by evidence: the platform's feed, a code in a channel's text, a jump."""

import hashlib
import io
from random import Random
from typing import Final

from marketplace.creators.channels import add_channel
from marketplace.creators.codes import ask_code, report_code
from marketplace.creators.feed_runs import run_file, store_upload
from marketplace.creators.models import FeedWay, Platform, ReadingStatus
from marketplace.creators.platforms import HOSTS
from marketplace.creators.policy import today
from marketplace.creators.readings import submit_reading
from marketplace.demo.evidence import drawn
from marketplace.demo.people import PEOPLE
from marketplace.demo.world import Story, World
from marketplace.infra.db import end_transaction, transaction

GRACE: Final = ("ke-wai", 9_740)
JUMPED: Final = ("hai-bian", 118_300)
FLAGGED: Final = ("tang-mo", 131_900)
CODED: Final = ("pia-lang", Platform.YOUTUBE, 10_860)
_HEADER: Final = "platform,handle,fans,taken_on\n"
_FEED: Final = (Platform.DOUYIN, Platform.WECHAT_CHANNELS)


def counts(world: World) -> list[Story]:
    return [_fed(world), _refused(world), _checked(world), _flagged(world), _coded(world)]


def _fed(world: World) -> Story:
    """One platform's counts of a day. A creator falls below the threshold by them, another's jump has to wait."""
    yield world.at(6, 4, 10)
    said = dict((GRACE, JUMPED))
    rows = [
        _row(platform, one.handle, said.get(one.handle, fans + fans // 250))
        for one in PEOPLE
        for platform, fans in one.fans.items()
        if platform in _FEED and one.newest is ReadingStatus.ACCEPTED
    ]
    content = (_HEADER + "".join(rows)).encode()
    run_file(FeedWay.HTTP, io.BytesIO(content), hashlib.sha256(content).hexdigest(), dry_run=False)
    end_transaction()


def _row(platform: Platform, handle: str, fans: int | str, day: str = "") -> str:
    return f"{platform.value},{handle},{fans},{day or today().isoformat()}\n"


def _refused(world: World) -> Story:
    """A file that an administrator tries, with lines that are wrong."""
    yield world.at(2, 10, 20)
    rows = (
        _row(Platform.KUAISHOU, "luo-jianguo", 690_200),
        _row(Platform.KUAISHOU, "luo-jianguo-2", 4_100),
        _row(Platform.KUAISHOU, "jiang-mujiang", "72万"),
        _row(Platform.KUAISHOU, "yu-yumao", 34_900, "2031-01-01"),
        _row(Platform.KUAISHOU, "luo-jianguo", 690_300),
        "kuaishow,zhu-sanwan,311000," + today().isoformat() + "\n",
    )
    with transaction():
        store_upload(world.admin, [(_HEADER + "".join(rows)).encode()], "kuaishou-by-hand.csv")


def _checked(world: World) -> Story:
    """The same, corrected: it waits to be applied."""
    yield world.at(1, 10, 40)
    rows = [
        _row(Platform.KUAISHOU, one.handle, one.fans[Platform.KUAISHOU] * 1_006 // 1_000)
        for one in PEOPLE
        if Platform.KUAISHOU in one.fans
    ]
    with transaction():
        store_upload(world.admin, [(_HEADER + "".join(rows)).encode()], "kuaishou-corrected.csv")


def _flagged(world: World) -> Story:
    """More than twice the fans of some days before: by evidence, so that somebody has to look."""
    handle, fans = FLAGGED
    yield world.at(1, 14, 25)
    actor = world.actors[handle]
    day = today().isoformat()
    evidence = drawn(handle, fans, day, Random(handle).randrange(360))  # noqa: S311 - the same every time
    with transaction():
        submit_reading(actor, world.channels[handle, Platform.DOUYIN], fans, today(), evidence)


def _coded(world: World) -> Story:
    handle, platform, fans = CODED
    yield world.at(2, 19, 5)
    actor = world.actors[handle]
    with transaction():
        channel_id = add_channel(actor, platform, handle, f"https://www.{HOSTS[platform][0]}/{handle}-demo").id
        ask_code(actor, channel_id)
    yield world.at(1, 19, 30)
    with transaction():
        report_code(actor, channel_id, fans)
