"""Baseline: sends requests one at a time, and does nothing else.

The argument is a JSON file: a list of method, URL and JSON body, which is null for none. A
connection stays open, as with any good client.
"""

import json
import sys
from pathlib import Path

import requests


def main(file: Path) -> None:
    session = requests.Session()
    for method, url, body in json.loads(file.read_text()):
        session.request(method, url, json=body, timeout=60).raise_for_status()


main(Path(sys.argv[1]))
