"""When a subject was last leased, for limits per minute."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column."""
    op.add_column("subject", sa.Column("leased", sa.Float))
