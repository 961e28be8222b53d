"""Greenwave: gating decisions and policies."""
