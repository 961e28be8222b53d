"""Contents: the sorted NVRs of an update or of the job that tested it.

An edited update keeps its alias and openQA's BUILD while its builds change. A job of that
BUILD is a job of the update only if it tested the same content.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import TypeAlias

from fedora_openqa.model.jobs import Job, Settings

#: sorted NVRs, each once: ``("kernel-6.17.4-300.fc43", "kernel-headers-6.17.4-300.fc43")``
Content: TypeAlias = tuple[str, ...]

#: attempts until Bodhi's answer is taken although it has other builds than the message: less than
#: a minute. Bodhi's answers lag behind its messages by seconds. If the update was edited again
#: meanwhile, no later answer has the builds of the message.
LAG_ATTEMPTS = 5

#: settings with the NVRs under test; jobs of old versions have only the first
NVRS_SETTING = re.compile(r"ADVISORY_NVRS(_[0-9]+)?", re.ASCII)


def content_of(nvrs: Iterable[str]) -> Content:
    """Return the content of these NVRs."""
    return tuple(sorted(set(nvrs)))


def content_of_settings(settings: Settings) -> Content | None:
    """Return the content that a job or product with these settings tests; None: unknown."""
    values = (value for name, value in settings.items() if NVRS_SETTING.fullmatch(name))
    return content_of(nvr for value in values for nvr in value.split()) or None


def content_of_job(job: Job) -> Content | None:
    """Return the content that a job tests; None: its settings do not say."""
    return content_of_settings(job.settings)


def is_of_other_content(job: Job, content: Content | None) -> bool:
    """Return whether a job is known to test another content than this.

    :param content: None: unknown, or the subject has none (a compose); every job fits then
    """
    tested = content_of_job(job)
    return None not in {content, tested} and tested != content


def content_to_wait_for(announced: Iterable[str] | None, *, attempts: int) -> Content | None:
    """Return the content that Bodhi's answer must have; None: any will do.

    :param announced: NVRs of the message or the sweep; None: they were not stored
    :param attempts: number of attempts at the request, this one included
    """
    if announced is None or attempts >= LAG_ATTEMPTS:
        return None
    return content_of(announced)


def digest_of(content: Content) -> str:
    """Return the digest that the store keeps; empty: there is no content."""
    return hashlib.sha256("\n".join(content).encode()).hexdigest() if content else ""


def is_of_other_digest(job: Job, digest: str) -> bool:
    """Return whether a job is known to test another content than that of a digest.

    :param digest: as `digest_of` makes it; empty: every job fits
    """
    tested = content_of_job(job)
    return bool(digest) and tested is not None and digest_of(tested) != digest
