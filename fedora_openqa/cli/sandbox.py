"""``fedora-openqa sandbox``."""

import click


@click.command()
def sandbox() -> None:
    """Run an openQA server and a compose to try everything on."""
