"""The database: which subjects should be scheduled, and what became of each.

The only place that knows SQLAlchemy. Times are seconds since 1970, as floats; whoever
calls says what time it is.
"""
