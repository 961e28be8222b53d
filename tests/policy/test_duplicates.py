import pytest

from fedora_openqa.model.jobs import Job
from fedora_openqa.model.products import Product, ProductState
from fedora_openqa.policy.duplicates import split_existing, split_posted

DVD = Product(flavor="Server-dvd-iso", arch="x86_64", settings={"BUILD": "B"})
UNIVERSAL = Product(flavor="universal", arch="x86_64", settings={"BUILD": "B"})


def job(
    job_id: int = 1,
    *,
    flavor: str = "Server-dvd-iso",
    arch: str = "x86_64",
    state: str = "done",
    result: str = "failed",
    **settings: str,
) -> Job:
    return Job(id=job_id, flavor=flavor, arch=arch, state=state, result=result, settings=settings)


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


def update_product(nvrs: str = "a-2-1", version: str = "43") -> Product:
    settings = {"BUILD": "Update-U", "ADVISORY_NVRS_1": nvrs, "VERSION": version}
    return Product(flavor="updates-kde", arch="x86_64", settings=settings)


def update_job(job_id: int, nvrs: str, *, result: str = "passed", version: str = "43") -> Job:
    settings = {"ADVISORY_NVRS_1": nvrs, "VERSION": version} if nvrs else {}
    return job(job_id, flavor="updates-kde", result=result, **settings)


@pytest.mark.parametrize(
    ("jobs", "existing"),
    [
        ([update_job(1, "a-2-1")], (1,)),
        ([update_job(1, "a-1-1")], None),
        ([update_job(1, "a-1-1"), update_job(2, "a-2-1")], (2,)),
        ([update_job(1, "a-2-1 b-1-1")], None),
        # it does not say what it tested
        ([update_job(1, "")], (1,)),
        ([update_job(1, "a-2-1", version="44")], None),
        # edited, and edited back: a run that came to its end counts, one that was cut off does not
        ([update_job(1, "a-2-1"), update_job(2, "a-1-1")], (1,)),
        ([update_job(1, "a-2-1", result="obsoleted"), update_job(2, "a-1-1")], None),
        (
            [
                update_job(1, "a-2-1", result="obsoleted"),
                update_job(2, "a-1-1", result="obsoleted"),
                update_job(3, "a-2-1"),
            ],
            (3,),
        ),
        # for jobs of its own
        ([update_job(1, "a-2-1", result="obsoleted"), update_job(2, "a-2-1")], (1, 2)),
    ],
)
def test_jobs_of_other_builds_are_not_the_updates_own(
    jobs: list[Job], existing: tuple[int, ...] | None
) -> None:
    found, wanted = split_existing([update_product()], jobs)
    assert [one.job_ids for one in found] == ([existing] if existing else [])
    assert len(wanted) == (existing is None)


def test_jobs_of_other_builds_were_not_posted_for_the_product() -> None:
    product = update_product()
    jobs = [update_job(8, "a-1-1"), update_job(9, "a-2-1")]
    posted, _ = split_posted([product], jobs, intended={("updates-kde", "x86_64"): 7})
    assert [one.job_ids for one in posted] == [(9,)]
    assert split_posted([product], jobs[:1], intended={("updates-kde", "x86_64"): 7})[0] == ()
