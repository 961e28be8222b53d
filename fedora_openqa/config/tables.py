"""The configuration file and its tables about scheduling, with Fedora's defaults."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from fedora_openqa.config.evidence import Evidence
from fedora_openqa.config.sinks import Autocloud, ComposeCheck, Mail, ResultsDB, WaiverDB, Wiki
from fedora_openqa.config.types import (
    Count,
    Duration,
    Host,
    Printable,
    Seconds,
    Table,
    Url,
    Word,
    template,
)
from fedora_openqa.config.web import Web
from fedora_openqa.errors import ConfigError
from fedora_openqa.model.spelling import arch_named, kind_named, lane_named, pattern_named, renamed

#: job settings of Fedora's own openQA workers
FEDORA_SITE = {"QEMU_HOST_IP": "172.16.2.2", "NICTYPE_USER_OPTIONS": "net=172.16.2.0/24"}


class Bodhi(Table, frozen=True):
    """[bodhi]: the update system."""

    #: URL of its REST API
    url: Url = "https://bodhi.fedoraproject.org"


class Greenwave(Table, frozen=True):
    """[greenwave]: the service that decides on gating by test results."""

    #: URL of its REST API
    url: Url = "https://greenwave.fedoraproject.org"


class Repositories(Table, frozen=True):
    """[repositories]: URLs of the packages that jobs test."""

    #: packages of updates and Koji tasks
    update: Annotated[str, msgspec.Meta(pattern=r"^[!-~]+\Z")] = (
        "nfs://172.16.2.110:/mnt/update_repo"
    )
    #: packages of a side tag
    side_tag: Annotated[str, template("tag", "arch")] = (
        "https://kojipkgs.fedoraproject.org/repos/{tag}/latest/{arch}"
    )
    #: packages of a COPR; the release is a number or "rawhide"
    copr: Annotated[str, template("project", "release", "arch")] = (
        "https://download.copr.fedorainfracloud.org/results/{project}/fedora-{release}-{arch}"
    )


class OpenQA(Table, frozen=True):
    """[openqa]: the server that runs the tests."""

    #: host, host:port or URL; empty: the first one in the openQA clients' client.conf
    hostname: Annotated[str, msgspec.Meta(pattern=r"^[^\s@?#\\]*\Z")] = ""
    #: start of the URLs of its jobs in results and mails; empty: the URL of hostname
    baseurl: Annotated[str, msgspec.Meta(pattern=r"^(https?://[^\s@?#\\]+)?\Z")] = ""
    #: seconds that openQA may take to answer a POST that schedules jobs
    post_timeout: Seconds = 300.0
    #: products posted at once; more is slower on a real server
    posts_at_once: Count = 4
    #: seconds between two checks of the jobs that an unanswered POST scheduled
    look_again_after: Seconds = 2.0
    #: read its jobs and workers once a minute, in one process with workers of all: four requests
    watch: bool = True


class Scheduling(Table, frozen=True):
    """[scheduling]: the composes and packages that are tested."""

    #: arches of a compose that are tested unless others are asked for; empty: all
    arches: tuple[Word, ...] = ("x86_64",)
    #: arches that updates, Koji tasks, side tags and COPRs are tested on unless one is asked for
    update_arches: Annotated[tuple[Word, ...], msgspec.Meta(min_length=1)] = ("x86_64",)
    #: hosts beside Fedora's own whose composes may be tested: "host", "host:port", "[::1]:port"
    allowed_hosts: tuple[Host, ...] = ()
    #: the job group whose comments tag the builds of candidates, which openQA must keep
    candidate_group: Word = "fedora"

    def __post_init__(self) -> None:
        """Spell arches as composes do.

        Raises:
            ValueError: Fedora is not composed for an arch.
        """
        for key in ("arches", "update_arches"):
            arches = tuple(map(arch_named, getattr(self, key)))
            msgspec.structs.force_setattr(self, key, arches)


class Fedora(Table, frozen=True):
    """[fedora]: facts about the distribution."""

    #: URL of the stable and branched releases, in fedfind's format
    release_metadata_url: Url = "https://fedorapeople.org/groups/qa/metadata/release.json"


class Http(Table, frozen=True):
    """[http]: limits of every HTTP request."""

    #: seconds to connect
    connect_timeout: Seconds = 10.0
    #: seconds without a byte
    read_timeout: Seconds = 60.0
    #: seconds until the answer must be complete, redirects included
    total_timeout: Seconds = 120.0
    #: attempts at a read before it fails
    attempts: Count = 3
    #: maximal size of an answer in bytes
    max_bytes: Count = 100_000_000


class Store(Table, frozen=True):
    """[store]: the database of subjects and deliveries."""

    #: SQLAlchemy's: "sqlite:////path" or "postgresql+psycopg://host/name"; empty: SQLite in the
    #: state directory
    url: str = ""
    #: days that finished subjects, and what people did, are kept
    keep_days: Seconds = 90.0
    #: seconds to connect to PostgreSQL
    connect_timeout: Seconds = 10.0
    #: seconds of a statement, which on SQLite waits for other processes
    statement_timeout: Seconds = 30.0


class Worker(Table, frozen=True):
    """[worker]: the threads that work in the process of a consumer or a worker."""

    #: subjects scheduled at once; of two or more threads one is reserved for updates and candidate
    #: composes. 0: the consumer only stores messages, `fedora-openqa worker` works
    threads: Annotated[int, msgspec.Meta(ge=0, le=64)] = 2
    #: builds delivered to a sink at once
    sink_threads: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    #: seconds until other workers take over the subject of a worker that has died
    lease: Seconds = 120.0
    #: seconds that a process has to end; a subject that is not finished by then is given back
    stop: Seconds = 60.0


class Datagrepper(Table, frozen=True):
    """[datagrepper]: the history of Fedora's bus."""

    #: URL of its API
    url: Url = "https://apps.fedoraproject.org/datagrepper"


class Sweep(Table, frozen=True):
    """[sweep]: the search for subjects that no message named."""

    #: minutes between two sweeps of all processes with workers; 0: this process never sweeps
    every: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 30
    #: the time that a sweep looks back
    since: Duration = "24h"
    #: subjects that one sweep looks at or schedules, and builds that it compares with the sinks
    budget: Count = 100
    #: URL of the folder of Fedora's composes
    composes_url: Url = "https://kojipkgs.fedoraproject.org/compose"
    #: URL of the folder of the streams of Fedora CoreOS
    coreos_url: Url = "https://builds.coreos.fedoraproject.org/prod/streams"
    #: the streams that are searched for builds
    coreos_streams: tuple[Word, ...] = (
        "rawhide",
        "branched",
        "next-devel",
        "testing-devel",
        "next",
        "testing",
        "stable",
    )


class Log(Table, frozen=True):
    """[log]: the log of `fedora-openqa worker` and of the consumers."""

    #: the lowest level that is written
    level: Literal["debug", "info", "warning", "error"] = "info"
    #: lines of text, or a JSON object a line
    format: Literal["text", "json"] = "text"


class Shadow(Table, frozen=True):
    """[shadow]: running beside the tools that are to be replaced."""

    #: decide and record everything, and write to no service
    enabled: bool = False


class Monitoring(Table, frozen=True):
    """[monitoring]: the HTTP port of each worker and consumer."""

    #: where it answers: "127.0.0.1:9100", or a port of the loopback interface, ":9100"; empty:
    #: nowhere
    listen: Annotated[str, msgspec.Meta(pattern=r"^([^\s/@]*:[0-9]{1,5})?\Z")] = ""


class Assets(Table, frozen=True):
    """[assets]: the disk images that jobs start from."""

    #: file or URL of createhdds' hdds.json; empty: none
    hdds: str = ""


class Tables(Table, frozen=True):
    """[tables]: the tables of what is tested."""

    #: directory whose files replace our tables of the same name; empty: ours
    directory: str = ""


class Config(Table, frozen=True):
    """The whole file."""

    openqa: OpenQA = OpenQA()
    bodhi: Bodhi = Bodhi()
    greenwave: Greenwave = Greenwave()
    repositories: Repositories = Repositories()
    scheduling: Scheduling = Scheduling()
    fedora: Fedora = Fedora()
    http: Http = Http()
    store: Store = Store()
    worker: Worker = Worker()
    datagrepper: Datagrepper = Datagrepper()
    sweep: Sweep = Sweep()
    assets: Assets = Assets()
    evidence: Evidence = Evidence()
    resultsdb: ResultsDB = ResultsDB()
    wiki: Wiki = Wiki()
    autocloud: Autocloud = Autocloud()
    waiverdb: WaiverDB = WaiverDB()
    mail: Mail = Mail()
    compose_check: ComposeCheck = ComposeCheck()
    log: Log = Log()
    monitoring: Monitoring = Monitoring()
    web: Web = Web()
    shadow: Shadow = Shadow()
    tables: Tables = Tables()
    #: pattern of the compose ids, URLs and update ids that are not scheduled, to the reason
    blocklist: Mapping[Word, Word] = {}
    #: paused lane to the reason: "update", "compose:Rawhide", "wiki"
    paused: Mapping[Word, Word] = {}
    #: kind of subject to the number of its subjects that are begun per minute at most
    limits: Mapping[Word, Count] = {}
    #: job settings that depend on where the openQA workers are; over Fedora's
    site: Mapping[str, Printable] = {}

    @property
    def tables_directory(self) -> Path | None:
        """The directory of tables that replace ours; None: there is none."""
        return Path(self.tables.directory) if self.tables.directory else None

    def __post_init__(self) -> None:
        """Spell names as subjects do.

        Raises:
            ValueError: no subject can have such a name.
        """
        for table, named in (
            ("blocklist", pattern_named),
            ("paused", lane_named),
            ("limits", kind_named),
        ):
            rows: Mapping[str, Any] = getattr(self, table)
            msgspec.structs.force_setattr(self, table, renamed(rows, map(named, rows)))

    @property
    def site_settings(self) -> Mapping[str, str]:
        """The job settings of the site: Fedora's, replaced by those of the file."""
        return {**FEDORA_SITE, **self.site}


def with_options(config: Config, options: Mapping[str, Mapping[str, str | None]]) -> Config:
    """Return a configuration with the values of a command's options.

    :param options: table to key to value; None: the option was not given

    Raises:
        ConfigError: names the key and what was expected there.
    """
    merged = msgspec.to_builtins(config)
    for table, values in options.items():
        merged[table] |= {name: value for name, value in values.items() if value is not None}
    return _converted(merged, source="options")


def with_threads(config: Config, threads: int | None) -> Config:
    """Return the configuration of a process that works.

    :param threads: of each lane; None: as configured, or as by default where that is 0
    """
    worker = config.worker
    if threads:
        worker = msgspec.structs.replace(worker, threads=threads, sink_threads=threads)
    elif not worker.threads:
        worker = msgspec.structs.replace(worker, threads=Worker().threads)
    return msgspec.structs.replace(config, worker=worker)


def _converted(merged: Mapping[str, Any], *, source: str) -> Config:
    try:
        return msgspec.convert(merged, Config)
    except msgspec.ValidationError as exc:
        raise ConfigError(f"{source}: {exc}") from exc
