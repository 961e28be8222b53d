"""Workflows: gather facts through ports, decide by policy, act through ports."""
