"""Connects the workflow that compares base disk images."""

from pathlib import Path

from fedora_openqa import ports
from fedora_openqa.config import Config
from fedora_openqa.errors import ConfigError
from fedora_openqa.gateways.createhdds import ImageFile, ImageUrl
from fedora_openqa.gateways.openqa.assets import RestAssets
from fedora_openqa.wiring.gateways import Gateways
from fedora_openqa.workflows.check_assets import AssetCheck


def open_asset_check(config: Config, source: str | None) -> AssetCheck:
    """Connect the workflow; it needs no key.

    :param source: file or URL of createhdds' ``hdds.json``; None: the configured one

    Raises:
        ConfigError: there is no source, or openQA's hostname is invalid.
    """
    gateways = Gateways(config)
    return AssetCheck(
        images=_images(gateways, source or config.assets.hdds),
        assets=RestAssets(gateways.reader, gateways.openqa.url),
        releases=gateways.releases,
    )


def _images(gateways: Gateways, source: str) -> ports.BaseImages:
    if not source:
        raise ConfigError("[assets] hdds is not set: the file or URL of createhdds' hdds.json")
    if source.startswith(("http://", "https://")):
        return ImageUrl(gateways.reader, source)
    return ImageFile(Path(source))
