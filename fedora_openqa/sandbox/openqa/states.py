"""openQA's states and results of jobs."""

SCHEDULED = "scheduled"
RUNNING = "running"
DONE = "done"
CANCELLED = "cancelled"
FINAL_STATES = (DONE, CANCELLED)
#: a job here is scheduled, running or done
PENDING_STATES = (SCHEDULED, "assigned", "setup", RUNNING, "uploading")
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
