"""The configuration of the pages that `fedora-openqa web` serves."""

from typing import Annotated

import msgspec

from fedora_openqa.config.types import Table


class Web(Table, frozen=True):
    """[web]: the pages."""

    #: where it listens: "127.0.0.1:8080", or a port of the loopback interface, ":8080"
    listen: Annotated[str, msgspec.Meta(pattern=r"^[^\s/@]*:[0-9]{1,5}\Z")] = "127.0.0.1:8080"
    #: what the URLs of the pages begin with for people; empty: mails and comments do not link there
    url: Annotated[str, msgspec.Meta(pattern=r"^(https?://[^\s@?#\\]+)?\Z")] = ""
    #: requests answered at once
    threads: Annotated[int, msgspec.Meta(ge=1, le=64)] = 8
