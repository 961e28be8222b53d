"""Builds of Fedora CoreOS."""
