"""Makes the application of all pages."""

import hashlib
from importlib import import_module
from importlib.resources import files

from flask import Flask, Response, request
from jinja2 import StrictUndefined
from markupsafe import Markup, escape

from fedora_openqa import __version__
from fedora_openqa.texts import one_line, without_logins
from fedora_openqa.web import pages
from fedora_openqa.web.acts import Acts
from fedora_openqa.web.areas import READERS, SITE
from fedora_openqa.web.banners import read_banner
from fedora_openqa.web.endpoints import api
from fedora_openqa.web.errors import show_errors
from fedora_openqa.web.orders import api as orders
from fedora_openqa.web.queries import MOST_PAGES, PAGE_SIZE, chips_of, link_to
from fedora_openqa.web.readers import Readers, Site
from fedora_openqa.web.sessions import account, open_sessions

#: on every answer
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:;"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

#: bytes of a request's body at most
MOST_BYTES = 100_000

#: characters of the URL of a bug that pages show
BUG_SIZE = 60

#: how templates are read: whatever their names end in, what they show is escaped
TEMPLATES = {
    "autoescape": True,
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
}


def create_app(readers: Readers, site: Site, acts: Acts | None = None) -> Flask:
    """Return the application of all pages.

    :param acts: what people may do; None: nothing, and nobody can log in
    """
    app = Flask(__name__, static_folder=None)
    app.jinja_options = {**TEMPLATES, "finalize": _printable}
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.url_map.strict_slashes = True
    # its redirects name the host, and the scheme that we see behind a proxy
    app.url_map.merge_slashes = False
    app.extensions[READERS] = readers
    app.extensions[SITE] = site
    open_sessions(app, acts, url=site.url)
    names = (*pages.PAGES, *(pages.ACTING if acts else ()))
    modules = [import_module(f"{pages.__name__}.{name}") for name in names]
    for module in modules:
        app.register_blueprint(module.pages)
    for interface in (api, orders):
        app.register_blueprint(interface.blueprint)
    style_url = _serve(app, "style.css", "text/css; charset=utf-8")
    icon_url = _serve(app, "icon.svg", "image/svg+xml")
    links = [link for module in modules for link in getattr(module, "LINKS", ())]

    @app.template_filter()
    def bug_link(url: str) -> Markup:
        """Return a link to a bug, and its URL as text if it is on a host that we do not know."""
        text = escape(_printable(url if len(url) <= BUG_SIZE else f"{url[: BUG_SIZE - 1]}…"))
        link = Markup('<a rel="nofollow noreferrer" href="{}">{}</a>')
        return link.format(url, text) if site.is_bug(url) else text

    @app.context_processor
    def shared() -> dict[str, object]:
        """Return what all templates know."""
        return {
            **account(),
            "banner": read_banner(readers.status, readers.age),
            "chips_of": chips_of,
            "icon_url": icon_url,
            "link_to": link_to,
            "links": links,
            "page_size": PAGE_SIZE,
            "most_pages": MOST_PAGES,
            "site": site,
            "style_url": style_url,
            "version": __version__,
        }

    @app.after_request
    def protect(answer: Response) -> Response:
        """Add the headers that keep a browser from running anything."""
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        reads = request.method in {"GET", "HEAD", "OPTIONS"}
        answer.headers.setdefault("Cache-Control", "no-cache" if reads else "no-store")
        return answer

    show_errors(app)
    return app


def _printable(value: object) -> object:
    """Return what a template shows of a value: of foreign text one printable line."""
    if value is None:
        return ""
    if isinstance(value, str) and not isinstance(value, Markup):
        return without_logins(one_line(value))
    return value


def _serve(app: Flask, name: str, content_type: str) -> str:
    """Serve a file under a name that changes with it; return its URL."""
    content = files(__package__).joinpath("static", name).read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:12]
    stem, _, suffix = name.partition(".")

    def file() -> Response:
        answer = Response(content, content_type=content_type)
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        answer.set_etag(digest)
        answer.make_conditional(request)
        return answer

    url = f"/static/{stem}.{digest}.{suffix}"
    app.add_url_rule(url, endpoint=name, view_func=file, methods=["GET"])
    return url
