"""The tables, as the code uses them; the migrations make them."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

subject = Table(
    "subject",
    metadata,
    Column("id", Integer, primary_key=True),
    # compose:Fedora-Rawhide-20261120.n.0
    Column("key", String(300), nullable=False, unique=True),
    # the lane of its kind: compose, update, coreos; resultsdb, wiki, mail
    Column("kind", String(20), nullable=False),
    # what to ask the workflow for
    Column("request", JSON, nullable=False),
    # of what is tested: for an update its sorted NVRs
    Column("digest", String(64), nullable=False),
    # how often its tests were asked for
    Column("number", Integer, nullable=False),
    # wanted, scheduled, reported, skipped, parked
    Column("state", String(20), nullable=False),
    Column("reason", Text),
    # higher is sooner
    Column("priority", Integer, nullable=False),
    Column("due", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    Column("lease_owner", String(200)),
    Column("lease_until", Float, nullable=False),
    # when it was last leased
    Column("leased", Float),
    # the message that caused the newest request
    Column("message_id", String(200)),
    # when the newest request was made
    Column("asked", Float, nullable=False),
    Column("created", Float, nullable=False),
    Column("updated", Float, nullable=False),
    Index("subject_due", "state", "priority", "due"),
)

product = Table(
    "product",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject_id", Integer, ForeignKey("subject.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("flavor", String(200), nullable=False),
    Column("arch", String(40), nullable=False),
    Column("settings", JSON, nullable=False),
    # intended, posted, existing, empty, failed
    Column("state", String(20), nullable=False),
    # the newest job of the build when the product was first intended: later ones may be ours;
    # nothing: it never was
    Column("newest_job", Integer),
    Column("job_ids", JSON, nullable=False),
    Column("reason", Text),
    Column("partial", Boolean, nullable=False),
    Column("updated", Float, nullable=False),
    UniqueConstraint("subject_id", "number", "flavor", "arch"),
)

#: what is on its way to a sink: the subject is the sink with a build
delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject_id", Integer, ForeignKey("subject.id", ondelete="CASCADE"), nullable=False),
    # the id of a job, or what else there is
    Column("item", String(200), nullable=False),
    # what the message said, where nobody else can be asked
    Column("facts", JSON, nullable=False),
    # how often it was asked for
    Column("number", Integer, nullable=False),
    # pending, delivered, skipped, parked
    Column("state", String(20), nullable=False),
    # what the sink was last told
    Column("outcome", Text),
    # what it was about to be told, and when; nothing: nobody was about to
    Column("sending", Text),
    Column("sent", Float),
    Column("reason", Text),
    Column("due", Float, nullable=False),
    # those in vain
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    # where the sink has it
    Column("reference", String(200)),
    # the message that last asked for it
    Column("message_id", String(200)),
    Column("asked", Float, nullable=False),
    Column("updated", Float, nullable=False),
    UniqueConstraint("subject_id", "item"),
    Index("delivery_message", "message_id"),
)

#: lanes that wait because whoever they lead to does not answer
absence = Table(
    "absence",
    metadata,
    # resultsdb
    Column("lane", String(200), primary_key=True),
    Column("error", Text, nullable=False),
    Column("since", Float, nullable=False),
    # when somebody tries again
    Column("until", Float, nullable=False),
)

#: messages whose effect is stored: a redelivered one must have none
message = Table(
    "message",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("subject_id", Integer, ForeignKey("subject.id", ondelete="CASCADE"), nullable=False),
    Column("seen", Float, nullable=False),
    Index("message_seen", "seen"),
)

#: lanes that a person has stopped
pause = Table(
    "pause",
    metadata,
    # compose, or compose:Rawhide
    Column("lane", String(200), primary_key=True),
    Column("by", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Float, nullable=False),
)

#: when something was last done: a sweep
mark = Table(
    "mark",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("at", Float, nullable=False),
)
