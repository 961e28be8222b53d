"""What commands print about foreign text: single printable lines, and JSON of ASCII."""

import json
import os
import pty
import subprocess
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.cli import main
from fedora_openqa.cli.common import ranges
from fedora_openqa.cli.output import say, say_json, say_table
from fedora_openqa.cli.show_schedule import describe
from fedora_openqa.model.products import Product, ProductResult, ProductState
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.texts import UNPRINTABLE
from tests.cli.conftest import CommandOnSandbox

MESSAGES = Path(__file__).parent.parent / "data/messages"
HOSTILE = "x\x1b]52;c;aGk=\x07\nForged: line\r\x9b2J\u2028\u202e\x7f"

foreign = st.text(st.characters(), max_size=100)


def is_printable(text: str) -> bool:
    shown = text.replace("\n", "").replace("\t", "")
    return not any(unicodedata.category(c) in UNPRINTABLE for c in shown)


@given(lines=st.lists(foreign, max_size=4))
def test_each_text_is_one_printable_line(
    lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    say(*lines)
    out = capsys.readouterr().out
    assert len(out.splitlines()) == len(lines) == out.count("\n")
    assert is_printable(out)


@given(texts=st.dictionaries(foreign, foreign, max_size=4))
def test_json_has_no_control_characters(
    texts: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    say_json(texts)
    out = capsys.readouterr().out
    assert json.loads(out) == texts
    assert out.isascii()
    assert is_printable(out)


def hostile_jobs(cli: CommandOnSandbox) -> None:
    """Let openQA answer with jobs whose names hold control characters."""
    cli.compose("--flavors", "i3-live-iso")
    build = "Fedora-Rawhide-20261120.n.0"
    jobs = cli.get("jobs", build=build)["jobs"]
    for job in jobs:
        job["test"] = job["settings"]["TEST"] = job["settings"]["FLAVOR"] = HOSTILE
        job |= {"state": "done", "result": "failed", "flavor": HOSTILE}
    rule = Rule(
        Kind.ANSWER,
        "GET",
        "^/api/v1/jobs",
        status=200,
        body=json.dumps({"jobs": jobs}),
        content_type="application/json",
    )
    cli.sandbox.faults.add(rule)


@pytest.mark.parametrize(
    "arguments",
    [
        ("rerun", "Fedora-Rawhide-20261120.n.0", "--failed", "--dry-run"),
        ("report", "1", "--resultsdb", "--dry-run"),
        ("gating", "FEDORA-2026-5d02b7e318"),
        ("check-compose", "Fedora-Rawhide-20261120.n.0"),
    ],
)
def test_no_command_prints_control_characters_of_openqa(
    cli: CommandOnSandbox, arguments: tuple[str, ...]
) -> None:
    hostile_jobs(cli)
    ended = cli.run(*arguments)
    shown = ended.out + ended.err
    assert shown
    assert is_printable(shown)
    assert not any(line.startswith("Forged") for line in shown.splitlines())


def test_a_preview_shows_a_hostile_name_in_the_line_of_its_product(cli: CommandOnSandbox) -> None:
    hostile_jobs(cli)
    ended = cli.run("rerun", "Fedora-Rawhide-20261120.n.0", "--failed", "--dry-run")
    assert "\ufffd]52;c;aGk=\ufffd\ufffdForged: line" in ended.out


def hostile(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a message body, each text of which goes on with control characters."""
    match value:
        case str():
            return value + HOSTILE
        case list():
            return [hostile(one) for one in value]
        case dict():
            return {key: hostile(one) for key, one in value.items()}
        case _:
            return value


@pytest.mark.parametrize("only", [None, "release_type"])
def test_no_message_writes_lines_of_its_own(cli: CommandOnSandbox, only: str | None) -> None:
    recorded = []
    for number, path in enumerate(sorted(MESSAGES.glob("*.json"))):
        message = json.loads(path.read_text())
        if only is None:
            body = hostile(message["body"])
        else:
            text = json.dumps(message["body"])
            body = json.loads(
                text, object_hook=lambda it: it | ({only: hostile(it[only])} if only in it else {})
            )
        recorded.append({"topic": message["topic"], "id": str(number), "body": body})
    file = cli.directory / "messages.json"
    file.write_text(json.dumps(recorded))
    state = {"XDG_STATE_HOME": str(cli.directory / "state")}
    replayed = subprocess.run(
        [sys.executable, "-m", "fedora_openqa", "-v", "replay", str(file)],
        env={**cli.whole_environ, **state},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"{len(recorded)} messages" in replayed.stdout
    parked = cli.run("parked", "list", environ=state)
    assert parked.status == 0
    shown = replayed.stdout + replayed.stderr + parked.out
    assert is_printable(shown)
    assert not any(line.startswith("Forged") for line in shown.splitlines())


def test_an_error_of_the_command_line_is_printable() -> None:
    ended = CliRunner().invoke(main, ["compose", f"--{HOSTILE}"])
    assert ended.exit_code == 2
    assert "\x1b" not in ended.output


def test_a_dry_run_of_settings_keeps_each_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    product = Product("Server-dvd-iso", "x86_64", settings={"ISO_URL": HOSTILE, "TEST": "install"})
    say(*describe(ProductResult(product, ProductState.POSTED), dry_run=True))
    (first, iso, test) = capsys.readouterr().out.splitlines()
    assert (first, test) == ("Server-dvd-iso x86_64: would be posted", "  TEST=install")
    assert iso.startswith("  ISO_URL=x\ufffd]52")
    assert is_printable(iso)


def test_a_setting_that_is_no_printable_line_is_refused_in_one(cli: CommandOnSandbox) -> None:
    ended = cli.compose("--flavors", "Server-dvd-iso", "--dry-run", "--updates", "http://x/\x1b")
    assert ended.status == 2
    assert is_printable(ended.err)
    assert "'--updates': not a URL" in ended.err


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([], ""),
        ([7], "7"),
        ([8, 7], "7, 8"),
        ([10, 9, 100, 11, 9], "9-11, 100"),
        (range(231, 461), "231-460"),
    ],
)
def test_numbers_in_a_row_are_a_range(numbers: Iterable[int], text: str) -> None:
    assert ranges(numbers) == text


def on_a_terminal(code: str, **environ: str) -> str:
    """Return what some code prints on a terminal."""
    ours, terminal = pty.openpty()
    try:
        subprocess.run(
            [sys.executable, "-c", f"from fedora_openqa.cli.output import *; {code}"],
            env={**os.environ, "TERM": "xterm", **environ},
            stdout=terminal,
            check=True,
        )
        return os.read(ours, 65536).decode()
    finally:
        os.close(terminal)
        os.close(ours)


def test_states_have_colours_on_a_terminal_and_foreign_text_is_no_markup() -> None:
    shown = on_a_terminal("say('job 7: failed: [red]x[/red] :bug:', 'unfailed')")
    assert shown == "job 7: \x1b[31mfailed\x1b[0m: [red]x[/red] :bug:\r\nunfailed\r\n"


def test_no_color_is_respected() -> None:
    assert on_a_terminal("say('job 7: failed')", NO_COLOR="1") == "job 7: failed\r\n"


def test_a_table_on_a_terminal_has_no_characters_that_control_it() -> None:
    shown = on_a_terminal(f"say_table(['A'], [[{HOSTILE!r}]])", NO_COLOR="1")
    assert "\x1b]" not in shown
    assert "[b]" in on_a_terminal("say_table(['A'], [['[b]']])")


def test_a_piped_table_is_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    say_table(["A", "B"], [["failed", "x"], ["[b]", "a\nb"]])
    assert capsys.readouterr().out == "A       B\nfailed  x\n[b]     a\ufffdb\n"
