"""Migrations of versions of fedora-openqa that are still to come."""

import shutil
from pathlib import Path

from fedora_openqa.store.migrating import MIGRATIONS, Migrations

#: adds what older code does not know, and does not miss
EXPANDING = '''"""Add notes to subjects."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
oldest_code = "0001"


def upgrade() -> None:
    # on SQLite Alembic copies the table, and cannot copy a generated column
    op.drop_index("subject_turn", "subject")
    op.drop_column("subject", "turn")
    with op.batch_alter_table("subject", recreate="auto") as table:
        table.alter_column("key", type_=sa.String(400))
        table.add_column(sa.Column("note", sa.Text))
        turn = sa.Computed("due - 60.0 * priority", persisted=True)
        table.add_column(sa.Column("turn", sa.Float, turn))
    op.create_index("subject_turn", "subject", ["state", "turn"])
'''

#: removes what older code needs
CONTRACTING = '''"""Remove the reasons of subjects."""

from alembic import op

revision = "0003"
down_revision = "0002"
oldest_code = "0002"


def upgrade() -> None:
    op.drop_column("subject", "reason")
'''

#: fails after it has changed something
FAILING = '''"""Fail."""

from alembic import op

revision = "0002"
down_revision = "0001"
oldest_code = "0001"


def upgrade() -> None:
    op.drop_table("delivery")
    op.execute("nonsense")
'''


def with_next(folder: Path, *texts: str) -> Migrations:
    """Return our migrations and further ones, in a new folder."""
    folder.mkdir()
    for path in (MIGRATIONS / "versions").glob("*.py"):
        shutil.copy(path, folder)
    for number, text in enumerate(texts):
        (folder / f"next_{number}.py").write_text(text)
    return Migrations(folder)
