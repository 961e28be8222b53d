"""One file per foreign system: the only places that do I/O, and decide nothing but retries."""
