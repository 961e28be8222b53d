"""Metrics for Prometheus, and the HTTP port that shows them and the health of a process."""
