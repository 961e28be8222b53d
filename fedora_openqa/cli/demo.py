"""What a newcomer sees first: the real command at work on the sandbox, from compose to report."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import click

from fedora_openqa.sandbox.finishing import TODAY, UPDATE_ENDS, YESTERDAY, write_messages
from fedora_openqa.sandbox.running import Sandbox

#: an update of the sandbox's Bodhi, in the group critical-path-gnome
UPDATE = "FEDORA-2026-5d02b7e318"

#: another one, in the groups critical-path-apps and others
OTHER_UPDATE = "FEDORA-2026-77e9c41fa0"

BODHI_TOPIC = "org.fedoraproject.prod.bodhi.update.status.testing.koji-build-group.build.complete"

#: seconds to wait for the worker
PATIENCE = 60

#: jobs shown of one product
SHOWN = 12

#: characters of a line that are shown
WIDTH = 160
