"""A result page of the wiki: read with one request, edited with another.

wikitcms names pages, and says below which headings results are. It is not let edit: it would
change the first text below a heading that looks like the row, which may be the beginning of a
longer one, and it sleeps on conflicts. Must not decide when to try again.
"""

from collections.abc import Collection
from typing import TypedDict

import msgspec
from mwclient import errors
from wikitcms.page import ValidationPage
from wikitcms.result import Result

from fedora_openqa.gateways.wiki.places import find_place
from fedora_openqa.gateways.wiki.rows import PASS, Cell, Row, find_rows, without_comments
from fedora_openqa.gateways.wiki.site import WikiSite, translated
from fedora_openqa.model.wiki import WikiEvent, WikiPass, WikiRow
from fedora_openqa.texts import first_line

#: errors of the API after an edit that must be made anew from what the page says now
CONFLICTS = ("editconflict", "missingtitle", "pagedeleted")

#: rows that an edit's summary names
NAMED = 3


class _Section(TypedDict):
    line: str
    index: str
    #: in characters, in spite of its name; none: the heading is a template's
    byteoffset: int | None


class _Parsed(msgspec.Struct, frozen=True):
    #: that of the page a redirect leads to
    title: str
    revid: int
    wikitext: str
    sections: list[_Section]


class _Answer(msgspec.Struct, frozen=True):
    parse: _Parsed


class EditConflictError(Exception):
    """Somebody else has edited the same place meanwhile: read again."""


class ResultPage(ValidationPage):  # type: ignore[misc] # the library has no types
    """A page as one answer of the wiki has it: its text, sections and revision fit together.

    A page that was moved is read and edited where its redirect leads.
    """

    def __init__(self, site: WikiSite, event: WikiEvent, testtype: str) -> None:
        """Name a page; asks nobody."""
        super().__init__(
            site,
            event.release,
            testtype,
            event.milestone,
            event.compose,
            # else the library asks the wiki at once
            info={"missing": ""},
            dist=event.dist,
        )
        self.name = self.named = str(self.checkname)
        #: why there is nothing to file on; None: the page exists
        self.absence: str | None = None
        self.wikitext = ""
        self.rows: tuple[Row, ...] = ()

    def load(self) -> None:
        """Read the page as it is now; it may not exist.

        Raises: as `wiki_site.translated`.
        """
        self.name = self.named
        with translated(f"GET {self.site.address.api} ({self.named})"):
            try:
                answer = self.site.get(
                    "parse",
                    page=self.named,
                    redirects="1",
                    prop="wikitext|sections|revid",
                    formatversion="2",
                )
                parsed = msgspec.convert(answer, _Answer).parse
            except errors.APIError as exc:
                if exc.code != "missingtitle":
                    raise
                self._lacks("no such page")
                return
            except msgspec.ValidationError as exc:
                raise TypeError(str(exc)) from exc
        if _name_space(parsed.title) != _name_space(self.named):
            self._lacks(f"moved to {parsed.title!r}, which is no result page")
            return
        self.name = parsed.title
        self.absence = None
        self.revision = parsed.revid
        self.wikitext = parsed.wikitext
        self._sections = parsed.sections
        sections = [
            (section["byteoffset"] or 0, section["line"]) for section in self.results_sections
        ]
        self.rows = tuple(find_rows(without_comments(self.wikitext), sections))

    def _lacks(self, reason: str) -> None:
        self.absence = f"{self.named}: {reason}"
        self.rows = ()

    @property
    def results_sections(self) -> list[_Section]:
        """The sections that may have results; the text below a template's heading is not ours."""
        sections: list[_Section] = super().results_sections
        return [section for section in sections if section["byteoffset"] is not None]

    def wiki_rows(self) -> tuple[WikiRow, ...]:
        """Give the rows as facts."""
        return tuple(
            WikiRow(
                testtype=self.testtype,
                section=row.section,
                testcase=row.testcase,
                testname=row.name,
                envs=row.envs,
            )
            for row in self.rows
        )

    def place(self, wanted: WikiPass) -> Cell | str:
        """Find the one cell of a pass, or say what the page does not have."""
        place = find_place(wanted, self.rows)
        return place if isinstance(place, Cell) else f"{self.name}: {place}"

    def text_with(self, cells: Collection[Cell], *, user: str) -> str:
        """Give the page's text with a pass in each of the cells."""
        passed = Result(PASS, user, bot=True).result_template
        text = self.wikitext
        # from the end: what is before keeps its place
        for start, end in sorted((cell.span() for cell in cells), reverse=True):
            text = f"{text[:start]}{passed}{text[end:]}"
        return text

    def report(self, cells: Collection[Cell], *, user: str) -> None:
        """Add a pass of ours to each of the cells, in one edit of what was read.

        Raises:
            EditConflictError: somebody else has edited the same rows, or the page is gone.
            LoggedOutError, and others as `wiki_site.translated`.
        """
        names = list(dict.fromkeys(cell.row.name for cell in cells))
        # the name of a link may have several lines
        named = first_line(", ".join(names[:NAMED])) + ("..." if len(names) > NAMED else "")
        summary = f"Result(s) for test(s): {named} filed via fedora-openqa"
        text = self.text_with(cells, user=user)
        with translated(f"POST {self.site.address.api} ({self.name})"):
            # with a time instead of a revision, which the library sends on its own, MediaWiki
            # lets an account write over its own edits; ours has several writers
            self.edit(text, summary, baserevid=str(self.revision), nocreate="1")

    def handle_edit_error(self, e: errors.APIError, summary: str) -> None:  # noqa: ARG002 - the library's signature
        """Tell conflicts from other errors, which the library translates in part."""
        if e.code in CONFLICTS:
            raise EditConflictError from e
        raise e


def _name_space(title: str) -> str:
    return title.partition(":")[0]
