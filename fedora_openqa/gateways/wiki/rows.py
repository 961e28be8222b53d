"""Finds the rows of results in the text of a wiki page, as wikitcms does.

Anyone may edit such a page, and wikitcms's regular expressions take hours for some texts. The time
spent here is linear in the length of the text. Sends nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from wikitcms.result import Result

#: the template of a cell without results: ``"{{result|none}}"``
NOTHING = str(Result().result_template)

#: the status of our results
PASS = "pass"  # noqa: S105 - a status

#: the parameter of results that a program reported
BOT = "bot=true"

#: templates of results; the second one is on old pages
TEMPLATES = ("{{result", "{{testresult")

#: a line that ends a row or a table
SEPARATOR = re.compile(r"^[ \t]*\|[-}].*\n?", re.MULTILINE)

#: the page name of a test case in a link; IoT's pages have another name space
TESTCASE = re.compile(r"(?:QA[:/]Test|User:Pwhalen/QA/IoT).[^|\]\n]*")

#: characters of a heading, a test case or the text of its link; titles of MediaWiki have 255 bytes
MOST_NAMED = 255


@dataclass(frozen=True, slots=True)
class Row:
    """A row of results with its position in the page's text."""

    start: int
    #: its text, without comments
    text: str
    #: the heading above it
    section: str
    #: the target of its first link: ``"QA:Testcase_base_selinux"``
    testcase: str
    #: the text of that link; the test case if it has no text
    name: str
    #: each cell for results: its number in the row, and the title of its column
    cells: tuple[tuple[int, str], ...]

    @property
    def envs(self) -> tuple[str, ...]:
        """The titles of the columns for results, each once."""
        return tuple(dict.fromkeys(env for _number, env in self.cells))

    def part(self, env: str) -> tuple[int, str]:
        """Return the position of a column's cell in the page's text, and the text of the cell."""
        number = next(number for number, column in self.cells if column == env)
        parts = _parts(self.text)
        start = self.start + sum(len(part) + len("\n|") for part in parts[:number])
        return start, parts[number]


@dataclass(frozen=True, slots=True)
class Cell:
    """The cell of a row for one environment."""

    row: Row
    env: str

    def passed(self, user: str) -> bool:
        """Return whether the cell has a pass of a user; the case of letters does not matter."""
        _start, text = self.row.part(self.env)
        return any(
            status.lower() == PASS and reporter.lower() == user
            for status, reporter in results_in(text)
        )

    def passed_by_program(self) -> bool:
        """Return whether the cell has a pass that a program reported, as any user."""
        _start, text = self.row.part(self.env)
        return any(
            words[:1] and words[0].lower() == PASS and BOT in words for words in _templates(text)
        )

    def span(self) -> tuple[int, int]:
        """Return start and end of the part of the page's text that a new result replaces."""
        start, text = self.row.part(self.env)
        nothing = text.find(NOTHING)
        if nothing >= 0:
            return start + nothing, start + nothing + len(NOTHING)
        end = start + len(text.rstrip())
        return end, end


def results_in(cell: str) -> Iterator[tuple[str, str]]:
    """Yield status and user of each result in a cell; empty: the template has no such parameter."""
    for words in _templates(cell):
        # named parameters may be at any position
        status, user, *_ = [*(word for word in words if "=" not in word), "", ""]
        yield status, user


def _templates(cell: str) -> Iterator[Sequence[str]]:
    """Yield the parameters of each result in a cell."""
    for part in cell.split(TEMPLATES[0])[1:]:
        template, closed, _comment = part.partition("}}")
        if closed:
            yield [word.strip() for word in template.split("|")[1:]]


def without_comments(text: str) -> str:
    """Return the text with each closed comment replaced by blanks of the same length."""
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
    """Yield the rows below headings.

    :param text: that of the page, without comments
    :param sections: the position of each section in the text and its heading, in order
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
    """Return the visible title of a column: without link, reference and quotes."""
    title = text.strip().strip("'[]").strip()
    before, opened, rest = title.partition("<ref>")
    _reference, closed, after = rest.partition("</ref>")
    if opened and closed:
        title = f"{before}{after}".strip()
    return title.split("|")[1] if "|" in title else title
