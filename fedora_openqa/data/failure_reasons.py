"""The table of what openQA's reasons say about the cause of a failure."""

from pathlib import Path

import msgspec

from fedora_openqa.data.files import Words, distinct, read
from fedora_openqa.model.failures import FailureKind, ReasonRule

FAILURE_REASONS = "failure_reasons.toml"


class _Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: FailureKind
    begins: Words


class _Reasons(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: list[_Reason]


def load_reason_rules(directory: Path | None = None) -> tuple[ReasonRule, ...]:
    """Load what reasons say about the cause of a failure.

    :param directory: a directory in which a file ``failure_reasons.toml`` may replace ours

    Raises:
        ConfigError: the file has another shape; with file, row and what is expected.
    """
    file = read(FAILURE_REASONS, directory, _Reasons)
    texts = [(text.lower(), row.kind) for row in file.content.reason for text in row.begins]
    distinct(file.name, (text for text, _kind in texts))
    return tuple(ReasonRule(text, kind) for text, kind in texts)
