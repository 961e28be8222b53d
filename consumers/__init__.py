"""Callbacks of fedora-messaging: each stores what the messages of one kind ask for.

The package has a top-level name because deployments configure callbacks as ``consumers.…``.
Install it into a virtual environment or container, not into a shared site-packages.
"""
