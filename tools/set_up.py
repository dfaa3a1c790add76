"""Makes `.venv` what requirements.txt asks for and compiles the languages, with nothing but the standard library."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".set-up"
CACHE = ROOT / ".cache"
REQUIREMENTS = ROOT / "requirements.txt"
INSTALLER = ROOT / "tools" / "uv.txt"
TRANSLATIONS = ROOT / "translations"
OLDEST = (3, 11)
# Where a network has a certificate of its own, the system knows it and uv's built-in list doesn't.
CERTIFICATES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")


def main() -> int:
    if sys.version_info < OLDEST:
        return start_with_newer()
    # One wish at a time: `make test` and `make run` may be typed together in two windows.
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "set-up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_installed():
            install()
        compile_translations()
    return 0


def start_with_newer() -> int:
    """Debian and macOS may carry a newer Python beside the one called python3."""
    for name in NEWER:
        found = shutil.which(name)
        if found:
            return subprocess.call([found, *sys.argv])
    have = ".".join(str(part) for part in sys.version_info[:3])
    print(f"Mutuals needs Python 3.11 or newer, and python3 is {have}. Install a newer one and try again.")
    return 1


def wanted() -> str:
    parts = [REQUIREMENTS.read_bytes(), INSTALLER.read_bytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def is_installed() -> bool:
    return (VENV / "bin" / "python").exists() and STAMP.exists() and STAMP.read_text() == wanted()


def install() -> None:
    began = time.monotonic()
    print("Setting up Mutuals in .venv (a minute or two the first time, then never again):")
    STAMP.unlink(missing_ok=True)
    if not has_pip():
        make_venv()
    python, uv = VENV / "bin" / "python", VENV / "bin" / "uv"
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    step("the installer uv", [python, "-m", "pip", "install", *options, "--requirement", INSTALLER])
    count = sum(1 for line in REQUIREMENTS.read_text().splitlines() if "==" in line and not line.startswith("#"))
    options = ["--quiet", "--require-hashes", "--python", str(python)]
    step(f"{count} pinned packages", [uv, "pip", "install", *options, "--requirement", REQUIREMENTS])
    STAMP.write_text(wanted())
    print(f"  done in {time.monotonic() - began:.0f} s")


def has_pip() -> bool:
    """Whether `.venv` works as far as pip; one made by another tool may lack it."""
    python = VENV / "bin" / "python"
    if not python.exists():
        return False
    return succeeds(python, "-m", "pip", "--version") or succeeds(python, "-m", "ensurepip")


def succeeds(*command: str | Path) -> bool:
    return subprocess.run([str(part) for part in command], capture_output=True, check=False).returncode == 0


def make_venv() -> None:
    """From nothing: an interrupted set-up may have left half of one."""
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        print((made.stdout + made.stderr).strip())
        stop(
            f"Python's venv module is missing or broken for {sys.executable}. "
            "Install it (Debian: apt-get install python3-venv) and try again."
        )


def step(what: str, command: list[str | Path]) -> None:
    print(f"  {what} ...", flush=True)
    caches = {"PIP_CACHE_DIR": str(CACHE / "pip"), "UV_CACHE_DIR": str(CACHE / "uv"), "UV_PYTHON_DOWNLOADS": "never"}
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"} | caches
    if any(Path(found).exists() for found in CERTIFICATES):
        environment.setdefault("UV_SYSTEM_CERTS", "true")
    if subprocess.call([str(part) for part in command], cwd=str(ROOT), env=environment):
        stop(
            f"Installing {what} failed; the lines above say why. Most often the package index can't be reached. "
            "Once that is mended, the same command goes on from here."
        )


def compile_translations() -> None:
    sources = list(TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))
    if all(is_newer(source.with_suffix(".mo"), source) for source in sources):
        return
    command = [str(VENV / "bin" / "pybabel"), "compile", "--directory", str(TRANSLATIONS)]
    done = subprocess.run(command, cwd=str(ROOT), capture_output=True, text=True, check=False)
    if done.returncode:
        stop("The languages can't be compiled:\n" + done.stderr.strip())


def is_newer(made: Path, source: Path) -> bool:
    return made.exists() and made.stat().st_mtime >= source.stat().st_mtime


def stop(why: str) -> NoReturn:
    print(why)
    sys.exit(1)


if __name__ == "__main__":
    sys.exit(main())
