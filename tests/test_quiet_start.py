"""A start without a warning: deprecated parts of libraries, and folders that are not needed."""

import os
import subprocess
import sys

LOAD_ALL = """
import importlib, logging, pkgutil
from fedora_openqa.logs import log_lines

logging.basicConfig()
log_lines()
for name in ("fedora_openqa", "consumers", "check_compose", "autocloudreporter"):
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        if "__main__" not in module.name and ".migrations." not in module.name:
            importlib.import_module(module.name)
# some gateways import it when they first need it
import fedfind.release
"""


def test_no_module_warns_when_it_is_loaded_without_a_home_folder() -> None:
    loading = subprocess.run(
        [sys.executable, "-W", "default", "-c", LOAD_ALL],
        env={**os.environ, "HOME": "/proc/none"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert loading.stderr == ""
