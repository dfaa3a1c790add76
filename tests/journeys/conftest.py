"""The stage of the journeys, in English on a desktop and in Chinese on a phone."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.journeys.stage import LOOKS, Look, Stage
from tests.support.people import NewPerson
from tests.support.web import LiveServer

# What carries the most money is walked in both looks each time.
_BOTH = ("a_declined_card_is_explained", "a_settled_deal_is_lost", "a_creator_stops_half_way")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each journey is walked in one of the two looks, every other in Chinese; `make long` walks the other ones."""
    pairs: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.nodeid.startswith("tests/journeys/") and "look" in getattr(item, "fixturenames", ()):
            pairs.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for number, (name, looks) in enumerate(sorted(pairs.items())):
        if len(looks) == len(LOOKS) and not any(words in name for words in _BOTH):
            looks[number % len(LOOKS)].add_marker(pytest.mark.long)


@pytest.fixture(params=list(LOOKS.values()), ids=list(LOOKS))
def look(request: pytest.FixtureRequest) -> Look:
    found: Look = request.param
    return found


@pytest.fixture
def stage(
    app: Flask, live_server: LiveServer, look: Look, run_jobs: Callable[..., None], new_person: NewPerson
) -> Stage:
    return Stage(app, live_server, look, run_jobs, new_person)
