"""The number of examples of property tests that do not take Hypothesis's default of 100."""

from hypothesis import settings


def examples(number: int) -> int:
    """Return the number of examples in this profile for a test that takes so many in ``ci``."""
    return max(1, number * settings().max_examples // 100)
