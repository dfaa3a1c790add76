"""Makes the migration 0001_tables anew from the models. Only until the first release: then migrations are added."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.operations.ops import UpgradeOps
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine
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


def upgrade() -> None:
    {up}


def downgrade() -> None:
    {down}
'''


def main() -> None:
    write(up="pass", down="pass")
    with tempfile.TemporaryDirectory(prefix="mutuals-") as folder:
        url = embedded_postgres.ensure_running(Path(folder), durable=False)
        try:
            generate(create_engine(url, poolclass=NullPool))
        finally:
            embedded_postgres.stop(Path(folder))
    print(f"{FILE.relative_to(ROOT)} has {len(Model.metadata.tables)} tables ({len(tables.__all__)} modules).")
    print("A demo database made before it must go: make demo-reset.")


def generate(engine: Engine) -> None:
    """Compare the models with a database that has only the extensions, then add what only a second look finds.

    That is a foreign key in a circle of tables, which Alembic leaves out while its table is not there.
    """
    with engine.begin() as connection:
        command.upgrade(schema.configuration(connection), "0000")
        up, down = compare(connection)
    write(up, down)
    with engine.begin() as connection:
        command.upgrade(schema.configuration(connection), "0001")
        more_up, more_down = compare(connection)
    write(up + "\n    " + more_up, more_down + "\n    " + down)


def compare(connection: Connection) -> tuple[str, str]:
    context = MigrationContext.configure(connection, opts={"target_metadata": Model.metadata})
    steps = produce_migrations(context, Model.metadata)
    assert isinstance(steps.upgrade_ops, UpgradeOps)
    assert steps.downgrade_ops is not None
    up = render_python_code(steps.upgrade_ops, migration_context=context)
    down = render_python_code(steps.downgrade_ops, migration_context=context)
    return up, down


def write(up: str, down: str) -> None:
    made = TEMPLATE.format(up=up, down=down)
    # Alembic names an enum's check after its class; ours are called after their columns.
    made = re.sub(r", name='\w+', native_enum=False", ", native_enum=False", made)
    FILE.write_text("\n".join(line for line in made.splitlines() if "# ###" not in line) + "\n")
    ruff = Path(sys.executable).parent / "ruff"
    subprocess.run([ruff, "check", "--quiet", "--fix", "--select", "F401,PIE790", "--no-cache", FILE], check=False)
    subprocess.run([ruff, "format", "--quiet", FILE], check=True)


if __name__ == "__main__":
    main()
