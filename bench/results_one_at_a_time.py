"""Baseline: sends each result by itself, like a reporter that works on one message at a time.

For each result there are four requests for the metadata and one POST. resultsdb_conventions
sends those four for every result about an image, but to Fedora's servers, so they are written out
here. The bodies come from a file that a dry run wrote.
"""

import json
import sys
from pathlib import Path

import requests


def main(bodies: Path, location: str, resultsdb: str) -> None:
    reader = requests.Session()
    writer = requests.Session()
    for body in json.loads(bodies.read_text()):
        # the existence of the compose, its status, its id, its images
        reader.head(location, timeout=60)
        for path in ("../STATUS", "metadata/composeinfo.json", "metadata/images.json"):
            reader.get(f"{location}/{path}", timeout=60).raise_for_status()
        writer.post(f"{resultsdb}/results", json=body, timeout=60).raise_for_status()


main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
