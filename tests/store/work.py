"""Subjects, products and leases for tests of the store."""

from functools import partial

from fedora_openqa.model.products import Product, ProductResult, ProductState
from fedora_openqa.model.work import Away, Lease, Wanted
from fedora_openqa.policy.retries import absence_delay
from tests.store.timed import TimedSubjects

#: seconds that a lease lasts here
LEASE = 100.0
#: the delays of a lane whose service is away
LANE_DELAY = partial(absence_delay, away=Away("503"))
UPDATE = Wanted(
    key="update:FEDORA-2026-1bd5f4a0c2",
    lane="update",
    request={"update": "FEDORA-2026-1bd5f4a0c2", "flavors": ["server"]},
    digest="one",
)
DVD = Product(flavor="Server-dvd-iso", arch="x86_64", settings={"BUILD": "B", "ISO": "dvd.iso"})
LIVE = Product(flavor="Workstation-live-iso", arch="x86_64", settings={"BUILD": "B"})


def subject(name: str, *, priority: int = 0) -> Wanted:
    return Wanted(key=f"compose:{name}", lane="compose", request={}, priority=priority)


#: what the workers of tests work on
KINDS = ("compose", "update", "coreos")


def lease(subjects: TimedSubjects, owner: str = "a", *, now: float = 0.0) -> Lease | None:
    return subjects.at(now).lease(owner, KINDS, seconds=LEASE)


def leased(subjects: TimedSubjects, owner: str = "a", *, now: float = 0.0) -> Lease:
    taken = lease(subjects, owner, now=now)
    assert taken
    return taken


def result(
    product: Product, state: ProductState = ProductState.POSTED, *job_ids: int
) -> ProductResult:
    return ProductResult(product=product, state=state, job_ids=job_ids)
