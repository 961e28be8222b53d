"""Makes the pictures of the documents anew, with the demo and Chromium: `make pictures`.

python docs/pictures.py docs/images
"""

import re
import subprocess
import sys
from pathlib import Path

#: of Debian's package, and of Fedora's
BROWSERS = ("chromium", "chromium-browser")

#: width and height in pixels
SIZE = (1000, 1000)


def report() -> str:
    """Return the URL of the report that the demo leaves as a file."""
    command = Path(sys.executable).with_name("fedora-openqa")
    demo = subprocess.run(
        [command, "sandbox", "--demo"], capture_output=True, check=True, text=True
    )
    (url,) = re.findall(r"^file://\S+\.html$", demo.stdout, flags=re.MULTILINE)
    return str(url)


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
    photograph(report(), Path(sys.argv[1]).resolve() / "report.png")
