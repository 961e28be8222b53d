"""``fedora-openqa image`` on the sandbox."""

import pytest

from tests.cli.conftest import CommandOnSandbox, Ended

ISO = "Server/x86_64/iso/Fedora-Server-dvd-x86_64-Rawhide-20261120.n.0.iso"


def image(cli: CommandOnSandbox, *arguments: str) -> Ended:
    return cli.run("image", cli.sandbox.compose_location, *arguments)


@pytest.mark.parametrize("named", ["name", "flavor", "URL"])
def test_an_image_has_the_settings_it_has_in_the_whole_compose(
    cli: CommandOnSandbox, named: str
) -> None:
    whole = cli.compose("--flavors", "Server-dvd-iso", "--dry-run", "--format", "json").json
    if named == "name":
        ended = image(cli, ISO.rpartition("/")[2], "--dry-run", "--format", "json")
    elif named == "flavor":
        ended = image(cli, "server-DVD-iso", "-a", "x86_64", "--dry-run", "--format", "json")
    else:
        url = f"{cli.sandbox.compose_location}/{ISO}"
        ended = cli.run("image", url, "--dry-run", "--format", "json")
    assert ended.status == 0, ended.err
    assert ended.json == whole
    assert "TOOLBOX_IMAGE" in ended.json[0]


def test_it_is_scheduled_once_and_again_by_force(cli: CommandOnSandbox) -> None:
    iso = ISO.rpartition("/")[2]
    assert image(cli, iso).status == 0
    again = image(cli, iso)
    assert (again.status, len(cli.posts)) == (1, 1)
    assert "openQA already has" in again.err
    assert image(cli, iso, "--force", "-u", "http://x/u.img").status == 0
    assert cli.get("isos/2")["settings"]["GRUBADD"] == "inst.updates=http://x/u.img"


def test_a_flavor_is_scheduled_on_all_its_arches(cli: CommandOnSandbox) -> None:
    shown = image(cli, "universal", "--format", "json").json
    arches = [product["arch"] for product in shown["products"]]
    assert arches == ["x86_64", "aarch64", "ppc64le"]


def test_an_image_that_is_not_wanted_may_be_named_and_openqa_says_if_it_knows_none(
    cli: CommandOnSandbox,
) -> None:
    ended = image(cli, "Fedora-Cinnamon-Live-x86_64-Rawhide-20261120.n.0.iso")
    assert ended.status == 1
    assert "no products found for fedora-Cinnamon-live-iso-x86_64" in ended.err
    assert len(cli.posts) == 1


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (
            "Fedora-i3-Live-Rawhide-20261121.n.0.x86_64.iso",
            "; did you mean Fedora-i3-Live-Rawhide-20261120.n.0.x86_64.iso, ",
        ),
        ("Universl", "has no image or flavor 'Universl'; did you mean universal?"),
        ("zzzzzz", "has no image or flavor 'zzzzzz'"),
    ],
)
def test_what_is_not_in_the_compose_is_said_with_what_is_like_it(
    cli: CommandOnSandbox, name: str, reason: str
) -> None:
    ended = image(cli, name)
    assert (ended.status, ended.out) == (1, "")
    assert reason in ended.err
    assert len(ended.err.splitlines()) == 1
    assert not cli.posts


@pytest.mark.parametrize("arguments", [[], ["universal", "-u", ""]])
def test_wrong_usage_has_an_exit_status_of_its_own(
    cli: CommandOnSandbox, arguments: list[str]
) -> None:
    assert image(cli, *arguments).status == 2
