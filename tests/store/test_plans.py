"""Every statement of the store finds its rows by an index: its cost does not grow with the table.

The statements are those that the store's methods execute here; a method that is not called fails
the test, so a new one is looked at without being listed.
"""

import inspect
import json
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from fedora_openqa import store
from fedora_openqa.errors import AlreadyAskedError, LeaseLostError
from fedora_openqa.model.audit import Action, Ending, Intent, Role
from fedora_openqa.model.deliveries import Delivered, Later, Parked, Sink, Skipped, WantedDelivery
from fedora_openqa.model.evidence import KeptJob
from fedora_openqa.model.failures import FailureNote, FailureRule, Trait
from fedora_openqa.model.forecast import Prediction
from fedora_openqa.model.health import Process
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.lists import SubjectFilter
from fedora_openqa.model.openqa_load import SnapshotName
from fedora_openqa.model.products import ProductState
from fedora_openqa.model.stories import Pause
from fedora_openqa.model.sweeps import JobsListed, Seen
from fedora_openqa.model.work import Away, Lease, SubjectState, Wanted
from fedora_openqa.store.audit import Audit
from fedora_openqa.store.builds import StoredBuilds
from fedora_openqa.store.courses import StoredCourses
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.failures import Failures
from fedora_openqa.store.forecasts import Forecasts
from fedora_openqa.store.health import Health
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.kept_jobs import KeptJobs
from fedora_openqa.store.lists import SubjectLists
from fedora_openqa.store.looks import Looks
from fedora_openqa.store.parking import Parking
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.schema import metadata
from fedora_openqa.store.sightings import Sightings
from fedora_openqa.store.snapshots import Snapshots
from fedora_openqa.store.statistics import Statistics
from fedora_openqa.store.stories import Stories
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.store.sweeps import Sweeps
from tests.store.timed import StoppedClock
from tests.store.work import DVD, LANE_DELAY, LIVE, UPDATE, result

#: tables that grow with every message
GROWING = ("subject", "product", "delivery", "message", "job", "prediction", "audit")

#: classes whose statements read no table that grows
WITHOUT_TABLES = {"Announcements", "Notifications"}

#: not an operation of a process: for tests
FOR_TESTS = {"Subjects.all"}

FOLDER = str(Path(store.__file__).parent)


class Statements:
    """Statements that were executed, and the methods of the store that did."""

    def __init__(self, engine: Engine) -> None:
        """Watch an engine."""
        self.found: dict[str, object] = {}
        self.methods: set[str] = set()
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, _c: Connection, _cursor: object, text: str, values: object, *_: object) -> None:
        self.found.setdefault(text, values)
        frame = inspect.currentframe()
        while frame:
            if frame.f_code.co_filename.startswith(FOLDER):
                self.methods.add(frame.f_code.co_qualname)
            frame = frame.f_back


def schedule(engine: Engine, clock: StoppedClock) -> None:
    subjects = Subjects(engine, per_minute={"update": 5}, clock=clock)

    def leased() -> Lease:
        lease = subjects.lease("a", ["update"], seconds=60.0)
        assert lease
        return lease

    subjects.want(UPDATE, message_id="m1")
    subjects.want(UPDATE, message_id="m1")
    subjects.want(replace(UPDATE, again=True), message_id="m2")
    subjects.park_message("m3", {"topic": "t", "body": "{}"}, reason="?")
    subjects.remember(Wanted(key="compose:C", lane="compose", request={}), reason="known")
    assert subjects.known([UPDATE.key])
    assert subjects.find(UPDATE.key)
    ledger = subjects.ledger(leased())
    ledger.begin(())
    ledger.record(result(ledger.intend(DVD, newest_job=7), ProductState.POSTED, 8))
    ledger.record(result(LIVE, ProductState.FAILED))
    assert ledger.finished()
    ledger.intended()
    with pytest.raises(LeaseLostError):
        ledger.begin(("kernel-6.17.1-1.fc43",))
    lease = leased()
    assert subjects.renew(lease, seconds=60.0)
    assert subjects.postpone(lease, error="503", delay=60.0)
    subjects.want(UPDATE, message_id="m4")
    for _ in range(2):
        assert subjects.postpone_lane(leased(), Away("503"), delay=LANE_DELAY)
        clock.now += 10_000.0
    assert subjects.seconds_until_due(["update"])
    assert subjects.give_back(leased())
    lease = leased()
    subjects.ledger(lease).unanswered()
    assert subjects.finish(lease, SubjectState.PARKED, reason="look")
    subjects.swept({"update": 1})


def deliver(engine: Engine, clock: StoppedClock) -> None:
    subjects, deliveries = Subjects(engine, clock=clock), Deliveries(engine, clock=clock)
    jobs = [WantedDelivery(sink=Sink.WIKI, build="B", item=str(item)) for item in range(4)]
    deliveries.want(jobs, message_id="d1")
    deliveries.want(jobs[:1], message_id="d2")
    deliveries.want((), copies=[(7, 8)])
    deliveries.confirm(replace(jobs[0], item="9"), told="PASSED", reference="1")
    deliveries.confirm(replace(jobs[0], build="C"), told="PASSED", reference="1")
    deliveries.skip(replace(jobs[0], build="D"), reason="no")
    lease = subjects.lease("a", ["wiki"], seconds=60.0)
    assert lease
    ledger = deliveries.ledger(lease)
    due = ledger.due()
    ledger.intend({"0": "PASSED"})
    assert ledger.unanswered(settles_after=60.0)
    deliveries.want(jobs[:1], message_id="d3")
    steps = (Delivered("PASSED"), Skipped("no"), Parked("no"), Later(60.0, "503"))
    ledger.record(list(zip(due, steps, strict=True)))
    assert subjects.close_build(lease, reached=True)
    assert deliveries.all("wiki:B")
    assert deliveries.all("wiki:B", items=["0"])


def sweep(engine: Engine, clock: StoppedClock) -> None:
    sweeps = Sweeps(engine, clock=clock)
    sweeps.begin("a", seconds=60.0)
    assert sweeps.renew("a", seconds=60.0)
    seen = Seen(wanted=UPDATE, build="B", arch="", content=None, current=True)
    gathered = sweeps.gather("a", [seen], JobsListed(newest=7, after=1), found={"update": 1})
    sweeps.end("a")
    assert sweeps.look().last
    assert sweeps.seen()
    sweeps.compared(Sink.WIKI, "B", digest="d", settled=True, jobs=[7])
    assert sweeps.comparisons(Sink.WIKI)
    sweeps.reopen({"B": [8]})
    sweeps.finish("scheduling", gathered, found={})
    sweeps.switch_on(Sink.WIKI)
    assert sweeps.switched_on(Sink.WIKI)
    sweeps.switch_off(Sink.WIKI)


def look_and_decide(engine: Engine, clock: StoppedClock) -> None:
    stories, pauses = Stories(engine), Pauses(engine, clock=clock)
    pauses.pause(Pause("update", by="ada", reason="?", since=clock.now))
    assert pauses.all()
    assert pauses.resume("update")
    assert stories.lanes(now=stories.now())
    stories.absences()
    assert stories.last_message()
    health = Health(engine)
    health.report(
        Process("qa01", 7, "worker", version="1", lanes={}, topics={}, started=0.0, seen=0.0)
    )
    assert health.vitals()
    assert health.tallies()
    assert stories.sweeps()
    assert stories.find("m1")
    stories.find("coreos:1", family=True, build="B")
    assert stories.parked(limit=1, page=1).subjects
    assert stories.recorded_since(0.0)
    parking = Parking(engine, clock=clock)
    assert parking.release(UPDATE.key, by="ada")
    assert parking.drop("message:m3", reason="dropped")
    clock.now += 1e6
    subjects = Subjects(engine, clock=clock)
    assert subjects.prune(keep=0.0)
    while subjects.prune(keep=0.0):
        pass


def remember(engine: Engine, clock: StoppedClock) -> None:
    history = JobHistory(engine, clock=clock)
    scenario = Scenario("base_selinux", "Server-dvd-iso", "x86_64", "64bit")
    failed = StoredJob(7, "B", "43", scenario, state="done", result="failed", reason="x")
    history.remember([failed])
    history.remember([failed])
    assert history.scenarios("base_selinux")
    assert StoredCourses(engine, clock=clock).courses(days=30.0).courses
    assert history.tests("base", most=20) == ("base_selinux",)
    assert history.runs(scenario, most=20)
    assert history.runs(scenario, most=20, version="43")
    assert Statistics(engine).days("2001-09-09", "2001-09-10")
    assert not Sightings(engine).look("compose:C").seen
    builds = StoredBuilds(engine)
    assert builds.jobs(["B", "C"])["B"].jobs
    assert builds.results(["B", "C"])["B"].jobs
    assert builds.between("A", "C", most=20) == ("B",)
    failures = Failures(engine)
    assert failures.failed(since=0.0, until=failures.now() + 1.0)
    assert failures.ended(7)
    traits = {Trait.HOST: "qa01", Trait.ARCH: "x86_64"}
    assert failures.beside(traits, version="43", since=1.0, until=failures.now()) == {
        Trait.HOST: (0, 0),
        Trait.ARCH: (0, 1),
    }
    failures.note(FailureNote(7, title="no login", by="ada", at=1.0))
    assert failures.notes()
    assert failures.telling(since=1.0)
    rule = failures.add_rule(FailureRule("no space left", title="disk full", by="ada", at=1.0))
    assert failures.rules()
    assert failures.remove_rule(rule)
    kept = KeptJobs(engine, clock=clock)
    assert kept.heard_of(since=1.0) == ("B",)
    assert KeptJobs(engine).now()
    assert kept.intend([KeptJob(7, "B", 2e9)]) == 1
    for build in (None, "B"):
        assert kept.to_keep(build=build, most=5)
        assert kept.to_release(build=build, most=5) == ()
    kept.tried(7)
    kept.confirm(7)
    assert kept.of_build("B")
    assert kept.builds()
    assert kept.end("B") == 1
    kept.forget(7)
    kept.prune(keep=0.0)


def act(engine: Engine, clock: StoppedClock) -> None:
    audit = Audit(engine, clock=clock)
    intent = Intent(who="ada", role=Role.ADMIN, what=Action.PAUSE, target="update", key="k")
    begun = audit.begin(intent, most=1)
    audit.settle(begun.id, Ending.DONE, "paused")
    with pytest.raises(AlreadyAskedError):
        audit.begin(intent, most=1)
    assert audit.find(begun.id)
    assert audit.asked("k")
    assert audit.acts(since=1.0, limit=5)
    assert audit.acts(who="ada", limit=5)


def watch(engine: Engine, clock: StoppedClock) -> None:
    snapshots = Snapshots(engine, clock=clock)
    assert snapshots.begin("a", seconds=60.0, every=1.0)
    assert Snapshots(engine).now()
    snapshots.save({SnapshotName.WORKERS: ()})
    snapshots.save({}, {SnapshotName.COUNTS: "503"})
    assert snapshots.observed().workers.facts == ()
    snapshots.end("a")
    looks = Looks(engine, clock=clock)
    assert looks.begin("a", seconds=60.0, every=1.0)
    looks.end("a", "no connection")
    assert looks.absence() == "no connection"
    forecasts = Forecasts(engine, clock=clock)
    scenario = Scenario("base_selinux", "Server-dvd-iso", "x86_64", "64bit")
    assert forecasts.runs([scenario], most=5)
    builds = [f"Update-{UPDATE.key.partition(':')[2]}", "Fedora-CoreOS-45.20261119.91.0"]
    assert forecasts.subjects_of(builds)
    assert forecasts.wanted(["compose", "update"], most=5) is not None
    assert forecasts.done(["B", "C"]) == {"B": 1}
    said = Prediction("update:U", 1, "B", "update", clock.now, expected=1e9, not_before=1e9)
    forecasts.predict([said])
    assert forecasts.settle(())
    assert forecasts.settled(since=clock.now)


def list_for_pages(engine: Engine, _clock: StoppedClock) -> None:
    lists = SubjectLists(engine)
    assert lists.page(SubjectFilter(), limit=50, page=1).subjects
    lists.page(SubjectFilter(kind="update"), limit=50, page=1)
    lists.page(SubjectFilter(state=SubjectState.PARKED, since=1.0), limit=50, page=2)
    wanted = SubjectFilter(kind="compose", release="43", arch="x86_64", start="Fedora-")
    lists.page(wanted, limit=50, page=1)
    lists.page(SubjectFilter(start="F", state=SubjectState.SCHEDULED), limit=50, page=1)
    scenario = Scenario("base_selinux", "Server-dvd-iso", "x86_64", "64bit")
    assert lists.job(7)
    assert lists.strips([scenario, scenario._replace(test="x")], most=10)


@pytest.fixture
def statements(engine: Engine) -> Statements:
    watched = Statements(engine)
    clock = StoppedClock(1e9)
    for calls in (
        schedule,
        deliver,
        sweep,
        remember,
        act,
        watch,
        list_for_pages,
        look_and_decide,
    ):
        calls(engine, clock)
    return watched


def classes() -> Iterator[type]:
    """Yield the classes of the store behind a port."""
    for module in pkgutil.iter_modules(store.__path__, f"{store.__name__}."):
        for name, one in inspect.getmembers(import_module(module.name), inspect.isclass):
            behind = any(base.__module__.startswith("fedora_openqa.ports") for base in one.__mro__)
            if behind and one.__module__ == module.name and not name.startswith("DryRun"):
                yield one


def test_every_method_of_the_store_is_looked_at(statements: Statements) -> None:
    methods = {
        method.__qualname__
        for one in classes()
        if one.__name__ not in WITHOUT_TABLES
        for name, method in inspect.getmembers(one, inspect.isfunction)
        if not name.startswith("_")
    }
    # these open a ledger
    opens = {"Backlog.ledger", "Deliveries.ledger"}
    assert methods - statements.methods == FOR_TESTS | opens


def test_no_statement_scans_a_table_that_grows(engine: Engine, statements: Statements) -> None:
    scans = {
        text: found
        for text, values in tuple(statements.found.items())
        if re.match("SELECT|UPDATE|DELETE|WITH", text)
        and (found := list(scanned(engine, text, values)))
    }
    assert scans == {}


def scanned(engine: Engine, text: str, values: object) -> Iterator[str]:
    """Yield the steps of a plan that read all of a table that grows, or of an index."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)  # type: ignore[arg-type]
            for row in plan:
                reads = re.match(rf"(SCAN|SEARCH) ({'|'.join(GROWING)})\b", row.detail)
                if reads and not re.match(r"SEARCH \w+ USING ", row.detail):
                    yield row.detail
            return
        # the tables are small here, and reading all of a small table is quicker
        connection.exec_driver_sql("SET enable_seqscan = off")
        plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {text}", values)  # type: ignore[arg-type]
        found = plan.scalar_one()
        connection.rollback()
    for step in steps_of(found[0]["Plan"]):
        by_index = "Index Cond" in step or step["Node Type"] in ("Bitmap Heap Scan", "ModifyTable")
        if step.get("Relation Name") in GROWING and not by_index:
            yield json.dumps({key: it for key, it in step.items() if key != "Plans"})


def steps_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a step of PostgreSQL's plan and all below it."""
    yield plan
    for step in plan.get("Plans", ()):
        yield from steps_of(step)


def test_the_deletion_of_a_subject_finds_what_belongs_to_it_by_an_index() -> None:
    for table in metadata.tables.values():
        begins = {next(iter(index.columns)).name for index in table.indexes}
        begins |= {
            next(iter(one.columns)).name for one in table.constraints if hasattr(one, "columns")
        }
        for key in table.foreign_keys:
            assert key.parent.name in begins, table.name
