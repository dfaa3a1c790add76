"""No page offers its reader what they may not do: a form that they may not send, a link to a page that refuses them."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from flask import Flask

from tests.rules.routes import GET
from tests.rules.walking import client_of
from tests.support.web import Client
from tests.support.world import World

pytestmark = pytest.mark.timeout(300)
_FORMS = re.compile(r'<form[^>]*\bmethod="post"[^>]*>', re.IGNORECASE)
_ACTION = re.compile(r'\baction="([^"]*)"')
_LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"#]*)')
# What would end the walk.
_LEFT_OUT = {"/sign-out", "/company/leave", "/places"}


def _pages(client: Client, world: World) -> Iterator[tuple[str, str]]:
    """Each page of the table that the role may see, with its address."""
    for rows in GET.values():
        for row in rows:
            path = world.path(row.path)
            answer = client.get(path)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                yield path, answer.text
            answer.close()


def _forms(path: str, page: str) -> set[str]:
    actions = (_ACTION.search(form) for form in _FORMS.findall(page))
    return {unescape(found[1]) or path if found else path for found in actions} - _LEFT_OUT


@pytest.mark.parametrize("role", ["viewer", "finance"])
def test_no_page_offers_what_its_reader_may_not_do(demo: Flask, world: World, role: str) -> None:
    """Of those whose company has more rights than they have. What they may do, they do last: it changes the world."""
    client = client_of(demo, world, role)
    forms: dict[str, str] = {}
    links: dict[str, str] = {}
    for path, page in _pages(client, world):
        forms |= dict.fromkeys(_forms(path, page), path)
        links |= dict.fromkeys(map(unescape, _LINK.findall(page)), path)
    wrong = [f"{at} leads to {href}" for href, at in links.items() if _is_refused(client, href, "GET")]
    wrong += [f"{at} has a form for {action}" for action, at in forms.items() if _is_refused(client, action, "POST")]
    assert not wrong, "\n".join(wrong)


def _is_refused(client: Client, address: str, method: str) -> bool:
    if address.startswith("/static"):
        return False
    answer = client.open(address, method=method)
    answer.close()
    return answer.status_code in (403, 404)
