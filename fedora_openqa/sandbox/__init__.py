"""Stand-ins for Fedora's services, for a first run and for tests."""
