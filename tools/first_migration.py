"""Makes the migration 0001_tables anew from the models. Only until the first release: then migrations are added."""

import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.operations.ops import UpgradeOps
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from marketplace import tables  # noqa: E402
from marketplace.infra import embedded_postgres, schema  # noqa: E402
from marketplace.infra.db import Model  # noqa: E402

FILE = schema.MIGRATIONS / "versions" / "0001_tables.py"
TEMPLATE = '''"""The tables of every feature, as `make first-migration` reads them from the models."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = "0000"
branch_labels = None
depends_on = None

__all__ = ["postgresql"]


def upgrade() -> None:
    {up}


def downgrade() -> None:
    {down}
'''


def main() -> None:
    if not FILE.exists():
        FILE.write_text(TEMPLATE.format(up="pass", down="pass"))
    with tempfile.TemporaryDirectory(prefix="mutuals-") as folder:
        url = embedded_postgres.ensure_running(Path(folder), durable=False)
        try:
            with create_engine(url, poolclass=NullPool).begin() as connection:
                FILE.write_text(generate(connection))
        finally:
            embedded_postgres.stop(Path(folder))
    subprocess.run([Path(sys.executable).parent / "ruff", "format", "--quiet", FILE], check=True)
    print(f"{FILE.relative_to(ROOT)} has {len(Model.metadata.tables)} tables ({len(tables.__all__)} modules).")
    print("A demo database made before it must go: make demo-reset.")


def generate(connection: Connection) -> str:
    """Compare the models with a database that has only the extensions."""
    command.upgrade(schema.configuration(connection), "0000")
    context = MigrationContext.configure(connection, opts={"target_metadata": Model.metadata})
    steps = produce_migrations(context, Model.metadata)
    assert isinstance(steps.upgrade_ops, UpgradeOps)
    assert steps.downgrade_ops is not None
    up = render_python_code(steps.upgrade_ops, migration_context=context)
    down = render_python_code(steps.downgrade_ops, migration_context=context)
    made = TEMPLATE.format(up=up, down=down)
    return "\n".join(line for line in made.splitlines() if "# ###" not in line) + "\n"


if __name__ == "__main__":
    main()
