"""Opens the foreign systems that a configuration names, each when it is first used."""

import os
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fedora_openqa import ports
from fedora_openqa.accounts import expand_home
from fedora_openqa.config import Config, Http
from fedora_openqa.config.secrets import read_secret, warn_if_readable
from fedora_openqa.errors import ConfigError
from fedora_openqa.policy.compose_families import series_of
from fedora_openqa.wiring.history import remember_in
from fedora_openqa.workflows.wiki_events import WikiEvents

# late imports: most processes need few of the systems, and some load slow libraries
if TYPE_CHECKING:
    from fedora_openqa.gateways.composes.releases import ComposeReleases
    from fedora_openqa.gateways.http.client import Reader
    from fedora_openqa.gateways.http.transport import Limits
    from fedora_openqa.gateways.mail.smtp import SmtpMailer
    from fedora_openqa.gateways.openqa.job_comments import CommentedOpenQA
    from fedora_openqa.gateways.resultsdb.results import RestResultsDB
    from fedora_openqa.gateways.wiki.filing import WikitcmsPages
    from fedora_openqa.gateways.wiki.site import WikiAddress, WikiLogin

#: the folder with OpenID Connect tokens of Fedora's tools
TOKENS = "~/.openidc"

#: bytes of the files that a sweep keeps: lists of builds and status files have a few megabytes
MOST_COPIES = 32 * 1024 * 1024

#: the environment variable of WaiverDB's token, if no file is configured
WAIVERDB_TOKEN = "FEDORA_OPENQA_WAIVERDB_TOKEN"  # noqa: S105 - its name


def limits_of(http: Http) -> "Limits":
    """Return the limits that the table [http] sets."""
    from fedora_openqa.gateways.http.transport import Limits

    return Limits(
        connect_timeout=http.connect_timeout,
        read_timeout=http.read_timeout,
        total_timeout=http.total_timeout,
        attempts=http.attempts,
        max_bytes=http.max_bytes,
    )


@dataclass(frozen=True)
class Gateways:
    """The foreign systems of one deployment; nothing is sent before a method of one is called.

    In a shadow all systems are those of a dry run: none can be written to.

    All properties raise `ConfigError` if the configuration of the system cannot work.
    """

    config: Config
    #: where jobs are remembered that are read of openQA; None: nowhere
    history: ports.JobHistory | None = None

    @cached_property
    def limits(self) -> "Limits":
        """The limits of HTTP requests."""
        worker = self.config.worker
        scheduling = worker.threads * self.config.openqa.posts_at_once
        reporting = worker.sink_threads * self.config.resultsdb.posts_at_once
        limits = limits_of(self.config.http)
        return replace(limits, connections=max(limits.connections, scheduling, reporting))

    @cached_property
    def reader(self) -> "Reader":
        """A reader that follows redirects to the host of the URL only."""
        from fedora_openqa.gateways.http.client import Reader

        return Reader(self.limits)

    @cached_property
    def source_reader(self) -> "Reader":
        """A reader of what sweeps read again and again; as `reader`, with copies."""
        from fedora_openqa.gateways.http.client import Reader
        from fedora_openqa.gateways.http.copies import Copies

        return Reader(self.limits, copies=Copies(most_bytes=MOST_COPIES))

    @cached_property
    def compose_reader(self) -> "Reader":
        """A reader that follows redirects from one allowed host to another."""
        from fedora_openqa.gateways.http.client import Reader
        from fedora_openqa.gateways.http.hosts import Hosts

        return Reader(self.limits, hosts=Hosts.listed(self.allowed_hosts))

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        """Hosts that composes and builds are read from."""
        return self.config.scheduling.allowed_hosts

    @cached_property
    def openqa(self) -> "CommentedOpenQA":
        """OpenQA, with the API key or without."""
        from fedora_openqa.gateways.openqa.job_comments import CommentedOpenQA

        openqa = CommentedOpenQA(
            self.config.openqa.hostname,
            limits=self.limits,
            post_timeout=self.config.openqa.post_timeout,
            read=remember_in(self.history) if self.history else lambda _jobs: None,
        )
        warn_if_readable(*openqa.key_files)
        return openqa

    @property
    def public_url(self) -> str:
        """What the URLs of openQA's jobs begin with in results and mails."""
        return (self.config.openqa.baseurl or self.openqa.url).rstrip("/")

    @property
    def in_shadow(self) -> bool:
        """Whether no system can be written to."""
        return self.config.shadow.enabled

    def openqa_to_write(self, *, dry_run: bool, needs_jobs: bool = False) -> ports.OpenQA:
        """Return openQA with an API key, or one that cannot be written to.

        :param needs_jobs: a dry run fails if the present jobs cannot be read; a shadow always does

        Raises:
            ConfigError: the hostname is invalid, or there is no API key.
        """
        if dry_run or self.in_shadow:
            from fedora_openqa.gateways.openqa.dry_run import DryRunOpenQA

            return DryRunOpenQA(self.openqa, needs_jobs=needs_jobs or self.in_shadow)
        self.openqa.require_key()
        return self.openqa

    def job_comments(self, *, dry_run: bool) -> ports.JobComments:
        """Return the comments on openQA's jobs, or ones that cannot be written.

        Raises: as `openqa_to_write`.
        """
        from fedora_openqa.gateways.openqa.job_comments import DryRunComments

        if dry_run or self.in_shadow:
            return DryRunComments(self.openqa)
        self.openqa.require_key()
        return self.openqa

    @cached_property
    def templates(self) -> ports.OpenQATemplates:
        """The job templates of openQA."""
        from fedora_openqa.gateways.openqa.templates import RestTemplates

        return RestTemplates(self.reader, self.openqa.url)

    @cached_property
    def builds(self) -> ports.Builds:
        """Earlier builds in openQA."""
        from fedora_openqa.gateways.openqa.builds import OpenQABuilds

        return OpenQABuilds(self.reader, self.openqa.url)

    @cached_property
    def openqa_presence(self) -> ports.Presence:
        """Whether openQA answers at all."""
        from fedora_openqa.gateways.openqa.presence import OpenQAPresence

        return OpenQAPresence(self.limits, self.openqa.url)

    @cached_property
    def openqa_load(self) -> ports.Load:
        """What openQA has to do; a read that fails is not repeated, the next one follows soon."""
        from fedora_openqa.gateways.http.client import Reader
        from fedora_openqa.gateways.openqa.load import LoadReader

        return LoadReader(Reader(replace(self.limits, attempts=1)), self.openqa.url)

    @cached_property
    def job_files(self) -> ports.JobFiles:
        """Files that openQA's jobs have uploaded."""
        from fedora_openqa.gateways.openqa.job_files import OpenQAFiles

        return OpenQAFiles(self.limits, self.openqa.url)

    @cached_property
    def releases(self) -> ports.Releases:
        """Numbers of Fedora's releases."""
        from fedora_openqa.gateways.releases import MetadataReleases

        return MetadataReleases(self.reader, self.config.fedora.release_metadata_url)

    @cached_property
    def composes(self) -> ports.Composes:
        """Metadata of finished composes."""
        from fedora_openqa.gateways.composes.pungi import PungiComposes

        return PungiComposes(self.compose_reader, allowed_hosts=self.allowed_hosts)

    @cached_property
    def compose_releases(self) -> "ComposeReleases":
        """The release, label and images of composes, as results name them."""
        from fedora_openqa.gateways.composes.releases import ComposeReleases

        return ComposeReleases(
            self.compose_reader,
            allowed_hosts=self.allowed_hosts,
            composes_url=self.config.sweep.composes_url,
        )

    @cached_property
    def series(self) -> ports.ComposeSeries:
        """Lists of earlier composes."""
        from fedora_openqa.gateways.composes.archive import SeriesFiles

        return SeriesFiles(self.reader, self.config.sweep.composes_url)

    @cached_property
    def known_composes(self) -> ports.KnownComposes:
        """Locations and expected images of Fedora's composes."""
        from fedora_openqa.gateways.composes.fedfind import FedfindComposes

        return FedfindComposes(self.config.sweep.composes_url)

    @cached_property
    def finished_composes(self) -> ports.Source:
        """Composes that have finished lately."""
        from fedora_openqa.gateways.composes.status_files import StatusFiles
        from fedora_openqa.gateways.releases import MetadataReleases

        releases = MetadataReleases(self.source_reader, self.config.fedora.release_metadata_url)
        return StatusFiles(
            self.source_reader,
            self.config.sweep.composes_url,
            lambda: series_of(releases.load()),
        )

    @cached_property
    def sources(self) -> tuple[ports.Source, ...]:
        """The systems that a sweep asks for events, present states first."""
        from fedora_openqa.gateways.bodhi.lists import UpdateLists
        from fedora_openqa.gateways.coreos import StreamLists
        from fedora_openqa.gateways.datagrepper import History

        sweep = self.config.sweep
        return (
            self.finished_composes,
            UpdateLists(self.source_reader, self.config.bodhi.url),
            StreamLists(self.source_reader, sweep.coreos_url, sweep.coreos_streams),
            History(self.source_reader, self.config.datagrepper.url),
        )

    @cached_property
    def coreos(self) -> ports.CoreOSBuilds:
        """Metadata of CoreOS builds."""
        from fedora_openqa.gateways.coreos import CoreOSBuilds

        return CoreOSBuilds(self.compose_reader, allowed_hosts=self.allowed_hosts)

    @cached_property
    def bodhi(self) -> ports.Bodhi:
        """Updates in Bodhi."""
        from fedora_openqa.gateways.bodhi.updates import RestBodhi

        return RestBodhi(self.reader, self.config.bodhi.url)

    @cached_property
    def gated_updates(self) -> ports.GatedUpdates:
        """Updates that wait for gating."""
        from fedora_openqa.gateways.bodhi.lists import BodhiGating

        return BodhiGating(self.reader, self.config.bodhi.url)

    @cached_property
    def gating(self) -> ports.Gating:
        """Decisions of Greenwave."""
        from fedora_openqa.gateways.greenwave.decisions import GreenwaveDecisions

        return GreenwaveDecisions(self.limits, self.config.greenwave.url)

    def policies(self, source: str = "") -> ports.GatingPolicies:
        """Return gating policies.

        :param source: a file or the URL of a Greenwave; empty: the configured Greenwave
        """
        from fedora_openqa.gateways.greenwave.policies import GreenwaveServer, PolicyFile

        source = source or self.config.greenwave.url
        if source.startswith(("http://", "https://")):
            return GreenwaveServer(self.reader, source)
        return PolicyFile(Path(source))

    @cached_property
    def testcases(self) -> ports.TestCases:
        """Test cases that ResultsDB has results of."""
        from fedora_openqa.gateways.resultsdb.testcases import ResultsDBTestCases

        return ResultsDBTestCases(self.reader, self.config.resultsdb.url)

    def waivers(self, *, dry_run: bool) -> ports.Waivers:
        """Return WaiverDB, or one that cannot be written to and needs no token.

        Raises:
            ConfigError: there is no token, or it cannot be read.
        """
        from fedora_openqa.gateways.waiverdb import DryRunWaivers, RestWaivers

        table = self.config.waiverdb
        if dry_run or self.in_shadow:
            return DryRunWaivers(RestWaivers(self.limits, table.url))
        token = read_secret(table.token_file, WAIVERDB_TOKEN, os.environ)
        if not token:
            raise ConfigError(
                f"no token to waive with: waiverdb.token_file or ${WAIVERDB_TOKEN} has it"
            )
        return RestWaivers(self.limits, table.url, token=token)

    def waivers_in_person(self, token: str) -> ports.Waivers:
        """Return WaiverDB with a person's own token.

        Raises:
            ConfigError: it has characters that no token has, or this is a shadow.
        """
        from fedora_openqa.gateways.waiverdb import RestWaivers

        if self.in_shadow:
            raise ConfigError("this is a shadow, which writes to no service")
        return RestWaivers(self.limits, self.config.waiverdb.url, token=token)

    @property
    def given_waivers(self) -> ports.GivenWaivers:
        """WaiverDB, to be read without a token."""
        from fedora_openqa.gateways.waiverdb import RestWaivers

        return RestWaivers(self.limits, self.config.waiverdb.url)

    @cached_property
    def resultsdb(self) -> "RestResultsDB":
        """ResultsDB."""
        from fedora_openqa.gateways.resultsdb.results import RestResultsDB

        table = self.config.resultsdb
        variable = "FEDORA_OPENQA_RESULTSDB_PASSWORD"
        password = read_secret(table.password_file, variable, os.environ)
        if table.username and not password:
            raise ConfigError(
                f"[resultsdb] username has no password: password_file or ${variable} has it"
            )
        return RestResultsDB(
            table.url,
            limits=self.limits,
            releases=self.compose_releases,
            # a POST without an answer by then is looked for, not waited for
            post_timeout=table.settles_after,
            username=table.username,
            password=password,
        )

    def resultsdb_to_write(self, *, dry_run: bool) -> ports.ResultsDB:
        """Return ResultsDB, or one that cannot be written to."""
        from fedora_openqa.gateways.resultsdb.results import DryRunResultsDB

        return DryRunResultsDB(self.resultsdb) if dry_run or self.in_shadow else self.resultsdb

    @cached_property
    def wiki(self) -> ports.Wiki:
        """The wiki's result pages, to read and to write; in a shadow without a login."""
        from fedora_openqa.gateways.wiki.filing import WikitcmsWiki

        return WikitcmsWiki(self._wiki_address, self._wiki_login, limits=self.limits)

    def wiki_to_write(self, *, dry_run: bool) -> ports.Wiki:
        """Return the wiki, or one that cannot be written to."""
        from fedora_openqa.gateways.wiki.filing import DryRunWiki

        return DryRunWiki(self.wiki) if dry_run or self.in_shadow else self.wiki

    @cached_property
    def result_pages(self) -> "WikitcmsPages":
        """The wiki's result pages, to read without a login."""
        from fedora_openqa.gateways.wiki.filing import WikitcmsPages

        return WikitcmsPages(self._wiki_address, limits=self.limits)

    @cached_property
    def wiki_events(self) -> WikiEvents:
        """Which validation events composes belong to."""
        return WikiEvents(labels=self.compose_releases, releases=self.releases)

    def check_wiki_login(self) -> None:
        """Check that there is a password or token for the wiki; sends nothing."""
        from fedora_openqa.gateways.wiki.site import StoredToken
        from fedora_openqa.gateways.wiki.tokens import token_auth

        if isinstance(login := self._wiki_login, StoredToken):
            token_auth(login.folder, login.identity_url, limits=self.limits)

    def log_in_to_wiki(self) -> str:
        """Log in to the wiki, and return the name of our account, which may edit.

        Raises:
            ConfigError: the wiki refuses the login, or the account may not edit.
            PermanentError, ServiceUnavailableError: as `open_site`.
        """
        from fedora_openqa.gateways.wiki.site import open_site

        site = open_site(self._wiki_address, limits=self.limits, login=self._wiki_login)
        return str(site.username)

    @cached_property
    def _wiki_address(self) -> "WikiAddress":
        from fedora_openqa.gateways.wiki.site import WikiAddress

        table = self.config.wiki
        return WikiAddress(host=table.hostname, scheme=table.scheme, path=table.path)

    @cached_property
    def _wiki_login(self) -> "WikiLogin | None":
        from fedora_openqa.gateways.wiki.site import BotPassword, StoredToken

        if self.in_shadow:
            return None
        table = self.config.wiki
        if not table.bot_user:
            folder = expand_home(table.token_dir or TOKENS, os.environ)
            if folder is None:
                raise ConfigError("[wiki] token_dir: this account has no home folder for it")
            warn_if_readable(*folder.glob("*.json"))
            return StoredToken(folder, table.identity_url)
        password = read_secret(table.bot_password_file, "FEDORA_OPENQA_WIKI_PASSWORD", os.environ)
        if not password:
            raise ConfigError(
                "[wiki] bot_user has no password: it belongs into the file bot_password_file names"
            )
        return BotPassword(table.bot_user, password)

    def mailer(self, *, dry_run: bool) -> ports.Mailer:
        """Return the SMTP server, or one that only logs mails.

        Raises:
            ConfigError: the password cannot be read.
        """
        from fedora_openqa.gateways.mail.smtp import DryRunMailer

        return DryRunMailer() if dry_run or self.in_shadow else self.smtp

    @cached_property
    def smtp(self) -> "SmtpMailer":
        """The SMTP server."""
        from fedora_openqa.gateways.mail.smtp import SmtpLogin, SmtpMailer

        table = self.config.mail
        login = None
        if table.smtp_user:
            variable = "FEDORA_OPENQA_SMTP_PASSWORD"
            password = read_secret(table.smtp_password_file, variable, os.environ)
            login = SmtpLogin(table.smtp_user, password)
        return SmtpMailer(table.smtp, starttls=table.starttls, login=login)
