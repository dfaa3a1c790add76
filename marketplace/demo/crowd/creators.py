"""A crowd of creators: people, profiles, channels, readings, offers and packages, a stretch of them at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from marketplace.accounts.models import Side
from marketplace.creators.models import Category, Platform, ReadingSource, ReadingStatus
from marketplace.demo.crowd.chances import Zipf, log_normal_fans, words
from marketplace.kit.deal_kinds import ContentKind
from marketplace.offers.models import OfferStatus

Row = dict[str, Any]
REGIONS = words(
    "上海 北京 广州 深圳 成都 杭州 重庆 武汉 西安 苏州 南京 长沙 天津 郑州 东莞 青岛 昆明 宁波 合肥 佛山 沈阳 无锡"
)
CATEGORIES = Zipf(list(Category))
PLATFORMS: Zipf[Platform] = Zipf([platform for platform in Platform if platform is not Platform.OTHER])
CONTENTS = Zipf(list(ContentKind))
_FAMILY = words("王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 高 罗")
_GIVEN = words("悦 伟 芳 敏 静 磊 洋 艳 勇 杰 娟 涛 明 超 霞 平 刚 桂 英 华 子涵 梓轩 雨桐 思远 若溪")
_LATIN = words("Lin Mei Tomas Amara Ben Priya Marta Jonah Ingrid Kofi Sofia Noor Elias Hana Pavel Ruth")
_SURNAMES = words("Okafor Voss Achterberg Elgin Reyes Solheim Mensah Lindqvist Haddad Novak Sato Weber")
_DOES_ZH = Zipf(
    ["慢火晚餐", "一个人的周末", "骑车看城市", "开箱不吹牛", "小房间改造", "给孩子读书", "街头好声音", "认真护肤"]
)
_DOES_EN = Zipf(
    ["Slow suppers", "Weekends alone", "The city by bike", "Honest unboxing", "A small flat", "Bedtime books"]
)
_OFFERS_ZH = Zipf(["真实使用视频", "图文笔记", "直播间口播", "专场带货", "三集系列", "探店短片"])
_OFFERS_EN = Zipf(["A film in my kitchen", "Picture post", "A mention on air", "A live hour", "Three-part series"])
DAYS = 1000


@dataclass(frozen=True, slots=True)
class Facts:
    """What one creator is; everything follows from their number."""

    number: int
    name: str
    locale: str
    category: Category
    region: str
    fans: dict[Platform, int]
    joined: datetime
    offers: int
    does: str
    rng: Random

    @property
    def verified(self) -> int:
        return max(self.fans.values(), default=0)


def facts(number: int, seed: int, now: datetime) -> Facts:
    rng = Random(seed * 1_000_003 + number)  # noqa: S311 - the same every time
    chinese = rng.random() < 0.8
    fans = {PLATFORMS.choose(rng): log_normal_fans(rng) for _ in range(1 + int(rng.random() * 1.8))}
    return Facts(
        number=number,
        name=_FAMILY.choose(rng) + _GIVEN.choose(rng) if chinese else f"{_LATIN.choose(rng)} {_SURNAMES.choose(rng)}",
        locale="zh" if chinese else "en",
        category=CATEGORIES.choose(rng),
        region=REGIONS.choose(rng),
        fans=fans,
        joined=now - timedelta(days=1 + rng.random() * DAYS),
        offers=1 + int(rng.random() ** 2 * 4) if rng.random() < 0.9 else 0,
        does=(_DOES_ZH if chinese else _DOES_EN).choose(rng),
        rng=rng,
    )


def user_row(one: Facts, user_id: int, password_hash: str) -> Row:
    return {
        "id": user_id,
        "email": f"creator{user_id}@crowd.mutuals.example",
        "password_hash": password_hash,
        "name": one.name,
        "side": Side.CREATOR,
        "locale": one.locale,
        "timezone": "Asia/Shanghai",
        "email_confirmed_at": one.joined,
        "created_at": one.joined,
    }


def creator_row(one: Facts, creator_id: int, user_id: int, threshold: int, offers: Sequence[Mapping[str, Any]]) -> Row:
    listed = [offer for offer in offers if offer["status"] is OfferStatus.LISTED]
    return {
        "id": creator_id,
        "user_id": user_id,
        "handle": f"crowd-{creator_id}",
        "name": one.name,
        "headline_en": one.does if one.locale == "en" else "",
        "headline_zh": one.does if one.locale == "zh" else "",
        "region": one.region,
        "category": one.category,
        "categories": [one.category.value],
        "verified_fans": one.verified,
        "enough_fans": one.verified > threshold,
        "eligible": one.verified > threshold,
        "newest_offer_at": max((offer["listed_at"] for offer in listed), default=None),
        "lowest_amount": min((offer["lowest_amount"] for offer in listed), default=None),
        "created_at": one.joined,
    }


def channel_rows(one: Facts, creator_id: int, first_id: int) -> Iterator[Row]:
    for place, platform in enumerate(one.fans):
        yield {
            "id": first_id + place,
            "creator_id": creator_id,
            "platform": platform,
            "handle": f"crowd{creator_id}",
            "url": f"https://example.com/{platform.value}/crowd{creator_id}",
            "external_id": f"crowd{creator_id}",
            "verified_at": one.joined,
            "verified_by": ReadingSource.CODE,
            "created_at": one.joined,
        }


def reading_rows(one: Facts, first_channel_id: int) -> Iterator[Row]:
    """Two readings a channel: where it stood on joining, and where it stands."""
    for place, count in enumerate(one.fans.values()):
        for fans, taken in ((count * 7 // 10, one.joined), (count, one.joined + timedelta(hours=20))):
            yield {
                "channel_id": first_channel_id + place,
                "fans": fans,
                "taken_on": taken.date(),
                "source": ReadingSource.CODE,
                "status": ReadingStatus.ACCEPTED,
                "submitted_at": taken,
                "reviewed_at": taken,
            }


def offer_rows(one: Facts, creator_id: int, first_id: int, threshold: int) -> Iterator[tuple[Row, list[Row]]]:
    """Offers with their packages; one in eight isn't listed."""
    if one.verified <= threshold:
        return
    for place in range(one.offers):
        content = CONTENTS.choose(one.rng)
        lowest = max(20_000, min(int(one.verified * one.rng.uniform(2, 12)) // 10_000 * 10_000, 80_000_000))
        titles = _OFFERS_ZH if one.locale == "zh" else _OFFERS_EN
        offer: Row = {
            "id": first_id + place,
            "creator_id": creator_id,
            "title": f"{titles.choose(one.rng)} {place + 1}",
            "description": one.does,
            "category": one.category,
            "status": OfferStatus.LISTED if one.rng.random() < 0.875 else OfferStatus.PAUSED,
            "currency": "CNY",
            "lowest_amount": lowest,
            "position": place,
            "created_at": one.joined,
            "listed_at": one.joined + timedelta(days=one.rng.random()),
        }
        yield offer, [_package(offer, content, number) for number in range(1 + int(one.rng.random() * 3))]


def _package(offer: Row, content: ContentKind, number: int) -> Row:
    return {
        "offer_id": offer["id"],
        "position": number + 1,
        "name": ("Basic", "Standard", "Premium")[number],
        "content": content,
        "kind": content.deal_kind,
        "hours": 2 if content is ContentKind.LIVE_SESSION else None,
        "episodes": 3 if content is ContentKind.SERIES else None,
        "deliverables": offer["title"],
        "delivery_days": 7 + 4 * number,
        "revisions": number,
        "price_amount": offer["lowest_amount"] * (number + 1),
        "price_currency": "CNY",
    }
