"""Cloud images that Autocloud has tested, as ResultsDB is told of them.

They travel like finished jobs of openQA, from the consumer to the worker; this only says what
their results are, and does no I/O.
"""
