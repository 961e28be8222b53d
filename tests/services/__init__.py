"""Real services from Debian packages, started privately for the tests that are marked `service`."""
