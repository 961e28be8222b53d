"""Connects what a person's command tells sinks of jobs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from fedora_openqa import ports
from fedora_openqa.config import Config
from fedora_openqa.gateways.bodhi.updates import RestBodhi
from fedora_openqa.model.deliveries import Delivery, Told
from fedora_openqa.policy.subject_names import parse_build
from fedora_openqa.wiring.http import open_reader
from fedora_openqa.wiring.reporting import (
    open_by_hand,
    open_resultsdb_reporting,
    open_wiki_reporting,
)
from fedora_openqa.workflows.deliver.by_hand import (
    ByHand,
    NoDeliveries,
    Reporting,
    Selected,
    WatchedWiki,
    decide_passes,
    decide_results,
    with_ends,
)


@dataclass(frozen=True, slots=True)
class Reports:
    """The workflow, with everything it needs in place; raises as that does."""

    config: Config
    by_hand: ByHand
    bodhi: ports.Bodhi

    def select(self, targets: Sequence[str]) -> Selected:
        """Read the jobs that are named: by id, by subject or by BUILD."""
        return self.by_hand.select(list(map(parse_build, targets)))

    def tell_resultsdb(self, selected: Selected, *, dry_run: bool) -> tuple[Told, ...]:
        """Tell ResultsDB, or only say what it would be told."""
        reporting = open_resultsdb_reporting(self.config, NoDeliveries(), dry_run=dry_run)
        told = decide_results(selected, reporting, bodhi=self.bodhi)
        if dry_run:
            return told
        return with_ends(told, self._tell(selected, told, reporting.report))

    def tell_wiki(self, selected: Selected, *, dry_run: bool) -> tuple[Told, ...]:
        """Tell the wiki, or only say what it would be told."""
        reporting = open_wiki_reporting(self.config, dry_run=dry_run)
        told = decide_passes(selected, reporting)
        if dry_run:
            return told
        wiki = WatchedWiki(reporting.wiki)
        watched = replace(reporting, wiki=wiki)
        return with_ends(told, self._tell(selected, told, watched.report), wiki.ends)

    def _tell(
        self, selected: Selected, told: Sequence[Told], reporting: Reporting
    ) -> Mapping[int, Delivery]:
        wanted = {one.job_id for one in told if one.is_told}
        return self.by_hand.tell([job for job in selected.jobs if job.id in wanted], reporting)


def open_reports(config: Config, *, progress: Callable[[int, int], None]) -> Reports:
    """Connect the command.

    :param progress: told how many jobs of how many are done

    Raises:
        ConfigError: openQA's hostname is none.
    """
    return Reports(
        config=config,
        by_hand=open_by_hand(config, progress),
        bodhi=RestBodhi(open_reader(config), config.bodhi.url),
    )
