"""What the walks over all addresses share: who walks, and what the table says of each step."""

from collections.abc import Iterator

from flask import Flask

from tests.rules.routes import Row
from tests.support.web import Client
from tests.support.world import LIKE, ROLES, World


def client_of(demo: Flask, world: World, role: str) -> Client:
    """Somebody in `role`, signed in without the form."""
    client = demo.test_client()
    assert isinstance(client, Client)
    person = world.people[role]
    if person is not None:
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = person.session_id, True
    return client


def expected(rows: dict[str, list[Row]]) -> Iterator[tuple[Row, str, str]]:
    """Each row with each role and what it gets."""
    for found in rows.values():
        for row in found:
            answers = dict(zip(ROLES, row.answers.split(), strict=True))
            yield from ((row, role, answer) for role, answer in answers.items())
            yield from ((row, role, row.others.get(role, answers[like])) for role, like in LIKE.items())
