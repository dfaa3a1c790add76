"""Creators with released earnings and ready accounts, as many as wanted, written by the database itself: one payday's
worth. Its guards are off, and only what a payday reads is there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import ARRAY, Boolean, Column, DateTime, Numeric, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import Integer

from marketplace.creators.models import Creator
from marketplace.escrow.models import Settlement
from marketplace.infra import embedded_postgres
from marketplace.infra.db import Model
from marketplace.ledger.models import LedgerAccount
from marketplace.payouts.models import ConnectedAccount

SETTLED = 9_200
# What each row says that isn't empty, in SQL; `n` counts the payees.
_ROWS: dict[type[Model], dict[str, str]] = {
    Creator: {"id": "n", "user_id": "n", "handle": "'payee-' || n", "name": "'Payee ' || n", "category": "'food'"},
    ConnectedAccount: {
        "id": "gen_random_uuid()",
        "creator_id": "n",
        "stripe_account_id": "'acct_' || n",
        "transfers_enabled": "true",
    },
    Settlement: {
        "id": "n",
        "deal_id": "n",
        "creator_id": "n",
        "currency": "'CNY'",
        "creator_amount": str(SETTLED),
        "policy_version": "1",
        "released_at": "now()",
    },
    LedgerAccount: {
        "owner": "'creator:' || n",
        "kind": "'creator_available'",
        "commodity": "'CNY'",
        "guarded": "true",
        "balance": str(-SETTLED),
    },
}
_EMPTY: tuple[tuple[Any, str], ...] = (
    (Boolean, "false"),
    ((Integer, Numeric), "0"),
    (DateTime, "now()"),
    ((ARRAY, JSONB), "'{}'"),
)


def fill(folder: Path, database: str, creators: int) -> None:
    """So many creators into an empty database on the server of `folder`, each with one settlement of `SETTLED` fen."""
    with embedded_postgres.as_superuser(folder) as connection:
        address: dict[str, Any] = connection.info.get_parameters() | {
            "dbname": database,
            "password": connection.info.password,
        }
    with psycopg.connect(**address, autocommit=True) as inside:
        with inside.transaction():
            inside.execute("SET LOCAL session_replication_role = replica")
            for model, said in _ROWS.items():
                table = Model.metadata.tables[model.__tablename__]
                inside.execute(_insert(table, said, creators).encode())
        for model in _ROWS:
            inside.execute(f"VACUUM (ANALYZE) {model.__tablename__}".encode())


def _insert(table: Table, said: Mapping[str, str], rows: int) -> str:
    """All columns that must have a value and aren't the database's own to give."""
    wanted = {column.name: _empty(column) for column in table.columns if not column.nullable and not column.identity}
    values = {**wanted, **said}
    names = ", ".join(f'"{name}"' for name in values)
    chosen = ", ".join(values.values())
    return (
        f"INSERT INTO {table.name} ({names}) OVERRIDING SYSTEM VALUE SELECT {chosen} FROM generate_series(1, {rows}) n"
    )


def _empty(column: Column[Any]) -> str:
    return next((value for kinds, value in _EMPTY if isinstance(column.type, kinds)), "''")
