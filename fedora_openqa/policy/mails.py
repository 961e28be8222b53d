"""Recipients and message ids of mails. Must not know their contents."""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence

from fedora_openqa.model.mails import Subscribers

#: a compose id that may be part of a message id (RFC 5322, 3.6.4)
PLAIN = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")

#: maximal length of a compose id in a message id, in characters; Fedora's have some 40
MOST_PLAIN = 80


def message_id_for(kind: str, compose_id: str, *, host: str) -> str:
    """Return the message id of a mail about a compose, without brackets; always the same.

    :param kind: kind of the mail, an atom: ``"compose-check"``
    :param host: the domain of its sender
    """
    if len(compose_id) <= MOST_PLAIN and PLAIN.fullmatch(compose_id):
        return f"{kind}.{compose_id}@{host}"
    digest = hashlib.sha256(compose_id.encode(errors="surrogatepass")).hexdigest()
    return f"{kind}.{digest}@{host}"


def recipients_for(
    *,
    default: Sequence[str],
    subvariants: Mapping[str, Subscribers],
    failing: Collection[str],
    tested: Collection[str],
) -> tuple[str, ...]:
    """Return the recipients of a report, each once; those of every report first.

    :param failing: the subvariants with failures, new or known
    :param tested: the subvariants with jobs
    """
    found = list(default)
    for name, subscribers in subvariants.items():
        if name in tested or name in failing:
            found += subscribers.all
        if name in failing:
            found += subscribers.error
    return tuple(dict.fromkeys(found))
