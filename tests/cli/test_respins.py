"""Live respins on the sandbox: scheduled by the command, and their results reported."""

import pytest

from fedora_openqa.sandbox.faults import Kind, Rule
from tests.cli.conftest import CommandOnSandbox

BUILD = "FedoraRespin-43-updates-20261101.0"
#: the wanted images among those of the respin: flavor to SUBVARIANT and the word in the file name
WANTED = {
    "Workstation-live-iso": ("Workstation", "WORK"),
    "KDE-live-iso": ("KDE", "KDE"),
    "i3-live-iso": ("i3", "i3"),
}


def folder(cli: CommandOnSandbox) -> str:
    return f"{cli.sandbox.url}{cli.sandbox.respins_path}".rstrip("/")


def test_the_newest_respin_is_posted_with_exactly_these_settings(cli: CommandOnSandbox) -> None:
    ended = cli.compose("--format", "json", location=folder(cli))
    assert ended.status == 0, ended.err
    assert {product["flavor"] for product in ended.json["products"]} == WANTED.keys()
    for number in range(len(WANTED)):
        settings = cli.get(f"isos/{number + 1}")["settings"]
        subvariant, word = WANTED[settings["FLAVOR"]]
        assert settings == {
            "DISTRI": "fedora",
            "VERSION": "43",
            "ARCH": "x86_64",
            "FLAVOR": settings["FLAVOR"],
            "BUILD": BUILD,
            "_OBSOLETE": "1",
            "_ONLY_OBSOLETE_SAME_BUILD": "1",
            "QEMU_HOST_IP": "172.16.2.2",
            "NICTYPE_USER_OPTIONS": "net=172.16.2.0/24",
            "CURRREL": "43",
            "RAWREL": "45",
            "UP1REL": "42",
            "UP2REL": "41",
            "LOCATION": folder(cli),
            "SUBVARIANT": subvariant,
            "IMAGETYPE": "live",
            "ISO_URL": f"{folder(cli)}/F43-{word}-x86_64-LIVE-20261101.iso",
        }


def test_a_respin_costs_three_requests_beside_its_posts_and_none_twice(
    cli: CommandOnSandbox,
) -> None:
    cli.compose(location=folder(cli))
    requests = cli.sandbox.requests.all()
    assert len(requests) == len(WANTED) + 3
    assert not cli.get("groups/1/comments")
    again = cli.compose(location=folder(cli))
    assert (again.status, len(cli.posts)) == (1, len(WANTED))
    assert "openQA already has jobs of all 3 products" in again.err


@pytest.mark.parametrize("separator", [" ", "/"])
def test_images_of_a_respin_are_chosen_like_those_of_a_compose(
    cli: CommandOnSandbox, separator: str
) -> None:
    name = "F43-XFCE-x86_64-LIVE-20261101.iso"
    given_as = f"{folder(cli)}{separator}{name}".split()
    ended = cli.run("image", *given_as, "--dry-run", "--format", "json")
    assert ended.status == 0, ended.err
    assert [(one["FLAVOR"], one["ISO_URL"]) for one in ended.json] == [
        ("Xfce-live-iso", f"{folder(cli)}/{name}")
    ]


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (Rule(Kind.ANSWER, path="respins", status=404), "there are no live respins here"),
        (
            Rule(Kind.ANSWER, path="respins", status=200, body="<title>Index of /x</title>"),
            "there are no live respins here",
        ),
        (
            Rule(Kind.ANSWER, path="respins", status=200, body="<title>Sign in</title>"),
            "no index page: 'Sign in'",
        ),
    ],
)
def test_without_a_respin_nothing_is_scheduled(
    cli: CommandOnSandbox, rule: Rule, reason: str
) -> None:
    cli.sandbox.faults.add(rule)
    ended = cli.compose(location=folder(cli))
    assert (ended.status, ended.out) == (1, "")
    assert reason in ended.err
    assert not cli.posts


def finish(cli: CommandOnSandbox) -> None:
    """Schedule the respin's KDE, and let a job of it pass."""
    cli.compose("--flavors", "KDE-live-iso", location=folder(cli))
    (job, *_) = cli.get("jobs", build=BUILD)["jobs"]
    cli.post(f"jobs/{job['id']}/set_done?result=passed")


def test_a_result_of_a_respin_is_about_its_image(cli: CommandOnSandbox) -> None:
    finish(cli)
    ended = cli.run("report", BUILD, "--resultsdb")
    assert ended.status == 0, ended.err
    (result,) = [one for one in cli.sandbox.results.all() if one.outcome == "PASSED"]
    assert {name: result.data[name] for name in ("item", "productmd.image.subvariant")} == {
        "item": ("F43-KDE-x86_64-LIVE-20261101.iso",),
        "productmd.image.subvariant": ("KDE",),
    }


def test_results_of_a_respin_that_was_replaced_are_skipped_with_that_reason(
    cli: CommandOnSandbox,
) -> None:
    finish(cli)
    page = '<a href="F43-KDE-x86_64-LIVE-20261108.iso">x</a>'
    cli.sandbox.faults.add(Rule(Kind.ANSWER, path="respins", status=200, body=page))
    ended = cli.run("report", BUILD, "--resultsdb", "--format", "json")
    assert f"{BUILD} is no longer there: {folder(cli)} has FedoraRespin-43-updates-20261108.0" in (
        ended.out
    )
    assert "parked" not in ended.out + ended.err
    assert not cli.sandbox.results.all()
