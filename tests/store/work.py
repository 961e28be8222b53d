"""Work as plain values, and short ways to say what a test is not about."""

from fedora_openqa.model.products import Product, ProductResult, ProductState
from fedora_openqa.model.work import Lease, Wanted
from tests.store.timed import TimedSubjects

#: seconds that a lease lasts here
LEASE = 100.0
UPDATE = Wanted(
    key="update:FEDORA-2026-1bd5f4a0c2",
    kind="update",
    request={"update": "FEDORA-2026-1bd5f4a0c2", "flavors": ["server"]},
    digest="one",
)
DVD = Product(flavor="Server-dvd-iso", arch="x86_64", settings={"BUILD": "B", "ISO": "dvd.iso"})
LIVE = Product(flavor="Workstation-live-iso", arch="x86_64", settings={"BUILD": "B"})


def subject(name: str, *, priority: int = 0) -> Wanted:
    return Wanted(key=f"compose:{name}", kind="compose", request={}, priority=priority)


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
