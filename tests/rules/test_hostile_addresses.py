"""What strangers type into addresses: a page answers or says that it isn't there, and never breaks."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.rules.routes import GET
from tests.rules.walking import answer_to, client_of, is_its_own
from tests.support.world import World

# Each stands for those who see other pages.
ROLES = ("visitor", "creator", "brand", "administrator")
NAMES = (
    "q", "page", "before", "after", "terms", "tab", "sort", "brief", "price", "fans", "budget", "platform", "category",
    "kind", "state", "status", "reference", "owner", "address", "next", "as", "side", "standing", "mine",
    "on", "time", "than", "since", "commodity", "holding", "place",
)  # fmt: skip
REFUSALS = {"in", "403", "404"}
VALUES = ("\x00", "'%", "9" * 30, "-" + "9" * 30, "9" * 5000, "\u202e²", "0001-01-01T00:00+14:00", "9" * 17 + "-1")
TYPED = [(value, urlencode(dict.fromkeys(NAMES, value))) for value in VALUES]
# Each page is tried with some of them, its neighbours with others: pages of one kind, which read alike, meet them all.
EACH = 3


def _broke(found: TestResponse) -> bool:
    found.close()
    return found.status_code >= 500


def _paths(role: str) -> Iterator[str]:
    """An address of each page that the role sees otherwise than a visitor; a visitor tries what refuses them too."""
    for endpoint, rows in GET.items():
        read = [row for row in rows if answer_to(role, row) not in REFUSALS] or (rows if role == "visitor" else [])
        if read and is_its_own(role, endpoint, read[0]):
            yield read[0].path


@pytest.mark.parametrize("role", ROLES)
def test_nothing_typed_after_an_address_breaks_its_page(
    demo: Flask, world: World, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(demo, world, role)
    wrong: list[str] = []
    monkeypatch.setattr(demo, "testing", False)
    for number, found in enumerate(_paths(role)):
        path = world.path(found).partition("?")[0]
        wrong += [
            f"{path} with {value[:30]!r}"
            for value, typed in (TYPED[(number * 3 + more) % len(TYPED)] for more in range(EACH))
            if _broke(client.get(path, query_string=typed))
        ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("typed", ["%00", "%F0%9F%92%A9", "'", "%E2%80%AE", "a" * 4000])
def test_no_name_in_an_address_breaks_its_page(
    demo: Flask, world: World, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, wrong = client_of(demo, world, "administrator"), []
    monkeypatch.setattr(demo, "testing", False)
    for rule in demo.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or "<" not in rule.rule or rule.endpoint.endswith("static"):
            continue
        path = "/".join(
            part if not part.startswith("<") else "1" if part.startswith("<int:") else typed + part.partition(">")[2]
            for part in rule.rule.split("/")
        )
        if _broke(client.get(path)):
            wrong.append(path[:80])
    assert not wrong, "\n".join(wrong)
