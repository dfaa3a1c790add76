"""Tables of contracts, their rendered files and their signatures. They know no deals: the reference is opaque."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.infra.db import Model, enum_column, pk


class Party(StrEnum):
    CREATOR = "creator"
    BRAND = "brand"


class Contract(Model):
    """The agreed terms as they were rendered. Nothing in it changes; a new agreement is a new contract."""

    __tablename__ = "contracts"

    id: Mapped[int] = pk()
    reference: Mapped[str] = mapped_column(unique=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]

    files: Mapped[list["ContractFile"]] = relationship(order_by="ContractFile.locale")
    signatures: Mapped[list["Signature"]] = relationship(order_by="Signature.id")


class ContractFile(Model):
    """The contract as a PDF in one language, with its SHA-256. `words` are what it was set from: whoever quotes the
    contract later, when we may word new ones otherwise, quotes what was signed."""

    __tablename__ = "contract_files"
    __table_args__ = (UniqueConstraint("contract_id", "locale"),)

    id: Mapped[int] = pk()
    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    locale: Mapped[str]
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))
    sha256: Mapped[str]
    words: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Signature(Model):
    """One party's signature on the files, by name, time and address; each party signs once."""

    __tablename__ = "signatures"
    __table_args__ = (UniqueConstraint("contract_id", "party"),)

    id: Mapped[int] = pk()
    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    party: Mapped[Party] = enum_column(Party)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    signed_at: Mapped[datetime]
    locale: Mapped[str]
    sha256: Mapped[str]
    address: Mapped[str]
    user_agent: Mapped[str]
