"""The tables of the configuration about results, gating and mails, with Fedora's defaults."""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from fedora_openqa.config.types import Count, Host, Seconds, Share, Table, Url, Word
from fedora_openqa.model.mails import Subscribers


class ResultsDB(Table, frozen=True):
    """[resultsdb]: the database of results that gating reads."""

    #: report results to ResultsDB; true in exactly one deployment, or results arrive twice
    enabled: bool = False
    #: URL of its API
    url: Url = "https://resultsdb.fedoraproject.org/api/v2.0"
    #: the user name; empty: no authentication
    username: str = ""
    #: file whose first line is the password
    password_file: str = ""
    #: results posted at once
    posts_at_once: Count = 16
    #: seconds after which a result that was posted without an answer is stored, or never will be
    settles_after: Seconds = 45.0
    #: seconds that a job waits for further jobs
    gather: Seconds = 5.0
    #: seconds that the bad result of a job with RETRY is held: openQA may try it again
    hold: Seconds = 60.0


class Wiki(Table, frozen=True):
    """[wiki]: the wiki with the result pages of release validation."""

    #: report passes to the wiki; true in exactly one deployment
    enabled: bool = False
    #: host or host:port
    hostname: Host = "fedoraproject.org"
    #: http or https
    scheme: Annotated[str, msgspec.Meta(pattern=r"^https?\Z")] = "https"
    #: path of its API
    path: Annotated[str, msgspec.Meta(pattern=r"^/.*/\Z")] = "/w/"
    #: folder of the OpenID Connect token; empty: ~/.openidc
    token_dir: str = ""
    #: URL of the identity provider that renews tokens
    identity_url: Url = "https://id.fedoraproject.org/openidc/"
    #: user name of a bot password, "Account@bot"; empty: the token is used
    bot_user: str = ""
    #: file whose first line is the bot password
    bot_password_file: str = ""
    #: seconds that a job waits for further jobs, so that a page is edited once for all
    gather: Seconds = 60.0


class Autocloud(Table, frozen=True):
    """[autocloud]: the retired service that tested cloud images."""

    #: start of the URLs of its jobs
    url: Url = "https://apps.fedoraproject.org/autocloud"


class WaiverDB(Table, frozen=True):
    """[waiverdb]: the database of waivers."""

    #: URL of its API
    url: Url = "https://waiverdb.fedoraproject.org/api/v1.0"
    #: file whose first line is the token
    token_file: str = ""


class MailSubvariant(Table, frozen=True):
    """[mail.subvariants.NAME]: recipients of the reports about one subvariant."""

    #: of reports about composes in which it was tested
    all: tuple[Word, ...] = ()
    #: of reports about composes in which one of its tests failed
    error: tuple[Word, ...] = ()


class Mail(Table, frozen=True):
    """[mail]: the compose check report."""

    #: mail reports; if false, they are logged
    enabled: bool = False
    #: the SMTP server: host or host:port
    smtp: Host = "bastion.fedoraproject.org:25"
    #: encrypt with STARTTLS, or do not send; with smtp_user it is always encrypted
    starttls: bool = False
    #: the user name; empty: no authentication
    smtp_user: str = ""
    #: file whose first line is the password; empty: $FEDORA_OPENQA_SMTP_PASSWORD
    smtp_password_file: str = ""
    sender: Word = "rawhide@fedoraproject.org"
    #: recipients of every report
    recipients: tuple[Word, ...] = ("test-reports@lists.fedoraproject.org",)
    #: minutes without a running job until a compose is complete
    quiet: Annotated[float, msgspec.Meta(ge=0, le=100_000)] = 10.0
    #: minutes after scheduling until the report is mailed without all results
    wait: Seconds = 480.0
    #: further recipients, by subvariant: "Server"
    subvariants: Mapping[Word, MailSubvariant] = {}

    @property
    def subscribers(self) -> Mapping[str, Subscribers]:
        """Further recipients, by subvariant."""
        return {
            name: Subscribers(all=listed.all, error=listed.error)
            for name, listed in self.subvariants.items()
        }


class ComposeGating(Table, frozen=True):
    """An entry of compose_check.gating: composes that gating is asked about."""

    #: its name in the report
    name: Word
    #: the start of their ids: "Fedora-Rawhide"
    release: Word
    #: "n": nightlies; empty: production composes
    type: str
    product_version: Word
    #: Greenwave's decision context
    context: Word


class ComposeCheck(Table, frozen=True):
    """[compose_check]: the contents of the compose check report."""

    #: URL at the end of each report; empty: none
    project_url: str = "https://forge.fedoraproject.org/quality/fedora_openqa"
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
    #: number of tests whose system data is compared; each costs ten requests
    most_systems: Annotated[int, msgspec.Meta(ge=0)] = 20
    #: reported changes of the system load: by more than this, and by more than this share
    load: Share = 0.3
    load_share: Share = 0.3
    #: of the average CPU usage: by more than these points of percent
    cpu: Share = 10.0
    #: of used memory and swap, and of the contents of mounts: by more than this share
    memory_share: Share = 0.15
    mount_share: Share = 0.15
