"""ResultsDB's refusals, in their two shapes.

Errors of its models are pydantic's list of errors, all others one message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_TEXTS = {
    "dict_type": "Input should be a valid dictionary",
    "int_parsing": "Input should be a valid integer, unable to parse string as an integer",
    "list_type": "Input should be a valid list",
    "missing": "Field required",
    "string_too_short": "String should have at least 1 character",
    "string_type": "Input should be a valid string",
}


class RefusalError(Exception):
    """ResultsDB refuses a request."""

    def __init__(self, status: int, body: Mapping[str, object]) -> None:
        """Keep status and body of the answer."""
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


@dataclass(frozen=True, slots=True)
class Problem:
    """The error of a field."""

    field: str
    #: one of pydantic's error types, or a message about the value
    what: str
    #: the value in the request
    given: object

    def as_json(self) -> Mapping[str, object]:
        """Return it as an error of pydantic."""
        kind = self.what if self.what in _TEXTS else "value_error"
        return {
            "input": self.given,
            "loc": [self.field],
            "msg": _TEXTS.get(self.what, f"Value error, {self.what}"),
            "type": kind,
            "url": f"https://errors.pydantic.dev/2.6/v/{kind}",
        }


def invalid(problems: Sequence[Problem]) -> RefusalError:
    """Return the refusal of a body with wrong fields."""
    return RefusalError(400, {"validation_error": [problem.as_json() for problem in problems]})


def refused(message: str, *, status: int = 400) -> RefusalError:
    """Return a refusal with a message: `refused("Result not found", status=404)`."""
    return RefusalError(status, {"message": message})


def internal_error() -> RefusalError:
    """Return ResultsDB's answer when it or its database fails."""
    return refused("Internal Server Error", status=500)
