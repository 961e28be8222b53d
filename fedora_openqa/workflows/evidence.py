"""Keeps the results of jobs in openQA that something rests on, and releases them in time.

Knows ports, never gateways. What is to be kept is stored before openQA is told, and openQA is
looked at before a comment is posted: after a lost answer none is posted twice.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fedora_openqa import ports
from fedora_openqa.errors import (
    AmbiguousWriteError,
    NotAllowedError,
    RequestRefusedError,
    ServiceUnavailableError,
)
from fedora_openqa.model.evidence import BuildKind, JobComment, KeepRule, KeptJob, Tended
from fedora_openqa.policy.evidence import DAY, choose, comment_of, is_ours, jobs_to_keep, keeps

log = logging.getLogger(__name__)

#: jobs that one sweep keeps, and that it releases, at most: two requests each
MOST_JOBS = 200

#: jobs of a build that a command keeps or releases at most
MOST_OF_BUILD = 10_000

#: seconds that a sweep looks back for builds with news
NEWS_SECONDS = 2 * DAY

#: seconds that rules leave a job alone that a person has released: longer than jobs are remembered
RELEASED_SECONDS = 400 * DAY

#: jobs in a row after which openQA is left alone until the next sweep
PATIENCE = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """Comments on jobs, so that openQA spares them when it cleans up."""

    openqa: ports.JobComments
    kept: ports.KeptJobs
    builds: ports.StoredBuilds
    rules: Mapping[BuildKind, KeepRule]
    #: what the URLs of our pages begin with, which comments link to; empty: they do not
    pages_url: str = ""

    def plan(self, build: str, rule: KeepRule, *, by: str, reason: str) -> tuple[KeptJob, ...]:
        """Return the known jobs of a build that a person wants to keep, which may be none."""
        now = self.kept.now()
        jobs = self.builds.jobs([build])[build].jobs
        # a person counts from today
        return tuple(
            KeptJob(job.id, build, until=now + rule.days * DAY, by=by, reason=reason)
            for job, _until in choose(build, jobs, rule, now=now)
        )

    def keep(self, jobs: Sequence[KeptJob]) -> Tended:
        """Keep jobs now.

        Raises:
            ConfigError, NotAllowedError: openQA lets us write nothing.
            ServiceUnavailableError: the database is away.
        """
        self.kept.intend(jobs)
        done = Tended()
        for build in dict.fromkeys(job.build for job in jobs):
            some = self.kept.to_keep(build=build, most=MOST_OF_BUILD)
            done += self._each(some, self._keep)
            # the others were kept before, for as long
            before = {job.job_id for job in self.kept.of_build(build)}
            before -= {job.job_id for job in some}
            done += Tended(kept=tuple(job.job_id for job in jobs if job.job_id in before))
        return done

    def release(self, build: str) -> Tended:
        """Release the kept jobs of a build now.

        Raises: as `keep`.
        """
        self.kept.end(build)
        some = self.kept.to_release(build=build, most=MOST_OF_BUILD)
        return self._each(some, self._release)

    def sweep(self) -> Tended:
        """Keep what rules ask for and was not kept before, and release what was kept long enough.

        Raises: as `keep`.
        """
        since = self.kept.now() - NEWS_SECONDS
        found = self.builds.jobs(self.kept.heard_of(since=since))
        wanted = [
            job
            for build, stored in found.items()
            for job in jobs_to_keep(build, stored.jobs, self.rules, now=self.kept.now())
        ]
        self.kept.intend(wanted)
        self.kept.prune(keep=RELEASED_SECONDS)
        done = self._each(self.kept.to_keep(most=MOST_JOBS), self._keep)
        done += self._each(self.kept.to_release(most=MOST_JOBS), self._release)
        if done != Tended():
            log.info(
                "openQA keeps %d more jobs, %d no longer, %d are gone, %d are left for later",
                *map(len, (done.kept, done.released, done.gone, done.failed)),
            )
        return done

    def _each(self, jobs: Sequence[KeptJob], tend: Callable[[KeptJob], Tended]) -> Tended:
        done, in_a_row = Tended(), 0
        for job in jobs:
            if in_a_row == PATIENCE:
                done += Tended(failed=((job.job_id, "openQA does not answer"),))
                continue
            try:
                done += tend(job)
                in_a_row = 0
            except NotAllowedError:
                raise
            except (RequestRefusedError, ServiceUnavailableError, AmbiguousWriteError) as exc:
                in_a_row += not isinstance(exc, RequestRefusedError)
                log.warning("job %d is neither kept nor released: %s", job.job_id, exc)
                self.kept.tried(job.job_id)
                done += Tended(failed=((job.job_id, str(exc)),))
        return done

    def _keep(self, job: KeptJob) -> Tended:
        ours = self._ours(job)
        if ours is None:
            return Tended(gone=(job.job_id,))
        text = comment_of(job, pages_url=self.pages_url)
        if not ours:
            self.openqa.post(job.job_id, text)
        elif all(comment.text != text for comment in ours):
            self.openqa.edit(job.job_id, ours[0].id, text)
        self.kept.confirm(job.job_id)
        return Tended(kept=(job.job_id,))

    def _release(self, job: KeptJob) -> Tended:
        ours = self._ours(job)
        if ours is None:
            return Tended(gone=(job.job_id,))
        for comment in ours:
            if keeps(comment):
                text = comment_of(job, released=True, pages_url=self.pages_url)
                self.openqa.edit(job.job_id, comment.id, text)
        self.kept.forget(job.job_id)
        return Tended(released=(job.job_id,))

    def _ours(self, job: KeptJob) -> Sequence[JobComment] | None:
        """Return our comments on a job; None: openQA has it no longer, and it is forgotten."""
        comments = self.openqa.comments(job.job_id)
        if comments is None:
            self.kept.forget(job.job_id)
            return None
        return [comment for comment in comments if is_ours(comment)]
