"""The demo's lists: the same every time, whole, and true to what the verbs ask."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import astuple
from typing import Any

from marketplace.demo.brands import COMPANIES
from marketplace.demo.briefs import BRIEFS
from marketplace.demo.offers import OFFERS
from marketplace.demo.people import PEOPLE
from marketplace.demo.plan import scripts
from marketplace.demo.spec import BRAND, CREATOR, DOMAIN


def fingerprint() -> str:
    lists: tuple[Iterable[Any], ...] = (PEOPLE, COMPANIES, BRIEFS, OFFERS, scripts())
    everything = [astuple(one) for found in lists for one in found]
    return hashlib.sha256(json.dumps(everything, default=str, ensure_ascii=False).encode()).hexdigest()


def test_names_prices_and_steps_are_the_same_every_time() -> None:
    assert fingerprint() == fingerprint()


def test_there_are_as_many_as_the_demo_promises() -> None:
    assert (len(PEOPLE), len(COMPANIES), len(BRIEFS)) == (60, 15, 29)
    assert len({one.handle for one in PEOPLE} | {one.handle for one in COMPANIES}) == 75
    assert {one.locale for one in PEOPLE} == {one.locale for one in COMPANIES} == {"en", "zh"}
    assert len({platform for one in PEOPLE for platform in one.fans}) >= 8
    assert sum(max(one.fans.values()) <= 10_000 for one in PEOPLE) >= 3


def test_the_demos_own_accounts_have_their_addresses() -> None:
    emails = {one.handle: one.email for one in PEOPLE} | {one.handle: one.email for one in COMPANIES}
    assert emails[CREATOR] == f"creator@{DOMAIN}"
    assert emails[BRAND] == f"brand@{DOMAIN}"
    assert len(set(emails.values())) == len(emails)


def test_nobody_is_chosen_twice_for_a_brief() -> None:
    chosen = [(one.creator, one.brief) for one in scripts() if one.brief is not None]
    assert len(chosen) == len(set(chosen))


def test_each_brief_keeps_a_place_free() -> None:
    for wanted in BRIEFS:
        taken = sum(one.brief == wanted.key and "answer" in one.steps for one in scripts())
        assert taken < wanted.slots, wanted.key
