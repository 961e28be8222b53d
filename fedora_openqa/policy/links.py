"""Links to our pages, in what others read: results, comments, mails, output of commands.

They stay when pages move. Each is empty where the pages have no URL (`web.url`).
"""

import re
from urllib.parse import quote

from fedora_openqa.policy.subject_names import parse_build

#: a link to a job at the end of the note of a result
_IN_NOTE = re.compile(r"(?:\A|; )https?://\S+/j/[0-9]+\Z")


def subject_link(pages_url: str, subject: str) -> str:
    """Return the link to the page about a subject.

    :param pages_url: what the URLs of our pages begin with; empty: there are none to link to
    :param subject: openQA's BUILD, or an id or key that says what it is
    """
    return _link(pages_url, "b", parse_build(subject))


def job_link(pages_url: str, job_id: int) -> str:
    """Return the link to a job with the runs of its test; parameters as `subject_link`."""
    return _link(pages_url, "j", str(job_id))


def linked_note(note: str, link: str) -> str:
    """Return the note of a result with a link after it; either may be empty."""
    return "; ".join(filter(None, (note, link)))


def without_link(note: str) -> str:
    """Return the note of a result without the link to a job after it."""
    return _IN_NOTE.sub("", note)


def _link(pages_url: str, page: str, name: str) -> str:
    if not pages_url:
        return ""
    # a BUILD is foreign: it may have what a URL cannot, and a slash would be of the path
    return f"{pages_url.rstrip('/')}/{page}/{quote(name, safe='', errors='replace')}"
