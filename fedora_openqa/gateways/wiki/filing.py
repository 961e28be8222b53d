"""Files passes on the wiki's result pages and reads the pages back.

Several writers may share the account: an edit is based on the revision that was read, and is made
again on a new revision if the wiki cannot merge it. Must not decide which cells a job passes.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.gateways.wiki.pages import EditConflictError, ResultPage
from fedora_openqa.gateways.wiki.rows import Cell
from fedora_openqa.gateways.wiki.site import (
    LoggedOutError,
    PageRefusedError,
    WikiAddress,
    WikiLogin,
    WikiSite,
    open_site,
)
from fedora_openqa.model.deliveries import WikiAnswer
from fedora_openqa.model.shadow import PassedCells
from fedora_openqa.model.wiki import WikiEvent, WikiPass, WikiRow

T = TypeVar("T")

#: tries to edit a page while others edit the same rows
EDITS = 5


class WikitcmsPages(ports.ResultPages, ports.PassedPages):
    """The wiki's result pages, read without a login."""

    def __init__(self, address: WikiAddress, *, limits: Limits) -> None:
        """Prepare a connection; sends nothing."""
        self._site = open_site(address, limits=limits)

    @override
    def rows(self, event: WikiEvent, testtypes: Sequence[str]) -> tuple[WikiRow, ...]:
        pages = [ResultPage(self._site, event, testtype) for testtype in testtypes]
        for page in pages:
            page.load()
        return tuple(row for page in pages for row in page.wiki_rows())

    @override
    def passed(
        self, event: WikiEvent, testtypes: Sequence[str], wanted: Collection[WikiPass]
    ) -> PassedCells:
        found: set[WikiPass] = set()
        impossible: set[WikiPass] = set()
        others: list[str] = []
        for testtype in testtypes:
            page = ResultPage(self._site, event, testtype)
            page.load()
            places = {one: page.place(one) for one in wanted if one.testtype == testtype}
            impossible |= {one for one, place in places.items() if isinstance(place, str)}
            cells = {one: place for one, place in places.items() if isinstance(place, Cell)}
            passed = {
                cell
                for row in page.rows
                for cell in (Cell(row, env) for env in row.envs)
                if cell.passed_by_program()
            }
            found |= {one for one, cell in cells.items() if cell in passed}
            named = passed.difference(cells.values())
            others += [
                f"{row.testcase}: {testtype} / {row.section} / {row.name} / {env}"
                for row, env in sorted(
                    ((cell.row, cell.env) for cell in named), key=lambda it: (it[0].start, it[1])
                )
            ]
        return PassedCells(frozenset(found), frozenset(impossible), tuple(others))


class WikitcmsWiki(ports.Wiki):
    """The wiki with a login; one request at a time."""

    def __init__(
        self,
        address: WikiAddress,
        login: WikiLogin | None,
        *,
        limits: Limits,
    ) -> None:
        """Prepare a connection, which is opened when it is needed.

        :param login: None: pages can only be read
        """
        self._address = address
        self._login = login
        self._limits = limits
        self._site: WikiSite | None = None
        self._lock = threading.Lock()

    @override
    def file(self, passes: Sequence[WikiPass], events: Mapping[str, WikiEvent]) -> WikiAnswer:
        return self._on_pages(passes, events, _Sheet.file)

    @override
    def look(self, passes: Sequence[WikiPass], events: Mapping[str, WikiEvent]) -> WikiAnswer:
        return self._on_pages(passes, events, _Sheet.look)

    def _on_pages(
        self,
        passes: Sequence[WikiPass],
        events: Mapping[str, WikiEvent],
        act: Callable[["_Sheet"], WikiAnswer],
    ) -> WikiAnswer:
        def answers(site: WikiSite) -> WikiAnswer:
            return _merged([_answer(sheet, act) for sheet in _sheets(site, passes, events)])

        return self._in_session(answers)

    def _in_session(self, act: Callable[[WikiSite], T]) -> T:
        """Act with the present session; once more with a new one if it ended."""
        with self._lock:
            for _ in range(2):
                try:
                    self._site = self._site or open_site(
                        self._address, limits=self._limits, login=self._login
                    )
                    return act(self._site)
                except LoggedOutError:
                    self._site = None
        raise ServiceUnavailableError(f"{self._address.api}: the wiki ends our session at once")


class DryRunWiki(ports.Wiki):
    """A wiki that is read through another gateway and never written.

    What `file` would write counts as filed.
    """

    def __init__(self, wiki: ports.Wiki) -> None:
        """Read through ``wiki``."""
        self._wiki = wiki

    @override
    def file(self, passes: Sequence[WikiPass], events: Mapping[str, WikiEvent]) -> WikiAnswer:
        answer = self._wiki.look(passes, events)
        return replace(answer, filed=answer.lost, lost=())

    @override
    def look(self, passes: Sequence[WikiPass], events: Mapping[str, WikiEvent]) -> WikiAnswer:
        return self._wiki.look(passes, events)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page with the passes that belong on it."""

    page: ResultPage
    passes: tuple[WikiPass, ...]
    #: the user that results name: ``"coconut"``
    user: str

    def look(self) -> WikiAnswer:
        """Read the page and return which passes it has, lacks, or has no cell for."""
        self.page.load()
        if self.page.absence:
            impossible = dict.fromkeys(self.passes, self.page.absence)
            return WikiAnswer(impossible=impossible, pageless=self.passes)
        places = {one: self.page.place(one) for one in self.passes}
        cells = {one: place for one, place in places.items() if isinstance(place, Cell)}
        return WikiAnswer(
            known=tuple(one for one, cell in cells.items() if cell.passed(self.user)),
            impossible={one: place for one, place in places.items() if isinstance(place, str)},
            lost=tuple(one for one, cell in cells.items() if not cell.passed(self.user)),
        )

    def file(self) -> WikiAnswer:
        """Edit the page until an edit is accepted, and read it again."""
        before = now = self.look()
        accepted = False
        edits = 0
        while now.lost and not accepted and edits < EDITS:
            edits += 1
            unanswered = None
            try:
                self._edit(now.lost)
                accepted = True
            except EditConflictError:
                pass
            except PageRefusedError as exc:
                return replace(now, lost=(), refused=dict.fromkeys(now.lost, str(exc)))
            except ServiceUnavailableError as exc:
                unanswered = exc
            now = self.look()
            if unanswered and now.lost:
                raise unanswered
        return replace(
            now,
            filed=tuple(one for one in now.known if one not in before.known),
            known=tuple(one for one in now.known if one in before.known),
        )

    def _edit(self, passes: Iterable[WikiPass]) -> None:
        places = (self.page.place(one) for one in passes)
        # several passes may share a cell
        cells = {place for place in places if isinstance(place, Cell)}
        self.page.report(cells, user=self.user)


def _answer(sheet: _Sheet, act: Callable[[_Sheet], WikiAnswer]) -> WikiAnswer:
    try:
        return act(sheet)
    except PageRefusedError as exc:
        return WikiAnswer(refused=dict.fromkeys(sheet.passes, str(exc)))


def _sheets(
    site: WikiSite, passes: Iterable[WikiPass], events: Mapping[str, WikiEvent]
) -> Iterator[_Sheet]:
    pages: dict[str, tuple[ResultPage, list[WikiPass]]] = {}
    for one in dict.fromkeys(passes):
        page = ResultPage(site, events[one.cid], one.testtype)
        pages.setdefault(page.name, (page, []))[1].append(one)
    user = str(site.username).lower()
    for page, wanted in pages.values():
        yield _Sheet(page, tuple(wanted), user)


def _merged(answers: Sequence[WikiAnswer]) -> WikiAnswer:
    return WikiAnswer(
        filed=tuple(one for answer in answers for one in answer.filed),
        known=tuple(one for answer in answers for one in answer.known),
        impossible={one: why for answer in answers for one, why in answer.impossible.items()},
        lost=tuple(one for answer in answers for one in answer.lost),
        pageless=tuple(one for answer in answers for one in answer.pageless),
        refused={one: why for answer in answers for one, why in answer.refused.items()},
    )
