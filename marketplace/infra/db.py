"""The database: base class of the models, column shorthands, and the one way to open a transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from psycopg.errors import UniqueViolation
from sqlalchemy import BigInteger, CheckConstraint, Constraint, Date, DateTime, Enum, Identity, MetaData, Table, Text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column, registry

from marketplace.kit.errors import DomainError


def _check_name(constraint: Constraint, _table: Table) -> str:
    """An enum's check has no name of its own and is called after its column: a table may have two of one enum."""
    if isinstance(constraint.name, str):
        return constraint.name
    assert isinstance(constraint, CheckConstraint)
    return "_".join(column.name for column in constraint.columns)


NAMING: dict[str, Any] = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(check_constraint_name)s",
    "check_constraint_name": _check_name,
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Model(DeclarativeBase):
    """Every table's base. `int` is bigint, `str` is text, `datetime` carries its time zone."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={int: BigInteger, str: Text, datetime: DateTime(timezone=True), date: Date},
    )


db = SQLAlchemy(model_class=Model)


def pk() -> MappedColumn[int]:
    """A bigint primary key that only the database hands out."""
    return mapped_column(BigInteger, Identity(always=True), primary_key=True)


def enum_column(members: type[StrEnum], **options: Any) -> MappedColumn[Any]:
    """A text column that holds one of the enum's values, checked by the database."""
    kind = Enum(
        members,
        native_enum=False,
        create_constraint=True,
        name=None,
        length=None,
        values_callable=lambda found: [member.value for member in found],
    )
    return mapped_column(kind, **options)


@contextmanager
def transaction() -> Iterator[None]:
    """Commit what happens inside, or undo all of it. Only edges (views, jobs, commands) and Stripe's verbs open one."""
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def end_transaction() -> None:
    """Let go of the connection before a slow outside call; what was read stays usable only as plain values."""
    db.session.rollback()


@contextmanager
def refusing(constraint: str, refusal: DomainError) -> Iterator[None]:
    """Turn a lost race for something unique into a refusal, and keep the transaction usable."""
    try:
        with db.session.begin_nested():
            yield
    except IntegrityError as error:
        broken = error.orig
        if isinstance(broken, UniqueViolation) and broken.diag.constraint_name == constraint:
            raise refusal from error
        raise


__all__ = ["Mapped", "Model", "db", "end_transaction", "enum_column", "pk", "refusing", "transaction"]
