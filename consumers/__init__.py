"""Plugins of fedora-messaging: each takes messages of one kind into the store.

A top-level name because deployments name their callbacks ``consumers.…``: it belongs
into a virtual environment or container of its own, not into a shared site-packages.
"""
