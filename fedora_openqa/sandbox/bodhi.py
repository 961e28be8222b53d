"""The part of Bodhi's REST API that the scheduler reads: updates, releases, lists of updates.

An update changes only by `EditedUpdates.edit`, as if its maintainer had edited it.
A filter of Bodhi's that this server does not have is an error (400): an answer without it would
be wrong. Parameters that Bodhi ignores are ignored.
"""

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import get_args

from aiohttp import web

from fedora_openqa.sandbox.bodhi_json import Json, release_json, update_json
from fedora_openqa.sandbox.updates import (
    ContentType,
    EditedUpdates,
    Gating,
    Release,
    Request,
    Status,
    Update,
    Updates,
)

ROWS_PER_PAGE = 20
MOST_ROWS = 1000

Passes = Callable[[Update], bool]
#: parameter name to all its values, in the order of the query string
Parameters = Mapping[str, Sequence[str]]

#: filters with several values, separated by spaces or commas, or repeated: one must match
_LISTS: Mapping[str, Callable[[Update], Iterable[str]]] = {
    "alias": lambda update: (update.alias,),
    "updateid": lambda update: (update.alias,),
    "status": lambda update: (update.status,),
    "packages": lambda update: update.packages,
    "builds": lambda update: update.nvrs,
}
_RELEASES = ("release", "releases")
#: filters whose value is one of a list
_CHOICES: Mapping[str, tuple[Callable[[Update], str | None], tuple[str, ...]]] = {
    "request": (lambda update: update.request, get_args(Request)),
    "gating": (lambda update: update.gating, get_args(Gating)),
    "content_type": (lambda update: update.content_type, get_args(ContentType)),
}
#: filters ``<name>_since`` and ``<name>_before``
_MOMENTS: Mapping[str, Callable[[Update], datetime | None]] = {
    "submitted": lambda update: update.submitted,
    "modified": lambda update: update.modified,
    "pushed": lambda update: update.pushed,
}
_LIMITS: Mapping[str, Callable[[datetime, datetime], bool]] = {
    "since": operator.ge,
    "before": operator.lt,
}
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
#: filters of Bodhi's (ListUpdateSchema of 26.4) that this server does not have
_MISSING = frozenset(
    {
        "approved_before",
        "approved_since",
        "bugs",
        "from_side_tag",
        "from_side_tag_name",
        "like",
        "locked",
        "pushed",
        "severity",
        "suggest",
        "type",
        "user",
    }
)


@dataclass(frozen=True, kw_only=True)
class Query:
    """A request for a list of updates."""

    page: int
    rows_per_page: int
    #: the package, if there is exactly one; Bodhi repeats it in its answer
    package: str | None
    filters: tuple[Passes, ...]

    def passes(self, update: Update) -> bool:
        """Return whether an update matches all filters."""
        return all(passes(update) for passes in self.filters)


class QueryError(Exception):
    """A parameter that Bodhi refuses."""

    def __init__(self, name: str, description: str) -> None:
        """Keep the parameter's name, and why its value is wrong."""
        super().__init__(f"{name}: {description}")
        self.name = name
        self.description = description


def add_bodhi(app: web.Application, updates: Updates, *, prefix: str = "/bodhi") -> EditedUpdates:
    """Serve updates and releases below ``<prefix>/updates/`` and ``<prefix>/releases/``.

    Return the served updates, which can be edited.
    """
    edited = EditedUpdates(updates)

    def body_of(update: Update) -> Json:
        return update_json(update, edited.all.release_of(update))

    async def list_updates(request: web.Request) -> web.Response:
        parameters = {name: request.query.getall(name) for name in request.query}
        try:
            query = parse_query(parameters, updates.releases)
        except QueryError as exc:
            return _refused(400, "querystring", exc.name, exc.description)
        newest_first = sorted(
            filter(query.passes, edited.all.updates), key=lambda row: row.submitted, reverse=True
        )
        return web.json_response(_page(query, [body_of(row) for row in newest_first]))

    async def update(request: web.Request) -> web.Response:
        alias = request.match_info["alias"]
        found = [row for row in edited.all.updates if row.alias == alias]
        if not found:
            return _refused(404, "url", "id", "Invalid update id")
        body = {"update": body_of(found[0]), "can_edit": False, "ci_allowed": False}
        return web.json_response(body)

    async def release(request: web.Request) -> web.Response:
        found = release_named(request.match_info["name"], updates.releases)
        if found is None:
            return _refused(404, "body", "name", "No such release")
        return web.json_response(release_json(found))

    app.router.add_get(f"{prefix}/updates/", list_updates)
    app.router.add_get(f"{prefix}/updates/{{alias}}", update)
    app.router.add_get(f"{prefix}/releases/{{name}}", release)
    return edited


def release_named(name: str, releases: Iterable[Release]) -> Release | None:
    """Return a release by name, long name, tag or ``rawhide``, in any case; None: unknown."""
    for release in releases:
        names = [release.name, release.long_name, release.dist_tag]
        if release.branch == "rawhide":
            names.append(release.branch)
        if name.lower() in (known.lower() for known in names):
            return release
    return None


def parse_query(query: Parameters, releases: Sequence[Release]) -> Query:
    """Parse the parameters of a list of updates.

    Raises:
        QueryError: a parameter is wrong. Bodhi names all wrong ones, this server the first.
    """
    missing = sorted(_MISSING & query.keys())
    if missing:
        raise QueryError(missing[0], "Bodhi has this filter, the sandbox has not")
    packages = _words(query, "packages")
    return Query(
        page=_number(query, "page", default=1),
        rows_per_page=_number(query, "rows_per_page", default=ROWS_PER_PAGE, most=MOST_ROWS),
        package=packages[0] if len(packages) == 1 else None,
        filters=(
            *_list_filters(query),
            *_release_filters(query, releases),
            *_choice_filters(query),
            *_moment_filters(query),
            *_text_filters(query),
        ),
    )


def _list_filters(query: Parameters) -> Iterator[Passes]:
    for name, values_of in _LISTS.items():
        wanted = frozenset(_words(query, name))
        if name == "status":
            _check_choices(name, wanted, choices=get_args(Status))
        if wanted:
            yield partial(_overlaps, values_of, wanted)


def _release_filters(query: Parameters, releases: Sequence[Release]) -> Iterator[Passes]:
    for name in _RELEASES:
        found = {word: release_named(word, releases) for word in _words(query, name)}
        unknown = [word for word, release in found.items() if release is None]
        if unknown:
            raise QueryError(name, f"Invalid releases specified: {', '.join(unknown)}")
        if found:
            names = frozenset(release.name for release in found.values() if release)
            yield partial(_overlaps, lambda update: (update.release,), names)


def _choice_filters(query: Parameters) -> Iterator[Passes]:
    for name, (value_of, choices) in _CHOICES.items():
        if name in query:
            wanted = query[name][-1]
            _check_choices(name, [wanted], choices=choices)
            yield partial(_equals, value_of, wanted)
    if "critpath" in query:
        text = query["critpath"][-1].lower()
        if text not in _BOOLEANS:
            raise QueryError("critpath", f'"{text}" is neither in (false, 0) nor in (true, 1)')
        yield partial(_equals, lambda update: update.critpath, _BOOLEANS[text])


def _moment_filters(query: Parameters) -> Iterator[Passes]:
    for name, moment_of in _MOMENTS.items():
        for suffix, fits in _LIMITS.items():
            parameter = f"{name}_{suffix}"
            if parameter in query:
                limit = _moment(parameter, query[parameter][-1])
                yield partial(_compares, moment_of, fits, limit)


def _text_filters(query: Parameters) -> Iterator[Passes]:
    if "search" in query:
        yield partial(_mentions, query["search"][-1].lower())


def _overlaps(
    values_of: Callable[[Update], Iterable[str]], wanted: frozenset[str], update: Update
) -> bool:
    return not wanted.isdisjoint(values_of(update))


def _equals(value_of: Callable[[Update], object], wanted: object, update: Update) -> bool:
    return value_of(update) == wanted


def _compares(
    moment_of: Callable[[Update], datetime | None],
    fits: Callable[[datetime, datetime], bool],
    limit: datetime,
    update: Update,
) -> bool:
    moment = moment_of(update)
    return moment is not None and fits(moment, limit)


def _mentions(text: str, update: Update) -> bool:
    return any(text in name.lower() for name in (update.alias, *update.nvrs))


def _words(query: Parameters, name: str) -> list[str]:
    return " ".join(query.get(name, ())).replace(",", " ").split()


def _check_choices(name: str, values: Iterable[str], *, choices: Sequence[str]) -> None:
    for value in values:
        if value not in choices:
            raise QueryError(name, f'"{value}" is not one of {", ".join(choices)}')


def _number(query: Parameters, name: str, *, default: int, most: int | None = None) -> int:
    if name not in query:
        return default
    text = query[name][-1]
    try:
        number = int(text)
    except ValueError:
        raise QueryError(name, f'"{text}" is not a number') from None
    if number < 1:
        raise QueryError(name, f"{number} is less than minimum value 1")
    if most is not None and number > most:
        raise QueryError(name, f"{number} is greater than maximum value {most}")
    return number


def _moment(name: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        # Bodhi's times are UTC without a zone
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    # OverflowError: the conversion to UTC leaves the calendar's first or last year
    except (ValueError, OverflowError):
        raise QueryError(name, "Invalid date") from None


def _page(query: Query, bodies: Sequence[Json]) -> Json:
    start = (query.page - 1) * query.rows_per_page
    return {
        "updates": bodies[start : start + query.rows_per_page],
        "page": query.page,
        "pages": math.ceil(len(bodies) / query.rows_per_page),
        "rows_per_page": query.rows_per_page,
        "total": len(bodies),
        "chrome": True,
        "display_user": False,
        "display_request": True,
        "package": query.package,
    }


def _refused(status: int, location: str, name: str, description: str) -> web.Response:
    error = {"location": location, "name": name, "description": description}
    return web.json_response({"status": "error", "errors": [error]}, status=status)
