"""Baseline: sends the requests of ``fedora-openqa compose`` one after another.

It reads the settings to post from a file that a dry run wrote, so it has less to do than the
command, apart from waiting.
"""

import configparser
import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import requests
from openqa_client.client import OpenQA_Client


def main(settings: Path, location: str) -> None:
    parts = urlsplit(location)
    server = f"{parts.scheme}://{parts.netloc}"
    products = json.loads(settings.read_text())
    for url in (
        f"{location.removesuffix('compose')}STATUS",
        f"{location}/metadata/composeinfo.json",
        f"{location}/metadata/images.json",
        f"{server}/release.json",
    ):
        requests.get(url, timeout=60).raise_for_status()
    key = configparser.ConfigParser()
    key.read(Path(os.environ["OPENQA_CONFIG"]) / "client.conf")
    client = OpenQA_Client(server=server)
    client.session.headers["X-API-Key"] = key[parts.netloc]["key"]
    client.apisecret = key[parts.netloc]["secret"]
    client.openqa_request("GET", "jobs", params={"build": products[0]["BUILD"]})
    for product in products:
        client.openqa_request("POST", "isos", data=product)


main(Path(sys.argv[1]), sys.argv[2])
