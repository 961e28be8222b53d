"""The wiki as a plain class, and jobs that pass test cases."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fedora_openqa.model.deliveries import WikiAnswer
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.wiki import WikiEvent, WikiPass
from fedora_openqa.workflows.wiki_events import WikiEvents
from tests.support.fakes import FakeLabels, FakeReleases

BUILD = "Fedora-Rawhide-20261120.n.0"
EVENTS = WikiEvents(FakeLabels(), FakeReleases())


def job(job_id: int, test: str, result: str = "passed") -> Job:
    return Job(
        id=job_id,
        flavor="Server-dvd-iso",
        arch="x86_64",
        state="done",
        result=result,
        test=test,
        machine="64bit",
        settings={
            "BUILD": BUILD,
            "VERSION": "Rawhide",
            "DISTRI": "fedora",
            "FLAVOR": "Server-dvd-iso",
            "ARCH": "x86_64",
            "MACHINE": "64bit",
            "SUBVARIANT": "Server",
            "IMAGETYPE": "dvd",
            "TEST": test,
        },
    )


@dataclass
class FakeWiki:
    """Has cells; what is in the way is up to the test."""

    cells: set[WikiPass] = field(default_factory=set)
    calls: int = 0
    before: Callable[[], None] = lambda: None
    #: test cases that no page has, and those that somebody writes over
    impossible: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    pageless: set[str] = field(default_factory=set)
    #: test cases whose pages may not be edited
    refused: set[str] = field(default_factory=set)

    def file(self, passes: Sequence[WikiPass], events: Mapping[str, WikiEvent]) -> WikiAnswer:
        self.calls += 1
        self.before()
        answer = self.look(passes, events)
        lost = tuple(cell for cell in answer.lost if cell.testcase in self.lost)
        refused = {cell: "protectedpage" for cell in answer.lost if cell.testcase in self.refused}
        filed = tuple(cell for cell in answer.lost if cell not in {*lost, *refused})
        self.cells |= {*filed}
        return replace(answer, filed=filed, lost=lost, refused=refused)

    def look(self, passes: Sequence[WikiPass], events: Mapping[str, WikiEvent]) -> WikiAnswer:
        assert events.keys() == {one.cid for one in passes}
        impossible = {
            cell: f"no row for {cell.testcase}"
            for cell in passes
            if cell.testcase in self.impossible
        }
        pageless = tuple(cell for cell in passes if cell.testcase in self.pageless)
        impossible |= dict.fromkeys(pageless, "no such page")
        possible = [cell for cell in passes if cell not in impossible]
        return WikiAnswer(
            known=tuple(cell for cell in possible if cell in self.cells),
            lost=tuple(cell for cell in possible if cell not in self.cells),
            impossible=impossible,
            pageless=pageless,
        )
