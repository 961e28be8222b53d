"""What requests say: parameters in the URL alone, forms, JSON. What is not known is refused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

import msgspec
from flask import request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from fedora_openqa.texts import first_line

#: items of a page, and pages of a list: what a crawler can reach is finite
PAGE_SIZE, MOST_PAGES = 50, 20

#: the type of the bodies that programs send
JSON = "application/json"

#: characters of the reason of an act, and of the key of a program
REASON_SIZE, KEY_SIZE = 1000, 100

#: a word that is searched for or filtered by
Text = Annotated[str, msgspec.Meta(max_length=300)]


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parameters of a page; each has a default, which its URL leaves out."""


class Paged(Query, frozen=True, kw_only=True):
    """The parameters of a list."""

    #: 1 is the first
    page: Annotated[int, msgspec.Meta(ge=1, le=MOST_PAGES)] = 1


class Form(Query, frozen=True, kw_only=True):
    """The fields of a form that is posted."""

    #: proves that a page of this session made it
    csrf: str = ""


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The JSON that a program sends to change something."""

    #: stored with the act, for people
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=REASON_SIZE)]
    #: one key is one act, however often it is sent; empty: each request is an act
    key: Annotated[str, msgspec.Meta(pattern="^[!-~]*$", max_length=KEY_SIZE)] = ""
    #: only answer what would come of it
    dry: bool = False


T = TypeVar("T")
Q = TypeVar("Q", bound=Query)
F = TypeVar("F", bound=Form)
B = TypeVar("B", bound=Body)


def read_query(kind: type[Q]) -> Q:
    """Return the parameters of the present request.

    A parameter without a value counts as left out: forms send those.

    Raises:
        BadRequest: a parameter is unknown, given twice, or has an impossible value.
    """
    return parse_query(kind, request.args.to_dict(flat=False))


def read_form(kind: type[F]) -> F:
    """Return the fields of the form that the present request posts; raises as `read_query`."""
    return parse_query(kind, request.form.to_dict(flat=False))


def read_body(kind: type[B]) -> B:
    """Return the JSON that the present request sends.

    Raises:
        UnsupportedMediaType: it is said to be something else.
        BadRequest: it is not JSON, a member is unknown or missing, or has an impossible value.
        RequestEntityTooLarge: it is too large.
    """
    if request.mimetype != JSON:
        raise UnsupportedMediaType(f"Send the body as {JSON}.")
    content = request.get_data()
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as exc:
        raise BadRequest(f"body: {exc}") from exc


def parse_query(kind: type[Q], values: Mapping[str, list[str]]) -> Q:
    """Return parameters that were given as texts; raises as `read_query`."""
    known = [field.encode_name for field in msgspec.structs.fields(kind)]
    for name, given in values.items():
        if name not in known:
            names = f"these are known: {', '.join(known)}" if known else "there are none"
            raise BadRequest(f"unknown parameter {first_line(name)!r}; {names}")
        if len(given) > 1:
            raise BadRequest(f"parameter {name!r} is given more than once")
    texts = {name: given[0] for name, given in values.items() if given[0]}
    try:
        return msgspec.convert(texts, kind, strict=False)
    except msgspec.ValidationError as exc:
        raise BadRequest(f"parameter: {exc}") from exc


def given_of(query: Query) -> dict[str, Any]:
    """Return the parameters that differ from their defaults."""
    values = msgspec.to_builtins(query)
    defaults = msgspec.to_builtins(type(query)())
    return {name: value for name, value in values.items() if value != defaults[name]}


def on_page(items: Sequence[T], query: Paged) -> Sequence[T]:
    """Return those of all items of a list that its page shows."""
    first = PAGE_SIZE * (query.page - 1)
    return items[first : first + PAGE_SIZE]


def link_to(path: str, query: Query, **changes: object) -> str:
    """Return the URL of a page with these parameters, some of them changed."""
    given = given_of(msgspec.structs.replace(query, **changes))
    return f"{path}?{urlencode(given)}" if given else path


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is in force."""

    name: str
    value: str
    #: the page without it
    without: str


def chips_of(path: str, query: Query) -> Iterator[Chip]:
    """Yield the filters of a page that are in force."""
    defaults = msgspec.to_builtins(type(query)())
    first = {"page": 1} if "page" in defaults else {}
    for name, value in given_of(query).items():
        if name != "page":
            without = link_to(path, query, **{**first, name: defaults[name]})
            yield Chip(name, str(value), without)
