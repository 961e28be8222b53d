"""How the interface for programs answers: views as JSON, in pages, with an ETag; and acts."""

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

import msgspec
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, Conflict

from fedora_openqa.model.acting import Order, Wish
from fedora_openqa.policy.acting import is_about
from fedora_openqa.texts import first_line, one_line, without_logins
from fedora_openqa.views.audit import ActView, act_view
from fedora_openqa.views.plans import plan_view
from fedora_openqa.web.acts import Acts
from fedora_openqa.web.areas import readers
from fedora_openqa.web.confirming import acting, confirm, plan_for
from fedora_openqa.web.queries import (
    JSON,
    REASON_SIZE,
    Body,
    Paged,
    Query,
    link_to,
    read_body,
    read_query,
)
from fedora_openqa.web.sessions import Visitor, program

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
B = TypeVar("B", bound=Body)
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """A page of a list."""

    items: Sequence[T]
    #: whether the next page has items, too
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A question that programs may ask, or something that they may do."""

    #: ``"/subjects/<key>"``
    rule: str
    name: str
    summary: str
    query: type[Query] = Query
    #: names of the parameters without a default
    required: tuple[str, ...] = ()
    #: what is answered, or an item of the list
    view: object
    is_list: bool = False
    method: str = "GET"
    #: the JSON that is sent; None: nothing is changed
    body: type[Body] | None = None


@dataclass
class Api:
    """The endpoints, each registered by a decorator."""

    #: of its blueprint
    name: str
    endpoints: list[Endpoint] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make its blueprint."""
        self.blueprint = Blueprint(self.name, __name__, url_prefix=PREFIX)

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

    def write(
        self, method: str, rule: str, body: type[B]
    ) -> Callable[[Callable[Concatenate[B, P], Wish]], object]:
        """Return a decorator that registers a function which returns what a program asks for.

        It is planned, stored and done as what people confirm on pages.

        :param method: ``"POST"``, ``"PATCH"``, ``"DELETE"``
        """

        def register(wish_of: Callable[..., Wish]) -> object:
            def answer(**names: object) -> Response:
                found, asks = acting(), program()
                read_query(Query)
                given = read_body(body)
                return _answer_to_wish(found, wish_of(given, **names), given, asks)

            self._add(wish_of, answer, rule=rule, view=ActView, method=method, body=body)
            return wish_of

        return register

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

            self._add(
                read, answer, rule=rule, view=view, query=query, required=required, is_list=is_list
            )
            return read

        return register

    def _add(
        self,
        described: Callable[..., Any],
        answer: Callable[..., Response],
        **facts: Any,  # noqa: ANN401 - the fields of an Endpoint
    ) -> None:
        name, summary = described.__name__, " ".join((described.__doc__ or "").split())
        one = Endpoint(name=name, summary=summary, **facts)
        self.endpoints.append(one)
        self.blueprint.add_url_rule(one.rule, endpoint=name, view_func=answer, methods=[one.method])


def page_of(items: Sequence[T], query: ListQuery) -> Listed[T]:
    """Return a page of a list that is there as a whole."""
    start = query.limit * (query.page - 1)
    return Listed(items[start : start + query.limit], more=len(items) > start + query.limit)


def answer_to(found: object, query: Query) -> Response:
    """Return an answer with an ETag, and a list with links to other pages."""
    value = found.items if isinstance(found, Listed) else found
    body = _json(value)
    answer = Response(body, content_type=JSON)
    if isinstance(found, Listed) and isinstance(query, Paged):
        answer.headers["Link"] = ", ".join(
            f'<{link_to(request.path, query, page=page)}>; rel="{rel}"'
            for rel, page in _pages(query.page, more=found.more).items()
        )
    answer.headers["Cache-Control"] = f"max-age={KEPT_SECONDS}"
    answer.set_etag(hashlib.sha256(body).hexdigest()[:32])
    answer.make_conditional(request)
    return answer


def _answer_to_wish(found: Acts, wish: Wish, given: Body, asks: Visitor) -> Response:
    """Plan what a program asks for; do it, unless it only wants to know the plan.

    Raises: as `confirm`; Conflict also if the key was used for something else.
    """
    reason = first_line(given.reason.strip(), size=REASON_SIZE)
    if not reason:
        raise BadRequest("body: reason: say why")
    if given.dry:
        return Response(_json(plan_view(plan_for(found, wish, asks.role))), content_type=JSON)
    order = Order(
        wish=wish,
        who=str(asks.name),
        role=asks.role,
        reason=reason,
        key=given.key or str(uuid.uuid4()),
    )
    done = confirm(found, order)
    act = readers().audit.find(done.act_id)
    if act is None or (done.again and not is_about(act, order)):
        raise Conflict("The key was used for something else: another act needs another key.")
    status = 200 if done.again else 201
    answer = Response(_json(act_view(act)), status, content_type=JSON)
    answer.headers["Location"] = f"{PREFIX}/audit/{act.id}"
    return answer


def _json(value: object) -> bytes:
    return msgspec.json.encode(_printable(msgspec.to_builtins(value)))


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
