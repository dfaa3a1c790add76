"""The job queue: Procrastinate's tables and functions, one of them as it suits us."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = Path(__file__).parent.parent / "sql" / "0003_jobs.sql"

# A commit that notifies holds up every other that does, each with its own wait for the disk. So Procrastinate's trigger
# tells the workers of a job only where none of the newest waiting ones is due: where one is, they were told of it, and
# go on to the next by themselves. What comes while the last is being taken is found when they look by the clock, once a
# second; so is a job behind due ones that all wait for a lock, when the workers have nothing else to do.
NOTIFY = """
CREATE OR REPLACE FUNCTION procrastinate_notify_queue_job_inserted_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    payload text := json_build_object('type', 'job_inserted', 'job_id', NEW.id);
BEGIN
    IF EXISTS (
        SELECT FROM (
            SELECT scheduled_at, queue_name FROM procrastinate_jobs
            WHERE status = 'todo' AND priority = NEW.priority AND id < NEW.id ORDER BY id DESC LIMIT 5
        ) waiting
        WHERE queue_name = NEW.queue_name AND (scheduled_at IS NULL OR scheduled_at <= now())
    ) THEN
        RETURN NEW;
    END IF;
    PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
    PERFORM pg_notify('procrastinate_any_queue_v1', payload);
    RETURN NEW;
END $$;
"""
# Whether others wait for a job's lock is asked for each job that is taken: Procrastinate's own index begins with the
# id, and would be read from end to end each time (300,000 jobs waiting: 40 ms instead of 5).
LOCKS = "CREATE INDEX ix_procrastinate_jobs_lock ON procrastinate_jobs (lock) WHERE status IN ('todo', 'doing')"
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
    _run(NOTIFY)
    op.execute(LOCKS)


def downgrade() -> None:
    _run(DROP)
