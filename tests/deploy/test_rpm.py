"""The RPM spec, with rpm's own tools."""

import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

import fedora_openqa
from tests.deploy.commands import DEPLOY
from tests.services.installed import need_program

SPEC = DEPLOY / "rpm/fedora-openqa.spec"

#: what Fedora's macro packages bring, as far as the spec needs it
MACROS = r"""
%autorelease 1
%autochangelog %{nil}
%_unitdir /usr/lib/systemd/system
%_sysusersdir /usr/lib/sysusers.d
%systemd_post() %{nil}
%systemd_preun() %{nil}
%systemd_postun_with_restart() %{nil}
%sysusers_create_compat() %{nil}
%pyproject_extras_subpkg(n:) %{nil}
%pyproject_files %{_builddir}/pyproject-files
%pyproject_buildrequires(x:) true
%pyproject_wheel PYTHON -m pip wheel --no-deps --no-index --no-build-isolation -w dist .
%pyproject_install PYTHON -m pip install --ignore-installed --no-deps --no-index --root %{buildroot} --prefix /usr dist/*.whl
%pyproject_save_files(l) (cd %{buildroot}; find . -path '*site-packages/*' ! -type d | sed 's#^\.##') >%{pyproject_files}
%pyproject_check_import(e:) true
"""


def test_its_version_is_ours() -> None:
    (version,) = re.findall(r"^Version: +(\S+)$", SPEC.read_text(), flags=re.MULTILINE)
    assert version == fedora_openqa.__version__


def macros(folder: Path) -> Path:
    path = folder / "macros"
    path.write_text(MACROS.replace("PYTHON", sys.executable))
    return path


@pytest.mark.service
def test_rpmlint_finds_no_fault(tmp_path: Path) -> None:
    # Fedora's macros, which rpmlint does not know here
    text = SPEC.read_text().replace("%autochangelog\n", "").replace("%autorelease", "1")
    (tmp_path / SPEC.name).write_text(text)
    asked = subprocess.run(
        [need_program("rpmlint"), tmp_path / SPEC.name],
        capture_output=True,
        check=False,
        text=True,
    )
    assert asked.returncode == 0, asked.stdout
    assert "1 specfiles checked; 0 errors" in asked.stdout


@pytest.mark.service
@pytest.mark.timeout(600)
def test_the_package_has_the_commands_the_units_and_every_file_of_the_wheel(
    tmp_path: Path,
) -> None:
    rpmbuild = need_program("rpmbuild")
    root = Path(fedora_openqa.__file__).parent.parent
    top = tmp_path / "rpmbuild"
    (top / "SOURCES").mkdir(parents=True)
    tracked = subprocess.run(
        [need_program("git"), "ls-files"], cwd=root, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    source = top / f"SOURCES/fedora-openqa-{fedora_openqa.__version__}.tar.gz"
    with tarfile.open(source, "w:gz") as archive:
        for name in tracked:
            if (root / name).exists():
                archive.add(root / name, f"fedora_openqa-{fedora_openqa.__version__}/{name}")
    built = subprocess.run(
        [
            *(rpmbuild, "-bb", "--nodeps", "--load", macros(tmp_path)),
            *("--define", f"_topdir {top}", "--define", "_build_id_links none"),
            # scripts of Debian's rpm that need Fedora's files
            *("--define", "__os_install_post %{nil}", SPEC),
        ],
        capture_output=True,
        check=False,
        text=True,
    )
    assert built.returncode == 0, built.stderr[-3000:]
    (package,) = (top / "RPMS/noarch").glob("*.rpm")
    files = subprocess.run(
        [need_program("rpm"), "--query", "--list", "--package", package],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in (
        "/usr/bin/fedora-openqa",
        "/usr/bin/check-compose",
        "/usr/lib/systemd/system/fedora-openqa-worker@.service",
        "/usr/lib/systemd/system/fedora-openqa-backup.timer",
        "/usr/lib/systemd/system/fedora-openqa-web.service",
        "/usr/lib/sysusers.d/fedora-openqa.conf",
    ):
        assert name in files
    ours = {line.split("site-packages/")[1] for line in files if "site-packages/" in line}
    folders = ("fedora_openqa/", "consumers/", "check_compose/", "autocloudreporter/")
    modules = {name for name in tracked if name.startswith(folders) and (root / name).is_file()}
    samples = {path.name for path in (root / "fedmsg.d").iterdir()}
    assert modules | {f"fedora_openqa/data/fedmsg.d/{name}" for name in samples} <= ours
