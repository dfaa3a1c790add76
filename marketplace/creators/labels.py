"""The words of platforms, categories and the standing of a reading."""

from flask_babel import lazy_gettext as _l

from marketplace.creators.models import Category, Platform, ReadingStatus
from marketplace.infra.labels import register

register(
    Platform,
    {
        Platform.WECHAT_CHANNELS: _l("WeChat Channels"),
        Platform.DOUYIN: _l("Douyin"),
        Platform.KUAISHOU: _l("Kuaishou"),
        Platform.XIAOHONGSHU: _l("Xiaohongshu"),
        Platform.BILIBILI: _l("Bilibili"),
        Platform.WEIBO: _l("Weibo"),
        Platform.YOUTUBE: _l("YouTube"),
        Platform.TIKTOK: _l("TikTok"),
        Platform.INSTAGRAM: _l("Instagram"),
        Platform.X: _l("X"),
        Platform.TWITCH: _l("Twitch"),
        Platform.OTHER: _l("Another platform"),
    },
)
register(
    Category,
    {
        Category.FOOD: _l("Food and cooking"),
        Category.OUTDOORS: _l("Outdoors"),
        Category.TECHNOLOGY: _l("Technology"),
        Category.HOME: _l("Home and living"),
        Category.CITY: _l("City life"),
        Category.SPORT: _l("Sport"),
        Category.MUSIC: _l("Music"),
        Category.BEAUTY: _l("Beauty"),
        Category.FASHION: _l("Fashion"),
        Category.BOOKS: _l("Books and learning"),
        Category.FAMILY: _l("Family"),
        Category.TRAVEL: _l("Travel"),
        Category.OTHER: _l("Something else"),
    },
)
register(
    ReadingStatus,
    {
        ReadingStatus.PENDING: _l("Waiting for review"),
        ReadingStatus.ACCEPTED: _l("Accepted"),
        ReadingStatus.REJECTED: _l("Rejected"),
    },
)
