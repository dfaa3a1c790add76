"""Which system account PostgreSQL runs under: our own, or an unprivileged one when we are root, which it refuses."""

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

_UNPRIVILEGED = "nobody"
_SEARCH_BIT = 2  # CAP_DAC_READ_SEARCH in Linux's capability masks


class NoAccount(Exception):
    """Root can't hand the server to anyone who reaches its files; the message says what to do."""


@dataclass(frozen=True)
class Account:
    """`user` and `group` own the server's files; `prefix` goes before its commands. All empty for an ordinary user."""

    user: int | None = None
    group: int | None = None
    prefix: tuple[str, ...] = ()

    def own(self, path: Path) -> None:
        """Give `path`, and what is in it, to the account."""
        if self.user is None or self.group is None:
            return
        for found in (path, *(path.rglob("*") if path.is_dir() else ())):
            os.chown(found, self.user, self.group, follow_symlinks=False)


def account_for(data: Path, binaries: Path) -> Account:
    """The account for a server with its files in `data` and its programs in `binaries`.

    Raises:
        NoAccount: we are root, and no unprivileged account can be given access to both folders.
    """
    if os.geteuid() != 0:
        return Account()
    owner = pwd.getpwnam(_UNPRIVILEGED)
    user, group = owner.pw_uid, owner.pw_gid
    if data.exists() and data.stat().st_uid != 0:
        user, group = data.stat().st_uid, data.stat().st_gid
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise NoAccount(
            "PostgreSQL does not run as root, and setpriv (of util-linux), which would let it run as "
            f"{_UNPRIVILEGED}, is missing. Run this as an ordinary user, or install setpriv."
        )
    change = (setpriv, f"--reuid={user}", f"--regid={group}", "--clear-groups")
    return Account(user, group, change + _passage(user, data, binaries))


def _passage(user: int, data: Path, binaries: Path) -> tuple[str, ...]:
    """What lets `user` through folders closed to it (a checkout under /root, say) without opening them to everyone."""
    program = binaries / "postgres"
    if all(_may_enter(user, folder) for path in (data, program) for folder in path.parents) and _for_all(program):
        return ()
    capability = "dac_read_search" if _for_all(program) and _may_grant(_SEARCH_BIT) else "dac_override"
    # PostgreSQL looks for its programs by access(2), which counts no capability without this bit.
    return ("--securebits=+no_setuid_fixup", f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}")


def _may_enter(user: int, folder: Path) -> bool:
    if not folder.exists():
        return True
    found = folder.stat()
    return bool(found.st_mode & 0o001) or (found.st_uid == user and bool(found.st_mode & 0o100))


def _for_all(program: Path) -> bool:
    return program.stat().st_mode & 0o005 == 0o005


def _may_grant(bit: int) -> bool:
    status = Path("/proc/self/status")
    if not status.exists():
        return False
    masks = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
    return bool(int(masks.get("CapPrm", "0"), 16) >> bit & 1)
