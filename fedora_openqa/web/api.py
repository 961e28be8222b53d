"""How the interface for programs answers: views as JSON, in pages, with an ETag."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

import msgspec
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from fedora_openqa.texts import one_line, without_logins
from fedora_openqa.web.queries import Paged, Query, link_to, read_query

#: what its paths begin with
PREFIX = "/api/v1"

#: seconds that an answer may be kept
KEPT_SECONDS = 30

#: items of a page
USUAL, MOST = 50, 200

#: pages of a list
MOST_PAGES = 1000


#: the number of a page, 1 is the first; and of its items
Page = Annotated[int, msgspec.Meta(ge=1, le=MOST_PAGES)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=MOST)]


class Listing(Paged, frozen=True, kw_only=True):
    """The parameters of a list."""

    page: Page = 1
    limit: Limit = USUAL


class ListQuery(Protocol):
    """Any parameters of a list."""

    @property
    def page(self) -> int:
        """1 is the first."""

    @property
    def limit(self) -> int:
        """The number of items of a page."""


T = TypeVar("T")
Q = TypeVar("Q", bound=Query)
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """A page of a list."""

    items: Sequence[T]
    #: whether the next page has items, too
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A question that programs may ask."""

    #: ``"/subjects/<key>"``
    rule: str
    name: str
    summary: str
    query: type[Query]
    #: names of the parameters without a default
    required: tuple[str, ...]
    #: what is answered, or an item of the list
    view: object
    is_list: bool


@dataclass
class Api:
    """The endpoints, each registered by a decorator."""

    endpoints: list[Endpoint] = field(default_factory=list)
    blueprint: Blueprint = field(
        default_factory=lambda: Blueprint("api", __name__, url_prefix=PREFIX)
    )

    def get(
        self, rule: str, query: type[Q], view: type[T], *, required: tuple[str, ...] = ()
    ) -> Callable[[Callable[Concatenate[Q, P], T]], object]:
        """Return a decorator that registers a function which returns a view."""
        return self._register(rule, query, view, required=required, is_list=False)

    def list(
        self, rule: str, query: type[Q], view: type[T]
    ) -> Callable[[Callable[Concatenate[Q, P], Listed[T]]], object]:
        """Return a decorator that registers a function which returns a page of views."""
        return self._register(rule, query, view, required=(), is_list=True)

    def _register(
        self,
        rule: str,
        query: type[Query],
        view: object,
        *,
        required: tuple[str, ...],
        is_list: bool,
    ) -> Callable[[Callable[..., Any]], object]:
        def register(read: Callable[..., Any]) -> object:
            def answer(**names: object) -> Response:
                given = read_query(query)
                for name in required:
                    if not request.args.get(name, "").strip():
                        raise BadRequest(f"parameter {name!r} is missing")
                return answer_to(read(given, **names), given)

            self.endpoints.append(
                Endpoint(
                    rule=rule,
                    name=read.__name__,
                    summary=" ".join((read.__doc__ or "").split()),
                    query=query,
                    required=required,
                    view=view,
                    is_list=is_list,
                )
            )
            self.blueprint.add_url_rule(rule, endpoint=read.__name__, view_func=answer)
            return read

        return register


def page_of(items: Sequence[T], query: ListQuery) -> Listed[T]:
    """Return a page of a list that is there as a whole."""
    start = query.limit * (query.page - 1)
    return Listed(items[start : start + query.limit], more=len(items) > start + query.limit)


def answer_to(found: object, query: Query) -> Response:
    """Return an answer with an ETag, and a list with links to other pages."""
    value = found.items if isinstance(found, Listed) else found
    body = msgspec.json.encode(_printable(msgspec.to_builtins(value)))
    answer = Response(body, content_type="application/json")
    if isinstance(found, Listed) and isinstance(query, Paged):
        answer.headers["Link"] = ", ".join(
            f'<{link_to(request.path, query, page=page)}>; rel="{rel}"'
            for rel, page in _pages(query.page, more=found.more).items()
        )
    answer.headers["Cache-Control"] = f"max-age={KEPT_SECONDS}"
    answer.set_etag(hashlib.sha256(body).hexdigest()[:32])
    answer.make_conditional(request)
    return answer


def _pages(page: int, *, more: bool) -> dict[str, int]:
    pages = {"first": 1}
    if page > 1:
        pages["prev"] = page - 1
    if more and page < MOST_PAGES:
        pages["next"] = page + 1
    return pages


def _printable(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return JSON whose texts, which others wrote, are printable lines."""
    if isinstance(value, str):
        return without_logins(one_line(value))
    if isinstance(value, dict):
        return {_printable(name): _printable(it) for name, it in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(it) for it in value]
    return value
