"""The tables as the code uses them; the migrations make them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
)

from fedora_openqa.store.columns import Facts, Name, Prose

#: the newest migration: a database of this revision is opened without Alembic
REVISION = "0001"

#: characters of what a sink has of a delivery; longer than any
TOLD_SIZE = 100_000

#: the mark of the last sweep, which is also the lease of the present one; what the marks of what
#: sweeps found begin with, before the lane
SWEEP, FOUND = "sweep", "found:"

#: what the marks of sinks that are switched on begin with, before the sink
ENABLED = "enabled:"

#: the expression of a subject's turn
TURN = "due - 60.0 * priority"

#: the mark that counts announced work, on SQLite
WORK = "work"

metadata = MetaData()

#: the migrations that were applied to the store
migration = Table(
    "migration",
    metadata,
    Column("revision", Name(32), primary_key=True),
    # the revision of the oldest code that may work with the schema since then
    Column("oldest_code", Name(32), nullable=False),
    # the version of fedora-openqa that applied it
    Column("software", Name(40), nullable=False),
    Column("at", Float, nullable=False),
)

#: Alembic's own table, with the last migration
alembic_version = Table("alembic_version", MetaData(), Column("version_num", Name(32)))

subject = Table(
    "subject",
    metadata,
    Column("id", Integer, primary_key=True),
    # compose:Fedora-Rawhide-20261120.n.0; on PostgreSQL compared byte by byte (collation C), as
    # SQLite does, so that an index finds the beginning of a key
    Column("key", Name(300), nullable=False, unique=True),
    # compose, update, coreos; resultsdb, wiki, mail; message
    Column("lane", Name(20), nullable=False),
    # the workflow's arguments
    Column("request", Facts(), nullable=False),
    # of the content: for an update its sorted NVRs
    Column("digest", Name(64), nullable=False),
    # of the request; each new request counts up
    Column("number", Integer, nullable=False),
    # wanted, scheduled, reported, skipped, parked
    Column("state", Name(20), nullable=False),
    Column("reason", Prose()),
    # higher is sooner
    Column("priority", Integer, nullable=False),
    Column("due", Float, nullable=False),
    # the order of leases: a point of priority goes before a minute of waiting, so nothing waits
    # for ever behind what is more urgent
    Column("turn", Float, Computed(TURN, persisted=True)),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Prose()),
    Column("lease_owner", Name(200)),
    Column("lease_until", Float, nullable=False),
    # until then a POST of a worker may arrive that gave the subject back unfinished
    Column("unsettled_until", Float),
    # the time of the last lease, for limits per minute
    Column("leased", Float),
    # the message that caused the newest request
    Column("message_id", Name(200)),
    # the time of the newest request
    Column("asked", Float, nullable=False),
    Column("created", Float, nullable=False),
    Column("updated", Float, nullable=False),
    Index("subject_turn", "state", "turn"),
    # the numbers in `status`
    Index("subject_lane", "lane", "state"),
    # the limits per minute
    Index("subject_leased", "lane", "leased"),
    Index("subject_message", "message_id"),
    # the parked by age; what is old
    Index("subject_updated", "state", "updated"),
    # lists of all states, and of a kind
    Index("subject_changed", "updated"),
    Index("subject_lane_changed", "lane", "updated"),
)

product = Table(
    "product",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject_id", Integer, ForeignKey("subject.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("flavor", Name(200), nullable=False),
    Column("arch", Name(40), nullable=False),
    # openQA's VERSION; empty: it has none
    Column("release", Name(100), nullable=False),
    Column("settings", Facts(), nullable=False),
    # intended, posted, existing, empty, failed
    Column("state", Name(20), nullable=False),
    # the newest job of the build when the product was first intended: newer ones may be ours;
    # NULL: it was never intended
    Column("newest_job", Integer),
    Column("job_ids", Facts(), nullable=False),
    Column("reason", Prose()),
    Column("partial", Boolean, nullable=False),
    Column("updated", Float, nullable=False),
    UniqueConstraint("subject_id", "number", "flavor", "arch"),
)

#: a job on its way to a sink; the subject is the sink with a build
delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject_id", Integer, ForeignKey("subject.id", ondelete="CASCADE"), nullable=False),
    # the id of a job; or "report", "autocloud:7"
    Column("item", Name(200), nullable=False),
    # from the message, where it is the only source
    Column("facts", Facts(), nullable=False),
    # how often it was asked for
    Column("number", Integer, nullable=False),
    # pending, delivered, skipped, parked
    Column("state", Name(20), nullable=False),
    # what the sink has, machine-readable; NULL: nothing
    Column("told", Prose(TOLD_SIZE)),
    # the same for people; NULL: `told` is readable
    Column("summary", Prose()),
    # of a report: the lines of what it found beside the results of tests; NULL: nothing
    Column("findings", Facts(none_as_null=True)),
    # as `told`, of a send that was started and not confirmed, and its time; NULL: none is open
    Column("sending", Prose(TOLD_SIZE)),
    Column("sent", Float),
    Column("reason", Prose()),
    Column("due", Float, nullable=False),
    # failed ones
    Column("attempts", Integer, nullable=False),
    Column("last_error", Prose()),
    # where the sink has it: the id of a result
    Column("reference", Name(200)),
    # the message that last asked for it
    Column("message_id", Name(200)),
    Column("asked", Float, nullable=False),
    Column("updated", Float, nullable=False),
    UniqueConstraint("subject_id", "item"),
    Index("delivery_message", "message_id"),
    # the last message
    Index("delivery_asked", "asked"),
    # the rounds of a build
    Index("delivery_due", "subject_id", "state", "due"),
    # WHERE sending IS NOT NULL; said here, it would load both dialects at each start
    Index("delivery_sending", "subject_id"),
)

#: lanes that wait because their service does not answer or refuses us
absence = Table(
    "absence",
    metadata,
    # resultsdb
    Column("lane", Name(200), primary_key=True),
    Column("error", Prose(), nullable=False),
    Column("since", Float, nullable=False),
    # the time of the next attempt
    Column("until", Float, nullable=False),
)

#: messages whose effect is stored: a redelivered one must have none
message = Table(
    "message",
    metadata,
    Column("id", Name(200), primary_key=True),
    Column("subject_id", Integer, ForeignKey("subject.id", ondelete="CASCADE"), nullable=False),
    Column("seen", Float, nullable=False),
    Index("message_seen", "seen"),
    # also for the deletion of a subject, which looks for its messages
    Index("message_subject", "subject_id", "seen"),
)

#: lanes that a person has stopped
pause = Table(
    "pause",
    metadata,
    # compose, or compose:Rawhide
    Column("lane", Name(200), primary_key=True),
    Column("by", Name(200), nullable=False),
    Column("reason", Prose(), nullable=False),
    Column("since", Float, nullable=False),
    # NULL: it ends with `resume`
    Column("until", Float),
)

#: the time at which something last happened, or how often: a sweep ended, a sweep found something,
#: a sink was switched on, work was announced
mark = Table(
    "mark",
    metadata,
    # sweep, sweep:scheduling, sweep:resultsdb, enabled:mail, work, watch, presence
    Column("name", Name(100), primary_key=True),
    # its last time; NULL if it never ended
    Column("at", Float),
    # how often
    Column("number", Integer, nullable=False, default=0),
    # the process that does it now
    Column("lease_owner", Name(200)),
    Column("lease_until", Float, nullable=False, default=0.0),
    # what was found
    Column("facts", Facts(), nullable=False, default=dict),
)

#: a subject as the sources had it at the last sweep
sighting = Table(
    "sighting",
    metadata,
    Column("key", Name(300), primary_key=True),
    Column("lane", Name(20), nullable=False),
    Column("request", Facts(), nullable=False),
    Column("digest", Name(64), nullable=False),
    Column("priority", Integer, nullable=False),
    # openQA's BUILD
    Column("build", Name(300), nullable=False),
    Column("arch", Name(40)),
    # of an update: its sorted NVRs
    Column("content", Facts()),
    Column("current", Boolean, nullable=False),
)

#: the last comparison of a sink with the jobs of a build
comparison = Table(
    "comparison",
    metadata,
    Column("sink", Name(20), primary_key=True),
    # openQA's BUILD
    Column("build", Name(300), primary_key=True),
    # of the content that was compared
    Column("digest", Name(64), nullable=False),
    Column("at", Float, nullable=False),
    # all jobs have ended, and the sink has all results
    Column("settled", Boolean, nullable=False),
    # the ids of all jobs
    Column("jobs", Facts(), nullable=False),
)

#: the processes, as each reported itself last
process = Table(
    "process",
    metadata,
    # scheduler qa01:4711
    Column("name", Name(300), primary_key=True),
    Column("host", Name(200), nullable=False),
    Column("pid", Integer, nullable=False),
    # scheduler, worker
    Column("role", Name(40), nullable=False),
    Column("version", Name(40), nullable=False),
    # lane to the time of the last progress
    Column("lanes", Facts(), nullable=False),
    # topic to the time of the last message and the usual gap between two
    Column("topics", Facts(), nullable=False),
    Column("has_metrics", Boolean, nullable=False),
    Column("started", Float, nullable=False),
    Column("seen", Float, nullable=False),
)

#: what openQA was last seen to do
snapshot = Table(
    "snapshot",
    metadata,
    # waiting, running, workers, counts; forecast, series, waits
    Column("name", Name(40), primary_key=True),
    # NULL: it was never read
    Column("facts", Facts(none_as_null=True)),
    # the time of the last read that succeeded
    Column("at", Float),
    # why the last try failed; empty: it did not
    Column("error", Prose(), nullable=False),
)

#: what was said of builds when their tests had been scheduled, and when they were done
prediction = Table(
    "prediction",
    metadata,
    # of the subject, and the number of its request
    Column("key", Name(300), primary_key=True),
    Column("number", Integer, primary_key=True),
    # openQA's BUILD
    Column("build", Name(300), nullable=False),
    # compose, update, coreos
    Column("kind", Name(20), nullable=False),
    Column("at", Float, nullable=False),
    Column("expected", Float, nullable=False),
    Column("not_before", Float, nullable=False),
    # NULL: only the lower bound was said
    Column("usually_by", Float),
    # NULL where the build is not done
    Column("ended", Float),
    # those that are compared; what is old
    Index("prediction_at", "at"),
)

#: the jobs of openQA, each with the newest state that was heard of or read
job = Table(
    "job",
    metadata,
    # openQA's id
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    # openQA's BUILD; on PostgreSQL compared byte by byte, as `subject.key`
    Column("build", Name(300), nullable=False),
    # openQA's VERSION; empty: not known
    Column("version", Name(100), nullable=False),
    Column("test", Name(200), nullable=False),
    Column("flavor", Name(200), nullable=False),
    Column("arch", Name(40), nullable=False),
    Column("machine", Name(100), nullable=False),
    # openQA's words
    Column("state", Name(20), nullable=False),
    Column("result", Name(40), nullable=False),
    # openQA has none, or it is not known
    Column("reason", Prose(500)),
    # in the order they ran; NULL: not known
    Column("failed_modules", Facts(none_as_null=True)),
    # the first of them that is fatal; NULL: messages do not have it
    Column("fatal_module", Name(200)),
    # its own id: it is no copy
    Column("origin_id", BigInteger, nullable=False),
    Column("clone_id", BigInteger),
    Column("worker_class", Name(500)),
    # NULL: not known, only running jobs show it
    Column("worker_host", Name(200)),
    Column("started", Float),
    Column("finished", Float),
    # how far its state is: a state of a higher rank is newer, whenever it was read
    Column("rank", Integer, nullable=False),
    # the time at which its state was heard of or read
    Column("read", Float, nullable=False),
    # the jobs of a build, and those of a scenario among them; the builds of a release
    Index("job_build", "build", "test", "flavor", "arch", "machine", "id"),
    # the runs of a scenario, and what became of them
    Index("job_scenario", "test", "flavor", "arch", "machine", "version", "id", "result"),
    # what is old
    Index("job_read", "read"),
    # the numbers of a day
    Index("job_finished", "finished", "result", "clone_id"),
    # WHERE `FAILED`, as that of `delivery_sending`
    Index("job_failed", "finished"),
)

#: the jobs that failed by themselves, in SQL
FAILED = "job.result IN ('failed', 'incomplete', 'timeout_exceeded')"

#: what persons decided about failures with one cause
failure_note = Table(
    "failure_note",
    metadata,
    # openQA's id of a job among them
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("title", Prose(200)),
    Column("bug", Prose(500)),
    Column("kind", Name(20)),
    # failures until then are dealt with
    Column("closed", Float),
    # ids of jobs that were split off from others
    Column("apart", Facts(), nullable=False),
    Column("by", Name(200), nullable=False),
    Column("at", Float, nullable=False),
    # what is old
    Index("failure_note_at", "at"),
)

#: rules of persons that name failures by a text; they stay until a person removes them
failure_rule = Table(
    "failure_rule",
    metadata,
    Column("id", Integer, primary_key=True),
    # that modules or reasons have
    Column("text", Prose(200), nullable=False),
    # only jobs of this test, and on this arch
    Column("test", Name(200)),
    Column("arch", Name(40)),
    Column("title", Prose(200)),
    Column("bug", Prose(500)),
    Column("by", Name(200), nullable=False),
    Column("at", Float, nullable=False),
)

#: jobs whose results openQA must keep, each stored before openQA is told
kept_job = Table(
    "kept_job",
    metadata,
    # openQA's id
    Column("job_id", BigInteger, primary_key=True, autoincrement=False),
    # openQA's BUILD
    Column("build", Name(300), nullable=False),
    # intended, kept, releasing, released
    Column("state", Name(20), nullable=False),
    Column("until", Float, nullable=False),
    # a person; empty: a rule
    Column("by", Name(200), nullable=False),
    Column("reason", Prose(1000), nullable=False),
    # when it was tried in vain
    Column("tried", Float, nullable=False),
    Index("kept_job_build", "build"),
    # what is left to do
    Index("kept_job_state", "state", "until"),
)

#: how many jobs ended with each result on a day; it stays when the jobs are deleted
job_day = Table(
    "job_day",
    metadata,
    # 2026-11-20, in UTC
    Column("day", Name(10), primary_key=True),
    Column("version", Name(100), primary_key=True),
    Column("arch", Name(40), primary_key=True),
    Column("result", Name(40), primary_key=True),
    Column("number", Integer, nullable=False),
    # of these, jobs that were restarted
    Column("restarted", Integer, nullable=False),
)

#: how many subjects and deliveries sweeps found on a day that no message had named
found_day = Table(
    "found_day",
    metadata,
    # 2026-11-20, in UTC
    Column("day", Name(10), primary_key=True),
    Column("lane", Name(20), primary_key=True),
    Column("number", Integer, nullable=False),
)

#: the acts of people, each stored before it was done
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    # the login, or the account that ran a command
    Column("who", Name(200), nullable=False),
    # operator, admin, command
    Column("role", Name(20), nullable=False),
    # rerun, request, release, drop, pause, resume, drain, waive, name
    Column("what", Name(20), nullable=False),
    # a subject, a build, a lane
    Column("target", Name(300), nullable=False),
    Column("reason", Prose(), nullable=False),
    # what was announced
    Column("preview", Facts(), nullable=False),
    # what it counts in the limit of a person and a day
    Column("cost", Integer, nullable=False),
    # of the form that asked for it
    Column("key", Name(100), nullable=False, unique=True),
    # done, nothing, unclear; NULL: it is being done, or its process ended
    Column("ending", Name(20)),
    Column("outcome", Prose(), nullable=False),
    Column("at", Float, nullable=False),
    Column("settled", Float),
    # the acts of a person, also for the limit
    Index("audit_who", "who", "at"),
    # the newest; what is old
    Index("audit_at", "at"),
)
