"""Filling a database, and each page that lists, at 2,000 creators and at 200,000: how long, and by which plans."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from bench.load import hammer
from bench.plans import Scan, scans, statements
from bench.result import Result
from bench.site import ROOT, database, environment_of, free_port, served
from marketplace.app import create_app
from marketplace.config import load_settings

SIZES = ((2_000, 200), (200_000, 20_000))
_CLIENTS = 8
_SECONDS = 3.0
_FILLED = re.compile(r"([\d,]+) rows in ([\d.]+) s")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks at a page, as the session cookie names them."""

    user_id: int

    @property
    def session(self) -> dict[str, object]:
        return {"_user_id": f"{self.user_id}:1", "_fresh": True}


@dataclass(frozen=True, slots=True)
class Page:
    """A page that lists something, and its reader."""

    name: str
    path: str
    reader: Reader


def measure() -> Iterator[Result]:
    p95: dict[str, float] = {}
    with database() as url:
        environment = environment_of(url, free_port())
        for creators, briefs in SIZES:
            yield _fill(environment, creators, briefs)
            pages = pages_of(url)
            for page, milliseconds in _times(environment, pages):
                name = f"{page.name}, {creators:,} creators, p95"
                yield Result(name, milliseconds, "ms", p95.get(page.name))
                p95[page.name] = milliseconds
            found = _scans(environment, pages)
            yield Result(f"large tables read from end to end, {creators:,} creators", len(found), "plans")
            for scan in found:
                print(scan, file=sys.stderr)


def _fill(environment: dict[str, str], creators: int, briefs: int) -> Result:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "generate"]
    command += ["--creators", str(creators), "--briefs", str(briefs)]
    said = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = _FILLED.search(said)
    assert found is not None, said
    rows, seconds = int(found[1].replace(",", "")), float(found[2])
    return Result(f"generate, {creators:,} creators, {briefs:,} briefs", rows / seconds, "rows/s")


def pages_of(url: str) -> list[Page]:
    """The listing pages of the busiest company and of the busiest creator."""
    with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
        company, brand = _row(connection, "brief", _BUSIEST_BRAND)
        person, _creator = _row(connection, "selection", _BUSIEST_CREATOR)
        brief, chosen = _row(connection, "application", _BUSIEST_BRIEF, brand)
    buyer, maker = Reader(company), Reader(person)
    ids = "&".join(f"id={one}" for one in json.loads(str(chosen)))
    return [
        Page("creators", "/creators", buyer),
        Page("creators by category", "/creators?category=food", buyer),
        Page("creators by word", "/creators?q=认真护肤", buyer),
        Page("creators by price", "/creators?sort=price", buyer),
        Page("a company’s briefs", "/company/briefs", buyer),
        Page("a company’s selections", "/selections", buyer),
        Page("applicants", f"/company/briefs/{brief}/applicants", buyer),
        Page("comparison", f"/company/briefs/{brief}/compare?{ids}", buyer),
        Page("briefs", "/briefs", maker),
        Page("briefs by platform", "/briefs?platform=douyin&category=food", maker),
        Page("a creator’s selections", "/selections", maker),
        Page("a creator’s home", "/today", maker),
    ]


_BUSIEST_BRAND = """
    SELECT member.user_id, brief.brand_id FROM briefs brief JOIN brand_members member USING (brand_id)
    JOIN selections USING (brand_id) GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1
"""
_BUSIEST_CREATOR = """
    SELECT creator.user_id, creator.id FROM selections selection JOIN creators creator ON creator.id = creator_id
    WHERE creator.eligible GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1
"""
_BUSIEST_BRIEF = """
    SELECT brief_id, (array_to_json((array_agg(id))[1:5]))::text FROM selections
    WHERE brand_id = %s AND kind = 'application' AND status = 'open' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1
"""


def _row(
    connection: "psycopg.Connection[tuple[object, ...]]", what: str, query: str, *values: object
) -> tuple[int, int]:
    found = connection.execute(query, values).fetchone()
    assert found is not None, f"the crowd has no {what}"
    return found  # type: ignore[return-value]


def _times(environment: dict[str, str], pages: list[Page]) -> Iterator[tuple[Page, float]]:
    with served("wsgi:app", environment) as address:
        for page in pages:
            cookie = cookie_of(page.reader, environment["SECRET_KEY"], int(address.rpartition(":")[2]))
            load = hammer(address + page.path, cookie=cookie, seconds=_SECONDS, clients=_CLIENTS)
            yield page, load.p95


def cookie_of(reader: Reader, secret: str, port: int) -> str:
    """The session cookie of the demo on `port`."""
    signer = Flask(__name__)
    signer.secret_key = secret
    serializer = SecureCookieSessionInterface().get_signing_serializer(signer)
    assert serializer is not None
    return f"mutuals_{port}={serializer.dumps(reader.session)}"


def _scans(environment: dict[str, str], pages: list[Page]) -> list[Scan]:
    names = ("mutuals_env", "instance_path", "database_url", "secret_key", "log_level")
    stripe = ("stripe_api_base", "stripe_secret_key", "stripe_webhook_secret")
    app = create_app(load_settings(**{name: environment[name.upper()] for name in (*names, *stripe)}))
    return [scan for page in pages for scan in scans_of(app, page)]


def scans_of(app: Flask, page: Page) -> list[Scan]:
    """What the page reads from end to end, in the plans that its statements get now."""
    client = app.test_client()
    with client.session_transaction() as session:
        session.update(page.reader.session)
    with statements(app) as sent:
        answer = client.get(page.path)
    assert answer.status_code == 200, f"{page.path}: {answer.status_code}"
    return scans(app, page.name, sent)
