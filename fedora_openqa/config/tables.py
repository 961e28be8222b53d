"""The tables of the configuration and their defaults, which are Fedora's."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from fedora_openqa.errors import ConfigError
from fedora_openqa.model.mails import Subscribers
from fedora_openqa.model.spelling import arch_named, kind_named, lane_named, pattern_named, renamed

#: job settings of Fedora's own openQA workers
FEDORA_SITE = {"QEMU_HOST_IP": "172.16.2.2", "NICTYPE_USER_OPTIONS": "net=172.16.2.0/24"}


Word = Annotated[str, msgspec.Meta(min_length=1)]


#: of http or https, without a user name: it would be shown in logs, and nobody would send it
Url = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s@?#\\]+\Z")]


#: a value of a job setting, or a part of one
Printable = Annotated[str, msgspec.Meta(pattern=r"^[ -~]*\Z")]


#: "host", "host:port", "[::1]:port"
Host = Annotated[
    str, msgspec.Meta(pattern=r"^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?\Z")
]


#: times, of which the largest is about a day in seconds; the system's clocks have no longer ones
Seconds = Annotated[float, msgspec.Meta(gt=0, le=100_000)]


Share = Annotated[float, msgspec.Meta(ge=0)]


Count = Annotated[int, msgspec.Meta(ge=1)]


#: "90m", "24h", "3d"
Duration = Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,4}[mhdMHD]\Z")]


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


class Bodhi(_Table, frozen=True):
    """[bodhi]: the update system."""

    #: where its REST API is
    url: Url = "https://bodhi.fedoraproject.org"


class Greenwave(_Table, frozen=True):
    """[greenwave]: who decides by test results what is let through."""

    #: where its REST API is
    url: Url = "https://greenwave.fedoraproject.org"


def _template(*names: str) -> object:
    """Say that a text has these and no other places to fill, and each of them."""
    places = "|".join(rf"\{{{name}\}}" for name in names)
    each = "".join(rf"(?=.*\{{{name}\}})" for name in names)
    return msgspec.Meta(pattern=rf"^{each}([ -z|~]|{places})+\Z")


class Repositories(_Table, frozen=True):
    """[repositories]: where jobs find the packages they test."""

    #: packages of updates and Koji tasks
    update: Annotated[str, msgspec.Meta(pattern=r"^[!-~]+\Z")] = (
        "nfs://172.16.2.110:/mnt/update_repo"
    )
    #: packages of a side tag
    side_tag: Annotated[str, _template("tag", "arch")] = (
        "https://kojipkgs.fedoraproject.org/repos/{tag}/latest/{arch}"
    )
    #: packages of a COPR; the release is a number or "rawhide"
    copr: Annotated[str, _template("project", "release", "arch")] = (
        "https://download.copr.fedorainfracloud.org/results/{project}/fedora-{release}-{arch}"
    )


class OpenQA(_Table, frozen=True):
    """[openqa]: the server that runs the tests."""

    #: host, host:port or URL; empty: the first one in the openQA clients' client.conf
    hostname: Annotated[str, msgspec.Meta(pattern=r"^[^\s@?#\\]*\Z")] = ""
    #: what its jobs' URLs begin with in results and mails; empty: where it is spoken to
    baseurl: Annotated[str, msgspec.Meta(pattern=r"^(https?://[^\s@?#\\]+)?\Z")] = ""
    #: seconds openQA may take to answer a request that schedules jobs
    post_timeout: Seconds = 300.0
    #: products posted at a time; more is slower on a real server
    posts_at_once: Count = 4
    #: seconds between two looks at what an unanswered request has scheduled
    look_again_after: Seconds = 2.0


class Scheduling(_Table, frozen=True):
    """[scheduling]: what is tested."""

    #: arches of a compose that are tested unless others are asked for; empty: all
    arches: tuple[Word, ...] = ("x86_64",)
    #: arches that updates, Koji tasks, side tags and COPRs are tested on unless one is asked for
    update_arches: Annotated[tuple[Word, ...], msgspec.Meta(min_length=1)] = ("x86_64",)
    #: hosts beside Fedora's own whose composes may be tested: "host", "host:port", "[::1]:port"
    allowed_hosts: tuple[Host, ...] = ()
    #: the job group that is told which builds are candidates and must be kept
    candidate_group: Word = "fedora"

    def __post_init__(self) -> None:
        """Spell arches as composes do.

        Raises:
            ValueError: Fedora is not made for an arch.
        """
        for key in ("arches", "update_arches"):
            arches = tuple(map(arch_named, getattr(self, key)))
            msgspec.structs.force_setattr(self, key, arches)


class Fedora(_Table, frozen=True):
    """[fedora]: facts about the distribution."""

    #: which releases are stable and branched, as fedfind reads it
    release_metadata_url: Url = "https://fedorapeople.org/groups/qa/metadata/release.json"


class Http(_Table, frozen=True):
    """[http]: limits of every HTTP request."""

    #: seconds to connect
    connect_timeout: Seconds = 10.0
    #: seconds without a byte
    read_timeout: Seconds = 60.0
    #: seconds until the whole answer must be there, redirects included
    total_timeout: Seconds = 120.0
    #: how often a read is tried before it has failed
    attempts: Count = 3
    #: bytes of the largest answer that is accepted
    max_bytes: Count = 100_000_000


class Store(_Table, frozen=True):
    """[store]: the database of what should be scheduled."""

    #: SQLAlchemy's: "sqlite:////path" or "postgresql+psycopg://host/name"; empty: SQLite in the
    #: state directory
    url: str = ""
    #: days that finished subjects are remembered
    keep_days: Seconds = 90.0


class Worker(_Table, frozen=True):
    """[worker]: who works on what messages ask for."""

    #: subjects worked on at once in the consumer's process; 0: `fedora-openqa worker` does it
    threads: Annotated[int, msgspec.Meta(ge=0)] = 1
    #: seconds until others take over a subject from a worker that gives no sign of life
    lease: Seconds = 120.0


class Datagrepper(_Table, frozen=True):
    """[datagrepper]: the history of Fedora's bus."""

    #: where its API is
    url: Url = "https://apps.fedoraproject.org/datagrepper"


class Sweep(_Table, frozen=True):
    """[sweep]: the search for what no message told us of."""

    #: minutes between two sweeps of a process with workers; 0: never
    every: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 30
    #: how far they look back
    since: Duration = "24h"
    #: subjects that one sweep looks at or schedules; what is beyond is left to the next one
    budget: Count = 100
    #: what all of Fedora's composes are below
    composes_url: Url = "https://kojipkgs.fedoraproject.org/compose"
    #: what all streams of Fedora CoreOS are below
    coreos_url: Url = "https://builds.coreos.fedoraproject.org/prod/streams"
    #: the streams whose builds are looked for
    coreos_streams: tuple[Word, ...] = (
        "rawhide",
        "branched",
        "next-devel",
        "testing-devel",
        "next",
        "testing",
        "stable",
    )


class ResultsDB(_Table, frozen=True):
    """[resultsdb]: where gating finds results."""

    #: whether results are reported there; in the world, one reporter should
    enabled: bool = False
    #: where its API is
    url: Url = "https://resultsdb.fedoraproject.org/api/v2.0"
    #: who reports; empty: nobody in particular
    username: str = ""
    #: the file that has the password in its first line
    password_file: str = ""
    #: results posted at a time
    posts_at_once: Count = 16
    #: seconds after which a result that was sent without an answer is there, or never will be
    settles_after: Seconds = 45.0
    #: seconds that a job's message waits for others
    gather: Seconds = 5.0
    #: seconds that the bad result of a job with RETRY is held: openQA may try it again
    hold: Seconds = 60.0


class Wiki(_Table, frozen=True):
    """[wiki]: the wiki with the result pages of release validation."""

    #: whether passes are reported there; in the world, one reporter should
    enabled: bool = False
    #: host or host:port
    hostname: Host = "fedoraproject.org"
    #: http or https
    scheme: Annotated[str, msgspec.Meta(pattern=r"^https?\Z")] = "https"
    #: what its API is below
    path: Annotated[str, msgspec.Meta(pattern=r"^/.*/\Z")] = "/w/"
    #: where the OpenID Connect token is kept; empty: ~/.openidc
    token_dir: str = ""
    #: where tokens are renewed
    identity_url: Url = "https://id.fedoraproject.org/openidc/"
    #: who reports with a bot password, "Account@bot"; empty: with the token
    bot_user: str = ""
    #: the file that has the bot password in its first line
    bot_password_file: str = ""
    #: seconds that a job's message waits for others, so that a page is edited once for all
    gather: Seconds = 60.0


class Autocloud(_Table, frozen=True):
    """[autocloud]: the retired service that tested cloud images."""

    #: what the URLs of its jobs begin with
    url: Url = "https://apps.fedoraproject.org/autocloud"


class WaiverDB(_Table, frozen=True):
    """[waiverdb]: where people waive tests."""

    #: where its API is
    url: Url = "https://waiverdb.fedoraproject.org/api/v1.0"
    #: the file that has the token in its first line
    token_file: str = ""


class MailSubvariant(_Table, frozen=True):
    """[mail.subvariants.NAME]: who gets reports because of one subvariant."""

    #: those of composes in which it was tested
    all: tuple[Word, ...] = ()
    #: those in which something of it failed
    error: tuple[Word, ...] = ()


class Mail(_Table, frozen=True):
    """[mail]: the compose check report."""

    #: whether reports are mailed; if not, they are logged
    enabled: bool = False
    #: the SMTP server: host or host:port
    smtp: Host = "bastion.fedoraproject.org:25"
    #: encrypt with STARTTLS, or send nothing; with smtp_user it is always so
    starttls: bool = False
    #: who logs in; empty: nobody
    smtp_user: str = ""
    #: its password is the first line; else that of $FEDORA_OPENQA_SMTP_PASSWORD
    smtp_password_file: str = ""
    sender: Word = "rawhide@fedoraproject.org"
    #: who gets every report
    recipients: tuple[Word, ...] = ("test-reports@lists.fedoraproject.org",)
    #: minutes without a running job until a compose is complete
    quiet: Annotated[float, msgspec.Meta(ge=0, le=100_000)] = 10.0
    #: minutes after scheduling until its report goes out without all results
    wait: Seconds = 480.0
    #: who else gets reports, by subvariant: "Server"
    subvariants: Mapping[Word, MailSubvariant] = {}

    @property
    def subscribers(self) -> Mapping[str, Subscribers]:
        """Who else gets reports, by subvariant."""
        return {
            name: Subscribers(all=listed.all, error=listed.error)
            for name, listed in self.subvariants.items()
        }


class ComposeGating(_Table, frozen=True):
    """An entry of compose_check.gating: composes that gating is asked about."""

    #: what the report calls it
    name: Word
    #: what their ids begin with: "Fedora-Rawhide"
    release: Word
    #: "n": nightlies; empty: production composes
    type: str
    product_version: Word
    #: Greenwave's decision context
    context: Word


class ComposeCheck(_Table, frozen=True):
    """[compose_check]: what the compose check report says."""

    #: what stands below each report
    project_url: Word = "https://pagure.io/fedora-qa/fedora_openqa"
    #: composes that gating is asked about
    gating: tuple[ComposeGating, ...] = (
        ComposeGating(
            name="Rawhide",
            release="Fedora-Rawhide",
            type="n",
            product_version="fedora-rawhide",
            context="rawhide_compose_sync_to_mirrors",
        ),
    )
    #: tests whose system data is compared; each costs ten requests
    most_systems: Annotated[int, msgspec.Meta(ge=0)] = 20
    #: changes of the system load that are told: by more than this, and by more than this share
    load: Share = 0.3
    load_share: Share = 0.3
    #: of the average CPU usage: by more than these points of percent
    cpu: Share = 10.0
    #: of used memory and swap, and of the contents of mounts: by more than this share
    memory_share: Share = 0.15
    mount_share: Share = 0.15


class Tables(_Table, frozen=True):
    """[tables]: the tables of what is tested."""

    #: a directory whose files replace the tables of the same name; empty: ours
    directory: str = ""


class Config(_Table, frozen=True):
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
    resultsdb: ResultsDB = ResultsDB()
    wiki: Wiki = Wiki()
    autocloud: Autocloud = Autocloud()
    waiverdb: WaiverDB = WaiverDB()
    mail: Mail = Mail()
    compose_check: ComposeCheck = ComposeCheck()
    tables: Tables = Tables()
    #: pattern of compose ids, URLs and update ids that are not scheduled, to the reason
    blocklist: Mapping[Word, Word] = {}
    #: lane in which nothing is scheduled, to the reason: "update", "compose:Rawhide"
    paused: Mapping[Word, Word] = {}
    #: kind of subjects, to how many of it are begun in a minute at the most
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
            ValueError: no subject can ever have a name.
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
        """The job settings of the site: Fedora's, but for what the file sets."""
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


def _converted(merged: Mapping[str, Any], *, source: str) -> Config:
    try:
        return msgspec.convert(merged, Config)
    except msgspec.ValidationError as exc:
        raise ConfigError(f"{source}: {exc}") from exc
