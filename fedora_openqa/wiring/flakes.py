"""Connects the workflow that finds tests that fail now and then."""

from collections.abc import Callable
from functools import partial

from fedora_openqa.config import Config
from fedora_openqa.data.failure_reasons import load_reason_rules
from fedora_openqa.model.flakes import Courses
from fedora_openqa.store.courses import StoredCourses
from fedora_openqa.store.engine import Engine
from fedora_openqa.wiring.store import open_store
from fedora_openqa.workflows.flakes import DAYS, Flakes


def open_flakes(config: Config) -> Flakes:
    """Connect the workflow.

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    return flakes_of(config, courses_in(open_store(config)))


def flakes_of(config: Config, courses: Callable[[], Courses]) -> Flakes:
    """Connect the workflow with courses; raises ConfigError as `open_flakes`."""
    return Flakes(courses=courses, rules=load_reason_rules(config.tables_directory))


def courses_in(engine: Engine) -> Callable[[], Courses]:
    """Return what reads the courses of an open store."""
    return partial(StoredCourses(engine).courses, days=DAYS)
