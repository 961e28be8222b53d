"""``fedora-openqa config check`` of secrets, of consumers' files, and with ``--connect``."""

from pathlib import Path

import pytest

from fedora_openqa.sandbox.faults import Kind, Rule
from tests.cli.conftest import TWO_TRIES, CommandOnSandbox, Ended

FILES = Path(__file__).parent.parent.parent / "fedmsg.d"
PRIVATE = FILES / "scheduler.private.toml"


def lines(ended: Ended, kind: str) -> list[str]:
    """Return the lines of a kind, without it."""
    start = f"{kind}: "
    return [line.removeprefix(start) for line in ended.out.splitlines() if line.startswith(start)]


def consumer_file(cli: CommandOnSandbox, *changes: tuple[str, str], text: str = "") -> str:
    """Write a file of fedora-messaging that overrides nothing else; return its path."""
    content = PRIVATE.read_text()
    content = content.replace('[consumer_config.openqa]\nhostname = "localhost"\n', text)
    for old, new in changes:
        assert old in content
        content = content.replace(old, new)
    path = cli.directory / "consumer.toml"
    path.write_text(content)
    return str(path)


def test_each_service_is_tried_and_nothing_is_written(cli: CommandOnSandbox) -> None:
    ended = cli.run("config", "check", "--connect")
    assert (ended.status, ended.err) == (0, "")
    assert [
        line.partition(" http")[0].partition(" sqlite")[0] for line in lines(ended, "Connected")
    ][:9] == [
        "store",
        "openQA",
        "composes",
        "Bodhi",
        "CoreOS builds",
        "Datagrepper",
        "releases",
        "Greenwave",
        "WaiverDB",
    ]
    assert "the API key is accepted (0" in ended.out
    assert ended.out.splitlines()[-1] == "Problems: 0, notices: 0"
    assert {request.method for request in cli.sandbox.requests.all()} == {"GET"}
    assert cli.sandbox.mail.messages() == ()
    assert not list(cli.directory.rglob("store.db"))


def test_a_wrong_key_is_a_problem_and_not_shown(cli: CommandOnSandbox) -> None:
    keys = cli.directory / "client.conf"
    keys.write_text(keys.read_text().replace(cli.sandbox.secret, "HIDDEN"))
    ended = cli.run("config", "check", "--connect")
    assert ended.status == 1
    (problem,) = lines(ended, "Problem")
    assert problem.startswith(f"no connection: openQA {cli.sandbox.url}: GET ")
    assert "openQA refuses the API key" in problem
    keys.unlink()
    assert "no API key for" in lines(cli.run("config", "check", "--connect"), "Problem")[0]
    assert "HIDDEN" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/bodhi/", "Bodhi"),
        ("/datagrepper/", "Datagrepper"),
        ("/coreos/", "CoreOS builds"),
        ("/compose/", "composes"),
        ("/greenwave/", "Greenwave"),
        ("/waiverdb/", "WaiverDB"),
        ("/resultsdb/", "ResultsDB"),
    ],
)
def test_a_service_in_trouble_is_a_problem(cli: CommandOnSandbox, path: str, service: str) -> None:
    cli.configure(TWO_TRIES)
    cli.sandbox.faults.add(Rule(Kind.ANSWER, path=path, status=503))
    ended = cli.run("config", "check", "--connect")
    assert ended.status == 1
    (problem,) = lines(ended, "Problem")
    assert problem.startswith(f"no connection: {service} {cli.sandbox.url}")
    assert "503" in problem


def test_a_database_and_a_mail_server_that_are_away_are_problems(cli: CommandOnSandbox) -> None:
    config = cli.config.read_text().replace(cli.sandbox.mail.address, "127.0.0.1:9")
    store = "postgresql+psycopg://openqa:HIDDEN@127.0.0.1:9/openqa"
    cli.config.write_text(f'{config}[store]\nurl = "{store}"\n')
    ended = cli.run("config", "check", "--connect")
    assert ended.status == 1
    store_problem, mail_problem = lines(ended, "Problem")
    assert store_problem.startswith("no connection: store postgresql+psycopg://")
    assert "127.0.0.1:9/openqa: database: " in store_problem
    assert mail_problem.startswith("no connection: SMTP 127.0.0.1:9: ")
    assert "HIDDEN" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("table", "text", "reason"),
    [
        (
            "resultsdb",
            'username = "u"\npassword_file = "/none"',
            "ResultsDB: /none: cannot be read",
        ),
        ("resultsdb", 'username = "u"', "ResultsDB: [resultsdb] username has no password"),
        ("mail", 'smtp_user = "u"\nsmtp_password_file = "/none"', "mail: /none: cannot be read"),
        ("wiki", 'enabled = true\nbot_user = "A@b"', "wiki: [wiki] bot_user has no password"),
        ("wiki", 'enabled = true\ntoken_dir = "/none"', "wiki: /none/oidc_wikitcms.json: no token"),
    ],
)
def test_a_secret_that_is_missing_is_a_problem(
    cli: CommandOnSandbox, table: str, text: str, reason: str
) -> None:
    config = cli.config.read_text()
    if f"[{table}]\n" not in config:
        config += f"[{table}]\n"
    cli.config.write_text(config.replace(f"[{table}]\n", f"[{table}]\n{text}\n"))
    ended = cli.run("config", "check")
    assert ended.status == 1
    (problem,) = lines(ended, "Problem")
    assert problem.startswith(f"cannot work: {reason}")


def test_the_sinks_of_a_shadow_need_no_secrets(cli: CommandOnSandbox) -> None:
    cli.configure('[wiki]\nenabled = true\ntoken_dir = "/none"\n[shadow]\nenabled = true\n')
    assert cli.run("config", "check").status == 0


def test_a_consumers_file_is_checked_over_the_shared_one(cli: CommandOnSandbox) -> None:
    path = consumer_file(cli)
    ended = cli.run("config", "check", path)
    assert ended.status == 0
    assert lines(ended, "Consumer") == [
        f"{path}: consumers.scheduler:Scheduler, overrides worker.threads"
    ]
    found = cli.run("config", "check", str(cli.config), path, "--format", "json").json
    assert found["configuration"] == str(cli.config)
    assert found["consumers"] == [
        {"file": path, "callback": "consumers.scheduler:Scheduler", "overrides": ["worker.threads"]}
    ]


def test_a_sink_that_only_a_consumer_enables_is_a_problem_where_others_work(
    cli: CommandOnSandbox,
) -> None:
    path = consumer_file(
        cli, ("threads = 1", "threads = 0"), text="[consumer_config.sweep]\nbudget = 7\n"
    )
    ended = cli.run("config", "check", path)
    assert ended.status == 1
    assert lines(ended, "Problem") == [
        f"worker.threads is 0, and workers do not read it: {path}: sweep.budget"
    ]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("scheduler:Scheduler", "scheduler:Sheduler", "callback 'consumers.scheduler:Sheduler': "),
        ("consumers.scheduler:Scheduler", "json:loads", "callback 'json:loads' is not ours"),
        ("amqp://", "amqps://", "[tls] ca_cert /none: No such file or directory"),
    ],
)
def test_a_consumer_that_cannot_start_is_a_problem(
    cli: CommandOnSandbox, old: str, new: str, reason: str
) -> None:
    tls = ("[client_properties]", '[tls]\nca_cert = "/none"\n\n[client_properties]')
    path = consumer_file(cli, (old, new), tls)
    ended = cli.run("config", "check", path)
    assert ended.status == 1
    (problem,) = lines(ended, "Problem")
    assert problem.startswith(f"a consumer that cannot work: {path}: {reason}")


def test_a_queue_that_loses_messages_is_a_notice(cli: CommandOnSandbox) -> None:
    path = consumer_file(cli, ("durable = true", "durable = false"))
    ended = cli.run("config", "check", path)
    assert ended.status == 0
    (notice,) = lines(ended, "Notice")
    assert "loses what is published" in notice


def test_a_broker_that_is_away_is_a_problem_without_its_password(cli: CommandOnSandbox) -> None:
    path = consumer_file(cli, ("guest:guest@127.0.0.1:5672", "guest:HIDDEN@127.0.0.1:9"))
    ended = cli.run("config", "check", path, "--connect")
    assert ended.status == 1
    (problem,) = lines(ended, "Problem")
    broker = "no connection: broker amqp://127.0.0.1:9/%2F of consumer.toml: "
    assert problem.startswith(broker)
    assert "Connection refused" in problem
    assert "HIDDEN" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("threads = 1", "threds = 1", "[consumer_config]: Object contains unknown field `threds`"),
        ("callback = ", "callbak = ", "callbak"),
        ("durable = true", "durable", ""),
    ],
)
def test_a_broken_file_is_2_in_a_line(
    cli: CommandOnSandbox, old: str, new: str, reason: str
) -> None:
    path = consumer_file(cli, (old, new))
    ended = cli.run("config", "check", path)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith(f"Error: {path}: ")
    assert reason in ended.err
    assert ended.err.count("\n") == 1


def test_there_is_one_configuration_file(cli: CommandOnSandbox) -> None:
    one = str(cli.config)
    assert cli.run("config", "check", one, one).status == 2
    assert cli.run("--config", one, "config", "check", one).status == 2
    assert cli.run("config", "check", str(cli.directory / "none.toml")).status == 2
