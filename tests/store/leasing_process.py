"""A process that leases and finishes all subjects: its argument is the URL.

Prints the key of each subject it had.
"""

import contextlib
import os
import sys

from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.model.work import SubjectState, Wanted
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.subjects import Subjects


def main(url: str, *, count: int) -> None:
    # all processes come to the new database at the same moment
    sys.stdin.readline()
    subjects = Subjects(open_engine(url))
    for number in range(count):
        # the first process stores it
        name = f"message-{number}"
        wanted = Wanted(key=f"compose:{number}", lane="compose", request={})
        with contextlib.suppress(ServiceUnavailableError):
            # two insert it at once: one succeeds, and the message of the other comes again
            subjects.want(wanted, message_id=name)
    while lease := subjects.lease(str(os.getpid()), ["compose"], seconds=1000.0):
        print(lease.key, flush=True)  # noqa: T201
        assert subjects.finish(lease, SubjectState.SCHEDULED, reason=None)


if __name__ == "__main__":
    main(sys.argv[1], count=int(sys.argv[2]))
