"""`make bench`: one JSON object a line. `make bench BENCH=start` measures only what is named."""

import sys
from collections.abc import Callable, Iterator

from bench import browse, documents, ledger, listing, payday, reconciliation, settle, start, webhooks
from bench.result import Result

MEASURES: dict[str, Callable[[], Iterator[Result]]] = {
    "browse": browse.measure,
    "documents": documents.measure,
    "ledger": ledger.measure,
    "listing": listing.measure,
    "payday": payday.measure,
    "reconciliation": reconciliation.measure,
    "settle": settle.measure,
    "start": start.measure,
    "webhooks": webhooks.measure,
}


def main(names: list[str]) -> int:
    unknown = set(names) - set(MEASURES)
    if unknown:
        print(f"There is no measurement called {', '.join(sorted(unknown))}; there are: {', '.join(MEASURES)}.")
        return 2
    for name in names or MEASURES:
        for result in MEASURES[name]():
            print(result.line(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
