"""What the demo's offers say beyond their packages: finer kinds of work, what is included, add-ons. Prices in yuan."""

from dataclasses import dataclass
from typing import Final

from marketplace.kit.deal_kinds import ContentKind as K
from marketplace.offers.models import AddonKind as A

AddonLine = tuple[A, int, int | None, str]
"""Kind, price, days (of a right, or sooner), more about it."""


@dataclass(frozen=True, slots=True)
class Extra:
    """`made` has for each package its kind and, of a live session or a series, how many hours or films."""

    made: tuple[tuple[K, int | None], ...] = ()
    included: tuple[tuple[str, ...], ...] = ()
    addons: tuple[AddonLine, ...] = ()


_TEXT, _PINNED, _STORY, _CAPTIONS = (
    "Recipe in the text",
    "Comment pinned for a week",
    "Two story frames",
    "English captions",
)
_SHOTS, _LINK = "Three stills to keep", "Link in the text"

EXTRAS: Final = {
    "One-pot supper film": Extra(
        ((K.VIDEO_LONG, None), (K.VIDEO_LONG, None), (K.SERIES, 3)),
        ((_TEXT, _LINK), (_TEXT, _LINK, _PINNED, _CAPTIONS), (_TEXT, _LINK, _PINNED, _CAPTIONS, _STORY)),
        ((A.USAGE_RIGHTS, 3_600, 180, "Your own channels and shop pages, not on television"),
         (A.EXCLUSIVITY, 5_000, 60, "No other cookware"), (A.RAW_FILES, 1_200, None, ""),
         (A.EXTRA_REVISION, 800, None, ""), (A.RUSH, 1_500, 4, "")),
    ),
    "Picture post from the kitchen": Extra(
        (), (("Daylight only", _LINK), ("Daylight only", _LINK, _TEXT, "Comments answered for three days")),
        ((A.USAGE_RIGHTS, 1_500, 90, "Your own channels"), (A.RUSH, 600, 3, "")),
    ),
    "A thousand kilometres with it": Extra(
        ((K.VIDEO_60, None), (K.VIDEO_LONG, None)), ((_LINK,), (_LINK, _SHOTS, "Route file to download")),
        ((A.USAGE_RIGHTS, 6_000, 365, "Online, worldwide"), (A.RAW_FILES, 2_500, None, "")),
    ),
    "On the way to the hut": Extra(
        ((K.VIDEO_LONG, None), (K.VIDEO_LONG, None)), ((_LINK,), (_LINK, _SHOTS)),
        ((A.USAGE_RIGHTS, 4_000, 180, ""), (A.EXCLUSIVITY, 4_500, 30, "No other rucksack"), (A.RUSH, 1_800, 5, "")),
    ),
    "Thirty days, then an opinion": Extra((), ((_LINK,), (_LINK, "Measurements as a table")), ()),
    "Weeknight recipe": Extra(
        ((K.VIDEO_60, None), (K.VIDEO_60, None)), ((_TEXT,), (_TEXT, "Five story frames", "Saved highlight")),
        ((A.USAGE_RIGHTS, 2_400, 90, "Paid posts on one platform"), (A.EXTRA_REVISION, 700, None, "")),
    ),
    "A corner of the flat": Extra((), ((_LINK,), (_LINK, "Before and after", "Measurements of the corner")), ()),
    "One take in a stairwell": Extra((), (("Gear list",), ("Gear list", "Talk about the sound")), ()),
    "From my oven": Extra(((K.VIDEO_60, None),), ((_TEXT, _LINK),), ((A.RAW_FILES, 1_500, None, ""),)),
    "Read the label with me": Extra(
        ((K.VIDEO_LONG, None), (K.SERIES, 2)), ((_CAPTIONS,), (_CAPTIONS, _PINNED)),
        ((A.EXCLUSIVITY, 3_800, 45, "No other cream"), (A.EXTRA_REVISION, 500, None, "")),
    ),
    "Altered to fit": Extra(((K.VIDEO_60, None),), (), ()),
    "On the bench, live": Extra(((K.LIVE_SESSION, 2),), (("Recording stays online", _LINK),), ()),
    "A morning at the counter": Extra((), (), ((A.USAGE_RIGHTS, 2_000, 90, ""),)),
    "Live from the boat": Extra((), (("Link in the chat",), ("Link in the chat", "Summary after each show")), ()),
    "三十分钟家常菜": Extra(
        ((K.VIDEO_60, None), (K.VIDEO_LONG, None)), (("菜谱写在正文",), ("菜谱写在正文", "评论置顶一周", "封面另拍")),
        ((A.USAGE_RIGHTS, 3_000, 180, "限品牌自有账号和店铺"), (A.EXTRA_REVISION, 600, None, ""),
         (A.RUSH, 1_200, 3, "")),
    ),
    "一天三碗面": Extra(
        ((K.VIDEO_60, None), (K.VIDEO_LONG, None)), (("门店定位",), ("门店定位", "评论置顶一周", "粉丝群转发")),
        ((A.USAGE_RIGHTS, 9_000, 365, "线上投放"), (A.EXCLUSIVITY, 12_000, 60, "不接其他面食品牌")),
    ),
    "面馆专场直播": Extra((), (("直播预告一条", "回放保留三十天"),), ()),
    "外婆的点心课": Extra((), (("克数字幕",), ("克数字幕", "可打印的配方卡")), ((A.RAW_FILES, 2_000, None, ""),)),
    "旧皮卡上的一段路": Extra(((K.VIDEO_60, None), (K.VIDEO_LONG, None)), (), ()),
    "拆到最后一颗螺丝": Extra(
        ((K.VIDEO_LONG, None), (K.SERIES, 2)), (("实测数据表",), ("实测数据表", "拆解照片原图", "评论区答疑三天")),
        ((A.USAGE_RIGHTS, 15_000, 180, "不得剪掉结论"), (A.RAW_FILES, 6_000, None, "")),
    ),
    "弄堂里的一下午": Extra(
        ((K.VIDEO_60, None), (K.VIDEO_LONG, None)), (("门店定位",), ("门店定位", "评论置顶一周")),
        ((A.USAGE_RIGHTS, 6_000, 90, ""), (A.RUSH, 3_000, 4, "")),
    ),
    "三分钟通勤妆": Extra(((K.VIDEO_60, None),), (("产品总价写在正文",),), ((A.EXTRA_REVISION, 700, None, ""),)),
    "周末手工台": Extra((), (), ((A.USAGE_RIGHTS, 2_500, 90, "孩子出镜的片段除外"),)),
    "A supper made live with you": Extra(
        ((K.LIVE_SESSION, 1), (K.LIVE_SESSION, 3)), (("Recording stays online",), ("Recording stays online", _STORY)),
        ((A.EXTRA_REVISION, 500, None, "One more rehearsal"),),
    ),
    "A desk check for a team abroad": Extra(
        ((K.VIDEO_20, None), (K.LIVE_SESSION, 2)), ((_CAPTIONS,), (_CAPTIONS, "Recording stays online")),
        ((A.USAGE_RIGHTS, 400, 365, "Internal use too"),),
    ),
}  # fmt: skip
