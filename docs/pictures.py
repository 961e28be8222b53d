"""Makes the pictures of the documents anew, with the demo and Chromium: `make pictures`.

python docs/pictures.py docs/images
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

#: of Debian's package, and of Fedora's
BROWSERS = ("chromium", "chromium-browser")

#: width and height in pixels
SIZE = (1280, 900)

#: file name to page, of the demo and its month of made-up jobs
PAGES: Mapping[str, str] = {
    "overview.png": "/",
    "compose.png": "/composes/Fedora-Rawhide-20261120.n.0",
    "failures.png": "/failures",
    "flakes.png": "/flakes",
}


@contextmanager
def demo() -> Iterator[Mapping[str, str]]:
    """Run the demo; yield the URL of each picture."""
    command = Path(sys.executable).with_name("fedora-openqa")
    with subprocess.Popen(
        [command, "sandbox", "--demo", "--keep"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield _urls(process)
        finally:
            process.terminate()


def _urls(process: subprocess.Popen[str]) -> Mapping[str, str]:
    urls = {}
    for line in process.stdout or ():
        if found := re.fullmatch(r"file://\S+\.html", line.strip()):
            urls["report.png"] = found[0]
        if found := re.search(r"pages are at (http://\S+)", line):
            return urls | {name: found[1] + path for name, path in PAGES.items()}
    sys.exit("the demo ended")


def photograph(url: str, picture: Path) -> None:
    """Write what a browser shows of a page as PNG."""
    for browser in BROWSERS:
        command = [
            *(browser, "--headless", "--no-sandbox", "--hide-scrollbars"),
            *(f"--window-size={SIZE[0]},{SIZE[1]}", f"--screenshot={picture}", url),
        ]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except FileNotFoundError:
            continue
        return
    sys.exit(f"none of {', '.join(BROWSERS)} is installed")


if __name__ == "__main__":
    with demo() as urls:
        for name, url in urls.items():
            photograph(url, Path(sys.argv[1]).resolve() / name)
