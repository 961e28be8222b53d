import pytest

from fedora_openqa.model.products import Job, Product, ProductState
from fedora_openqa.policy.duplicates import split_existing

DVD = Product(flavor="Server-dvd-iso", arch="x86_64", settings={"BUILD": "B"})
UNIVERSAL = Product(flavor="universal", arch="x86_64", settings={"BUILD": "B"})


def job(
    job_id: int = 1,
    *,
    flavor: str = "Server-dvd-iso",
    arch: str = "x86_64",
    state: str = "done",
    result: str = "failed",
) -> Job:
    return Job(id=job_id, flavor=flavor, arch=arch, state=state, result=result)


@pytest.mark.parametrize(
    ("state", "result"),
    [("scheduled", "none"), ("running", "none"), ("done", "passed"), ("done", "obsoleted")],
)
def test_a_product_with_jobs_is_not_posted_again(state: str, result: str) -> None:
    existing, wanted = split_existing([DVD, UNIVERSAL], [job(7, state=state, result=result)])
    assert wanted == (UNIVERSAL,)
    assert [(r.product, r.state, r.job_ids) for r in existing] == [
        (DVD, ProductState.EXISTING, (7,))
    ]


@pytest.mark.parametrize(
    "other",
    [
        job(state="cancelled", result="skipped"),
        job(result="user_cancelled"),
        job(flavor="universal2"),
        job(arch="aarch64"),
    ],
)
def test_cancelled_jobs_and_those_of_other_products_do_not_count(other: Job) -> None:
    assert split_existing([DVD], [other]) == ((), (DVD,))


def test_imageless_products_are_checked_too() -> None:
    existing, wanted = split_existing([UNIVERSAL], [job(flavor="universal")])
    assert [r.product for r in existing] == [UNIVERSAL]
    assert wanted == ()
