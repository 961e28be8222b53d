"""Fixtures of the real services, for the tests in this folder."""

from tests.services.openqa_fixture import private_openqa, real_openqa

__all__ = ["private_openqa", "real_openqa"]
