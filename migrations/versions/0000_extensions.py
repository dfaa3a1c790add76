"""Extensions that the tables' indexes and columns need; each is trusted, so the database's owner may add it."""

from alembic import op

revision = "0000"
down_revision = None
branch_labels = None
depends_on = None

EXTENSIONS = ("btree_gin", "citext", "pg_trgm")


def upgrade() -> None:
    for name in EXTENSIONS:
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")


def downgrade() -> None:
    for name in reversed(EXTENSIONS):
        op.execute(f"DROP EXTENSION IF EXISTS {name}")
