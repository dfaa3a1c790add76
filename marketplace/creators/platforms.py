"""The platforms' own addresses: a channel's link must lead to the platform that it claims."""

import re
from urllib.parse import SplitResult, urlsplit

from flask_babel import gettext as _

from marketplace.creators.models import Platform
from marketplace.infra.labels import label
from marketplace.kit.errors import Invalid

HOSTS: dict[Platform, tuple[str, ...]] = {
    Platform.WECHAT_CHANNELS: ("weixin.qq.com",),
    Platform.DOUYIN: ("douyin.com", "iesdouyin.com"),
    Platform.KUAISHOU: ("kuaishou.com", "gifshow.com"),
    Platform.XIAOHONGSHU: ("xiaohongshu.com", "xhslink.com"),
    Platform.BILIBILI: ("bilibili.com", "b23.tv"),
    Platform.WEIBO: ("weibo.com", "weibo.cn"),
    Platform.YOUTUBE: ("youtube.com", "youtu.be"),
    Platform.TIKTOK: ("tiktok.com",),
    Platform.INSTAGRAM: ("instagram.com",),
    Platform.X: ("x.com", "twitter.com"),
    Platform.TWITCH: ("twitch.tv",),
}
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


def channel_url(platform: Platform, typed: str) -> str:
    """The channel's address as we keep it, with its scheme and without a fragment.

    Raises:
        Invalid: it isn't a web address, or leads to another site than the platform's.
    """
    wrong = _("Write the whole address of the channel, such as %(example)s.", example=_EXAMPLE)
    return _kept(platform, _web_address(typed, wrong))


def work_url(platform: Platform, typed: str) -> str:
    """The address of one piece of work on the platform, kept likewise.

    Raises:
        Invalid: it isn't a web address, or leads to another site than the platform's.
    """
    wrong = _("Write the whole address of the work, such as %(example)s.", example=_WORK_EXAMPLE)
    return _kept(platform, _web_address(typed, wrong))


def _kept(platform: Platform, parts: SplitResult) -> str:
    host = parts.hostname or ""
    owner = _owner_of(host)
    if platform is Platform.OTHER and owner is not None:
        raise Invalid(
            _("This address belongs to %(platform)s. Choose that platform.", platform=label(owner)), field="url"
        )
    if platform is not Platform.OTHER and owner is not platform:
        hosts = HOSTS[platform]
        raise Invalid(
            _("An address on %(platform)s is at %(host)s.", platform=label(platform), host=hosts[0]), field="url"
        )
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{host}{path}" + (f"?{parts.query}" if parts.query else "")


def _web_address(typed: str, wrong_words: str) -> SplitResult:
    wrong = Invalid(wrong_words, field="url")
    address = typed if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", typed) else f"https://{typed}"
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise wrong from None
    plain = parts.scheme in ("http", "https") and parts.username is None and parts.password is None and port is None
    if not plain or not _HOST.fullmatch(parts.hostname or "") or re.search(r"[\s\x00-\x20<>\"'\\]", address):
        raise wrong
    return parts


_EXAMPLE = "https://space.bilibili.com/12345"
_WORK_EXAMPLE = "https://www.bilibili.com/video/BV1xx411c7mD"


def _owner_of(host: str) -> Platform | None:
    return next((platform for platform, hosts in HOSTS.items() for known in hosts if _is_at(host, known)), None)


def _is_at(host: str, known: str) -> bool:
    return host == known or host.endswith("." + known)
