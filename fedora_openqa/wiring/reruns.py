"""Connects the workflow that restarts jobs."""

from dataclasses import dataclass

from fedora_openqa.config import Config
from fedora_openqa.model.reruns import Estimate, Rerun, RerunRequest, Selection
from fedora_openqa.ports import OpenQA
from fedora_openqa.wiring.openqa import open_openqa
from fedora_openqa.workflows.rerun import estimate, restart, select


@dataclass(frozen=True, slots=True)
class Rerunner:
    """The rerunning workflow, with everything it needs in place; raises as that does."""

    openqa: OpenQA
    #: seconds between two looks after a restart without an answer
    look_again_after: float

    def select(self, request: RerunRequest) -> Selection:
        """Find the jobs that a request is about."""
        return select(request, openqa=self.openqa)

    def estimate(self, selection: Selection) -> Estimate:
        """Say how long the jobs usually run."""
        return estimate(selection, openqa=self.openqa)

    def restart(self, selection: Selection, *, force: bool) -> Rerun:
        """Restart the jobs."""
        return restart(
            selection, openqa=self.openqa, force=force, look_again_after=self.look_again_after
        )


def open_rerunner(config: Config, *, dry_run: bool) -> Rerunner:
    """Connect the rerunning workflow; raises as `open_openqa`."""
    return Rerunner(
        openqa=open_openqa(config, dry_run=dry_run, needs_jobs=True),
        look_again_after=config.openqa.look_again_after,
    )
