"""The answer to a bank, for tests: its file, and what an administrator sees of it before they decide."""

import io

import pypdf

from marketplace.chargebacks.answer import at_stake
from marketplace.chargebacks.evidence import assemble, fingerprint
from marketplace.chargebacks.models import Chargeback
from marketplace.infra.db import db, transaction
from marketplace.infra.storage import StoredFile
from tests.support.bank import chargeback_of


def assembled(dispute_id: str) -> tuple[int, int]:
    """The chargeback's number, and its file's."""
    number = chargeback_of(dispute_id).id
    with transaction():
        assemble(number)
    file_id = chargeback_of(dispute_id).evidence_file_id
    db.session.rollback()
    assert file_id is not None
    return number, file_id


def seen_of(number: int) -> str:
    """What an administrator has read who opens the page now."""
    seen = fingerprint(db.session.get_one(Chargeback, number))
    db.session.rollback()
    return seen


def stake_of(number: int) -> str:
    """What is at stake on the page that they open now."""
    stake = at_stake(db.session.get_one(Chargeback, number))
    db.session.rollback()
    return stake


def read_file(file_id: int) -> tuple[int, str, int]:
    """Pages, words and size."""
    content = db.session.get_one(StoredFile, file_id).content
    db.session.rollback()
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return len(pages), " ".join(page.extract_text() for page in pages), len(content)
