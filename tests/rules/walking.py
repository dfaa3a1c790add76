"""What the walks over all addresses share: who walks, and what the table says of each step."""

from collections.abc import Iterator

from flask import Flask

from tests.rules.routes import Row
from tests.support.web import Client
from tests.support.world import AGENCY, LIKE, ROLES, World


def client_of(demo: Flask, world: World, role: str) -> Client:
    """Somebody in `role`, signed in without the form."""
    client = demo.test_client()
    assert isinstance(client, Client)
    person = world.people[role]
    if person is not None:
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = person.session_id, True
            if person.acting is not None:
                session["acting"] = person.acting
    return client


def expected(rows: dict[str, list[Row]]) -> Iterator[tuple[Row, str, str]]:
    """Each row with each role and what it gets."""
    for found in rows.values():
        for row in found:
            answers = dict(zip(ROLES, row.answers.split(), strict=True))
            yield from ((row, role, answer) for role, answer in answers.items())
            yield from ((row, role, row.others.get(role, answers[like])) for role, like in LIKE.items())
            yield from ((row, role, row.others.get(role, _of_agency(role, answers))) for role in AGENCY)


def _of_agency(role: str, answers: dict[str, str]) -> str:
    """Who acts for the other creator gets what they get. In the agency's own place one is neither creator nor brand:
    what strangers of both sides get alike is everybody's, and anything else isn't theirs."""
    creator, brand = answers["other creator"], answers["other brand"]
    if role == "agent":
        return creator
    return creator if creator == brand else "403"
