"""Connects the workflows that show gating's requirements, and the one that waives."""

import os
import time
from dataclasses import dataclass

from fedora_openqa import ports
from fedora_openqa.config import Config
from fedora_openqa.errors import ConfigError
from fedora_openqa.gateways.bodhi.gated import BodhiGating
from fedora_openqa.gateways.bodhi.updates import RestBodhi
from fedora_openqa.gateways.greenwave.decisions import GreenwaveDecisions
from fedora_openqa.gateways.greenwave.policies import GreenwaveServer
from fedora_openqa.gateways.resultsdb.testcases import ResultsDBTestCases
from fedora_openqa.gateways.waiverdb import DryRunWaivers, RestWaivers
from fedora_openqa.model.gating import BlockedUpdates, Gated
from fedora_openqa.policy.gating import Push
from fedora_openqa.wiring.http import limits_of, open_reader
from fedora_openqa.wiring.openqa import open_rest_openqa
from fedora_openqa.wiring.secrets import read_secret
from fedora_openqa.workflows.gating import Progress, find_blocked, look
from fedora_openqa.workflows.waive import Waiving

#: the environment variable of WaiverDB's token, where no file is configured
TOKEN = "FEDORA_OPENQA_WAIVERDB_TOKEN"  # noqa: S105 - its name


@dataclass(frozen=True, slots=True)
class Gatekeeper:
    """The workflows that only look, with everything they need in place; raise as those do."""

    bodhi: ports.Bodhi
    updates: ports.GatedUpdates
    gating: ports.Gating
    openqa: ports.OpenQA

    def look(self, subject: str, push: Push | None) -> Gated:
        """Return the requirements of a subject."""
        return look(subject, push=push, bodhi=self.bodhi, gating=self.gating, openqa=self.openqa)

    def find_blocked(self, seconds: float, progress: Progress) -> BlockedUpdates:
        """Find updates of the last seconds that wait for results that openQA has."""
        return find_blocked(
            since=time.time() - seconds,
            updates=self.updates,
            gating=self.gating,
            openqa=self.openqa,
            progress=progress,
        )


def open_gatekeeper(config: Config) -> Gatekeeper:
    """Connect what looks; needs no key and no token.

    Raises:
        ConfigError: openQA's hostname is none.
    """
    reader = open_reader(config)
    return Gatekeeper(
        bodhi=RestBodhi(reader, config.bodhi.url),
        updates=BodhiGating(reader, config.bodhi.url),
        gating=GreenwaveDecisions(limits_of(config.http), config.greenwave.url),
        openqa=open_rest_openqa(config),
    )


def open_waiving(config: Config, *, dry_run: bool) -> Waiving:
    """Connect what waives.

    :param dry_run: nothing can be written, and no token is needed

    Raises:
        ConfigError: there is no token, or it cannot be read or sent.
    """
    reader = open_reader(config)
    return Waiving(
        bodhi=RestBodhi(reader, config.bodhi.url),
        updates=BodhiGating(reader, config.bodhi.url),
        gating=GreenwaveDecisions(limits_of(config.http), config.greenwave.url),
        policies=GreenwaveServer(reader, config.greenwave.url),
        testcases=ResultsDBTestCases(reader, config.resultsdb.url),
        waivers=_open_waivers(config, dry_run=dry_run),
    )


def _open_waivers(config: Config, *, dry_run: bool) -> ports.Waivers:
    table = config.waiverdb
    if dry_run:
        return DryRunWaivers(RestWaivers(limits_of(config.http), table.url))
    token = read_secret(table.token_file, TOKEN, os.environ)
    if not token:
        raise ConfigError(f"no token to waive with: waiverdb.token_file or ${TOKEN} has it")
    return RestWaivers(limits_of(config.http), table.url, token=token)
