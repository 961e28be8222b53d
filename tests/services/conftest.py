"""Fixtures of the real services, for the tests in this folder."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fedora_openqa.sandbox.running import TEMPLATES
from tests.services.chromium_fixture import browser
from tests.services.installed import skip_or_fail
from tests.services.mediawiki_fixture import mediawiki, real_mediawiki
from tests.services.openqa import RealOpenQA, running_openqa
from tests.services.openqa_fixture import private_openqa, real_openqa
from tests.services.postgresql_fixture import private_postgresql, real_postgresql
from tests.services.rabbitmq import RabbitMQ
from tests.services.rabbitmq_fixture import private_rabbitmq, real_rabbitmq
from tests.services.real_site import Site, open_site
from tests.services.reporting_site import ReportingSite, publishing_to, reporting_site

__all__ = [
    "browser",
    "mediawiki",
    "private_openqa",
    "private_postgresql",
    "private_rabbitmq",
    "real_mediawiki",
    "real_openqa",
    "real_postgresql",
    "real_rabbitmq",
]


@pytest.fixture(scope="session")
def site(real_openqa: RealOpenQA, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Give the real command a real openQA that has the sandbox's templates."""
    return open_site(real_openqa, tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def publishing_openqa(real_rabbitmq: RabbitMQ) -> Iterator[RealOpenQA]:
    """A real openQA with the sandbox's templates, which tells RabbitMQ of its jobs."""
    with ExitStack() as stack:
        with skip_or_fail():
            configuration = publishing_to(real_rabbitmq)
            openqa = stack.enter_context(running_openqa(configuration=configuration))
        openqa.load_templates(TEMPLATES)
        yield openqa


@pytest.fixture(scope="session")
def respins() -> Iterator[int]:
    """Numbers that composes of the run are told apart by."""
    return itertools.count()


@pytest.fixture
def reporting(
    real_rabbitmq: RabbitMQ, publishing_openqa: RealOpenQA, respins: Iterator[int], tmp_path: Path
) -> Iterator[ReportingSite]:
    """A site whose jobs are reported."""
    with reporting_site(real_rabbitmq, publishing_openqa, tmp_path, respins=respins) as site:
        yield site
