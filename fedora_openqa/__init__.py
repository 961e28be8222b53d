"""Schedules openQA tests of Fedora composes and updates.

The shared library: facts (`model`), decisions (`policy`), the outside world
(`ports`, `gateways`) and the workflows between them. Nothing is read or
started at import.
"""

__version__ = "0.1.0"
