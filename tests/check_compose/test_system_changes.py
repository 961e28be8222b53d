import pytest
from hypothesis import given
from hypothesis import strategies as st

from check_compose.facts import Log, LogFile, Logs
from check_compose.system_changes import (
    DEFAULT_THRESHOLDS,
    MAX_BYTES,
    MAX_NAMES,
    Thresholds,
    changes_between,
)
from tests.check_compose.logs import BUSY, CALM, df, free, logs, rpms, services, top


def lines(before: Logs, now: Logs, *, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> list[str]:
    return [change.text for change in changes_between(before, now, thresholds=thresholds)]


@pytest.mark.parametrize(
    ("log", "before", "now", "expected"),
    [
        # changed by more than 0.3 and by more than 30 %
        (Log.TOP, top("1.00", "90.0"), top("1.30", "90.0"), []),
        (Log.TOP, top("1.00", "90.0"), top("1.31", "90.0"), ["System load changed from 1.00 to 1.31"]),
        (Log.TOP, top("4.00", "90.0"), top("5.20", "90.0"), []),
        (Log.TOP, top("4.00", "90.0"), top("2.79", "90.0"), ["System load changed from 4.00 to 2.79"]),
        (Log.TOP, top("0.10", "90.0"), top("0.40", "90.0"), []),
        (Log.TOP, top("1.00", "90.0"), top("1.00", "80.0"), []),
        (Log.TOP, top("1.00", "90.0"), top("1.00", "79.9"), ["Average CPU usage changed from 10.00 to 20.10"]),
        (Log.FREE, free(102400, 0), free(117760, 0), []),
        (Log.FREE, free(102400, 0), free(118784, 0), ["Used mem changed from 100 MiB to 116 MiB"]),
        (Log.FREE, free(102400, 0), free(86016, 0), ["Used mem changed from 100 MiB to 84 MiB"]),
        (Log.FREE, free(102400, 0), free(102400, 2048), ["Used swap changed from 0 MiB to 2 MiB"]),
        (Log.DF, df(root=100), df(root=115), []),
        (Log.DF, df(root=100), df(root=116), ["Mount / contents changed to 116.00% of previous size"]),
        (Log.DF, df(root=100), df(root=84), ["Mount / contents changed to 84.00% of previous size"]),
        # a mount that was empty or missing has no share
        (Log.DF, df(root=0, boot=5), df(root=9, home=5), []),
        (Log.RPMS, rpms("bash"), rpms("bash").replace("1.2", "1.3"), []),
        (Log.RPMS, rpms("bash"), rpms("bash", "zsh"), ["1 packages(s) added since previous compose: zsh"]),
        (Log.RPMS, rpms("bash", "zsh"), rpms("bash"), ["1 packages(s) removed since previous compose: zsh"]),
        (Log.SERVICES, services("a.service"), services("b.service"), ["1 services(s) added since previous compose: b.service", "1 services(s) removed since previous compose: a.service"]),
    ],
)  # fmt: skip
def test_a_change_above_a_threshold_is_reported(
    log: Log, before: str, now: str, expected: list[str]
) -> None:
    assert lines(logs({log: before}), logs({log: now})) == expected


def test_thresholds_may_be_others() -> None:
    strict = Thresholds(load=0, load_share=0, cpu=0, memory_share=0, mount_share=0)
    lax = Thresholds(load=9, load_share=9, cpu=99, memory_share=9, mount_share=9)
    assert len(lines(CALM, BUSY, thresholds=strict)) == 10
    assert all("since previous compose" in line for line in lines(CALM, BUSY, thresholds=lax))


def test_a_line_lists_so_many_names_and_counts_the_others() -> None:
    names = [f"package{number:03}" for number in range(MAX_NAMES + 5)]
    (change,) = changes_between(
        logs({Log.RPMS: rpms("bash")}),
        logs({Log.RPMS: rpms("bash", *names)}),
        thresholds=DEFAULT_THRESHOLDS,
    )
    assert change.text.startswith("65 packages(s) added since previous compose: package000, ")
    assert change.text.endswith(f"package{MAX_NAMES - 1:03} and 5 more")
    assert change.names == tuple(names)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (None, "was not uploaded"),
        (LogFile(None, "404\nNot Found"), "could not be read (404\ufffdNot Found)"),
        (LogFile(b""), "is empty"),
        (LogFile(b"bash-1-2.x86_64\n" * 655_360), "is too long (10.0 MiB)"),
        (LogFile(b"\x00\x01\x02\n"), "is not text"),
        (LogFile("bash-1-2.x86_64\n".encode("utf-16")), "is not UTF-8 text"),
        (LogFile("Zugriff verwährt\n".encode("latin-1")), "is not UTF-8 text"),
        (LogFile(b"bash-1-2.x86_64\nzsh-1"), "is cut off: its last line does not end"),
        (LogFile(b"Permission denied\n"), "says nothing we understand"),
    ],
)
@pytest.mark.parametrize("log", Log)
def test_a_log_that_cannot_be_read_is_said_in_a_line(
    log: Log, broken: LogFile | None, reason: str
) -> None:
    bad = {one: text for one, text in CALM.items() if one is not log}
    if broken:
        bad[log] = broken
    file = f"_collect_data-{log}.log"
    assert lines(CALM, bad) == [f"{file} could not be compared: the current one {reason}"]
    assert lines(bad, CALM) == [f"{file} could not be compared: the previous one {reason}"]
    both = lines(bad, bad)
    if broken is None:
        assert both == []
    else:
        assert both == [
            f"{file} could not be compared: the previous one {reason}; the current one {reason}"
        ]


def test_odd_names_stay_in_their_line() -> None:
    before = logs({Log.RPMS: rpms("bash"), Log.DF: "a 9 4 5 40% /\x1b[2Ja\n"})
    now = logs({Log.RPMS: rpms("bash", "z\x1b[2Jsh"), Log.DF: "a 9 8 1 80% /\x1b[2Ja\n"})
    assert lines(before, now) == [
        "1 packages(s) added since previous compose: z\ufffd[2Jsh",
        "Mount /\ufffd[2Ja contents changed to 200.00% of previous size",
    ]


def test_the_longest_log_is_read() -> None:
    line = b"bash-1-2.x86_64\n"
    assert lines(*[{Log.RPMS: LogFile(line * (MAX_BYTES // len(line)))}] * 2) == []


FILES = st.builds(
    LogFile,
    content=st.none() | st.binary(max_size=200) | st.text().map(lambda text: f"{text}\n".encode(errors="replace")),
    reason=st.text(max_size=20),
)  # fmt: skip
ANY = st.dictionaries(st.sampled_from(Log), FILES | st.sampled_from([*CALM.values()]))


@given(before=ANY, now=ANY)
def test_no_log_breaks_a_report(before: Logs, now: Logs) -> None:
    for line in lines(before, now):
        assert line.splitlines() == [line]
