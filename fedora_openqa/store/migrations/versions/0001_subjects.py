"""Subjects, their products, and the messages that named them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "subject",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(300), nullable=False, unique=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("due", sa.Float, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", sa.Text),
        sa.Column("lease_owner", sa.String(200)),
        sa.Column("lease_until", sa.Float, nullable=False),
        sa.Column("message_id", sa.String(200)),
        sa.Column("asked", sa.Float, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("updated", sa.Float, nullable=False),
    )
    op.create_index("subject_due", "subject", ["state", "priority", "due"])
    op.create_table(
        "product",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "subject_id",
            sa.Integer,
            sa.ForeignKey("subject.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("flavor", sa.String(200), nullable=False),
        sa.Column("arch", sa.String(40), nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("newest_job", sa.Integer),
        sa.Column("job_ids", sa.JSON, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("partial", sa.Boolean, nullable=False),
        sa.Column("updated", sa.Float, nullable=False),
        sa.UniqueConstraint("subject_id", "number", "flavor", "arch"),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column(
            "subject_id",
            sa.Integer,
            sa.ForeignKey("subject.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("seen", sa.Float, nullable=False),
    )
    op.create_index("message_seen", "message", ["seen"])
