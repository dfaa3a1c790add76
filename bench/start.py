"""From `make run` in a warm environment to the first page."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench.result import Result
from bench.site import FOLDER, ROOT, free_port

GOAL_SECONDS = 5.0
_PATIENCE = 300


def measure() -> Iterator[Result]:
    """The first start makes database and demo data and isn't counted; the reference is the goal."""
    folder = FOLDER / f"start-{os.getpid()}"
    try:
        start_once(folder)
        taken = min(start_once(folder) for _ in range(3))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    yield Result("start to first page", taken, "s", reference=GOAL_SECONDS)


def start_once(folder: Path) -> float:
    port = free_port()
    environment = os.environ | {"PORT": str(port), "INSTANCE_PATH": str(folder)}
    began = time.perf_counter()
    process = subprocess.Popen(
        ["make", "--silent", "run", f"PYTHON={sys.executable}"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        wait_for_page(f"http://127.0.0.1:{port}/", process)
        return time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_PATIENCE)


def wait_for_page(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except urllib.error.HTTPError:
            raise
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(f"no page at {url}")
