"""The verbs of contracts: make one from an agreement, sign it."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from marketplace.accounts.actor import Actor
from marketplace.contracts import render
from marketplace.contracts.agreement import Agreement
from marketplace.contracts.models import Contract, ContractFile, Party, Signature
from marketplace.contracts.words import written
from marketplace.infra.db import db
from marketplace.infra.i18n import LANGUAGES
from marketplace.infra.storage import store_file
from marketplace.kit import clock
from marketplace.kit.errors import Conflict, Invalid, NotAllowed


def make_contract(agreement: Agreement) -> Contract:
    """Freeze the agreement and set it in every language; each file is kept with its SHA-256."""
    contract = Contract(reference=agreement.reference, content=agreement.to_json(), created_at=clock.now())
    for locale in LANGUAGES:
        words = written(agreement, locale)
        stored = store_file(f"{agreement.reference}-{locale}.pdf", "application/pdf", render.pdf(words))
        contract.files.append(ContractFile(locale=locale, file_id=stored.id, sha256=stored.sha256, words=words))
    db.session.add(contract)
    db.session.flush()
    return contract


def sign_contract(
    contract: Contract,
    party: Party,
    actor: Actor,
    *,
    locale: str,
    sha256: str,
    address: str,
    user_agent: str,
) -> Signature:
    """Put the party's signature on the file it has read. The contract's owner must hold a lock that signing goes by.

    Raises:
        Invalid: `sha256` is not the fingerprint of the contract in `locale`.
        Conflict: the party has signed.
        NotAllowed: the same person has signed for the other party.
    """
    assert actor.user_id is not None
    if sha256 not in {file.sha256 for file in contract.files if file.locale == locale}:
        raise Invalid(_l("This is not the contract you were shown. Open the page again and read it before you sign."))
    if has_signed(contract.id, party):
        raise Conflict(_l("Your side has signed this contract."))
    if _signed_by(contract.id, actor.user_id):
        raise NotAllowed(_l("You have signed this contract for the other side. Somebody else signs for this one."))
    signature = Signature(
        contract_id=contract.id,
        party=party,
        user_id=actor.user_id,
        name=actor.signature,
        signed_at=clock.now(),
        locale=locale,
        sha256=sha256,
        address=address[:100],
        user_agent=user_agent[:400],
    )
    db.session.add(signature)
    db.session.flush()
    return signature


def has_signed(contract_id: int, party: Party) -> bool:
    """Whether the party's signature is on the contract."""
    query = select(Signature.id).where(Signature.contract_id == contract_id, Signature.party == party)
    return db.session.scalar(query) is not None


def _signed_by(contract_id: int, user_id: int) -> bool:
    query = select(Signature.id).where(Signature.contract_id == contract_id, Signature.user_id == user_id)
    return db.session.scalar(query) is not None


def fingerprint(sha256: str) -> str:
    """A SHA-256 in groups that people can compare: 9f2c 41d7 …"""
    return " ".join(sha256[start : start + 4] for start in range(0, len(sha256), 4))
