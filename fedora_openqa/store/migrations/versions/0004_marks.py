"""When something was last done."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table of marks."""
    op.create_table(
        "mark",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
    )
