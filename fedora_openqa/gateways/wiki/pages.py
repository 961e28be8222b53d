"""A result page of the wiki: read with one request, edited with another.

wikitcms names pages and finds the headings above results. It is not used to edit: it would change
the first text below a heading that looks like the row, even if that is the beginning of a longer
one, and it sleeps on conflicts. Must not decide when to try again.
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

#: errors of the API about an edit that must be made again on a new revision
CONFLICTS = ("editconflict", "missingtitle", "pagedeleted")

#: rows that an edit's summary names
NAMED = 3


class _Section(TypedDict):
    line: str
    index: str
    #: in characters, in spite of its name; None: a template made the heading
    byteoffset: int | None


class _Parsed(msgspec.Struct, frozen=True):
    #: the title of the page, after a redirect
    title: str
    revid: int
    wikitext: str
    sections: list[_Section]


class _Answer(msgspec.Struct, frozen=True):
    parse: _Parsed


class EditConflictError(Exception):
    """Another edit changed the same place meanwhile: read the page again."""


class ResultPage(ValidationPage):  # type: ignore[misc] # the library has no types
    """A result page; text, sections and revision are from one answer of the wiki.

    A page that was moved is read and edited at the target of its redirect.
    """

    def __init__(self, site: WikiSite, event: WikiEvent, testtype: str) -> None:
        """Compute the name of a page; sends nothing."""
        super().__init__(
            site,
            event.release,
            testtype,
            event.milestone,
            event.compose,
            # otherwise the library would send a request
            info={"missing": ""},
            dist=event.dist,
        )
        self.name = self.named = str(self.checkname)
        #: why there is no result page; None: the page exists
        self.absence: str | None = None
        self.wikitext = ""
        self.rows: tuple[Row, ...] = ()

    def load(self) -> None:
        """Read the present revision of the page, which may not exist.

        Raises: as `site.translated`.
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
        """The sections that may have results, without those whose heading a template made."""
        sections: list[_Section] = super().results_sections
        return [section for section in sections if section["byteoffset"] is not None]

    def wiki_rows(self) -> tuple[WikiRow, ...]:
        """Return the rows as values of the model."""
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
        """Return the cell of a pass, or what the page lacks for it."""
        place = find_place(wanted, self.rows)
        return place if isinstance(place, Cell) else f"{self.name}: {place}"

    def text_with(self, cells: Collection[Cell], *, user: str) -> str:
        """Return the page's text with a pass in each of the cells."""
        passed = Result(PASS, user, bot=True).result_template
        text = self.wikitext
        # from the end, so that earlier positions stay valid
        for start, end in sorted((cell.span() for cell in cells), reverse=True):
            text = f"{text[:start]}{passed}{text[end:]}"
        return text

    def report(self, cells: Collection[Cell], *, user: str) -> None:
        """Add a pass to each of the cells, in one edit of the revision that was read.

        Raises:
            EditConflictError: another edit changed the same rows, or the page is gone.
            LoggedOutError, and others as `site.translated`.
        """
        names = list(dict.fromkeys(cell.row.name for cell in cells))
        # the text of a link may have several lines
        named = first_line(", ".join(names[:NAMED])) + ("..." if len(names) > NAMED else "")
        summary = f"Result(s) for test(s): {named} filed via fedora-openqa"
        text = self.text_with(cells, user=user)
        with translated(f"POST {self.site.address.api} ({self.name})"):
            # the library would send a time instead of a revision: then MediaWiki lets an account
            # overwrite its own edits, and ours has several writers
            self.edit(text, summary, baserevid=str(self.revision), nocreate="1")

    def handle_edit_error(self, e: errors.APIError, summary: str) -> None:  # noqa: ARG002 - the library's signature
        """Raise `EditConflictError` for conflicts; the library would translate some of them."""
        if e.code in CONFLICTS:
            raise EditConflictError from e
        raise e


def _name_space(title: str) -> str:
    return title.partition(":")[0]
