"""What some of the demo's creators say of themselves beyond `people`: languages, categories, a second tongue, pictures."""

from dataclasses import dataclass
from typing import Any, Final

from marketplace.creators.models import Category as C
from marketplace.creators.service import CreatorFacts, ProfilePictures
from marketplace.demo import drawing
from marketplace.demo.spec import Person
from marketplace.infra.pictures import PictureChange


@dataclass(frozen=True, slots=True)
class _Also:
    """`headline` and `biography` in the language that they don't write in."""

    spoken: tuple[str, ...] = ()
    categories: tuple[C, ...] = ()
    headline: str = ""
    biography: str = ""


_ALSO: Final[dict[str, _Also]] = {
    "lin-yue": _Also(("zh", "en", "yue"), (C.HOME, C.CITY), "小厨房里的晚饭，最后只洗一口锅",
                     "在上海四平米的厨房里做饭。一口锅，当季菜，做坏的也留在片子里。东西先用两周再出镜，谁出的钱，前十秒就说。"),
    "he-mianmian": _Also(("zh", "en"), (C.HOME,), "Sichuan suppers from one pot, in thirty minutes",
                         "Six years of home cooking in a rented kitchen in Chengdu. No special stove, ingredients that "
                         "you can buy anywhere, and what goes wrong stays in."),
    "gu-xinghe": _Also(("zh", "en"), (C.MUSIC,), "I take devices apart to the last screw",
                       "Hardware engineer. One device an episode: opened, measured, closed again, or not."),
    "ye-hangyi": _Also(("zh", "en"), (C.BOOKS,), "China by slow train, one line a season",
                       "The longest ride took three days and two nights. Windows, lunch boxes and neighbours, shown "
                       "with their consent."),
    "mei-rosen": _Also(("en", "zh", "fr"), (C.BOOKS,), "一张饭桌，两种语言", "带孩子读中文和英文，每个游戏十分钟。"),
    "leo-tanaka-hill": _Also(("en", "ja"), (C.MUSIC,), "直播修键盘、合成器和旧相机", ""),
    "mo-lian": _Also(("zh",), (C.FASHION,), "Empty bottles, read by a pharmacist", ""),
    "tomas-okafor": _Also(("en", "pt"), (C.OUTDOORS, C.TRAVEL)),
    "amara-voss": _Also(("en", "de"), (C.TRAVEL,)),
    "ben-achterberg": _Also(("en", "nl", "de"), (C.HOME,)),
    "priya-nandakumar": _Also(("en", "hi", "ms"), (C.HOME,)),
    "marta-elgin": _Also(("en", "pl"), (C.CITY,)),
    "jonah-reyes": _Also(("en", "fil"), (C.CITY,)),
    "ingrid-solheim": _Also(("en", "sv", "de"), (C.CITY, C.OUTDOORS)),
    "kofi-mensah-baker": _Also(("en", "fr")),
    "sofia-lindqvist": _Also(("sv", "en")),
    "dele-marsh": _Also((), (C.CITY,)),
    "hana-petrov": _Also(("de", "en", "uk"), (C.HOME,)),
    "noor-aziz": _Also(("ms", "en", "yue"), (C.FOOD, C.TRAVEL)),
    "gabriel-ferro": _Also(("pt", "en"), (C.OUTDOORS,)),
    "zhu-sanwan": _Also((), (C.CITY, C.TRAVEL)),
    "wen-xiaozao": _Also((), (C.FAMILY,)),
    "qiao-shanshan": _Also((), (C.TRAVEL, C.SPORT)),
    "luo-jianguo": _Also(("zh", "ug"), (C.TRAVEL,)),
    "fang-zhou": _Also((), (C.HOME,)),
    "bai-jian": _Also((), (C.FAMILY, C.CITY)),
    "xu-pangpang": _Also((), (C.FOOD,)),
    "cheng-youran": _Also(("yue", "zh"), (C.FOOD,)),
    "bu-yi": _Also((), (C.BEAUTY,)),
    "du-laoshi": _Also((), (C.FAMILY,)),
    "mi-baba": _Also((), (C.HOME,)),
}  # fmt: skip
# Their own pictures; for the others the marketplace draws.
_FACES: Final = frozenset({"lin-yue", "he-mianmian", "tomas-okafor"})
_COVERS: Final = frozenset({"lin-yue", "amara-voss"})
_LOGOS: Final = {"tidewell": False, "weiguang-lights": True}
"""Whether the sign is a lamp."""


def facts_of(one: Person) -> CreatorFacts:
    also = _ALSO.get(one.handle, _Also())
    other = "en" if one.locale == "zh" else "zh"
    words: dict[str, Any] = {
        f"headline_{one.locale}": one.headline,
        f"biography_{one.locale}": one.biography,
        f"headline_{other}": also.headline,
        f"biography_{other}": also.biography,
    }
    return CreatorFacts(
        one.name,
        one.handle,
        one.category,
        region=one.region,
        spoken=also.spoken or (one.locale,),
        more_categories=also.categories,
        **words,
    )


def pictures_of(one: Person) -> ProfilePictures:
    return ProfilePictures(
        avatar=drawing.face(one.name) if one.handle in _FACES else drawing.NONE,
        cover=drawing.cover(one.name, one.category) if one.handle in _COVERS else drawing.NONE,
    )


def logo_of(handle: str) -> PictureChange:
    return drawing.logo(handle, lamp=_LOGOS[handle]) if handle in _LOGOS else drawing.NONE
