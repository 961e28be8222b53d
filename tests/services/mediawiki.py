"""Start a private, real MediaWiki on SQLite, and end it without leaving anything.

PHP's own web server runs it, on a free port of 127.0.0.1; its pages can be put back in
milliseconds. Beside bot passwords it takes bearer tokens, as Fedora's does.
"""

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from fedora_openqa.model.wiki import WikiEvent, WikiRow
from tests.services.processes import (
    Account,
    end,
    free_port,
    listens,
    private_folder,
    require,
    wait_until,
)
from tests.support.wiki_pages import page_text, title_of

PHP = Path("/usr/bin/php")
MEDIAWIKI = Path("/usr/share/mediawiki")

#: an account that may do anything
ADMIN = "Admin"
ADMIN_PASSWORD = "adminadmin-12345"  # noqa: S105 - of a wiki that lives for one test run
#: the account that reports
REPORTER = "Coconut"
#: MediaWiki makes others, too, but does not take them
BOT_PASSWORD = "0123456789abcdefghijklmnopqrstuv"  # noqa: S105
#: one whose owner has not given it the right to edit
WEAK_PASSWORD = "vutsrqponmlkjihgfedcba9876543210"  # noqa: S105

#: requests served at once
WORKERS = 4

#: the wiki's side of Fedora's login: a bearer token is a user, an unknown one is answered 401
SETTINGS = r"""
$wgExtraNamespaces = [
    104 => 'QA', 105 => 'QA_talk', 114 => 'Test_Day', 115 => 'Test_Day_talk',
    116 => 'Test_Results', 117 => 'Test_Results_talk',
];
$wgJobRunRate = 0;
$wgRateLimits = [];
$wgPasswordAttemptThrottle = [];
$wgGroupPermissions['*']['edit'] = false;

use MediaWiki\Session\ImmutableSessionProviderWithCookie;
use MediaWiki\Session\SessionInfo;
use MediaWiki\Session\UserInfo;

class BearerSessionProvider extends ImmutableSessionProviderWithCookie {
    public function provideSessionInfo( WebRequest $request ) {
        $header = $request->getHeader( 'Authorization' ) ?: '';
        if ( !preg_match( '/^Bearer (.+)$/', $header, $match ) ) {
            return null;
        }
        $users = json_decode( file_get_contents( $GLOBALS['wgBearerFile'] ), true );
        if ( !isset( $users[$match[1]] ) ) {
            http_response_code( 401 );
            die( 'Auth error' );
        }
        return new SessionInfo( SessionInfo::MAX_PRIORITY, [
            'provider' => $this,
            'id' => $this->hashToSessionId( $match[1] ),
            'userInfo' => UserInfo::newFromName( $users[$match[1]], true ),
            'persisted' => true,
        ] );
    }
    public function safeAgainstCsrf() {
        return true;
    }
}
$wgSessionProviders['Bearer'] = [ 'class' => BearerSessionProvider::class, 'args' => [ [] ] ];
"""


class MediaWiki:
    """A wiki that can be taken away for a while."""

    def __init__(self, root: Path) -> None:
        """Install a wiki below a folder."""
        self._root = root
        self._port = free_port()
        self._server: subprocess.Popen[bytes] | None = None
        self._account = Account(
            None,
            None,
            {
                "PATH": "/usr/bin:/bin",
                "LANG": "C.UTF-8",
                "HOME": str(root),
                "MW_CONFIG_FILE": str(root / "LocalSettings.php"),
                "PHP_CLI_SERVER_WORKERS": str(WORKERS),
            },
        )
        (root / "docroot").mkdir()
        (root / "docroot/w").symlink_to(MEDIAWIKI)
        self._data.mkdir()
        self.accept_tokens({})
        self._install()

    @property
    def host(self) -> str:
        """Where it is: host and port."""
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Return once it answers, which it may do already."""
        if self._server:
            return
        log = self._root / "php.log"
        command = [str(PHP), "-S", self.host, "-t", str(self._root / "docroot")]
        self._server = self._account.start(command, log)
        wait_until(lambda: listens(self._port), server=self._server, log=log)

    def stop(self) -> None:
        """Return once it has ended, with its workers."""
        if self._server:
            # its workers are in its group, which nobody else is in
            os.killpg(self._server.pid, signal.SIGINT)
            end(self._server, signal.SIGINT)
            self._server = None

    def keep(self) -> None:
        """Remember all there is, for `put_back`."""
        shutil.rmtree(self._kept, ignore_errors=True)
        shutil.copytree(self._data, self._kept)

    def put_back(self) -> None:
        """Forget all that has happened since `keep`, logins too; nobody may be asking now."""
        shutil.rmtree(self._data)
        shutil.copytree(self._kept, self._data)
        self.accept_tokens({})

    def write(self, title: str, text: str) -> None:
        """Create or edit a page, as somebody else than the reporter."""
        self._maintain("edit", "--user", ADMIN, "--", title, text=text)

    def write_event(self, event: WikiEvent, rows: Iterable[WikiRow]) -> None:
        """Create the result pages of an event, each with its rows."""
        pages: dict[str, list[WikiRow]] = {}
        for row in rows:
            pages.setdefault(row.testtype, []).append(row)
        for testtype, some in pages.items():
            self.write(title_of(event, testtype), page_text(some))

    def read(self, title: str) -> str:
        """Give the text of a page."""
        return self._maintain("getText", "--", title)

    def protect(self, title: str) -> None:
        """Let only administrators edit a page."""
        self._maintain("protect", "--user", ADMIN, "--", title)

    def move(self, title: str, to: str) -> None:
        """Move a page, and leave a redirect."""
        self._maintain("moveBatch", "-u", ADMIN, text=f"{title}|{to}")

    def block(self, user: str) -> None:
        """Block an account for 72 hours."""
        self._maintain("blockUsers", "--performer", ADMIN, "--expiry", "72 hours", text=user)

    def delete(self, title: str) -> None:
        """Delete a page."""
        self._maintain("deleteBatch", "-u", ADMIN, text=title)

    def revisions(self, title: str) -> tuple[str, ...]:
        """Name who has made the revisions of a page, the oldest first."""
        name = title.partition(":")[2].replace(" ", "_")
        query = """
            SELECT actor_name FROM revision
            JOIN page ON page_id = rev_page JOIN actor ON actor_id = rev_actor
            WHERE page_namespace = 116 AND page_title = ? ORDER BY rev_id
        """
        with contextlib.closing(sqlite3.connect(self._data / "wiki.sqlite")) as database:
            return tuple(str(user) for (user,) in database.execute(query, (name,)))

    def accept_tokens(self, users: Mapping[str, str]) -> None:
        """Take these bearer tokens and no others, each for its user."""
        (self._root / "bearer.json").write_text(json.dumps(users))

    def forget_logins(self) -> None:
        """Let all logins end now."""
        with contextlib.closing(sqlite3.connect(self._data / "wikicache.sqlite")) as database:
            database.execute("DELETE FROM objectcache")
            database.commit()

    @property
    def _data(self) -> Path:
        return self._root / "data"

    @property
    def _kept(self) -> Path:
        return self._root / "kept"

    def _install(self) -> None:
        options = ["--confpath", self._root, "--dbtype", "sqlite", "--dbpath", self._data]
        options += ["--dbname", "wiki", "--scriptpath", "/w", "--server", f"http://{self.host}"]
        options += ["--pass", ADMIN_PASSWORD, "Tests", ADMIN]
        self._maintain("install", *map(str, options))
        with (self._root / "LocalSettings.php").open("a") as settings:
            settings.write(SETTINGS)
            settings.write(f"$wgBearerFile = '{self._root}/bearer.json';\n")
        self._maintain("createAndPromote", "--bot", "--", REPORTER, ADMIN_PASSWORD)
        grants = "basic,editpage,createeditmovepage,highvolume"
        for name, some, password in (
            ("report", grants, BOT_PASSWORD),
            ("weak", "basic", WEAK_PASSWORD),
        ):
            self._maintain(
                "createBotPassword", "--appid", name, "--grants", some, REPORTER, password
            )

    def _maintain(self, script: str, *arguments: str, text: str = "") -> str:
        command = [str(PHP), str(MEDIAWIKI / f"maintenance/{script}.php"), *arguments]
        made = subprocess.run(
            command,
            check=False,
            capture_output=True,
            env=self._account.environment,
            input=text.encode(),
            timeout=120,
        )
        if made.returncode:
            raise RuntimeError(f"{script}: {made.stdout.decode()} {made.stderr.decode()}")
        return made.stdout.decode()


@contextlib.contextmanager
def running_mediawiki() -> Iterator[MediaWiki]:
    """Yield a MediaWiki that answers, and has no result pages.

    Raises:
        NotInstalledError: a Debian package is missing.
        TimeoutError: it was started and did not answer; its log is the text.
    """
    require(PHP, MEDIAWIKI / "maintenance/install.php")
    with private_folder("mediawiki-") as root:
        wiki = MediaWiki(root)
        try:
            wiki.start()
            yield wiki
        finally:
            wiki.stop()
