"""Modules of pages: each has an `Area` as ``pages``, and as ``LINKS`` what the navigation shows.

A page is one function there and one template; a new module is one more line here.
"""

#: the modules, in the order of the navigation
PAGES = (
    "overview",
    "now",
    "parked",
    "pauses",
    "search",
    "badges",
    "feeds",
    "subjects",
    "composes",
    "updates",
    "failures",
    "tests",
    "audit",
    "why",
    "statistics",
)

#: the modules of what people do, where they may
ACTING = ("acting", "login")
