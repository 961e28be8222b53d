"""Limits short enough for tests of what happens beyond them."""

from fedora_openqa.config import Http

LIMITS = Http(
    connect_timeout=2, read_timeout=0.3, total_timeout=0.5, attempts=2, max_bytes=1_000_000
)
