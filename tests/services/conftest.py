"""Fixtures of the real services, for the tests in this folder."""

import pytest

from tests.services.mediawiki_fixture import mediawiki, real_mediawiki
from tests.services.openqa import RealOpenQA
from tests.services.openqa_fixture import private_openqa, real_openqa
from tests.services.postgresql_fixture import private_postgresql, real_postgresql
from tests.services.rabbitmq_fixture import private_rabbitmq, real_rabbitmq
from tests.services.real_site import Site, open_site

__all__ = [
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
