"""The stage of the journeys, in English on a desktop and in Chinese on a phone."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.journeys.stage import LOOKS, Look, Stage
from tests.support.people import NewPerson
from tests.support.web import LiveServer


@pytest.fixture(params=list(LOOKS.values()), ids=list(LOOKS))
def look(request: pytest.FixtureRequest) -> Look:
    found: Look = request.param
    return found


@pytest.fixture
def stage(
    app: Flask, live_server: LiveServer, look: Look, run_jobs: Callable[..., None], new_person: NewPerson
) -> Stage:
    return Stage(app, live_server, look, run_jobs, new_person)
