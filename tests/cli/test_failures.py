"""``fedora-openqa failures`` on a store that has jobs of two weeks with known causes."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from fedora_openqa.sandbox.made_causes import CauseKind
from fedora_openqa.sandbox.made_history import make_history
from fedora_openqa.sandbox.made_shapes import MadeHistory, Shape
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.jobs import JobHistory
from tests.cli.conftest import CommandOnSandbox

#: seconds since the epoch: the end of what is made up
END = 1_800_000_000.0

DAY = 86_400.0


@pytest.fixture(scope="module")
def made() -> MadeHistory:
    shape = Shape(start=END - 10 * DAY, end=END, seed=2, scenarios=25, composes=24, updates=30)
    return make_history(shape)


@pytest.fixture
def filled(cli: CommandOnSandbox, made: MadeHistory) -> Iterator[CommandOnSandbox]:
    """Give the command a store whose last job ended just now."""
    url = f"sqlite:///{cli.directory}/store.db"
    cli.configure(f'\n[store]\nurl = "{url}"\n')
    engine = open_engine(url)
    later = time.time() - END
    ended = [one.job for one in made.jobs if one.job.finished is not None]
    JobHistory(engine).remember(
        [replace(job, finished=(job.finished or 0.0) + later) for job in ended]
    )
    yield cli
    engine.dispose()


def clusters(cli: CommandOnSandbox, *options: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = cli.run("failures", *options, "--format", "json").json
    return found


def test_clusters_are_listed_with_what_their_jobs_have_in_common(
    filled: CommandOnSandbox, made: MadeHistory
) -> None:
    causes = {one.job.id: one.cause for one in made.jobs}
    found = clusters(filled, "--state", "all")
    assert len(found) >= 5
    lasting = 0
    for cluster in found:
        members = filled.run("failures", "show", str(cluster["id"]), "--format", "json").json
        of = Counter(
            cause for it in members["members"] if (cause := causes[it["run"]["id"]]) is not None
        )
        ((cause, count),) = of.most_common(1)
        lasting += cause.kind is not CauseKind.FLAKE
        assert count >= 0.8 * of.total()
        assert sum(members["trend"]) == len(members["members"]) == cluster["jobs"]
    assert lasting >= 5
    requests = len(filled.sandbox.requests.all())
    text = filled.run("failures", "--state", "all").out
    assert str(found[0]["title"]) in text
    assert "passed before in Fedora-" in text
    assert len(filled.sandbox.requests.all()) == requests


def test_they_are_filtered(filled: CommandOnSandbox) -> None:
    found = clusters(filled, "--state", "all")
    states = Counter(one["state"] for one in found)
    assert set(states) == {"open", "over"}
    assert len(clusters(filled)) == states["open"]
    infra = clusters(filled, "--state", "all", "--kind", "infra")
    assert {one["kind"] for one in infra} == {"infra"}
    rawhide = clusters(filled, "--state", "all", "--release", "Rawhide")
    assert 0 < len(rawhide) < len(found)
    nothing = filled.run("failures", "--release", "12")
    assert (nothing.status, nothing.out, nothing.err) == (0, "", "no such failures\n")


def test_what_a_person_decides_is_shown_and_recorded(filled: CommandOnSandbox) -> None:
    id_ = str(clusters(filled)[0]["id"])
    bug = "https://bugs.example.org/7"
    assert filled.run("failures", "name", id_, "no\u202e  login", "--dry-run").status == 0
    assert clusters(filled)[0]["title"] != "no\ufffd login"
    assert filled.run("audit").out == ""
    for arguments in (("name", id_, "no\u202e  login"), ("bug", id_, bug), ("kind", id_, "test")):
        assert filled.run("failures", *arguments).status == 0, arguments
    (named,) = [one for one in clusters(filled) if str(one["id"]) == id_]
    assert (named["title"], named["bug"], named["kind"]) == ("no\ufffd login", bug, "test")
    assert "bug: https://bugs.example.org/7" in filled.run("audit").out
    assert filled.run("failures", "close", id_).status == 0
    assert id_ not in {str(one["id"]) for one in clusters(filled)}
    (closed,) = clusters(filled, "--state", "closed")
    assert str(closed["id"]) == id_


def test_each_of_its_jobs_finds_a_cluster(filled: CommandOnSandbox) -> None:
    id_ = str(clusters(filled)[0]["id"])
    shown = filled.run("failures", "show", id_, "--format", "json").json
    last = str(shown["members"][0]["run"]["id"])
    assert last != id_
    again = filled.run("failures", "show", last, "--format", "json").json
    assert again["cluster"]["id"] == shown["cluster"]["id"]
    unknown = filled.run("failures", "show", "7")
    assert (unknown.status, unknown.err) == (
        1,
        "Error: no failures with one cause have job 7\n",
    )


def test_a_test_is_split_off(filled: CommandOnSandbox) -> None:
    cluster = max(clusters(filled, "--state", "all"), key=lambda one: len(one["tests"]))  # type: ignore[arg-type]
    id_, tests = str(cluster["id"]), cluster["tests"]
    shown = filled.run("failures", "show", id_, "--format", "json").json
    oldest = next(it["test"] for it in shown["members"] if str(it["run"]["id"]) == id_)
    other = next(test for test in tests if test != oldest)  # type: ignore[attr-defined]
    refused = filled.run("failures", "split", id_, "--test", oldest)
    assert "is the oldest: split off the others" in refused.err
    assert filled.run("failures", "split", id_).status == 2
    done = filled.run("failures", "split", id_, "--test", other)
    assert done.status == 0, done.err
    now = {str(one["id"]): one for one in clusters(filled, "--state", "all")}
    assert other not in now[id_]["tests"]  # type: ignore[operator]
    assert [one["id"] for one in now.values() if one["tests"] == [other]]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x", "https://x/\u202e"])
def test_only_a_web_address_is_a_bug(filled: CommandOnSandbox, url: str) -> None:
    assert filled.run("failures", "bug", "7", url).status == 2


def test_a_rule_names_all_failures_with_a_text_until_it_is_removed(
    filled: CommandOnSandbox,
) -> None:
    cluster = clusters(filled, "--state", "all")[0]
    id_, text = str(cluster["id"]), str(cluster["signatures"][0])[1:].upper()  # type: ignore[index]
    bug = "https://bugs.example.org/7"
    rule = ("failures", "rule", text, "--title", "no  login", "--bug", bug)
    tried = filled.run(*rule, "--dry-run")
    assert (tried.status, tried.out.splitlines()[-1]) == (0, "Would be stored")
    assert "it is about all tests and arches" in tried.out
    assert filled.run("failures", "rules", "--format", "json").json == []
    assert "no rules" in filled.run("failures", "rules").err
    made = filled.run(*rule)
    assert (made.status, made.out.splitlines()[-1]) == (0, "Stored as rule 1")
    named = filled.run("failures", "show", id_, "--format", "json").json["cluster"]
    assert (named["title"], named["bug"], named["rule"]) == ("no login", bug, 1)
    (view,) = filled.run("failures", "rules", "--format", "json").json
    assert (view["text"], view["test"], view["title"]) == (text, None, "no login")
    assert view["clusters"] >= 1
    assert f"1 {text}: no login, {bug}" in filled.run("failures", "rules").out
    # a person's own words count more
    filled.run("failures", "name", id_, "mine")
    named = filled.run("failures", "show", id_, "--format", "json").json["cluster"]
    assert (named["title"], named["bug"]) == ("mine", bug)
    assert "Would remove rule 1" in filled.run("failures", "unrule", "1", "--dry-run").out
    assert filled.run("failures", "unrule", "1").out == f"Removed rule 1: {text}\n"
    again = filled.run("failures", "unrule", "1")
    assert (again.status, again.err) == (1, "Error: there is no rule 1\n")
    named = filled.run("failures", "show", id_, "--format", "json").json["cluster"]
    assert (named["title"], named["bug"], named["rule"]) == ("mine", None, None)
    told = filled.run("audit", "--format", "json").json
    assert [one["what"] for one in told] == ["unrule", "name", "rule"]


def test_a_rule_that_says_nothing_about_failures_is_refused(filled: CommandOnSandbox) -> None:
    for text, options, status, said in (
        ("no such text", ["--title", "x"], 1, "no job failed with it in the last 30 days"),
        ("abc", ["--title", "x"], 2, "4 to 200 characters"),
        ("_boot", [], 2, "give it a title or a bug"),
        ("_boot", ["--bug", "javascript:x"], 2, "not an http or https URL"),
    ):
        refused = filled.run("failures", "rule", text, *options)
        assert (refused.status, said in refused.err) == (status, True), refused.err
    assert filled.run("failures", "rules", "--format", "json").json == []
    assert filled.run("audit", "--format", "json").json == []
