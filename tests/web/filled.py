"""A store with something in every table that pages show, hostile text included."""

from dataclasses import replace

from sqlalchemy import Engine

from fedora_openqa.model.audit import Action, Ending, Intent, Role
from fedora_openqa.model.deliveries import Delivered, Parked, Sink, WantedDelivery
from fedora_openqa.model.failures import FailureRule
from fedora_openqa.model.forecast import Durations
from fedora_openqa.model.health import Heard, Process
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.openqa_load import JobCounts, Moment, QueuedJob, SnapshotName, Wait, Worker
from fedora_openqa.model.products import Product, ProductResult, ProductState
from fedora_openqa.model.stories import Pause
from fedora_openqa.model.work import Away, SubjectState, Wanted
from fedora_openqa.policy.forecast import Spread, forecast
from fedora_openqa.store.audit import Audit
from fedora_openqa.store.clock import database_time
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.failures import Failures
from fedora_openqa.store.health import Health
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.snapshots import Snapshots
from fedora_openqa.store.subjects import Subjects

#: what must never be part of a page as it is
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}\u202e%0d%0aX: y"

COMPOSE, BEFORE = "Fedora-Rawhide-20261120.n.0", "Fedora-Rawhide-20261119.n.1"
UPDATE = "FEDORA-2026-1bd5f4a0c2"

#: an update of the sandbox; gating requires two tests of it
BLOCKED = "FEDORA-2026-77e9c41fa0"

TESTS = ("base_selinux", "base_services_start", "install_default_upload", HOSTILE[:200])
FLAVORS = ("Server-dvd-iso", "Workstation-live-iso")


def fill(engine: Engine) -> None:
    """Fill an empty store."""
    with transaction(engine) as connection:
        now = database_time(connection)
    _subjects(engine)
    _jobs(engine, now)
    _deliveries(engine)
    Pauses(engine).pause(Pause("update:43", by=HOSTILE[:100], reason=HOSTILE, since=now))
    _acts(engine)
    rule = FailureRule(HOSTILE, test=HOSTILE, arch="x86_64", by=HOSTILE[:100], at=now)
    Failures(engine).add_rule(replace(rule, title=HOSTILE, bug="https://evil.example.org/7"))
    renew(engine)


def renew(engine: Engine) -> None:
    """Store again what pages call old after minutes: a process, and what openQA was seen to do."""
    with transaction(engine) as connection:
        now = database_time(connection)
    _openqa(engine, now)
    Health(engine).report(
        Process(
            host="qa01",
            pid=4711,
            role="scheduler",
            version="1",
            lanes={"update": now},
            topics={"bodhi.update.request.testing": Heard(now, 60.0)},
            started=now,
            seen=now,
        )
    )


def _openqa(engine: Engine, now: float) -> None:
    """Store what openQA was seen to do: of a compose, and of a build that is no subject."""
    scenario = Scenario(TESTS[0], FLAVORS[0], "x86_64", "64bit")
    running = QueuedJob(300, COMPOSE, scenario, "running", 30, worker_id=1, started=now, since=now)
    waiting = [
        QueuedJob(301 + it, f"{HOSTILE} {it}", scenario, "scheduled", 40, reason=HOSTILE, since=now)
        for it in range(60)
    ]
    workers = (
        Worker(1, "qa01:1", "running", ("qemu_x86_64",), job_id=300),
        Worker(2, HOSTILE, "broken", (HOSTILE,), error=HOSTILE),
    )
    seen = forecast(
        [running, *waiting],
        workers,
        known={scenario: Durations(60.0, 90.0)},
        spreads={"compose": Spread(0.9, 1.1)},
        kind_of={COMPOSE: "compose"},
        now=now,
    )
    snapshots = Snapshots(engine)
    snapshots.save(
        {
            SnapshotName.RUNNING: (running,),
            SnapshotName.WAITING: waiting,
            SnapshotName.WORKERS: workers,
            SnapshotName.COUNTS: JobCounts(scheduled=60, running=1),
            SnapshotName.FORECAST: seen,
            SnapshotName.WAITS: {"qemu_x86_64": (Wait(now - 60.0, 720.0),)},
            SnapshotName.SERIES: [Moment(now - 300.0 * it, it, 1, 1) for it in range(20, 0, -1)],
        }
    )


def _acts(engine: Engine) -> None:
    audit = Audit(engine)
    for number, ending in enumerate((*Ending, None)):
        act = audit.begin(
            Intent(
                who=HOSTILE[:100],
                role=Role.OPERATOR,
                what=Action.RERUN,
                target=HOSTILE,
                reason=HOSTILE,
                preview={"jobs": [200, 201], "effect": HOSTILE},
                key=f"k-{number}",
            )
        )
        if ending:
            audit.settle(act.id, ending, HOSTILE)


def _subjects(engine: Engine) -> None:
    subjects = Subjects(engine)
    for number in range(120):
        key = f"update:FEDORA-2026-{number:010x}"
        request = {"update": key.removeprefix("update:")}
        subjects.want(Wanted(key, "update", request), message_id=f"m{number}")
        lease = subjects.lease("a", ["update"], seconds=60.0)
        assert lease
        subjects.finish(lease, SubjectState.PARKED, reason=f"{number} {HOSTILE}")
    for compose in (BEFORE, COMPOSE):
        url = f"https://kojipkgs.fedoraproject.org/compose/rawhide/{compose}/compose"
        subjects.want(Wanted(f"compose:{compose}", "compose", {"location": url}), message_id=None)
        lease = subjects.lease("a", ["compose"], seconds=60.0)
        assert lease
        ledger = subjects.ledger(lease)
        ledger.begin(())
        for flavor in FLAVORS:
            settings = {"BUILD": compose, "FLAVOR": flavor, "ARCH": "x86_64"}
            product = ledger.intend(Product(flavor, "x86_64", settings), newest_job=0)
            ledger.record(ProductResult(product, ProductState.POSTED, tuple(range(100, 120))))
        subjects.finish(lease, SubjectState.SCHEDULED, reason=None)
    subjects.want(
        Wanted(f"update:{UPDATE}", "update", {"update": UPDATE}), message_id=HOSTILE[:150]
    )
    lease = subjects.lease("a", ["update"], seconds=60.0)
    assert lease
    subjects.postpone(lease, error=HOSTILE, delay=86_400.0, counts=True)
    subjects.park_message("m-odd", {"topic": HOSTILE, "body": HOSTILE}, reason=HOSTILE)


def _jobs(engine: Engine, now: float) -> None:
    history = JobHistory(engine)
    results = ("passed", "failed", "softfailed", "incomplete")
    jobs = []
    for build, first in ((BEFORE, 100), (COMPOSE, 200)):
        for number, (test, flavor) in enumerate((t, f) for t in TESTS for f in FLAVORS):
            result = results[number % len(results)]
            jobs.append(
                StoredJob(
                    first + number,
                    build,
                    "Rawhide",
                    Scenario(test, flavor, "x86_64", "64bit"),
                    state="done",
                    result=result,
                    reason=HOSTILE if result == "incomplete" else "",
                    failed_modules=("_boot", HOSTILE[:100]) if result == "failed" else (),
                    worker_class="qemu_x86_64",
                    started=now - 3600.0,
                    finished=now - 600.0,
                )
            )
    scenario = Scenario(TESTS[0], FLAVORS[0], "x86_64", "64bit")
    jobs.append(StoredJob(300, COMPOSE, "Rawhide", scenario, state="running", result="none"))
    history.remember(jobs)


def _deliveries(engine: Engine) -> None:
    subjects, deliveries = Subjects(engine), Deliveries(engine)
    wanted = [WantedDelivery(sink=Sink.WIKI, build=COMPOSE, item=str(it)) for it in (200, 201)]
    deliveries.want(wanted, message_id="d1")
    lease = subjects.lease("a", ["wiki"], seconds=60.0)
    assert lease
    ledger = deliveries.ledger(lease)
    steps = (Delivered("PASSED", reference="7"), Parked(HOSTILE))
    ledger.record(list(zip(ledger.due(), steps, strict=True)))
    subjects.close_build(lease, reached=True)
    more = WantedDelivery(sink=Sink.RESULTSDB, build=COMPOSE, item="200")
    deliveries.want([more], message_id="d2")
    lease = subjects.lease("a", ["resultsdb"], seconds=60.0)
    assert lease
    subjects.postpone_lane(lease, Away(HOSTILE), delay=lambda _waited: 86_400.0)
