"""What the walks over all addresses share: who walks, and what the table says of each step."""

from collections.abc import Iterator

from flask import Flask

from marketplace.accounts.session import Role
from tests.rules.routes import ALL, Row
from tests.support.web import Client
from tests.support.world import LIKE, ROLES, World

# Pages that everybody may read, and that show each role something else.
_DIFFER = {"briefs.show", "briefs.index", "offers.show", "creators.profile", "brands.profile"}


def answer_to(role: str, row: Row) -> str:
    """What the table says that somebody in `role` gets."""
    return row.answers.split()[ROLES.index(role)]


def is_its_own(role: str, endpoint: str, row: Row) -> bool:
    """Whether the role sees another page there than a visitor does."""
    return role == "visitor" or row.answers != ALL or endpoint in _DIFFER


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


def expected(demo: Flask, rows: dict[str, list[Row]]) -> Iterator[tuple[Row, str, str]]:
    """Each row with each role and what it gets."""
    for endpoint, found in rows.items():
        for row in found:
            answers = dict(zip(ROLES, row.answers.split(), strict=True))
            yield from ((row, role, answer) for role, answer in answers.items())
            others = {role: answers[like] for role, like in LIKE.items()}
            others |= {"agent": answers["other creator"], "agency": _of_agency(demo, endpoint, answers)}
            yield from ((row, role, row.others.get(role, answer)) for role, answer in others.items())


def _of_agency(demo: Flask, endpoint: str, answers: dict[str, str]) -> str:
    """In the agency's own place one is neither creator nor brand: past the door that lets everybody in there is what
    strangers of both sides get alike."""
    doors: frozenset[Role] = getattr(demo.view_functions[endpoint], "access", frozenset())
    if not doors & {Role.PUBLIC, Role.SIGNED_IN, Role.AGENCY} and endpoint not in ("static", "bootstrap.static"):
        return "403"
    return answers["other creator"]
