"""Every address, walked by every role: each gets what the table of `routes` says, and no refusal changes anything."""

from itertools import groupby
from operator import itemgetter

import psycopg
import pytest
from flask import Flask
from psycopg import sql
from werkzeug.test import TestResponse

from tests.rules.routes import GET, POST
from tests.rules.walking import client_of, expected
from tests.support.cluster import filled_tables
from tests.support.world import EVERYONE, World

# A walk is some thousands of requests.
pytestmark = pytest.mark.timeout(600)
Connection = psycopg.Connection[tuple[object, ...]]
# Posted by other programs: what they get without a token of a form. Each is signed in its own way.
UNTOKENED = {"webhooks.stripe": 400, "unsubscribe.mail": 404, "feeds.readings": 401}
# Takes large files: who sends one is asked before it is read, and the token by the form itself.
ASKED_LATER = {"console.feeds"}
NOT_THERE = 9_000_000_000_000_000


def answer_of(found: TestResponse) -> str:
    """A status, or `in` for the way to the sign-in."""
    found.close()
    to_sign_in = found.status_code in (302, 303) and str(found.location).startswith("/sign-in")
    return "in" if to_sign_in else str(found.status_code)


def contents(connection: Connection) -> dict[str, str]:
    """Which version of which row stands in each table: any insert, update or delete changes it. That a webhook was
    refused is kept, and is all that is."""
    versions = [
        sql.SQL("SELECT {}, md5(string_agg(ctid::text || xmin::text, ' ' ORDER BY ctid)) FROM {}").format(
            sql.Literal(name), sql.Identifier(name)
        )
        for name in filled_tables(connection)
        if name != "refused_events"
    ]
    found = connection.execute(sql.SQL(" UNION ALL ").join(versions)).fetchall()
    connection.rollback()
    return {str(name): str(version) for name, version in found}


def test_the_table_names_every_route_and_no_other(shared_app: Flask, demo: Flask) -> None:
    for method, table in (("GET", GET), ("POST", POST)):
        routes = {rule.endpoint for rule in demo.url_map.iter_rules() if method in (rule.methods or ())}
        assert routes - set(table) == set(), f"{method}: say in tests/rules/routes.py who gets what"
        assert set(table) - routes == set(), f"{method}: these are no routes any more"
    only_demo = {rule.endpoint for rule in demo.url_map.iter_rules()} - {
        r.endpoint for r in shared_app.url_map.iter_rules()
    }
    assert only_demo == {"account.demo_sign_in", "mailbox.index", "mailbox.show", "mailbox.page"}


def test_each_row_leads_to_the_route_it_stands_under(demo: Flask, world: World) -> None:
    urls = demo.url_map.bind("localhost")
    for method, table in (("GET", GET), ("POST", POST)):
        for endpoint, rows in table.items():
            for row in rows:
                assert urls.match(world.path(row.path).partition("?")[0], method=method)[0] == endpoint


def test_every_page_answers_every_role_as_the_table_says(demo: Flask, world: World) -> None:
    clients = {role: client_of(demo, world, role) for role in EVERYONE}
    wrong = []
    for row, role, answer in expected(demo, GET):
        found = answer_of(clients[role].get(world.path(row.path)))
        if found != answer:
            wrong.append(f"GET {row.path} as {role}: {found}, not {answer}")
    assert not wrong, "\n".join(wrong)


def test_nothing_changes_by_what_one_may_not_do(demo: Flask, world: World, reset_connection: Connection) -> None:
    clients = {role: client_of(demo, world, role) for role in EVERYONE}
    wrong, before = [], contents(reset_connection)
    for row, asked in groupby(expected(demo, POST), key=itemgetter(0)):
        refused = {role: answer for _row, role, answer in asked if answer != "may"}
        for role, answer in refused.items():
            found = answer_of(clients[role].post(world.path(row.path), data=row.sent))
            if found != answer:
                wrong.append(f"POST {row.path} as {role}: {found}, not {answer}")
        after = contents(reset_connection)
        changed = [name for name in after if after[name] != before.get(name)]
        wrong += [f"POST {row.path} as one of {', '.join(refused)} changed {name}" for name in changed]
        before = after
    assert not wrong, "\n".join(wrong)


def test_no_form_is_taken_without_its_token(demo: Flask, world: World, reset_connection: Connection) -> None:
    """Asked before anybody is known: as a visitor, somebody who is refused, and all who may."""
    clients = {role: client_of(demo, world, role) for role in EVERYONE}
    before = contents(reset_connection)
    for endpoint, rows in POST.items():
        for row, asked in groupby(expected(demo, {endpoint: rows}), key=itemgetter(0)):
            may = {role: answer == "may" for _row, role, answer in asked}
            refused = [role for role in EVERYONE if not may[role]]
            for role in dict.fromkeys(["visitor", *refused[-1:], *filter(may.get, may)]):
                found = clients[role].post(world.path(row.path), data=row.sent, csrf=False)
                if endpoint in ASKED_LATER:
                    assert answer_of(found) in ("in", "403", "422"), f"{row.path} as {role}"
                    continue
                assert found.status_code == UNTOKENED.get(endpoint, 400), f"{row.path} as {role}"
                if endpoint not in UNTOKENED:
                    assert "too old" in found.text
    assert contents(reset_connection) == before


def test_what_is_not_there_is_404_for_whoever_may_look_for_it(demo: Flask, world: World) -> None:
    """Ids beyond every row, and beyond every number that a row can have."""
    gone = World(world.people, {name: NOT_THERE if isinstance(i, int) else "nobody" for name, i in world.ids.items()})
    clients = {role: client_of(demo, world, role) for role in EVERYONE}
    wrong = []
    for table, method in ((GET, "GET"), (POST, "POST")):
        for row, role, answer in expected(demo, table):
            # Who is turned away at the door never comes to look.
            if "{" not in row.path.partition("?")[0] or answer in ("in", "403"):
                continue
            path = gone.path(row.path)
            found = answer_of(clients[role].open(path, method=method, data=row.sent))
            if found not in ("404", "403", "in"):
                wrong.append(f"{method} {path} as {role}: {found}")
            beyond = path.replace(str(NOT_THERE), str(2**80))
            if role == "administrator" and clients[role].open(beyond, method=method).status_code not in (403, 404):
                wrong.append(f"{method} {beyond}")
    assert not wrong, "\n".join(wrong)
