"""Configuration files that lead the real command to a running sandbox, and nowhere else."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from fedora_openqa.sandbox.own_files import write_own_files
from fedora_openqa.sandbox.running import Sandbox, client_conf
from fedora_openqa.sandbox.waiverdb import TOKEN

CONFIG = """\
[openqa]
hostname = "{url}"

[scheduling]
allowed_hosts = ["{host}"]

[bodhi]
url = "{url}/bodhi"

[greenwave]
url = "{url}/greenwave"

[waiverdb]
url = "{url}/waiverdb/api/v1.0"
token_file = "{token_file}"

[resultsdb]
enabled = true
url = "{url}/resultsdb/api/v2.0"
gather = 1.0

[mail]
enabled = true
smtp = "{smtp}"
sender = "check-compose@localhost"
recipients = ["test-reports@localhost"]
quiet = 0

[fedora]
release_metadata_url = "{url}/release.json"

[datagrepper]
url = "{url}/datagrepper"

[sweep]
every = 0
composes_url = "{url}/compose"
coreos_url = "{url}/coreos"
"""

#: what is added where the pages are served
PAGES = """
[web]
url = "{}"
"""


def write_config_files(
    directory: Path, sandbox: Sandbox, *, pages_url: str = ""
) -> Mapping[str, str]:
    """Write configuration, API key and WaiverDB's token; return the environment that names them.

    :param pages_url: what the URLs of the pages begin with; empty: nothing links to them

    Raises:
        ConfigError: a file is there that the sandbox did not write, or the folder cannot be
            written to.
    """
    token_file = directory / "waiverdb-token"
    config = directory / "config.toml"
    places = {
        "url": sandbox.url,
        "host": urlsplit(sandbox.url).netloc,
        "token_file": token_file.resolve(),
        "smtp": sandbox.mail.address,
    }
    write_own_files(
        {
            directory / "client.conf": client_conf(sandbox),
            token_file: TOKEN,
            config: CONFIG.format_map(places) + (PAGES.format(pages_url) if pages_url else ""),
        }
    )
    return {"FEDORA_OPENQA_CONFIG": str(config), "OPENQA_CONFIG": str(directory)}
