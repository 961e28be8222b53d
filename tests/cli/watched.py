"""Run the command; print on standard error which connections are not opened by our gateways."""

import sys

OURS = ("/gateways/http/connections.py", "/gateways/mail/smtp.py")
EVENTS = {
    "socket.connect",
    "socket.getaddrinfo",
    "urllib.Request",
    "smtplib.connect",
    "http.client.connect",
}


def watch(event: str, arguments: tuple[object, ...]) -> None:
    if event not in EVENTS:
        return
    frame = sys._getframe()  # noqa: SLF001 - who has called cannot be found otherwise
    while frame := frame.f_back:  # type: ignore[assignment]
        if frame.f_code.co_filename.endswith(OURS):
            print(f"\nOURS {event}", file=sys.stderr)  # noqa: T201
            return
    print(f"\nSTRANGE {event} {arguments!r}", file=sys.stderr)  # noqa: T201


sys.addaudithook(watch)

from fedora_openqa.cli import main  # noqa: E402 - watched from the beginning

main(prog_name="fedora-openqa")
