"""Make the first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
oldest_code = "0001"


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "migration",
        sa.Column("revision", sa.String(32), primary_key=True),
        sa.Column("oldest_code", sa.String(32), nullable=False),
        sa.Column("software", sa.String(40), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "subject",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", _key(), nullable=False, unique=True),
        sa.Column("lane", sa.String(20), nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("due", sa.Float, nullable=False),
        sa.Column("turn", sa.Float, sa.Computed("due - 60.0 * priority", persisted=True)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", sa.Text),
        sa.Column("lease_owner", sa.String(200)),
        sa.Column("lease_until", sa.Float, nullable=False),
        sa.Column("unsettled_until", sa.Float),
        sa.Column("leased", sa.Float),
        sa.Column("message_id", sa.String(200)),
        sa.Column("asked", sa.Float, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("updated", sa.Float, nullable=False),
    )
    op.create_index("subject_turn", "subject", ["state", "turn"])
    op.create_index("subject_lane", "subject", ["lane", "state"])
    op.create_index("subject_leased", "subject", ["lane", "leased"])
    op.create_index("subject_message", "subject", ["message_id"])
    op.create_index("subject_updated", "subject", ["state", "updated"])
    op.create_index("subject_changed", "subject", ["updated"])
    op.create_index("subject_lane_changed", "subject", ["lane", "updated"])
    op.create_table(
        "product",
        sa.Column("id", sa.Integer, primary_key=True),
        _subject_id(),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("flavor", sa.String(200), nullable=False),
        sa.Column("arch", sa.String(40), nullable=False),
        sa.Column("release", sa.String(100), nullable=False),
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
        "delivery",
        sa.Column("id", sa.Integer, primary_key=True),
        _subject_id(),
        sa.Column("item", sa.String(200), nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("told", sa.Text),
        sa.Column("summary", sa.Text),
        sa.Column("findings", sa.JSON),
        sa.Column("sending", sa.Text),
        sa.Column("sent", sa.Float),
        sa.Column("reason", sa.Text),
        sa.Column("due", sa.Float, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", sa.Text),
        sa.Column("reference", sa.String(200)),
        sa.Column("message_id", sa.String(200)),
        sa.Column("asked", sa.Float, nullable=False),
        sa.Column("updated", sa.Float, nullable=False),
        sa.UniqueConstraint("subject_id", "item"),
    )
    op.create_index("delivery_message", "delivery", ["message_id"])
    op.create_index("delivery_asked", "delivery", ["asked"])
    op.create_index("delivery_due", "delivery", ["subject_id", "state", "due"])
    is_open = sa.text("sending IS NOT NULL")
    op.create_index(
        "delivery_sending",
        "delivery",
        ["subject_id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "absence",
        sa.Column("lane", sa.String(200), primary_key=True),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.String(200), primary_key=True),
        _subject_id(),
        sa.Column("seen", sa.Float, nullable=False),
    )
    op.create_index("message_seen", "message", ["seen"])
    op.create_index("message_subject", "message", ["subject_id", "seen"])
    op.create_table(
        "pause",
        sa.Column("lane", sa.String(200), primary_key=True),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("until", sa.Float),
    )
    op.create_table(
        "mark",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("at", sa.Float),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("lease_owner", sa.String(200)),
        sa.Column("lease_until", sa.Float, nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
    )
    op.create_table(
        "sighting",
        sa.Column("key", sa.String(300), primary_key=True),
        sa.Column("lane", sa.String(20), nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("build", sa.String(300), nullable=False),
        sa.Column("arch", sa.String(40)),
        sa.Column("content", sa.JSON),
        sa.Column("current", sa.Boolean, nullable=False),
    )
    op.create_table(
        "comparison",
        sa.Column("sink", sa.String(20), primary_key=True),
        sa.Column("build", sa.String(300), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("settled", sa.Boolean, nullable=False),
        sa.Column("jobs", sa.JSON, nullable=False),
    )
    op.create_table(
        "process",
        sa.Column("name", sa.String(300), primary_key=True),
        sa.Column("host", sa.String(200), nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("lanes", sa.JSON, nullable=False),
        sa.Column("topics", sa.JSON, nullable=False),
        sa.Column("has_metrics", sa.Boolean, nullable=False),
        sa.Column("started", sa.Float, nullable=False),
        sa.Column("seen", sa.Float, nullable=False),
    )
    _make_tables_of_jobs()
    _make_table_of_acts()


def _make_tables_of_jobs() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("build", _key(), nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("test", sa.String(200), nullable=False),
        sa.Column("flavor", sa.String(200), nullable=False),
        sa.Column("arch", sa.String(40), nullable=False),
        sa.Column("machine", sa.String(100), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("result", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("failed_modules", sa.JSON),
        sa.Column("fatal_module", sa.String(200)),
        sa.Column("origin_id", sa.BigInteger, nullable=False),
        sa.Column("clone_id", sa.BigInteger),
        sa.Column("worker_class", sa.String(500)),
        sa.Column("worker_host", sa.String(200)),
        sa.Column("started", sa.Float),
        sa.Column("finished", sa.Float),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("read", sa.Float, nullable=False),
    )
    scenario = ["test", "flavor", "arch", "machine"]
    op.create_index("job_build", "job", ["build", *scenario, "id"])
    op.create_index("job_scenario", "job", [*scenario, "version", "id", "result"])
    op.create_index("job_read", "job", ["read"])
    op.create_index("job_finished", "job", ["finished", "result", "clone_id"])
    failed = sa.text("result IN ('failed', 'incomplete', 'timeout_exceeded')")
    op.create_index("job_failed", "job", ["finished"], sqlite_where=failed, postgresql_where=failed)
    op.create_table(
        "failure_note",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("title", sa.Text),
        sa.Column("bug", sa.Text),
        sa.Column("kind", sa.String(20)),
        sa.Column("closed", sa.Float),
        sa.Column("apart", sa.JSON, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("failure_note_at", "failure_note", ["at"])
    op.create_table(
        "failure_rule",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("test", sa.String(200)),
        sa.Column("arch", sa.String(40)),
        sa.Column("title", sa.Text),
        sa.Column("bug", sa.Text),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "kept_job",
        sa.Column("job_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("build", _key(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("tried", sa.Float, nullable=False),
    )
    op.create_index("kept_job_build", "kept_job", ["build"])
    op.create_index("kept_job_state", "kept_job", ["state", "until"])
    op.create_table(
        "job_day",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("version", sa.String(100), primary_key=True),
        sa.Column("arch", sa.String(40), primary_key=True),
        sa.Column("result", sa.String(40), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("restarted", sa.Integer, nullable=False),
    )
    op.create_table(
        "found_day",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("lane", sa.String(20), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
    )
    op.create_table(
        "prediction",
        sa.Column("key", sa.String(300), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("build", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("expected", sa.Float, nullable=False),
        sa.Column("not_before", sa.Float, nullable=False),
        sa.Column("usually_by", sa.Float),
        sa.Column("ended", sa.Float),
    )
    op.create_index("prediction_at", "prediction", ["at"])
    op.create_table(
        "snapshot",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("facts", sa.JSON),
        sa.Column("at", sa.Float),
        sa.Column("error", sa.Text, nullable=False),
    )


def _make_table_of_acts() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("target", sa.String(300), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("preview", sa.JSON, nullable=False),
        sa.Column("cost", sa.Integer, nullable=False),
        sa.Column("key", sa.String(100), nullable=False, unique=True),
        sa.Column("ending", sa.String(20)),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("settled", sa.Float),
    )
    op.create_index("audit_who", "audit", ["who", "at"])
    op.create_index("audit_at", "audit", ["at"])


def _key() -> sa.types.TypeEngine[str]:
    in_bytes = sa.String(300, collation="C")
    return sa.String(300).with_variant(in_bytes, "postgresql")


def _subject_id() -> "sa.Column[int]":
    subject = sa.ForeignKey("subject.id", ondelete="CASCADE")
    return sa.Column("subject_id", sa.Integer, subject, nullable=False)
