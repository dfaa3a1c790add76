"""pgbench's TPC-B on a given server: the reference for what a transaction costs there."""

import re
import subprocess

from marketplace.infra.postgres_programs import environment, find_binaries

SCALE = 10


class PgbenchFailed(Exception):
    """pgbench said no; the message is what it said."""


def transactions_per_second(url: str, *, clients: int, seconds: int = 10) -> float:
    """TPC-B at scale 10 by `clients` connections on two threads, without vacuum; needs a database of its own."""
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    _pgbench("--initialize", "--quiet", "--scale", str(SCALE), plain)
    words = ["--client", str(clients), "--jobs", "2", "--time", str(seconds), "--no-vacuum"]
    told = _pgbench(*words, plain)
    found = re.search(r"tps = ([0-9.]+)", told)
    if found is None:
        raise PgbenchFailed(told)
    return float(found.group(1))


def _pgbench(*words: str) -> str:
    program = find_binaries() / "pgbench"
    done = subprocess.run([program, *words], env=environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PgbenchFailed(done.stderr)
    return done.stdout
