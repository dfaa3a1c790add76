"""The Chinese catalogue says everything that the sources say, in Chinese, and the pages show it.

Pages read the compiled catalogue, which `make test` brings up to date.
"""

import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from flask import Flask

from marketplace.contracts.words import written
from marketplace.fees.default_policy import FREE_A_MONTH
from tests.contracts.test_document import AGREEMENT
from tests.support.web import Client

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "translations" / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"
HAN = r"\u4e00-\u9fff"
PLACEHOLDER = re.compile(r"%\(\w+\)\w|(?<!%)%[sd]|\{\w+\}|</?\w+>")
Key = tuple[str | None, str]
# What stays as it is in both languages: names, units, samples.
NAMES = {"Mutuals", "YouTube", "TikTok", "Instagram", "X", "Twitch", "Stripe", "CSV"}
PAGES = (
    "/",
    "/sign-in",
    "/sign-up",
    "/forgot",
    "/creators",
    "/creators?fans=1000000&platform=douyin",
    "/briefs",
    "/fees",
    "/how-money-is-held",
    "/terms",
    "/nowhere",
)


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


@cache
def chinese() -> dict[Key, Message]:
    return {key_of(message): message for message in read(CATALOGUE) if message.id}


def key_of(message: Message) -> Key:
    return message.context, english(message)


def english(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def texts(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[Key, Message]:
    """What `make translations` would extract at this moment."""
    template = tmp_path_factory.mktemp("catalogue") / "messages.pot"
    options = ["--quiet", "--mapping", "babel.cfg", "--keywords=_l", "--output", str(template), "."]
    command = [sys.executable, "-m", "babel.messages.frontend", "extract", *options[1:]]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return {key_of(message): message for message in read(template) if message.id}


def test_every_text_of_the_sources_is_in_the_catalogue_and_no_other(sources: dict[Key, Message]) -> None:
    assert len(sources) > 1000
    assert sources.keys() - chinese().keys() == set()
    assert chinese().keys() - sources.keys() == set()


def test_every_text_is_translated() -> None:
    assert [english(found) for found in chinese().values() if found.fuzzy or not all(texts(found))] == []


def test_placeholders_and_tags_are_the_same() -> None:
    def differs(message: Message) -> bool:
        # Of a plural, the last English form counts: Chinese has one for all.
        source = message.id if isinstance(message.id, str) else message.id[-1]
        wanted = sorted(PLACEHOLDER.findall(source))
        return any(sorted(PLACEHOLDER.findall(text)) != wanted for text in texts(message))

    assert [texts(found) for found in chinese().values() if differs(found)] == []


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (rf"[{HAN}][,.;:!?()]|[,;:!?()][{HAN}]", "a half-width sign beside Chinese"),
        (r"[\"']|\.\.\.", "a typewriter's sign"),
        (rf"[{HAN}][A-Za-z0-9@]|[A-Za-z0-9%][{HAN}](?<!\)s[{HAN}])", "no space between Chinese and Latin"),
        (r"[，。；：、？！”（）] [^ ]|[^ ] [，。；：、？！”（）]", "a space beside a full-width sign"),
        (r"您|亲爱|哦|！", "not our voice"),
    ],
)
def test_the_chinese_is_set_as_chinese_is(rule: str, why: str) -> None:
    # Dates and names end and begin with either script: what stands at a placeholder is for its own text to say.
    found = [text for message in chinese().values() for text in texts(message) if re.search(rule, text)]
    assert found == [], why


def test_an_english_text_is_kept_only_where_it_is_a_name() -> None:
    said = {PLACEHOLDER.sub("", text) for message in chinese().values() for text in texts(message)}
    assert {text for text in said if re.search("[A-Za-z]", text) and not re.search(f"[{HAN}]", text)} <= NAMES


def test_the_contract_and_the_mails_are_extracted(sources: dict[Key, Message]) -> None:
    places = {place for message in sources.values() for place, _line in message.locations}
    assert "marketplace/contracts/words.py" in places
    assert "marketplace/notifications/words/deals.py" in places
    for mail in (ROOT / "templates" / "email").rglob("*.*"):
        spoken = re.search(r"\b_\(", mail.read_text())
        assert (str(mail.relative_to(ROOT)) in places) == bool(spoken), mail


@pytest.mark.usefixtures("context")
def test_the_chinese_contract_has_no_english_words() -> None:
    def words(value: object) -> list[str]:
        if isinstance(value, dict):
            return [word for key, inner in value.items() if key != "language" for word in words(inner)]
        if isinstance(value, list):
            return [word for inner in value for word in words(inner)]
        return [value] if isinstance(value, str) else []

    typed = (AGREEMENT.title, AGREEMENT.deliverables, AGREEMENT.usage_rights, AGREEMENT.disclosure)
    said = [word for word in words(written(AGREEMENT, "zh")) if word not in typed]
    assert len(said) > 30
    known = NAMES | {AGREEMENT.creator.name, AGREEMENT.brand.name, AGREEMENT.creator.legal_name, "SHA-256"}
    assert [word for word in said if english_left(word, known)] == []


def english_left(text: str, known: set[str]) -> bool:
    """Whether two Latin words stand side by side, or one alone, other than known names."""
    for name in sorted(known, key=len, reverse=True):
        text = text.replace(name, "")
    alone = not re.search(f"[{HAN}]", text) and re.search(r"[A-Za-z]{3,}", text)
    return bool(alone or re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", text))


class Spoken(HTMLParser):
    """Gathers what a page says: its text, and the attributes that are read or heard."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        foreign = dict(attrs).get("lang") not in (None, "zh-CN")
        if tag in ("script", "style", "code") or (foreign and tag in ("button", "span", "a", "b")):
            self._silent += 1
        self.said += [value for name, value in attrs if name in ("title", "alt", "aria-label", "placeholder") and value]

    def handle_endtag(self, tag: str) -> None:
        if self._silent and tag in ("script", "style", "code", "button", "span", "a", "b"):
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.said.append(" ".join(data.split()))


@pytest.mark.parametrize("address", PAGES)
def test_a_page_in_chinese_has_no_english_words(app: Flask, client: Client, address: str) -> None:
    page = client.get(address, headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"})
    assert '<html lang="zh-CN">' in page.text
    spoken = Spoken()
    spoken.feed(page.text)
    assert any(re.search(f"[{HAN}]", text) for text in spoken.said)
    assert [text for text in spoken.said if english_left(text, NAMES | {"English"} | set(FREE_A_MONTH))] == []
