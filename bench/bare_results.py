"""The floor of reporting: sends bodies to ResultsDB, so many at once, and nothing else."""

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests


def main(bodies: Path, resultsdb: str, at_once: int) -> None:
    own = threading.local()

    def send(body: Any) -> None:  # noqa: ANN401 - JSON
        if not hasattr(own, "session"):
            own.session = requests.Session()
        own.session.post(f"{resultsdb}/results", json=body, timeout=60).raise_for_status()

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(send, json.loads(bodies.read_text())))


main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
