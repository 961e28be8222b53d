"""What commands write and print links to the pages, if their URL is configured."""

import re
from collections.abc import Mapping

import pytest

from tests.cli.conftest import CommandOnSandbox

PAGES = "https://pages.example.org/openqa"
UPDATE = "FEDORA-2026-5d02b7e318"
BUILD = f"Update-{UPDATE}"
RESULTS = {"desktop_login": "passed", "desktop_browser": "failed"}


@pytest.fixture
def tried(cli: CommandOnSandbox) -> CommandOnSandbox:
    """Give a critical path update of which one test passed and one failed."""
    cli.configure(f'\n[store]\nurl = "sqlite:///{cli.directory}/store.db"\n')
    cli.run("update", UPDATE, "--flavor", "workstation")
    for test, result in RESULTS.items():
        cli.post(f"jobs/{job_of(cli, test)}/set_done?result={result}")
    file = cli.directory / "message.json"
    topic = "org.fedoraproject.prod.openqa.job.done"
    body = f'{{"BUILD": "{BUILD}", "id": 2, "result": "failed", "remaining": 1}}'
    file.write_text(f'{{"topic": "{topic}", "id": "m1", "body": {body}}}')
    cli.run("replay", str(file))
    return cli


def job_of(cli: CommandOnSandbox, test: str) -> int:
    (number,) = (job["id"] for job in cli.get("jobs", build=BUILD)["jobs"] if job["test"] == test)
    return int(number)


def outputs(cli: CommandOnSandbox) -> Mapping[str, str]:
    """Return what each command prints."""
    ids = [str(job_of(cli, test)) for test in RESULTS]
    commands = {
        "explain": ("explain", f"resultsdb:{BUILD}", "--offline"),
        "gating": ("gating", UPDATE),
        "blocked": ("blocked", "--since", "9999d"),
        "report": ("report", *ids, "--resultsdb", "--dry-run", "--format", "json"),
        "gating as json": ("gating", UPDATE, "--format", "json"),
    }
    return {name: cli.run(*arguments).out for name, arguments in commands.items()}


def test_with_a_url_of_the_pages_texts_link_there_and_are_else_the_same(
    tried: CommandOnSandbox,
) -> None:
    plain = outputs(tried)
    assert "example.org" not in "".join(plain.values())
    tried.configure(f'\n[web]\nurl = "{PAGES}"\n')
    linked = outputs(tried)
    page = f"Page: {PAGES}/b/{BUILD}\n"
    for name in ("explain", "gating", "blocked"):
        assert page in linked[name], name
        assert linked[name].replace(page, "") == plain[name]
    notes = re.findall(r'"note": "(.*)"', linked["report"])
    ids = sorted(job_of(tried, test) for test in RESULTS)
    assert [note.rpartition("; ")[2] for note in notes] == [f"{PAGES}/j/{it}" for it in ids]
    without = re.sub(rf'(?:; )?{re.escape(PAGES)}/j/\d+"', '"', linked["report"])
    assert without == plain["report"]
    assert linked["gating as json"] == plain["gating as json"]
