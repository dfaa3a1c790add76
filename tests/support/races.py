"""Verbs that meet: each in a thread, a connection and a transaction of its own, all let go at the same moment."""

import threading
from collections.abc import Callable

from flask import Flask

from marketplace.infra.db import transaction
from marketplace.kit.errors import DomainError


def at_once(app: Flask, *verbs: Callable[[], object], owned: bool = False) -> list[str]:
    """What became of each, sorted: `done`, or the name of the refusal. `owned` verbs open their own transactions."""
    ready, outcomes = threading.Barrier(len(verbs)), []

    def run(verb: Callable[[], object]) -> None:
        with app.app_context():
            ready.wait()
            try:
                if owned:
                    verb()
                else:
                    with transaction():
                        verb()
                outcomes.append("done")
            except DomainError as refused:
                outcomes.append(type(refused).__name__)

    threads = [threading.Thread(target=run, args=[verb]) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)
