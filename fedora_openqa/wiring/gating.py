"""Connects the workflows that show gating requirements, and the one that waives."""

from collections.abc import Callable

from fedora_openqa import ports
from fedora_openqa.config import Config
from fedora_openqa.wiring.gateways import Gateways
from fedora_openqa.workflows.gating import GatingView, UpdateGating
from fedora_openqa.workflows.waive import Waiving


def open_gating(config: Config) -> GatingView:
    """Connect the workflow that shows requirements; needs no key and no token.

    Raises:
        ConfigError: openQA's hostname is invalid.
    """
    gateways = Gateways(config)
    return GatingView(
        bodhi=gateways.bodhi,
        updates=gateways.gated_updates,
        gating=gateways.gating,
        openqa=gateways.openqa,
    )


def open_update_gating(config: Config) -> UpdateGating:
    """Connect the workflow that shows the gating of updates on pages; raises as `open_gating`."""
    waivers = Gateways(config).given_waivers
    return UpdateGating(view=open_gating(config), waivers=waivers)


def open_waiving(config: Config, *, dry_run: bool) -> Waiving:
    """Connect the workflow that waives.

    :param dry_run: nothing can be written, and no token is needed

    Raises:
        ConfigError: there is no token, or it cannot be read or sent.
    """
    gateways = Gateways(config)
    return _waiving(gateways, gateways.waivers(dry_run=dry_run))


def waiving_in_person(config: Config) -> Callable[[str], Waiving]:
    """Return what connects the workflow that waives with a person's own token.

    It raises `ConfigError` if the token cannot be sent. Our own token is never used.
    """
    gateways = Gateways(config)

    def waiving(token: str) -> Waiving:
        return _waiving(gateways, gateways.waivers_in_person(token))

    return waiving


def _waiving(gateways: Gateways, waivers: ports.Waivers) -> Waiving:
    return Waiving(
        bodhi=gateways.bodhi,
        updates=gateways.gated_updates,
        gating=gateways.gating,
        policies=gateways.policies(),
        testcases=gateways.testcases,
        waivers=waivers,
    )
