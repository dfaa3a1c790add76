"""Watched words are found however they are written, and only where they stand as words; lists are kept by the line."""

import random
from time import perf_counter

import pytest
from flask import Flask

from marketplace.accounts.actor import Actor
from marketplace.infra.db import db, transaction
from marketplace.kit.errors import Invalid, NotAllowed, NotFound
from marketplace.moderation.queries import count_words, list_words
from marketplace.moderation.service import find_watched_words
from marketplace.moderation.text import Words, fold
from marketplace.moderation.words import MOST_WORDS, add_words, remove_word
from tests.support import market
from tests.support.counting import counted_queries

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def admin(context: None) -> Actor:
    with transaction():
        return market.make_admin()


def found(text: str, *words: str) -> set[str]:
    return Words({fold(word): word for word in words}).find(text)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Get rich quick, now", "get rich quick"),
        ("GET   Rich\nQuick", "get rich quick"),
        ("ＧＥＴ　ｒｉｃｈ quick", "Get rich quick"),
        ("a sc\u200bam\u00ad", "scam"),
        ("Straße", "STRASSE"),
        ("加我微信吧", "微信"),
        ("加我 微 信 吧", "微信"),
        ("加WeChat聊", "wechat"),
        ("用ＷＥＣＨＡＴ付款", "wechat"),
        ("_scam_", "scam"),
        ("scam.", "scam"),
        ("café", "cafe\u0301"),
        ("100% return", "100% return"),
    ],
)
def test_a_word_is_found_however_it_is_written(text: str, word: str) -> None:
    assert found(text, word) == {word}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("scamper", "scam"),
        ("a bescam", "scam"),
        ("scam2", "scam"),
        ("get rich quickly", "get rich quick"),
        ("we chat", "wechat"),
        ("微波信号", "微信"),
        ("", "scam"),
        ("sc am", "scam"),
    ],
)
def test_what_only_looks_like_it_is_not(text: str, word: str) -> None:
    assert found(text, word) == set()


def test_each_word_of_a_text_is_named_once_and_a_longer_one_beside_the_shorter() -> None:
    assert found("代购 香烟，代购香烟", "代购", "代购香烟", "香烟") == {"代购", "代购香烟", "香烟"}


def test_thousands_of_words_cost_little() -> None:
    chance = random.Random(4)
    signs = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
    words = {"".join(chance.choices(signs, k=chance.randint(2, 6))) for _ in range(10_000)}
    words |= {"".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(4, 9))) for _ in range(10_000)}
    watched = Words({fold(word): word for word in words})
    text = "".join(chance.choices(signs, k=4_000)) + " some plain words" * 200
    started = perf_counter()
    watched.find(text)
    # It takes a tenth of this; a search that tried each word at each place would take a hundred times it.
    assert perf_counter() - started < 0.5


def test_lines_are_added_once_whatever_their_case(admin: Actor) -> None:
    with transaction():
        first = add_words(admin, "en", ["Get rich quick", "", "# a remark", "SCAM", "scam", "ＳＣＡＭ"], "Fraud")
    assert (first.new, first.known) == (2, 0)
    with transaction():
        second = add_words(admin, "en", ["Scam", "pyramid"])
    assert (second.new, second.known) == (1, 1)
    with transaction():
        add_words(admin, "zh", ["scam", "微信"])
    assert count_words() == {"en": 3, "zh": 2}
    assert [word.text for word, _by in list_words("en").words] == ["Get rich quick", "pyramid", "SCAM"]
    assert [word.text for word, _by in list_words("en", "ＲＩＣＨ").words] == ["Get rich quick"]
    assert find_watched_words(["A pyramid", "加微信"]) == ["pyramid", "微信"]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["fine", "x"], "Line 2: too short"),
        (["fine", "!!"], "Line 2: too short"),
        (["y" * 61], "Line 1: longer than 60"),
        (["", "# nothing"], "at least one word"),
        (["x"] * 25, "15 more lines are wrong"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_added(admin: Actor, lines: list[str], says: str) -> None:
    with pytest.raises(Invalid, match=says) as refused, transaction():
        add_words(admin, "en", lines)
    assert refused.value.field == "lines"
    assert count_words() == {}


def test_a_list_has_an_end(admin: Actor) -> None:
    with transaction():
        add_words(admin, "en", (f"word {number}" for number in range(MOST_WORDS)))
    with pytest.raises(Invalid, match="at most 20,000"), transaction():
        add_words(admin, "en", ["one more"])
    assert count_words() == {"en": MOST_WORDS}


def test_what_changes_a_list_is_seen_at_once(admin: Actor) -> None:
    with transaction():
        add_words(admin, "en", ["scam"])
    assert find_watched_words(["a scam"]) == ["scam"]
    with transaction():
        remove_word(admin, list_words("en").words[0][0].id)
    assert find_watched_words(["a scam"]) == []
    with transaction():
        add_words(admin, "en", ["swindle"])
    assert find_watched_words(["a scam, a swindle"]) == ["swindle"]


def test_an_unchanged_list_is_read_once(admin: Actor, app: Flask) -> None:
    with transaction():
        add_words(admin, "en", ["scam"])
    find_watched_words(["a scam"])
    with counted_queries(app) as sent:
        find_watched_words(["a scam"])
    assert len(sent) == 1


def test_only_administrators_keep_lists(admin: Actor) -> None:
    with transaction():
        stranger = market.make_creator(eligible=False).actor
        add_words(admin, "en", ["scam"])
    word_id = list_words("en").words[0][0].id
    with pytest.raises(NotAllowed), transaction():
        add_words(stranger, "en", ["other"])
    with pytest.raises(NotAllowed), transaction():
        remove_word(stranger, word_id)
    with pytest.raises(NotFound), transaction():
        remove_word(admin, word_id + 1)
    with pytest.raises(Invalid), transaction():
        add_words(admin, "fr", ["other"])
    db.session.rollback()
    assert count_words() == {"en": 1}
