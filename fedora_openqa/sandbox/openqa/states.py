"""openQA's states and results of jobs."""

SCHEDULED = "scheduled"
DONE = "done"
CANCELLED = "cancelled"
FINAL_STATES = (DONE, CANCELLED)
#: a job here is never between `scheduled` and `done`: simulated workers take no time
PENDING_STATES = (SCHEDULED, "assigned", "setup", "running", "uploading")
PRISTINE_STATES = (SCHEDULED, "assigned")

NONE = "none"
INCOMPLETE = "incomplete"
SKIPPED = "skipped"
OBSOLETED = "obsoleted"
PARALLEL_FAILED = "parallel_failed"
PARALLEL_RESTARTED = "parallel_restarted"
USER_CANCELLED = "user_cancelled"
OK_RESULTS = ("passed", "softfailed")
RESULTS = (
    NONE,
    *OK_RESULTS,
    "failed",
    INCOMPLETE,
    SKIPPED,
    OBSOLETED,
    PARALLEL_FAILED,
    PARALLEL_RESTARTED,
    USER_CANCELLED,
    "user_restarted",
    "timeout_exceeded",
)
