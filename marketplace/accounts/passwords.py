"""Passwords: which are too easy to guess, and their Argon2id hashes."""

import re
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from marketplace.config import Environment
from marketplace.infra.settings import settings
from marketplace.kit.errors import Invalid
from marketplace.kit.ids import new_token

SHORTEST = 10
# Far above any passphrase; it bounds the work that a stranger can ask of us.
LONGEST = 200
_FEWEST_SIGNS = 4
_WELL_KNOWN = frozenset(
    """
    password passwort motdepasse contrasena letmein iloveyou woaini qwerty qwertyuiop qwertyuiopasdfghjkl asdfghjkl
    zxcvbnm welcome administrator admin changeme trustno abc abcdefg abcdefghij abcdefghijk secret mutuals qazwsx
    qazwsxedc qwerasdf sunshine princess football baseball dragon master monkey hello
    """.split()  # noqa: SIM905
)


def require_strong(password: str, *, email: str = "", name: str = "") -> None:
    """
    Raises:
        Invalid: it is too short, too long, or among the first that anyone would try. The field is `password`.
    """
    objection = _objection(password, email, name)
    if objection is not None:
        raise Invalid(objection, field="password")


def _objection(password: str, email: str, name: str) -> LazyString | None:
    if len(password) < SHORTEST:
        return _l("Use at least 10 characters. A few unrelated words make a good password.")
    if len(password) > LONGEST:
        return _l("Use at most 200 characters.")
    if len(set(password)) < _FEWEST_SIGNS or password.strip().isdigit():
        return _l("This password is easy to guess. Mix words, figures and signs.")
    if _folded(password) in {_folded(email), _folded(name)} or _core(password) in _personal(email, name):
        return _l("Don’t use your name or e-mail as a password: it is what others try first.")
    if _core(password) in _WELL_KNOWN:
        return _l("This password is among the first that others try. Choose words of your own.")
    return None


def _personal(email: str, name: str) -> set[str]:
    """Name and e-mail, and each twice: what people use who add a year to their own name."""
    local, _at, domain = email.partition("@")
    found = {_core(part) for part in (email, local, domain.partition(".")[0], name, *name.split())} - {""}
    return found | {part * 2 for part in found}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _core(text: str) -> str:
    """Its letters: blanks, signs and figures are what people add to a word."""
    return re.sub(r"[\W\d_]", "", _folded(text))


@cache
def _hasher(environment: Environment) -> PasswordHasher:
    """RFC 9106's second choice (64 MiB, 3 passes, 4 lanes); tests make hundreds of people and get a light one."""
    if environment is Environment.TEST:
        return PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    return PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)


@cache
def _decoy(environment: Environment) -> str:
    return _hasher(environment).hash(new_token())


def _bytes(password: str) -> str:
    """The same password from every keyboard: composed and full-width signs in one form."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """The Argon2id hash to keep, with its salt and parameters."""
    return _hasher(settings().mutuals_env).hash(_bytes(password))


def matches(hashed: str | None, password: str) -> bool:
    """Whether the password is the one hashed. Without a hash the work is done all the same: it takes as long."""
    environment = settings().mutuals_env
    try:
        found = _hasher(environment).verify(hashed or _decoy(environment), _bytes(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return found and hashed is not None


def is_outdated(hashed: str) -> bool:
    """Whether it was made with other parameters than today's."""
    return _hasher(settings().mutuals_env).check_needs_rehash(hashed)
