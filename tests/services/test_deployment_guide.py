"""The deployment guide, followed command by command in a folder that stands for a host."""

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from configparser import ConfigParser
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import pytest

from fedora_openqa.sandbox.composes import Compose, load_image_kinds, write_compose, write_releases
from fedora_openqa.sandbox.config_files import CONFIG
from fedora_openqa.sandbox.running import Sandbox, SandboxOptions
from tests.services.consuming import publish
from tests.services.installed import need_program, skip_or_fail
from tests.services.postgresql import PostgreSQL
from tests.services.processes import NotInstalledError, private_folder
from tests.services.rabbitmq import RabbitMQ
from tests.services.real_site import Site
from tests.services.reporting_site import Process, Tables, as_toml, wait_for
from tests.support.messages import PUNGI

pytestmark = [
    pytest.mark.service,
    pytest.mark.skipif(os.getuid() != 0, reason="the guide's commands are root's"),
]

ROOT = Path(__file__).parent.parent.parent
GUIDE = (ROOT / "docs/deployment.md").read_text()

#: of an account without a name and without a home folder
UID = "10001"
#: setpriv executes its command while it still may read everything; `env` executes it without that
AS_ACCOUNT = ("setpriv", "--reuid", UID, "--regid", UID, "--clear-groups", "env", "-i")

#: what a wheel is built of
SOURCES = (
    *("fedora_openqa", "consumers", "check_compose", "autocloudreporter", "fedmsg.d"),
    *("setup.cfg", "pyproject.toml", "README.md", "LICENSE"),
)

#: commands that need a running systemd: it would name the account, and read its units
OF_SYSTEMD = ("systemd-sysusers", "systemctl daemon-reload")


def section(title: str) -> str:
    (found,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", GUIDE, flags=re.MULTILINE | re.DOTALL)
    return str(found)


def steps(text: str) -> list[str]:
    return re.split(r"^\d+\. ", text, flags=re.MULTILINE)[1:]


def commands(text: str) -> list[str]:
    blocks = re.findall(r"^ *```console\n(.*?)^ *```$", text, flags=re.MULTILINE | re.DOTALL)
    return [line.strip().removeprefix("# ") for block in blocks for line in block.splitlines()]


def settings(text: str) -> Tables:
    (block,) = re.findall(r"^ *```toml\n(.*?)^ *```$", text, flags=re.MULTILINE | re.DOTALL)
    return tomllib.loads(block)


@dataclass(frozen=True)
class Host:
    """A folder with the files of a host, and the processes that its units run."""

    root: Path
    logs: Path
    stack: contextlib.ExitStack
    processes: list[Process] = field(default_factory=list)

    @property
    def environ(self) -> Mapping[str, str]:
        return {
            "PATH": f"{self.root}/usr/bin:/usr/bin:/bin",
            "FEDORA_OPENQA_CONFIG": f"{self.root}/etc/fedora-openqa/config.toml",
            "OPENQA_CONFIG": f"{self.root}/etc/openqa",
        }

    def here(self, command: str) -> str:
        """Move the paths of a command below the folder, and give its account a number."""
        moved = re.sub(r"(?<!\w)/(etc|opt|usr|var)/", rf"{self.root}/\1/", command)
        return re.sub(r"(-[og]|--re[ug]id) fedora-openqa", rf"\1 {UID}", moved)

    def run(self, command: str) -> str:
        """Run a command of the guide in the source folder, and give its output."""
        return self.shell(self.here(command))

    def shell(self, command: str) -> str:
        ended = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, (command, ended.stdout, ended.stderr)
        return ended.stdout

    def as_unit(self, name: str) -> Sequence[str]:
        """Give the command of an installed unit, with its account and environment."""
        template, _, instance = name.partition("@")
        file = f"{template}@.service" if instance else f"{name}.service"
        unit = ConfigParser(strict=False, interpolation=None)
        unit.read(self.root / "etc/systemd/system" / file)
        service = unit["Service"]
        environ = [f"{key}={value}" for key, value in self.environ.items()]
        environ += [
            self.here(service["Environment"]),
            f"STATE_DIRECTORY={self.root}/var/lib/{service['StateDirectory']}",
        ]
        command = shlex.split(self.here(service["ExecStart"].replace("%i", instance)))
        return [*AS_ACCOUNT, *environ, *command]

    def start(self, name: str) -> Process:
        """Start an installed unit as systemd does."""
        process = Process(self.as_unit(name), {}, self.logs / f"{name}.log")
        self.stack.enter_context(process).start()
        self.processes.append(process)
        return process


def readable_python() -> str:
    """Return an interpreter of our version that every account may run."""
    own = os.path.realpath(sys.executable)
    for python in (own, f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"):
        tried = subprocess.run([*AS_ACCOUNT, python, "-c", ""], capture_output=True, check=False)
        if tried.returncode == 0:
            return python
    with skip_or_fail():
        raise NotInstalledError("an interpreter that every account may run")


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with private_folder("guide-") as root, contextlib.ExitStack() as stack:
        root.chmod(0o755)
        for folder in ("usr/bin", "usr/lib/sysusers.d", "etc/systemd/system", "etc/openqa", "opt"):
            (root / folder).mkdir(parents=True)
        # of the unit's CacheDirectory
        (root / "var/cache/fedora-openqa").mkdir(parents=True)
        os.chown(root / "var/cache/fedora-openqa", int(UID), int(UID))
        yield Host(root, tmp_path, stack)


def install(host: Host, step: str, folder: Path) -> None:
    """Follow the step of the installation with a wheel of these sources, and without network."""
    make, install_package, link = map(host.here, commands(step))
    python3, _, arguments = make.partition(" ")
    assert python3 == "python3"
    host.shell(f"{readable_python()} {arguments} --without-pip")
    environment = Path(arguments.split()[-1])
    assert install_package == f"{environment}/bin/pip install fedora-openqa"
    for name in SOURCES:
        host.shell(f"cp -r {name} {folder}")
    pip = f"{sys.executable} -m pip --quiet"
    offline = "--no-deps --no-index"
    host.shell(f"{pip} wheel {offline} --no-build-isolation -w {folder}/dist {folder}")
    host.shell(f"{pip} --python {environment}/bin/python install {offline} {folder}/dist/*.whl")
    # the dependencies are those of the tests
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    installed = environment / "bin/fedora-messaging"
    _, _, script = Path(sys.executable).with_name(installed.name).read_text().partition("\n")
    installed.write_text(f"#!{environment}/bin/python\n{script}")
    installed.chmod(0o755)
    host.shell(link)


def configure(host: Host, step: str, *, site: Site, sandbox: Sandbox, store_url: str) -> None:
    """Write the guide's configuration, and the addresses of this site."""
    servers = CONFIG.format(
        url=sandbox.url,
        host=sandbox.url.removeprefix("http://"),
        token_file="",
        smtp=sandbox.mail.address,
    )
    own = {
        "openqa": {"hostname": site.openqa.url},
        "store": {"url": store_url},
        "monitoring": {"listen": "127.0.0.1:0"},
    }
    config: dict[str, dict[str, object]] = {}
    for tables in (settings(step), settings(section("Several hosts")), tomllib.loads(servers), own):
        for name, table in tables.items():
            config.setdefault(name, {}).update(table)
    for unused in ("waiverdb", "resultsdb"):
        del config[unused]
    assert config["worker"]["threads"] == 0
    (host.root / "etc/fedora-openqa/config.toml").write_text(as_toml(config))
    keys = host.root / "etc/openqa/client.conf"
    shutil.copy(site.directory / "client.conf", keys)
    os.chown(keys, 0, int(UID))
    keys.chmod(0o640)


def name_broker(host: Host, step: str, broker: str) -> None:
    """Edit the consumer's file as the guide says."""
    assert "`amqp_url`" in step
    assert "Delete `passive_declares`" in step
    file = host.root / "etc/fedora-messaging/scheduler.toml"
    text = file.read_text()
    text = text.replace(tomllib.loads(text)["amqp_url"], f"{broker}%2F")
    file.write_text(text.replace("passive_declares = true\n", ""))


def is_ready(process: Process) -> bool:
    found = re.search(r"monitoring on (http://\S+)", process.log)
    assert process.is_alive, process.log
    if not found:
        return False
    with contextlib.suppress(OSError), urlopen(f"{found.group(1)}/ready") as answer:  # noqa: S310
        return bool(answer.read() == b"ready\n")
    return False


def write_todays_compose(root: Path) -> Compose:
    """Write a compose that has just finished."""
    images = [one for one in load_image_kinds() if one.subvariant == "Workstation"]
    date = datetime.now(UTC).strftime("%Y%m%d")
    compose = Compose(date=date, images=tuple(images))
    write_compose(root, compose)
    write_releases(root, stable=[42, 43], branched=[44])
    return compose


@pytest.mark.timeout(600)
def test_the_guide_leads_to_jobs_and_to_a_mail(
    private_rabbitmq: RabbitMQ,
    private_postgresql: PostgreSQL,
    site: Site,
    host: Host,
    tmp_path: Path,
) -> None:
    need_program("setpriv")
    # another account than the server's connects to its socket
    Path(private_postgresql.folder).chmod(0o711)
    composes, sources = tmp_path / "composes", tmp_path / "sources"
    composes.mkdir()
    sources.mkdir()
    compose = write_todays_compose(composes)
    sandbox = host.stack.enter_context(Sandbox(SandboxOptions(composes=composes)))
    packages, account, configuration, broker, start = steps(section("Install on one host"))

    install(host, packages, sources)
    for command in commands(account):
        if command not in OF_SYSTEMD:
            host.run(command)
    configure(
        host, configuration, site=site, sandbox=sandbox, store_url=private_postgresql.create()
    )

    samples, check = commands(broker)
    host.run(samples)
    name_broker(host, broker, private_rabbitmq.url)
    assert "Problems: 0, notices: 0" in host.run(check)

    *before, enable, status = commands(start)
    for command in before:
        if command not in OF_SYSTEMD:
            host.run(command)
    prefix, _, names = enable.partition(" --now ")
    assert prefix == "systemctl enable"
    units = [name for name in names.split() if not name.endswith(".timer")]
    assert units == ["fedora-openqa-consumer@scheduler", "fedora-openqa-worker@1"]
    assert "then `fedora-openqa-worker@1`, `@2`" in section("Several hosts")
    consumer, *workers = [host.start(name) for name in (*units, "fedora-openqa-worker@2")]
    consumer.wait_until_it_listens()

    location = f"{sandbox.url}/{compose.folder}/compose"
    build = compose.compose_id
    body = {"status": "FINISHED", "compose_id": build, "location": location}
    publish(private_rabbitmq, PUNGI, body)
    wait_for(
        lambda: any(
            f"[compose:{build}]" in one.log and "] scheduled\n" in one.log for one in workers
        ),
        lambda: [one.log for one in host.processes],
    )
    jobs = site.get("jobs", build=build)["jobs"]
    assert {job["settings"]["FLAVOR"] for job in jobs} >= {"Workstation-live-iso"}

    for job in jobs:
        site.client.openqa_request(
            "POST", f"jobs/{job['id']}/set_done", params={"result": "passed"}
        )
    assert "`check-compose --since 24h`" in GUIDE
    mailing = Process(host.as_unit("fedora-openqa-check-compose"), {}, tmp_path / "mail.log")
    host.stack.enter_context(mailing).start()
    # mailed by that command, or by a worker, whichever is first
    wait_for(sandbox.mail.messages, lambda: mailing.log)
    (mail,) = sandbox.mail.messages()
    assert mail.message["subject"] == f"{build} compose check report"
    assert f"Passed openQA tests: {len(jobs)}/{len(jobs)} (x86_64)" in mail.text_as("plain")

    wait_for(
        lambda: all(is_ready(process) for process in host.processes),
        lambda: [process.log for process in host.processes],
    )
    assert host.run(status).startswith("OK")
