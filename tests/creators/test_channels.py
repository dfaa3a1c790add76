"""Channels: claimed once, with an address on the platform's own site."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.accounts.models import Side
from marketplace.app import load_actor
from marketplace.creators.channels import MOST_CHANNELS, add_channel
from marketplace.creators.models import Channel, Platform
from marketplace.creators.platforms import HOSTS, channel_url
from marketplace.infra.db import db, transaction
from marketplace.kit.errors import Invalid, NotAllowed
from tests.support.market import CreatorSide, make_creator, make_user, sign_in
from tests.support.web import Client

CHANNEL = {"platform": "bilibili", "handle": "@lin-yue", "url": "space.bilibili.com/12345"}


@pytest.fixture
def creator(app: Flask) -> CreatorSide:
    with app.app_context(), transaction():
        return make_creator(eligible=False)


def channels_of(creator: CreatorSide) -> int:
    return db.session.scalar(select(func.count()).select_from(Channel).where(Channel.creator_id == creator.id)) or 0


def test_a_channel_is_added_with_its_whole_address(app: Flask, client: Client, creator: CreatorSide) -> None:
    sign_in(client, creator)
    answer = client.post("/me/channels/new", data=CHANNEL)
    assert answer.status_code == 303
    with app.app_context():
        channel = db.session.scalars(select(Channel).where(Channel.platform == Platform.BILIBILI)).one()
        assert (channel.handle, channel.url) == ("lin-yue", "https://space.bilibili.com/12345")
        assert answer.location == f"/me/channels/{channel.id}"


@pytest.mark.parametrize("platform", list(HOSTS))
def test_each_platform_takes_its_own_site_and_its_subdomains(context: None, platform: Platform) -> None:
    for host in HOSTS[platform]:
        assert channel_url(platform, f"https://{host}/me") == f"https://{host}/me"
        assert channel_url(platform, f"http://www.{host}/me/?a=1#top") == f"http://www.{host}/me?a=1"


@pytest.mark.parametrize(
    "typed",
    [
        "https://evil.example/space.bilibili.com",
        "https://bilibili.com.evil.example/1",
        "https://notbilibili.com/1",
        "https://www.youtube.com/@lin",
        "https://bilibili.com@evil.example/",
        "https://user:word@space.bilibili.com/1",
        "https://space.bilibili.com:8443/1",
        "https://space.bilibili.com:99999999/1",
        "https://[::1]/1",
        "https://127.0.0.1/1",
        "https://localhost/1",
        "javascript:alert(1)//bilibili.com",
        "data:text/html,bilibili.com",
        "ftp://bilibili.com/1",
        'https://bilibili.com/"><script>',
        "https://bilibili.com/a b",
        "https://",
        "bilibili",
        "//",
    ],
)
def test_an_address_elsewhere_is_refused(context: None, typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        channel_url(Platform.BILIBILI, typed)
    assert refused.value.field == "url"


def test_another_platform_takes_any_site_but_those_we_know(context: None) -> None:
    assert channel_url(Platform.OTHER, "peertube.example/a/lin") == "https://peertube.example/a/lin"
    with pytest.raises(Invalid, match="belongs to YouTube"):
        channel_url(Platform.OTHER, "https://www.youtube.com/@lin")


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("platform", "", "Choose one of the options."),
        ("platform", "myspace", "Choose one of the options."),
        ("handle", "", "Fill this in."),
        ("handle", "@", "Write the name of the channel."),
        ("handle", "x" * 81, "at most 80 characters"),
        ("url", "", "Fill this in."),
        ("url", "https://space.bilibili.com/" + "1" * 600, "at most 500 characters"),
        ("url", "https://www.douyin.com/user/1", "An address on Bilibili is at bilibili.com."),
    ],
)
def test_bad_input_is_answered_beside_the_field_and_changes_nothing(
    client: Client, creator: CreatorSide, field: str, typed: str, why: str
) -> None:
    sign_in(client, creator)
    answer = client.post("/me/channels/new", data={**CHANNEL, field: typed})
    assert answer.status_code == 422
    assert why in answer.text
    assert f'id="{field}-error"' in answer.text
    with client.application.app_context():
        assert channels_of(creator) == 1


def test_a_channel_is_claimed_once_whatever_the_case(app: Flask, client: Client, creator: CreatorSide) -> None:
    with app.app_context(), transaction():
        other = make_creator("Gu Wen")
        add_channel(other.actor, Platform.BILIBILI, "Lin-YUE", "https://space.bilibili.com/12345")
    sign_in(client, creator)
    answer = client.post("/me/channels/new", data=CHANNEL)
    assert answer.status_code == 422
    assert "has been claimed already" in answer.text


def test_channels_elsewhere_are_told_apart_by_their_address(context: None, creator: CreatorSide) -> None:
    with transaction():
        add_channel(creator.actor, Platform.OTHER, "lin", "https://one.example/lin")
        add_channel(creator.actor, Platform.OTHER, "lin", "https://two.example/lin")
        with pytest.raises(Invalid) as refused:
            add_channel(creator.actor, Platform.OTHER, "yue", "https://ONE.example/LIN")
    assert refused.value.field == "url"
    assert channels_of(creator) == 3, "a refusal leaves the transaction usable"


def test_a_profile_has_only_so_many_channels(context: None, creator: CreatorSide) -> None:
    with transaction():
        for number in range(MOST_CHANNELS - 1):
            add_channel(creator.actor, Platform.OTHER, f"lin {number}", f"https://site.example/{number}")
        with pytest.raises(Invalid, match="the most that a profile can have"):
            add_channel(creator.actor, Platform.OTHER, "one more", "https://site.example/more")


def test_without_a_profile_there_are_no_channels(app: Flask, client: Client) -> None:
    with app.app_context(), transaction():
        user = make_user(Side.CREATOR)
        newcomer = CreatorSide(0, "", user.id, user.get_id(), load_actor(user))
        with pytest.raises(NotAllowed):
            add_channel(newcomer.actor, Platform.OTHER, "lin", "https://one.example/lin")
    sign_in(client, newcomer)
    for answer in (client.get("/me/channels"), client.post("/me/channels/new", data=CHANNEL)):
        assert (answer.status_code, answer.location) == (303, "/me/profile")
