"""``make demo``: real commands on the sandbox, from a compose to its report."""

import json
import re
import tempfile
from collections import Counter
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from fedora_openqa.cli.demo_terminal import Terminal
from fedora_openqa.cli.output import say
from fedora_openqa.sandbox.finishing import TODAY, UPDATES, YESTERDAY, Script, write_messages
from fedora_openqa.sandbox.resultsdb.results import Result
from fedora_openqa.sandbox.running import Sandbox

#: an update of the sandbox's Bodhi, in the group critical-path-gnome
UPDATE = "FEDORA-2026-5d02b7e318"

#: another one, in the groups critical-path-apps and others
OTHER_UPDATE = "FEDORA-2026-77e9c41fa0"

BODHI_TOPIC = "org.fedoraproject.prod.bodhi.update.status.testing.koji-build-group.build.complete"

#: jobs shown of one product
SHOWN = 12

#: results shown
ROWS = 8

#: the file with the report
REPORT = "compose-check-report.html"


def show_demo(sandbox: Sandbox, terminal: Terminal, pages_url: str) -> None:
    """Schedule and report on the sandbox's compose with the real command.

    :param pages_url: where the pages are served meanwhile
    """
    compose = sandbox.compose_location
    say(
        "A sandbox is running: an openQA server with its job templates, and a nightly compose at",
        compose,
        "The nightly of the day before is tested already.",
    )
    terminal.ask("compose", sandbox.previous_compose_location)
    sandbox.finish(_build(sandbox.previous_compose_location), YESTERDAY)
    _show_scheduling(terminal, sandbox)
    _show_results(terminal, sandbox)
    _show_report(terminal, sandbox)
    _show_pages(sandbox, pages_url)
    _title("What to type next")
    say(
        "  . .venv/bin/activate",
        "  fedora-openqa sandbox --keep   a sandbox with a month of made-up jobs, and its pages",
        "  fedora-openqa sandbox          a sandbox alone, and how to use it",
        "  fedora-openqa --help           all commands",
        "  make test                      the tests",
    )


def _show_scheduling(terminal: Terminal, sandbox: Sandbox) -> None:
    compose = sandbox.compose_location
    _title("What would be scheduled for its Server DVD?")
    terminal.type("compose", compose, "--flavors", "Server-dvd-iso", "--dry-run")
    _title("Schedule all wanted products for x86_64")
    terminal.type("compose", compose)
    _title("The jobs openQA made of it")
    _show_jobs(sandbox)
    _title("The same command again: nothing is scheduled twice")
    terminal.type("compose", compose)
    _title("A critical path update: every flavor of its critical path groups")
    terminal.type("update", UPDATE)
    _title("A message about another update: it is stored, and a worker schedules the update")
    terminal.type("replay", str(_write_message(terminal, sandbox)))
    with terminal.worker() as wait:
        wait(lambda: bool(_jobs(sandbox, f"Update-{OTHER_UPDATE}")))
    terminal.type("explain", OTHER_UPDATE)


def _show_results(terminal: Terminal, sandbox: Sandbox) -> None:
    _title("The tests run: the sandbox plays openQA's workers, and not every test passes")
    folder = Path(terminal.environ["XDG_STATE_HOME"]) / "messages"
    endings = ((_build(sandbox.compose_location), TODAY), (f"Update-{UPDATE}", UPDATES))
    messages = [message for build, script in endings for message in _finish(sandbox, build, script)]
    write_messages(folder, messages)
    _title("openQA's messages about these jobs are stored as wanted deliveries")
    terminal.type("replay", str(folder), most=4)
    terminal.type("status")
    _title("A worker sends the results to ResultsDB")
    with terminal.worker("--only", "resultsdb") as wait:
        wait(lambda: _is_delivered(terminal))
    _show_table(sandbox.results.all())
    _title("Gating uses these results: what keeps the update from going stable?")
    terminal.type("gating", UPDATE)


def _show_report(terminal: Terminal, sandbox: Sandbox) -> None:
    _title("All tests of the compose have ended: its report is mailed once")
    with terminal.worker("--only", "mail") as wait:
        wait(lambda: bool(sandbox.mail.messages()))
    mail = sandbox.mail.messages()[-1]
    say("", *mail.describe(lines=100).split("\n"))
    file = Path(tempfile.mkdtemp(prefix="fedora-openqa-demo-")) / REPORT
    file.write_text(mail.text_as("html"), encoding="utf-8")
    _title("The same as HTML, with all tests at a glance; it stays when the demo has ended")
    say(file.as_uri())


def _show_pages(sandbox: Sandbox, url: str) -> None:
    _title("The pages about all this: the first links of the mail and of a result, and others")
    compose = _build(sandbox.compose_location)
    notes = " ".join(result.note or "" for result in sandbox.results.all())
    linked = [
        re.findall(rf"{re.escape(url)}/\S+", text)[0]
        for text in (sandbox.mail.messages()[-1].text_as("plain"), notes)
    ]
    compared = f"{url}/composes/{compose}/compare/previous"
    for link in (url, f"{url}/b/{compose}", *linked, compared):
        with urlopen(link, timeout=60) as page:  # noqa: S310 - ours
            heading = re.search(r"<h1>(.*?)</h1>", page.read().decode(), flags=re.DOTALL)
        say(f"  {link}: {unescape(heading[1]) if heading else ''}")
    say("They end with the demo, unless it is started with --keep.")


def _write_message(terminal: Terminal, sandbox: Sandbox) -> Path:
    found = _read(f"{sandbox.url}/bodhi/updates/{OTHER_UPDATE}")["update"]
    message = Path(terminal.environ["XDG_STATE_HOME"]) / "message.json"
    message.parent.mkdir(parents=True, exist_ok=True)
    body = {"update": found, "agent": "bodhi", "re-trigger": False}
    message.write_text(json.dumps({"topic": BODHI_TOPIC, "id": "demo", "body": body}))
    return message


def _finish(sandbox: Sandbox, build: str, script: Script) -> tuple[Mapping[str, Any], ...]:
    messages = sandbox.finish(build, script)
    results = Counter(job["result"] for job in _jobs(sandbox, build))
    counts = ", ".join(f"{count} {result}" for result, count in results.most_common())
    say(f"{build}: {counts}")
    return messages


def _is_delivered(terminal: Terminal) -> bool:
    lanes = {lane["kind"]: lane for lane in terminal.ask("status")["lanes"]}
    return not any(lanes["resultsdb"][count] for count in ("due", "waiting", "leased"))


def _show_jobs(sandbox: Sandbox) -> None:
    jobs = _jobs(sandbox, _build(sandbox.compose_location))
    jobs.sort(key=lambda job: int(job["id"]))
    names = {job["id"]: f"{job['test']}@{job['settings']['MACHINE']}" for job in jobs}
    flavors = {job["settings"]["FLAVOR"] for job in jobs}
    # the flavor in which most jobs wait for another job
    children = Counter(job["settings"]["FLAVOR"] for job in jobs if job["has_parents"])
    flavor = children.most_common(1)[0][0]
    of_flavor = [job for job in jobs if job["settings"]["FLAVOR"] == flavor]
    say(f"{len(jobs)} jobs of {len(flavors)} flavors. {flavor} has {len(of_flavor)}:")
    for job in of_flavor[:SHOWN]:
        parents = [names[parent] for parent in job["parents"]["Chained"]]
        after = f"  after {', '.join(parents)}" if parents else ""
        say(f"  {job['id']:4} {job['state']:10} {names[job['id']]}{after}")
    say(f"  … and {len(of_flavor) - SHOWN} more")


def _show_table(results: tuple[Result, ...]) -> None:
    counts = Counter(result.outcome for result in results)
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common())
    say("", f"ResultsDB has {len(results)} results: {outcomes}. Some of them:")
    # failures first
    rows = sorted(results, key=lambda result: (result.outcome == "PASSED", result.id))[:ROWS]
    for row in rows:
        [scenario] = row.data["scenario"]
        say(f"  {row.outcome:8} {row.testcase:34} {scenario:46} {row.note}".rstrip())


def _title(text: str) -> None:
    say("", f"== {text}", "")


def _build(location: str) -> str:
    return location.split("/")[-2]


def _jobs(sandbox: Sandbox, build: str) -> list[dict[str, Any]]:
    query = urlencode({"build": build})
    jobs: list[dict[str, Any]] = _read(f"{sandbox.url}/api/v1/jobs?{query}")["jobs"]
    return jobs


def _read(url: str) -> Any:  # noqa: ANN401 - JSON
    with urlopen(url, timeout=30) as answer:  # noqa: S310 - ours
        return json.load(answer)
