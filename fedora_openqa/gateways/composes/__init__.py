"""Composes as Pungi publishes them, and what fedfind knows of their ids."""
