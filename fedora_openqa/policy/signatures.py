"""Signatures of failed jobs: failures with the same one may have the same cause."""

import re
from collections.abc import Sequence

from fedora_openqa.model.failures import FailureKind, ReasonRule, Signature
from fedora_openqa.model.history import StoredJob
from fedora_openqa.model.jobs import NOT_COMPLETE_RESULTS, JobResult
from fedora_openqa.texts import one_line

#: results with a cause of their own. A job that ended because another one beside it failed belongs
#: to that one
CAUSED_RESULTS = NOT_COMPLETE_RESULTS | {JobResult.FAILED}

#: what stands for a part of a reason that varies
VARIES = "*"

#: characters of a reason that are compared
REASON_SIZE = 200

#: characters of a word; a longer one varies
WORD_SIZE = 40

#: what is looked at of a reason; openQA cuts it at 300 characters
_LOOKED_AT = 2000

#: punctuation before a word, and after it
OPENING, CLOSING = "([{\"'<`", ")]}\"'>`:;,.!?…"

#: numbers, times, addresses; paths and URLs; hosts and files; hexadecimal digits
_VARYING = re.compile(r"\d|[/\\@]|\w\.\w|^[0-9a-f]{8,}$", re.IGNORECASE)


def signature_of(job: StoredJob) -> Signature | None:
    """Return the signature of a job; None: it did not fail by itself.

    The reason of an incomplete job goes before its modules, which only failed earlier.
    """
    if job.result not in CAUSED_RESULTS:
        return None
    reason = normal_reason(job.reason)
    module = job.fatal_module or next(iter(job.failed_modules), "")
    if module and not (reason and job.result == JobResult.INCOMPLETE):
        return Signature(module=module)
    return Signature(result=job.result, reason=reason)


def kind_of(signature: Signature, rules: Sequence[ReasonRule]) -> FailureKind:
    """Return where the cause of failures is.

    :param rules: the first one that fits counts
    """
    start = signature.reason.lower()
    return next((it.kind for it in rules if start.startswith(it.begins)), FailureKind.UNKNOWN)


def normal_reason(reason: str) -> str:
    """Return a reason with each part that varies replaced by ``*``; one printable line.

    These are numbers, times, hexadecimal digits, hosts, files, paths, and words that are very long.
    """
    words: list[str] = []
    size = 0
    varied = False
    for word in one_line(" ".join(reason[:_LOOKED_AT].split())).split():
        before, core, after = _split(word)
        varies = core == VARIES or len(core) > WORD_SIZE or bool(_VARYING.search(core))
        if varies and varied:
            continue
        varied = varies
        words.append(f"{before}{VARIES}{after}" if varies else word)
        size += len(words[-1]) + 1
        if size > REASON_SIZE + 1:
            return " ".join(words[:-1])
    return " ".join(words)


def _split(word: str) -> tuple[str, str, str]:
    """Return the punctuation before a word, the word, and the punctuation after it."""
    rest = word.lstrip(OPENING)
    core = rest.rstrip(CLOSING)
    return word[: len(word) - len(rest)], core, rest[len(core) :]
