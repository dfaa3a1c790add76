"""Steps at the same moment, on real connections."""

import threading
from collections.abc import Callable

from flask import Flask

from marketplace.infra.db import transaction
from marketplace.kit.errors import DomainError


def race(app: Flask, *steps: Callable[[], object]) -> list[str]:
    """Run the steps at the same moment, each in its own thread and transaction; what became of each, in order."""
    ready, outcomes = threading.Barrier(len(steps)), ["" for _ in steps]

    def run(number: int, step: Callable[[], object]) -> None:
        with app.app_context():
            ready.wait()
            try:
                with transaction():
                    step()
                outcomes[number] = "done"
            except DomainError as refusal:
                outcomes[number] = type(refusal).__name__
            except Exception as fault:
                outcomes[number] = repr(fault)

    threads = [threading.Thread(target=run, args=(number, step)) for number, step in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
