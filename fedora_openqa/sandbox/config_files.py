"""The files with which the real command finds a running sandbox, and nothing else."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from fedora_openqa.errors import ConfigError
from fedora_openqa.sandbox.running import Sandbox, write_client_files

CONFIG = """\
[openqa]
hostname = "{url}"

[scheduling]
allowed_hosts = ["{host}"]

[bodhi]
url = "{url}/bodhi"

[fedora]
release_metadata_url = "{url}/release.json"

[datagrepper]
url = "{url}/datagrepper"

[sweep]
every = 0
composes_url = "{url}/compose"
coreos_url = "{url}/coreos"
"""


def write_config_files(directory: Path, sandbox: Sandbox) -> Mapping[str, str]:
    """Write configuration and API key; returns the environment that leads there.

    Raises:
        ConfigError: the folder cannot be written to.
    """
    client_conf = write_client_files(directory, sandbox)["client.conf"]
    config = directory / "config.toml"
    try:
        config.write_text(CONFIG.format(url=sandbox.url, host=urlsplit(sandbox.url).netloc))
    except OSError as exc:
        raise ConfigError(f"sandbox: {config}: {exc.strerror}") from exc
    return {"FEDORA_OPENQA_CONFIG": str(config), "OPENQA_CONFIG": str(client_conf.parent)}
