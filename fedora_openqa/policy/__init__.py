"""Decisions: functions from facts to facts; no I/O, no clock, no config."""
