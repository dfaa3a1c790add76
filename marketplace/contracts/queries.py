"""Reads of contracts. Who may see one is decided by what refers to it."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from marketplace.contracts.models import Contract, ContractFile, Party, Signature
from marketplace.infra.db import db
from marketplace.infra.storage import StoredFile
from marketplace.kit.errors import NotFound


def get_contract(contract_id: int) -> Contract:
    """A contract with its files and signatures.

    Raises:
        NotFound: there is none.
    """
    query = (
        select(Contract)
        .where(Contract.id == contract_id)
        .options(selectinload(Contract.files), selectinload(Contract.signatures))
        .execution_options(populate_existing=True)
    )
    contract = db.session.scalars(query).first()
    if contract is None:
        raise NotFound
    return contract


def contract_pdf(contract_id: int, locale: str) -> StoredFile:
    """The contract's file in one language.

    Raises:
        NotFound: it wasn't made in this language.
    """
    query = (
        select(StoredFile)
        .join(ContractFile, ContractFile.file_id == StoredFile.id)
        .where(ContractFile.contract_id == contract_id, ContractFile.locale == locale)
    )
    stored = db.session.scalars(query).first()
    if stored is None:
        raise NotFound
    return stored


def files_in(locale: str, contract_ids: Collection[int]) -> dict[int, ContractFile]:
    """The files of many contracts in one language, by the contract's id, in one query."""
    query = select(ContractFile).where(ContractFile.contract_id.in_(contract_ids), ContractFile.locale == locale)
    return {file.contract_id: file for file in db.session.scalars(query)}


def parties_signed(contract_id: int | None) -> frozenset[Party]:
    """Whose signatures are on the contract."""
    if contract_id is None:
        return frozenset()
    return frozenset(db.session.scalars(select(Signature.party).where(Signature.contract_id == contract_id)))
