"""What an administrator does on the pages of the fee rules, in tests."""

import re
from datetime import timedelta
from html import unescape

from werkzeug.test import TestResponse

from marketplace.fees.drafts import first_day
from tests.console.conftest import Admin
from tests.support.market import PASSWORD

DRAFT = "/console/fees/draft"


def seen_on(page: str) -> str:
    """The state that the page's forms name: the same in all of them."""
    found = set(re.findall(r'name="seen"[^>]*value="([0-9a-f]{64})"', page))
    assert len(found) == 1, found
    return str(found.pop())


def look(admin: Admin, address: str = DRAFT) -> str:
    return seen_on(admin.client.get(address).text)


def rule_form(**changes: str) -> dict[str, str]:
    return {"name": "C9", "kind": "creator_commission", "brackets-0-rate": "5"} | {
        name.replace("__", "-"): value for name, value in changes.items()
    }


def facts_form(**changes: str) -> dict[str, str]:
    day = (first_day() + timedelta(days=20)).isoformat()
    return {"effective_from": day, "creator_floor": "70", "why": "Simpler rules for the spring."} | changes


def drafted(admin: Admin, *, proposed: bool = False) -> str:
    """A draft of the administrator's with one rule more; what one sees of it."""
    client = admin.client
    assert client.post(f"{DRAFT}/start").status_code == 303
    assert client.post(f"{DRAFT}/new-rule", data=rule_form(seen=look(admin))).status_code == 303
    assert client.post(DRAFT, data=facts_form(seen=look(admin))).status_code == 303
    if proposed:
        assert client.post(f"{DRAFT}/propose", data={"seen": look(admin)}).status_code == 303
    return look(admin)


def publish(admin: Admin, seen: str, password: str = PASSWORD) -> TestResponse:
    return admin.client.post(f"{DRAFT}/publish", data={"seen": seen, "password": password})


def words_of(page: str) -> str:
    """What a page says, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())
