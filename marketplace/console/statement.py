"""An account's statement as the rows of a file: what it held first, each line, what it held last."""

from collections.abc import Iterator
from datetime import datetime

from flask_babel import gettext as _

from marketplace.console.trial import units
from marketplace.console.words import entry_words, owner_words
from marketplace.infra.csv_files import Cell
from marketplace.ledger.accounts import Account
from marketplace.ledger.queries import balance, statement_lines


def statement_heads() -> list[str]:
    return [_("Posted"), _("Entry"), _("What"), _("Belongs to"), _("Currency"), _("Moved"), _("Held after it")]


def statement_cells(account: Account, since: datetime | None, until: datetime | None) -> Iterator[list[Cell]]:
    """Oldest first, in the account's natural sign, streamed however many there are."""
    code, words = account.commodity, dict[str, str]()
    held = balance(account, since) if since is not None else 0
    yield [since, None, _("Opening balance"), None, code, None, units(held, code)]
    for line in statement_lines(account, since, until):
        entry, held = line.entry, line.balance_after
        if entry.kind not in words:
            words[entry.kind] = entry_words(entry.kind)
        belongs = owner_words(entry.reference)
        yield [entry.posted_at, entry.id, words[entry.kind], belongs, code, units(line.amount, code), units(held, code)]
    yield [until, None, _("Closing balance"), None, code, None, units(held, code)]
