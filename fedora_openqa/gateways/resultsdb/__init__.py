"""ResultsDB, over its REST API and with its conventions."""
