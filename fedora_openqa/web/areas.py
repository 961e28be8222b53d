"""Groups of pages: a `Blueprint` whose pages name the parameters that they accept."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar, cast

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from fedora_openqa.web.queries import Form, Query, read_form, read_query
from fedora_openqa.web.readers import Readers, Site
from fedora_openqa.web.sessions import check_form

#: key of what the application knows, in its extensions
READERS, SITE = "fedora-openqa readers", "fedora-openqa site"

Q = TypeVar("Q", bound=Query)
F = TypeVar("F", bound=Form)
P = ParamSpec("P")


class Area(Blueprint):
    """A group of pages; a module of `fedora_openqa.web.pages` has one as ``pages``."""

    def page(
        self, rule: str, query: type[Q]
    ) -> Callable[[Callable[Concatenate[Q, P], ResponseReturnValue]], object]:
        """Return a decorator that registers a function for GET requests.

        The function gets the parameters of the URL as its first argument, and what the rule has
        in angle brackets by name. An unknown parameter is refused with 400.

        :param rule: ``"/subjects/<path:key>"``
        """

        def register(show: Callable[Concatenate[Q, P], ResponseReturnValue]) -> object:
            def answer(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
                return show(read_query(query), *args, **kwargs)

            # what descriptions of the interface are made of
            answer.query = query  # type: ignore[attr-defined] # a function has room for it
            answer.__doc__ = show.__doc__
            self.add_url_rule(rule, endpoint=show.__name__, view_func=answer, methods=["GET"])
            return show

        return register

    def form(
        self, rule: str, form: type[F]
    ) -> Callable[[Callable[Concatenate[F, P], ResponseReturnValue]], object]:
        """Return a decorator that registers a function for POST requests.

        The function gets the fields of the form, after it is checked that a page of the same
        session made it; otherwise as `page`.
        """

        def register(take: Callable[Concatenate[F, P], ResponseReturnValue]) -> object:
            def answer(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
                # what a form says is not in its URL, where logs would keep it
                read_query(Query)
                given = read_form(form)
                check_form(given.csrf)
                return take(given, *args, **kwargs)

            answer.__doc__ = take.__doc__
            self.add_url_rule(rule, endpoint=take.__name__, view_func=answer, methods=["POST"])
            return take

        return register


def readers() -> Readers:
    """Return what the pages of the present application ask."""
    return cast("Readers", current_app.extensions[READERS])


def site() -> Site:
    """Return what the pages of the present application know of the deployment."""
    return cast("Site", current_app.extensions[SITE])
