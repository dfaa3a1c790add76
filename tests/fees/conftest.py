"""The fee tables on the PostgreSQL of the books' tests."""

from tests.ledger.conftest import app, context

__all__ = ["app", "context"]
