"""The job queue: Procrastinate's tables and functions."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = Path(__file__).parent.parent / "sql" / "0003_jobs.sql"

DROP = """
DO $$
DECLARE
    dropped text;
BEGIN
    FOR dropped IN SELECT tablename FROM pg_tables
        WHERE schemaname = current_schema() AND tablename LIKE 'procrastinate\\_%' LOOP
        EXECUTE format('DROP TABLE %I CASCADE', dropped);
    END LOOP;
    FOR dropped IN SELECT oid::regprocedure::text FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'procrastinate\\_%' LOOP
        EXECUTE 'DROP FUNCTION ' || dropped || ' CASCADE';
    END LOOP;
    FOR dropped IN SELECT typname FROM pg_type
        WHERE typnamespace = current_schema()::regnamespace AND typname LIKE 'procrastinate\\_%' LOOP
        EXECUTE format('DROP TYPE %I', dropped);
    END LOOP;
END;
$$
"""


def _run(script: str) -> None:
    """Straight to the driver: the script is many statements, and its % signs are no parameters."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(script)


def upgrade() -> None:
    _run(SCHEMA.read_text())


def downgrade() -> None:
    _run(DROP)
