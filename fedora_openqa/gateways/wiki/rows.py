"""The rows of results in the text of a wiki page, as wikitcms finds them.

Anybody may edit such a page, and wikitcms's regular expressions take hours for some texts: the
time spent here grows with the length of the text only. Sends nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from wikitcms.result import Result

#: the template of a cell without results: ``"{{result|none}}"``
NOTHING = str(Result().result_template)

#: the status of what is reported
PASS = "pass"  # noqa: S105 - a status

#: templates of results; the second is of old pages
TEMPLATES = ("{{result", "{{testresult")

#: a line that ends a row or a table
SEPARATOR = re.compile(r"^[ \t]*\|[-}].*\n?", re.MULTILINE)

#: the page of a test case, up to what ends a link; IoT's have another name space
TESTCASE = re.compile(r"(?:QA[:/]Test|User:Pwhalen/QA/IoT).[^|\]\n]*")

#: characters of a heading, a test case or the text of its link; titles of MediaWiki have 255 bytes
MOST_NAMED = 255


@dataclass(frozen=True, slots=True)
class Row:
    """A row of results, and where it is in the page's text."""

    start: int
    #: what it was read from, without comments
    text: str
    #: the heading above it
    section: str
    #: the page that its first link leads to: ``"QA:Testcase_base_selinux"``
    testcase: str
    #: the text of that link; the test case if the page has none
    name: str
    #: each cell for results: its number in the row, and the title of its column
    cells: tuple[tuple[int, str], ...]

    @property
    def envs(self) -> tuple[str, ...]:
        """The columns with results, each once."""
        return tuple(dict.fromkeys(env for _number, env in self.cells))

    def part(self, env: str) -> tuple[int, str]:
        """Return where the cell of a column begins in the page's text, and its text."""
        number = next(number for number, column in self.cells if column == env)
        parts = _parts(self.text)
        start = self.start + sum(len(part) + len("\n|") for part in parts[:number])
        return start, parts[number]


@dataclass(frozen=True, slots=True)
class Cell:
    """A place for results of one environment."""

    row: Row
    env: str

    def passed(self, user: str) -> bool:
        """Return whether a user has reported a pass there, in any case of letters."""
        _start, text = self.row.part(self.env)
        return any(
            status.lower() == PASS and reporter.lower() == user
            for status, reporter in results_in(text)
        )

    def span(self) -> tuple[int, int]:
        """Return which part of the page's text a further result replaces; it may be empty."""
        start, text = self.row.part(self.env)
        nothing = text.find(NOTHING)
        if nothing >= 0:
            return start + nothing, start + nothing + len(NOTHING)
        end = start + len(text.rstrip())
        return end, end


def results_in(cell: str) -> Iterator[tuple[str, str]]:
    """Find the status and the user of each result in a cell; empty where it has none."""
    for part in cell.split(TEMPLATES[0])[1:]:
        template, closed, _comment = part.partition("}}")
        if closed:
            # parameters with a name may be anywhere
            words = [word.strip() for word in template.split("|")[1:] if "=" not in word]
            status, user, *_ = [*words, "", ""]
            yield status, user


def without_comments(text: str) -> str:
    """Return a text of the same length, with blanks for each comment that ends."""
    parts = []
    position = 0
    while (start := text.find("<!--", position)) >= 0:
        end = text.find("-->", start + len("<!--"))
        if end < 0:
            break
        end += len("-->")
        parts += [text[position:start], " " * (end - start)]
        position = end
    return "".join([*parts, text[position:]])


def find_rows(text: str, sections: Sequence[tuple[int, str]]) -> Iterator[Row]:
    """Find the rows below headings.

    :param text: the page's, without comments
    :param sections: where each section begins in the text, and its heading; in this order
    """
    for (start, heading), (end, _) in pairwise([*sections, (len(text), "")]):
        if len(heading) <= MOST_NAMED:
            yield from _rows_below(heading, text[start:end], start=start)


def _rows_below(heading: str, text: str, *, start: int) -> Iterator[Row]:
    columns: Sequence[str] = ()
    begin = 0
    ends = [(found.start(), found.end()) for found in SEPARATOR.finditer(text)]
    for end, following in [*ends, (len(text), len(text))]:
        row = text[begin:end]
        for line in map(str.strip, row.split("\n")):
            if line.startswith("!") and "!!" in line[1:]:
                columns = [_title(title) for title in line.lstrip("!").split("!!")]
        found = TESTCASE.search(row)
        if found and len(found[0]) <= MOST_NAMED:
            yield from _row(row, found[0], columns=columns, section=heading, start=start + begin)
        begin = following


def _row(
    text: str, testcase: str, *, columns: Sequence[str], section: str, start: int
) -> Iterator[Row]:
    name = testcase
    cells = []
    for number, part in enumerate(_parts(text)):
        if testcase in part:
            link = part.strip().strip("[]")
            if "|" in link:
                name = link.split("|")[1]
                continue
            name = " ".join(link.split(maxsplit=1)[1:]) or name
        if number < len(columns) and any(template in part for template in TEMPLATES):
            cells.append((number, columns[number]))
    if cells and len(name) <= MOST_NAMED:
        yield Row(start, text, section, testcase, name, tuple(cells))


def _parts(row: str) -> Sequence[str]:
    return row.split("\n|")


def _title(text: str) -> str:
    """Return the title of a column as a person reads it: without link, reference and quotes."""
    title = text.strip().strip("'[]").strip()
    before, opened, rest = title.partition("<ref>")
    _reference, closed, after = rest.partition("</ref>")
    if opened and closed:
        title = f"{before}{after}".strip()
    return title.split("|")[1] if "|" in title else title
