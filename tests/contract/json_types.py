"""The type of parsed JSON: what a server answers, whose shape is what the tests assert."""

from typing import Any

Json = Any
