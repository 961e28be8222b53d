"""``fedora-openqa sandbox``."""

import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fedora_openqa.cli.output import say
from fedora_openqa.config import load_config, with_options
from fedora_openqa.errors import ConfigError

if TYPE_CHECKING:
    from fedora_openqa.sandbox.running import Sandbox


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default="any that is free",
    help="Listen on this port of 127.0.0.1.",
)
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for its configuration and API key (default: a temporary one).",
)
@click.option("--demo", is_flag=True, help="Run the demo, from a compose to its report, and end.")
@click.option(
    "--keep",
    is_flag=True,
    help="Fill the store with a month of made-up jobs, and serve the pages, too; with --demo after"
    " it.",
)
@click.option(
    "--pages",
    type=click.IntRange(0, 65535),
    default=0,
    show_default="any that is free",
    help="With --keep, serve the pages on this port of 127.0.0.1.",
)
def sandbox(*, port: int, directory: Path | None, demo: bool, keep: bool, pages: int) -> None:
    """Run embedded servers to try everything on: openQA, composes, Bodhi, ResultsDB, mail.

    They listen on 127.0.0.1, keep everything in memory and end with Ctrl-C.
    """
    # the sandbox is an extra
    try:
        from fedora_openqa.cli.demo import UPDATE, show_demo  # noqa: PLC0415
        from fedora_openqa.cli.demo_terminal import Terminal  # noqa: PLC0415
        from fedora_openqa.sandbox.config_files import write_config_files  # noqa: PLC0415
        from fedora_openqa.sandbox.running import Sandbox, SandboxOptions, serve  # noqa: PLC0415
    except ModuleNotFoundError as exc:
        raise ConfigError(
            f"the sandbox needs {exc.name}: pip install 'fedora-openqa[sandbox]'"
        ) from exc

    with tempfile.TemporaryDirectory(prefix="fedora-openqa-") as temporary:
        files = directory or Path(temporary)

        def environ_of(running: Sandbox, address: str = "") -> dict[str, str]:
            # the sandbox has a store of its own
            state = {"XDG_STATE_HOME": str(files / "state")}
            return {**write_config_files(files, running, pages_url=address), **state}

        def serve_pages(running: Sandbox, stack: ExitStack) -> tuple[Terminal, str]:
            terminal = Terminal(environ_of(running))
            address = stack.enter_context(terminal.pages(f"127.0.0.1:{pages}"))
            # from now on texts link there
            environ_of(running, address)
            return terminal, address

        def introduce(running: Sandbox, address: str = "") -> None:
            say(f"openQA, a compose and Bodhi are at {running.url}")
            say("In another terminal, type:", "")
            for name, value in environ_of(running, address).items():
                say(f"  export {name}={value}")
            say(f"  fedora-openqa compose {running.compose_location}")
            say(f"  fedora-openqa compose {running.url}{running.respins_path}")
            say(f"  fedora-openqa update {UPDATE}")
            say(f"  fedora-openqa fcosbuild {running.url}{running.coreos_path}", "")
            say("Ctrl-C ends it.")

        options = SandboxOptions(port=port)
        if demo and not keep:
            with Sandbox(options) as running, ExitStack() as stack:
                show_demo(running, *serve_pages(running, stack))
            return
        with ExitStack() as stack:

            def start(running: Sandbox) -> None:
                if not keep:
                    introduce(running)
                    return
                terminal, address = serve_pages(running, stack)
                if demo:
                    show_demo(running, terminal, address)
                _fill(files, terminal.environ, running, stack)
                say(f"The pages are at {address}")
                introduce(running, address)

            serve(options, started=start)


def _fill(files: Path, environ: Mapping[str, str], running: "Sandbox", stack: ExitStack) -> None:
    """Fill the store with made-up work; its present is kept new until the end."""
    from fedora_openqa.wiring.made import fill_with_made_history  # noqa: PLC0415 - an extra

    config = load_config(environ=environ)
    url = f"sqlite:///{files.absolute()}/state/fedora-openqa/store.db"
    config = with_options(config, {"store": {"url": config.store.url or url}})
    own = {
        one.split("/")[-2] for one in (running.compose_location, running.previous_compose_location)
    }
    made = fill_with_made_history(config, end=time.time(), without=own)
    say(f"The store has {made.jobs} made-up jobs of the last 30 days.")
    stopped = threading.Event()
    stack.callback(stopped.set)
    threading.Thread(target=made.keep_present, args=(stopped,), daemon=True).start()
