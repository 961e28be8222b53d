"""Connects what a person looks at, and decides about, with the store."""

import os
from dataclasses import dataclass

from fedora_openqa.accounts import user_name
from fedora_openqa.config import Config
from fedora_openqa.gateways.composes.pungi import PungiComposes
from fedora_openqa.model.stories import Explained, Pause, Status
from fedora_openqa.model.work import StoredSubject, SubjectState
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.dry_run import DryRunDeliveries, DryRunInbox
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.parking import DryRunParking, Parking
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.stories import Stories
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.wiring.http import open_compose_reader
from fedora_openqa.wiring.openqa import open_openqa
from fedora_openqa.wiring.scheduling import open_site
from fedora_openqa.wiring.sinks import delays_of, enabled_sinks
from fedora_openqa.wiring.store import store_url
from fedora_openqa.workflows.explain import Explainer
from fedora_openqa.workflows.intake import Intake
from fedora_openqa.workflows.release import Releaser


@dataclass(frozen=True, slots=True)
class Operator:
    """A person in front of the store; all methods may raise `ServiceUnavailableError`."""

    #: who it is: the name of the account
    name: str
    config: Config
    explainer: Explainer
    releaser: Releaser
    pauses: Pauses
    subjects: Subjects

    def status(self) -> Status:
        """Say how the whole store is doing."""
        return self.explainer.status()

    def explain(self, subject: str, *, offline: bool) -> Explained:
        """Say all that is known of a subject.

        Raises:
            ConfigError: openQA's hostname is none.
        """
        openqa = None if offline else open_openqa(self.config, dry_run=True, needs_jobs=True)
        return self.explainer.explain(subject, openqa=openqa)

    def all_parked(self) -> tuple[StoredSubject, ...]:
        """Read what is parked, the newest first."""
        return self.subjects.all(state=SubjectState.PARKED)

    def parked(self, key: str) -> StoredSubject:
        """Read one of them; raises as `Releaser.parked`."""
        return self.releaser.parked(key)

    def release(self, key: str) -> str:
        """Let go what is parked; raises as `Releaser.release`."""
        return self.releaser.release(key, by=self.name)

    def drop(self, key: str) -> None:
        """Have nothing done about what is parked; raises as `Releaser.drop`."""
        self.releaser.drop(key, by=self.name)

    def pause(self, lane: str, *, reason: str) -> None:
        """Stop a lane."""
        since = self.explainer.stories.now()
        self.pauses.pause(Pause(lane=lane, by=self.name, reason=reason, since=since))

    def resume(self, lane: str) -> bool:
        """Let a lane go on; false if it was not stopped."""
        return self.pauses.resume(lane)


def open_operator(config: Config, *, dry_run: bool = False) -> Operator:
    """Connect a person with the store.

    :param dry_run: what is parked stays so

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    site = open_site(config)
    engine = open_engine(store_url(config))
    subjects, stories, pauses = Subjects(engine), Stories(engine), Pauses(engine)
    deliveries = Deliveries(engine)
    hosts = config.scheduling.allowed_hosts
    return Operator(
        name=user_name(os.environ),
        config=config,
        explainer=Explainer(
            stories=stories,
            pauses=pauses,
            composes=PungiComposes(open_compose_reader(config), allowed_hosts=hosts),
            holds=site.holds,
        ),
        releaser=Releaser(
            stories=stories,
            parking=DryRunParking() if dry_run else Parking(engine),
            intake=Intake(
                inbox=DryRunInbox(subjects) if dry_run else subjects,
                deliveries=DryRunDeliveries(deliveries) if dry_run else deliveries,
                delays=delays_of(config, enabled_sinks(config)),
                table=site.flavor_tables.fedora,
            ),
        ),
        pauses=pauses,
        subjects=subjects,
    )
