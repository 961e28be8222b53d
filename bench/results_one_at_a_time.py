"""What to compare with: the same results, each told as a job's own message has it told.

For each result four GETs of the compose's metadata, which is what the conventions' library
asks for with every result about an image (on Fedora's own servers, so here it is done by hand),
and one POST. Decides nothing: the bodies come from a dry run, in a file.
"""

import json
import sys
from pathlib import Path

import requests


def main(bodies: Path, location: str, resultsdb: str) -> None:
    reader = requests.Session()
    writer = requests.Session()
    for body in json.loads(bodies.read_text()):
        # is it there? is it finished? what is it, and what is in it?
        reader.head(location, timeout=60)
        for path in ("../STATUS", "metadata/composeinfo.json", "metadata/images.json"):
            reader.get(f"{location}/{path}", timeout=60).raise_for_status()
        writer.post(f"{resultsdb}/results", json=body, timeout=60).raise_for_status()


main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
