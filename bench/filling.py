"""Fills a store for measurements: rows made as workers make them, then cloned in SQL."""

import time
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, Engine, Table, func, insert, literal, select, text

from fedora_openqa.model.deliveries import Delivered, Sink, WantedDelivery
from fedora_openqa.model.history import StoredJob
from fedora_openqa.model.products import Product, ProductResult, ProductState
from fedora_openqa.model.work import Lease, SubjectState, Wanted
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.schema import delivery, message, product, subject
from fedora_openqa.store.subjects import Subjects

DAY = 86_400.0

#: days over which the rows are spread
DAYS = 90.0

#: updates that are made, each with its build in ResultsDB: two subjects
MADE = 50

#: of each update, and of each build
PRODUCTS, DELIVERIES, MESSAGES = 20, 20, 2

#: seconds between two updates that are made; clones are spread in between
APART = DAYS * DAY / MADE

#: updates that wait, in a store of any size
DUE = 20

#: jobs that one transaction remembers
AT_ONCE = 1_000

#: a job setting that is longer than others makes the settings as long as Fedora's: 560 characters
SETTINGS = {
    "ADVISORY_OR_TASK": "FEDORA-2026-0000000000",
    "ADD_REPO_1": "advisory=nfs://172.16.2.110:/mnt/update_repo",
    "DISTRI": "fedora",
    "VERSION": "43",
    "START_AFTER_TEST": "live_build@%ARCH_BASE_MACHINE%",
    "UPDATE_OR_TAG_REPO": "nfs://172.16.2.110:/mnt/update_repo",
    "PACKAGES": " ".join(f"kernel-package-{number}-6.17.1-1.fc43" for number in range(9)),
}

#: columns that are unique, or of which each message has its own
NAMES = {subject.c.key, subject.c.message_id, delivery.c.message_id, message.c.id}

#: columns with the id of a subject
SUBJECT_IDS = {subject.c.id, product.c.subject_id, delivery.c.subject_id, message.c.subject_id}

#: columns with a time in the past
TIMES = {
    *(subject.c.asked, subject.c.created, subject.c.updated, subject.c.due, subject.c.leased),
    *(delivery.c.asked, delivery.c.updated, delivery.c.due, product.c.updated, message.c.seen),
}


def fill(engine: Engine, size: int) -> None:
    """Fill an empty store with `size` subjects: ``2 * MADE``, times a power of ten.

    Each has 10 products, 10 deliveries and a message on average; one in a hundred is parked.
    """
    now = time.time()
    for number in range(MADE):
        _make(engine, number, now - DAYS * DAY + number * APART)
    apart = APART
    made = 2 * MADE
    while made < size:
        apart /= 10
        with transaction(engine) as connection:
            for table in (subject, product, delivery, message):
                _clone(connection, table, made, apart)
        made *= 10
    if engine.dialect.name == "postgresql":
        with transaction(engine) as connection:
            for table in (subject, product, delivery):
                last = select(func.max(table.c.id)).scalar_subquery()
                connection.execute(select(func.setval(f"{table.name}_id_seq", last)))
    want_due(Subjects(engine), "due", range(DUE))
    _vacuum(engine)


def fill_jobs(engine: Engine, jobs: Sequence[StoredJob]) -> None:
    """Remember jobs, each at the time of its end.

    :param jobs: in the order they ended
    """
    for number in range(0, len(jobs), AT_ONCE):
        some = jobs[number : number + AT_ONCE]
        now = max((one.finished or one.started or 0.0 for one in some), default=0.0)
        JobHistory(engine, clock=lambda _connection, now=now: now).remember(some)  # type: ignore[misc]
    _vacuum(engine)


def _vacuum(engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # as autovacuum does after a while
        connection.execute(
            text("VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "SELECT 1")
        )


def want_due(subjects: Subjects, name: str, numbers: Iterable[int]) -> None:
    """Take updates in that are due at once."""
    for number in numbers:
        subjects.want(update(f"{name}-{number}"), message_id=f"{name}-{number}")


def update(name: str) -> Wanted:
    request = {"update": name, "flavors": ["server", "workstation"], "version": "43"}
    return Wanted(key=f"update:{name}", lane="update", request=request, digest="d" * 64)


def job(name: str, number: int) -> WantedDelivery:
    return WantedDelivery(sink=Sink.RESULTSDB, build=f"Update-{name}", item=str(number))


def _make(engine: Engine, number: int, now: float) -> None:
    """Store an update with its products, and its build with its deliveries, as workers do."""
    subjects = Subjects(engine, clock=lambda _connection: now)
    deliveries = Deliveries(engine, clock=lambda _connection: now)
    name = f"FEDORA-2026-{number:010x}"
    for seen in range(MESSAGES):
        subjects.want(update(name), message_id=f"message-{number}-{seen}")
    lease = _leased(subjects, "update")
    for ordinal in range(PRODUCTS):
        subjects.ledger(lease).record(
            ProductResult(
                product=Product(flavor=f"flavor-{ordinal}", arch="x86_64", settings=SETTINGS),
                state=ProductState.POSTED,
                job_ids=tuple(range(10)),
            )
        )
    parks = number == MADE // 2
    state, reason = (SubjectState.PARKED, "503") if parks else (SubjectState.SCHEDULED, None)
    subjects.finish(lease, state, reason=reason)
    wanted = [job(name, ordinal) for ordinal in range(DELIVERIES)]
    deliveries.want(wanted, message_id=f"message-{number}")
    lease = _leased(subjects, "resultsdb")
    ledger = deliveries.ledger(lease)
    ledger.record([(one, Delivered("PASSED", reference="4711")) for one in ledger.due()])
    subjects.close_build(lease, reached=True)


def _leased(subjects: Subjects, lane: str) -> Lease:
    lease = subjects.lease("bench", [lane], seconds=600.0)
    assert lease
    return lease


def _clone(connection: Connection, table: Table, subjects: int, apart: float) -> None:
    """Add nine copies of each row.

    :param subjects: number of subjects, all with ids up to it
    :param apart: seconds between two copies
    """
    rows = connection.execute(select(func.max(table.c.id))).scalar_one() if "id" in table.c else 0
    own = [column for column in table.c if column.computed is None]
    for number in range(1, 10):
        cloned = [_cloned(it, number, subjects=subjects, rows=rows, apart=apart) for it in own]
        subject_id = subject.c.id if table is subject else table.c.subject_id
        query = select(*cloned).where(subject_id <= subjects)
        connection.execute(insert(table).from_select(own, query))


def _cloned(
    column: ColumnElement[object], number: int, *, subjects: int, rows: int, apart: float
) -> ColumnElement[object]:
    if column in NAMES:
        return column.concat(f"-{number * subjects}")
    if column in SUBJECT_IDS:
        return column + literal(number * subjects)
    if column in TIMES:
        return column + literal(number * apart)
    return column + literal(number * rows) if column.key == "id" else column
