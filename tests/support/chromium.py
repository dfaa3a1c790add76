"""A Chromium for the browser tests: one that is here, else one installed by whoever may install it."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from playwright.sync_api import Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Nothing is looked up, updated or reported outside this machine.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-dev-shm-usage",
    "--no-pings",
    "--font-render-hinting=none",
)


class NoChromium(Exception):
    """There is none and none could be installed; the message says what to do."""


def flags() -> list[str]:
    """Chromium's own sandbox refuses to run as root."""
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(FLAGS)


@cache
def find(playwright: Playwright) -> str:
    """Its path: CHROMIUM's, the system's, Playwright's download, or the distribution's package.

    Raises:
        NoChromium: none of them is to be had.
    """
    given = os.environ.get("CHROMIUM")
    if given:
        return given
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    own = Path(playwright.chromium.executable_path)
    if own.exists() or _installed():
        return str(own) if own.exists() else shutil.which(NAMES[0]) or str(own)
    raise NoChromium(
        "The browser tests need Chromium. Install it (Debian: apt-get install chromium; elsewhere: "
        ".venv/bin/playwright install chromium), or say where it is with CHROMIUM=/path/to/chromium."
    )


def _installed() -> bool:
    """Try the distribution's package as root, else Playwright's download."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "--quiet=2"], check=False)
        package = ["apt-get", "install", "--yes", "--quiet=2", "--no-install-recommends", "chromium", "fonts-noto-cjk"]
        if subprocess.run(package, check=False).returncode == 0:
            return True
    download = [str(Path(sys.executable).parent / "playwright"), "install", "chromium"]
    return subprocess.run(download, check=False, timeout=300).returncode == 0
