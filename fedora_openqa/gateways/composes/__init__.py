"""Composes: their metadata, lists of composes, and fedfind's conventions."""
