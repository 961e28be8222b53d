"""The URL and the API key of the openQA server, from the files of openQA's own clients.

Must not put key or secret into an error or a log record.
"""

import configparser
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from fedora_openqa.accounts import home_folder
from fedora_openqa.errors import ConfigError

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")

#: folders of the system's ``client.conf``; later ones override earlier ones
SYSTEM_FOLDERS = (Path("/usr/etc/openqa"), Path("/etc/openqa"))

#: environment variables with a key for all servers
KEY_VARIABLES = ("OPENQA_API_KEY", "OPENQA_API_SECRET")

#: characters that an HTTP header may have; openQA's keys are hexadecimal
KEY_TEXT = re.compile(r"[\x21-\x7e]*")

HOST_TEXT = re.compile(r"[\w.:\[\]-]+")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key for one server."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    #: ``"/etc/openqa/client.conf"``, ``"OPENQA_API_KEY"``
    source: str
    #: the files with key and secret; empty: they are in the environment
    files: tuple[Path, ...] = field(default=(), compare=False)


class ClientConf:
    """The merged ``client.conf`` files, and the key variables of the environment."""

    def __init__(
        self, environ: Mapping[str, str], *, system_folders: Sequence[Path] = SYSTEM_FOLDERS
    ) -> None:
        """Read each file that exists.

        :param system_folders: later ones override earlier ones

        Raises:
            ConfigError: a file is not configuration, or only one of the variables is set.
        """
        self._merged = configparser.ConfigParser(interpolation=None)
        #: section and option to the file that has it
        self._sources: dict[tuple[str, str], Path] = {}
        for path in _files(environ, system_folders):
            self._add(path)
        key, secret = (environ.get(name, "") for name in KEY_VARIABLES)
        if bool(key) != bool(secret):
            raise ConfigError(f"only one of {' and '.join(KEY_VARIABLES)} is set")
        self._everywhere = _api_key(key, secret, source=KEY_VARIABLES[0]) if key else None

    @property
    def first_host(self) -> str | None:
        """The first server that has a section; None: there is no section."""
        return next(iter(self._merged.sections()), None)

    def key_for(self, url: str) -> ApiKey | None:
        """Return the key for a server; None: there is no key.

        The environment overrides the files, as in openQA's own client.

        Raises:
            ConfigError: the key has invalid characters.
        """
        if self._everywhere:
            return self._everywhere
        parts = urlsplit(url)
        for section in (parts.netloc, url, f"{url}/", parts.hostname or ""):
            if all(self._merged.get(section, it, fallback="") for it in ("key", "secret")):
                files = dict.fromkeys(self._sources[section, it] for it in ("key", "secret"))
                return _api_key(
                    self._merged.get(section, "key"),
                    self._merged.get(section, "secret"),
                    source=" and ".join(map(str, files)),
                    files=tuple(files),
                )
        return None

    def _add(self, path: Path) -> None:
        own = configparser.ConfigParser(interpolation=None)
        try:
            # skips files that do not exist or may not be read, as openQA's own client does
            own.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError) as exc:
            # not quoted: the line may be a secret
            raise ConfigError(f"client.conf of openQA: {path}: {_problem(exc)}") from None
        for section in own.sections():
            if not self._merged.has_section(section):
                self._merged.add_section(section)
            for option, value in own.items(section):
                self._merged.set(section, option, value)
                self._sources[section, option] = path


def base_url(hostname: str) -> str:
    """Return the URL, without path, for ``host``, ``host:port`` or a URL.

    Raises:
        ConfigError: the text is none of these.
    """
    if "@" in hostname:
        raise ConfigError("openQA's hostname has a user or password: these are in client.conf")
    try:
        url = urlsplit(hostname if "://" in hostname else f"//{hostname}")
        valid = (
            url.scheme in {"http", "https", ""}
            and url.hostname
            and url.port != 0
            and HOST_TEXT.fullmatch(url.netloc)
            # urlsplit drops line ends
            and hostname.isprintable()
        )
    except ValueError:
        valid = False
    if not valid:
        raise ConfigError(f"openQA's hostname {hostname!r} is not a host, host:port or URL")
    if url.path.strip("/") or url.query or url.fragment:
        raise ConfigError(
            f"openQA's hostname {hostname!r} has a path:"
            " neither openQA's clients nor its signatures of requests allow for one"
        )
    # localhost hardly has a certificate, and the connection stays on this host
    scheme = url.scheme or ("http" if url.hostname in LOCAL_HOSTS else "https")
    return f"{scheme}://{url.netloc}"


def _files(environ: Mapping[str, str], system_folders: Sequence[Path]) -> list[Path]:
    """Return the paths of possible files; later ones override earlier ones."""
    folders = list(system_folders)
    # openQA's own client reads OPENQA_CONFIG in place of the home folder
    if own := environ.get("OPENQA_CONFIG"):
        folders.append(Path(own))
    elif home := home_folder(environ):
        folders.append(home / ".config/openqa")
    found = []
    for folder in folders:
        found.append(folder / "client.conf")
        try:
            found += sorted((folder / "client.conf.d").glob("*.conf"))
        except OSError:
            # same as a folder that does not exist
            continue
    return found


def _api_key(key: str, secret: str, *, source: str, files: tuple[Path, ...] = ()) -> ApiKey:
    if not (KEY_TEXT.fullmatch(key) and KEY_TEXT.fullmatch(secret)):
        raise ConfigError(f"the API key of openQA in {source} has characters that no key has")
    return ApiKey(key, secret, source, files)


def _problem(exc: configparser.Error | UnicodeDecodeError) -> str:
    lines = getattr(exc, "lineno", None) or next((it[0] for it in getattr(exc, "errors", ())), None)
    place = f"line {lines}: " if lines else ""
    return f"{place}not configuration ({type(exc).__name__})"
