"""``python -m fedora_openqa``: the command, where it is not on the PATH."""

from fedora_openqa.cli import main

main(prog_name="fedora-openqa")
