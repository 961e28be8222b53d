"""One suite of what we rely on, run against the embedded servers and against the real ones."""
