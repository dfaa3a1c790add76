"""What some of the demo's briefs say besides: products, musts, rules, who may answer; and what was asked about them."""

from dataclasses import dataclass
from typing import Final

from marketplace.briefs.models import BudgetKind, Visibility
from marketplace.kit.deal_kinds import ContentKind

Made = tuple[tuple[ContentKind, int], ...]


@dataclass(frozen=True, slots=True)
class More:
    """`rate` and `total` in yuan; with a rate the budget's upper end is the most for a place."""

    product: str = ""
    made: Made = ()
    messages: tuple[str, ...] = ()
    musts: tuple[str, ...] = ()
    must_nots: tuple[str, ...] = ()
    audience: str = ""
    most_fans: int | None = None
    visibility: Visibility = Visibility.PUBLIC
    budget_kind: BudgetKind = BudgetKind.RANGE
    rate: int | None = None
    total: int | None = None
    exclusivity: str = ""
    links: tuple[tuple[str, str], ...] = ()
    is_template: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """A question of a creator about a brief, in days before today, and the answer, if there is one."""

    brief: str
    creator: str
    asked: int
    question: str
    answer: str = ""


MORE: Final[dict[str, More]] = {
    "one-pot-week": More(is_template=True, made=((ContentKind.VIDEO_LONG, 1),)),
    "balcony-suppers": More(
        product="Clay pot No. 3, three litres. You get one, and keep it.",
        made=((ContentKind.VIDEO_LONG, 1),),
        musts=("The pot carried outside", "The evening’s own sound"),
        must_nots=("Music added in the edit",),
        audience="People in cities who cook on weekdays.",
        total=48_000,
    ),
    "autumn-clay-pot": More(
        product="Clay pot No. 5: unglazed, four litres, made in Tidewell’s own kiln. You get one, and keep it.",
        made=((ContentKind.VIDEO_LONG, 1), (ContentKind.IMAGE_POST, 1)),
        messages=("It goes from the stove to the table", "The lid keeps the steam where it belongs"),
        musts=("One recipe from start to table", "The lid lifted once, close", "“Made with Tidewell” in line one"),
        must_nots=("Other pots in the picture", "Claims about health"),
        audience="Thirty and over, a small kitchen, somebody to cook for.",
        total=60_000,
        exclusivity="No other cookware for 30 days after publication.",
        links=(("Last autumn’s film", "https://tidewell.example/films/autumn"),
               ("How the lid is made", "https://tidewell.example/kiln")),
    ),
    "kettle-for-one": More(
        product="A kettle of 0.6 litres that whistles softly. Yours to keep.",
        made=((ContentKind.IMAGE_POST, 1),),
        musts=("Morning light", "The kettle on your own stove"),
        must_nots=("Other kettles",),
    ),
    "study-lamp-autumn": More(
        product="微光台灯三代，照度 1,200 勒克斯，寄出后归你。",
        made=((ContentKind.VIDEO_LONG, 1),),
        messages=("换灯前后是同一张桌子", "照度看得见"),
        musts=("换之前和换之后各拍一遍", "照度计读数入镜"),
        must_nots=("不说“护眼”“防近视”", "不与其他品牌对比"),
        audience="有孩子上小学的家庭。",
        exclusivity="发布后 30 天内不接其他台灯。",
        links=(("照度怎么测", "https://weiguang-lights.example/lux"),),
    ),
    "slow-line-winter": More(
        product="冬季慢车团，四天三晚，车票食宿由我们承担。",
        made=((ContentKind.VIDEO_LONG, 1), (ContentKind.IMAGE_POST, 1)),
        musts=("写明每一段的实价", "至少一段没有配乐的车厢声"),
        must_nots=("不催促下单",),
        audience="想慢下来的人。",
        total=48_000,
    ),
    "lid-before-launch": More(
        product="A lid that fits every pot of ours. Nobody has seen it yet.",
        made=((ContentKind.VIDEO_60, 2),),
        musts=("Published on launch day, not before",),
        must_nots=("Anything about it before launch day",),
        visibility=Visibility.PRIVATE,
        budget_kind=BudgetKind.FIXED,
        exclusivity="Silence until launch day.",
    ),
    "hut-to-hut": More(
        product="The winter shell, and two nights in huts that we book.",
        made=((ContentKind.VIDEO_LONG, 1),),
        musts=("Weather as it comes",),
        must_nots=("Off-path walking in reserves",),
        visibility=Visibility.INVITATION,
    ),
    "noodles-by-views": More(
        product="手擀面六人份，寄到家。",
        made=((ContentKind.VIDEO_20, 1), (ContentKind.VIDEO_60, 1)),
        musts=("十分钟内吃上",),
        must_nots=("不摆拍",),
        audience="下班后自己做饭的人。",
        budget_kind=BudgetKind.VIEWS,
        rate=45,
    ),
    "repair-cream": More(
        product="修护面霜 50 毫升。",
        made=((ContentKind.IMAGE_POST, 1),),
        musts=("连用十四天",),
    ),
}  # fmt: skip

TALKS: Final = (
    Talk("autumn-clay-pot", "lin-yue", 10, "May the film be part of a longer series on my channel?",
         "Yes, as long as no other pot is in the other parts."),
    Talk("autumn-clay-pot", "clara-winther", 6, "My kitchen has induction. Does the pot work there?",
         "Not by itself. We send a steel plate with it; say so in the film."),
    Talk("autumn-clay-pot", "marta-elgin", 2, "Is the picture post for the same platform as the film?"),
    Talk("study-lamp-autumn", "mi-baba", 5, "孩子不露脸可以吗？", "可以，拍手和作业就好。"),
    Talk("study-lamp-autumn", "fang-zhou", 2, "没有照度计，用手机应用测可以吗？"),
)  # fmt: skip

WATCHED: Final[dict[str, tuple[str, ...]]] = {
    "en": ("guaranteed income", "miracle cure", "pay me outside"),
    "zh": ("根治", "稳赚不赔", "加微信转账"),
}
"""Words that an administrator of the demo watches, by language."""
