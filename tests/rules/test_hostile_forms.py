"""Every form, sent what nobody would type by those who may. In a module of its own, as it changes the world."""

import pytest
from flask import Flask

from tests.rules.routes import POST
from tests.rules.walking import client_of, expected
from tests.support.world import World

# A walk is some hundreds of requests.
pytestmark = pytest.mark.timeout(600)


def test_no_form_breaks_on_what_nobody_would_type(demo: Flask, world: World) -> None:
    """Empty, and far too much of everything, by those who may: refused or done, never a fault."""
    demo.testing = False  # a fault is answered by its page instead of being raised
    wrong = []
    try:
        for row, role, answer in expected(demo, POST):
            if answer != "may":
                continue
            much = dict.fromkeys(row.sent or ("email", "name", "message", "note", "next"), "\u0000x" * 20_000)
            for body in ({}, much):
                found = client_of(demo, world, role).post(world.path(row.path), data=body)
                if found.status_code == 500:
                    wrong.append(f"POST {row.path} as {role} with {list(body)}")
    finally:
        demo.testing = True
    assert not wrong, "\n".join(wrong)
