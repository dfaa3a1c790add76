"""Where the programs of a crash test are born: what they load is loaded once, and each is a fork of this process and
there in a moment. Run as `python -m tests.crash.nursery`.

Each line of its input tells of one program, and a line of its output is that one's process id. When the input ends, all
are killed.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from wsgiref.types import WSGIApplication

from werkzeug.serving import make_server

from marketplace.app import create_app
from marketplace.infra.jobs import run_worker
from marketplace.stripe_sandbox import app as stripe_sandbox
from tests.crash import people

_FAILED = 1


def main(lines: Iterable[str]) -> None:
    # Nobody waits for the dead.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    born = set()
    for line in lines:
        pid = os.fork()
        if not pid:
            _live(**json.loads(line))
        born.add(pid)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    for pid in born:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _live(name: str, log: str, words: list[str]) -> None:
    """Never comes back."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), output, output)):
        os.dup2(file, number)
    try:
        _ACTS[name](*words)
    except BaseException:
        traceback.print_exc()
    os._exit(_FAILED)


def _serve_sandbox(port: str) -> None:
    _serve(stripe_sandbox.create_app(stripe_sandbox.SandboxConfig.from_environ()), port)


def _serve_web(port: str) -> None:
    _serve(create_app(), port)


def _serve(application: WSGIApplication, port: str) -> None:
    make_server("127.0.0.1", int(port), application, threaded=True).serve_forever()


def _work() -> None:
    run_worker(create_app())


_ACTS: dict[str, Callable[..., None]] = {
    "sandbox": _serve_sandbox,
    "web": _serve_web,
    "worker": _work,
    "people": people.act_until_killed,
}


if __name__ == "__main__":
    main(sys.stdin)
