"""The compose check report: what people read about the tests of one compose.

*Compare* judges facts, *render* says it as text, HTML and JSON; neither does any I/O.
"""
