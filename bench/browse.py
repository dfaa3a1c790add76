"""The page where a signed-in brand looks through creators, against a bare Flask page of as many rows."""

import re
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar

from bench.load import hammer
from bench.result import Result
from bench.site import ROOT, database, environment_of, free_port, served

CLIENTS = 8
_SECONDS = 6.0


def measure() -> Iterator[Result]:
    """On the demo's data; both pages have the rows that one page of the list shows."""
    with database() as url:
        environment = environment_of(url, free_port())
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "fill"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        with served("wsgi:app", environment) as address:
            cookie = sign_in(address, "brand")
            rows = rows_of(address + "/creators", cookie)
            ours = hammer(address + "/creators", cookie=cookie, seconds=_SECONDS, clients=CLIENTS)
        with served("bench.bare:app", environment | {"BARE_ROWS": str(rows)}) as address:
            bare = hammer(address + "/", seconds=_SECONDS, clients=CLIENTS)
    yield Result(f"browse, {rows} rows, {CLIENTS} clients", ours.per_second, "requests/s", bare.per_second)
    yield Result(f"browse, {rows} rows, {CLIENTS} clients, p99", ours.p99, "ms", bare.p99)


def sign_in(address: str, role: str) -> str:
    """The cookies of the demo's one-click sign-in."""
    jar = CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with opener.open(address + "/", timeout=30) as page:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.read().decode())
    assert token is not None, "the front page has no form"
    form = urllib.parse.urlencode({"role": role, "csrf_token": token.group(1)}).encode()
    with opener.open(address + "/demo/sign-in", form, timeout=30) as page:
        assert page.status == 200
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def rows_of(url: str, cookie: str) -> int:
    """How many creators the page links to."""
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Cookie": cookie}), timeout=30) as page:
        found = set(re.findall(r'href="/c/([a-z0-9-]+)"', page.read().decode()))
    assert found, "the page shows no creator"
    return len(found)
