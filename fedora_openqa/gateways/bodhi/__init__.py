"""Bodhi, Fedora's update system."""
