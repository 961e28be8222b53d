"""Stored courses: the database finds what a walk over all jobs finds."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from fedora_openqa.model.history import StoredJob
from fedora_openqa.policy.flakes import courses_of
from fedora_openqa.sandbox.made_history import make_history
from fedora_openqa.sandbox.made_shapes import Shape
from fedora_openqa.store.courses import StoredCourses
from fedora_openqa.store.jobs import JobHistory

DAY = 86_400.0


@pytest.fixture(scope="module")
def jobs() -> list[StoredJob]:
    shape = Shape(
        start=0.0, end=12 * DAY, seed=5, scenarios=12, composes=24, updates=30, again=0.4, flaky=0.3
    )
    made = [one.job for one in make_history(shape).jobs]
    # a message says less
    return [
        replace(job, fatal_module=job.failed_modules[0]) if job.failed_modules and job.id % 2 else job
        for job in made
    ]  # fmt: skip


@pytest.mark.parametrize("days", [20.0, 6.0])
def test_courses_are_those_of_all_jobs(engine: Engine, jobs: list[StoredJob], days: float) -> None:
    JobHistory(engine).remember(jobs)
    stored = StoredCourses(engine, clock=lambda _connection: 12 * DAY).courses(days=days)
    expected = courses_of(jobs, middle=stored.middle)
    assert len(expected.courses) > 10
    assert set(stored.courses) == set(expected.courses)
    recent = [job for job in jobs if job.id >= stored.middle and job.is_ended]
    assert min(job.finished or 0.0 for job in recent) > (12 - days) * DAY - DAY


def test_older_failures_have_no_course(engine: Engine, jobs: list[StoredJob]) -> None:
    JobHistory(engine).remember(jobs)
    stored = StoredCourses(engine, clock=lambda _connection: 12 * DAY).courses(days=2.0)
    found = [one for course in stored.courses for one in course.failures]
    assert found
    assert min(one.finished for one in found) >= 8 * DAY
    assert all(len(one.failures) == one.marks.count("F") for one in stored.courses)


def test_an_empty_store_has_none(engine: Engine) -> None:
    assert StoredCourses(engine).courses(days=30.0).courses == ()


def test_a_module_with_an_odd_name_is_shown_as_it_is(engine: Engine) -> None:
    (job, *_) = (
        one.job for one in make_history(Shape(start=0.0, end=DAY)).jobs if one.job.is_ended
    )
    odd = replace(job, result="failed", failed_modules=('a "b" \\ ä', "c"))
    JobHistory(engine).remember([odd])
    stored = StoredCourses(engine, clock=lambda _connection: DAY).courses(days=30.0)
    assert [one.place for course in stored.courses for one in course.failures] == ['a "b" \\ ä']
