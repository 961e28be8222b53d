"""Decisions: functions from models to models; no I/O, no clock, no configuration."""
