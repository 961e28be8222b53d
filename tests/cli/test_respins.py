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


def folder(shop: CommandOnSandbox) -> str:
    return f"{shop.sandbox.url}{shop.sandbox.respins_path}".rstrip("/")


def test_the_newest_respin_is_posted_with_exactly_these_settings(shop: CommandOnSandbox) -> None:
    ended = shop.compose("--format", "json", location=folder(shop))
    assert ended.status == 0, ended.err
    assert {product["flavor"] for product in ended.json["products"]} == WANTED.keys()
    for number in range(len(WANTED)):
        settings = shop.get(f"isos/{number + 1}")["settings"]
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
            "LOCATION": folder(shop),
            "SUBVARIANT": subvariant,
            "IMAGETYPE": "live",
            "ISO_URL": f"{folder(shop)}/F43-{word}-x86_64-LIVE-20261101.iso",
        }


def test_a_respin_costs_three_requests_beside_its_posts_and_none_twice(
    shop: CommandOnSandbox,
) -> None:
    shop.compose(location=folder(shop))
    requests = shop.sandbox.requests.all()
    assert len(requests) == len(WANTED) + 3
    assert not shop.get("groups/1/comments")
    again = shop.compose(location=folder(shop))
    assert (again.status, len(shop.posts)) == (1, len(WANTED))
    assert "openQA already has jobs of all 3 products" in again.err


@pytest.mark.parametrize("separator", [" ", "/"])
def test_images_of_a_respin_are_chosen_like_those_of_a_compose(
    shop: CommandOnSandbox, separator: str
) -> None:
    name = "F43-XFCE-x86_64-LIVE-20261101.iso"
    given_as = f"{folder(shop)}{separator}{name}".split()
    ended = shop.run("image", *given_as, "--dry-run", "--format", "json")
    assert ended.status == 0, ended.err
    assert [(one["FLAVOR"], one["ISO_URL"]) for one in ended.json] == [
        ("Xfce-live-iso", f"{folder(shop)}/{name}")
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
    shop: CommandOnSandbox, rule: Rule, reason: str
) -> None:
    shop.sandbox.faults.add(rule)
    ended = shop.compose(location=folder(shop))
    assert (ended.status, ended.out) == (1, "")
    assert reason in ended.err
    assert not shop.posts


def finish(shop: CommandOnSandbox) -> None:
    """Schedule the respin's KDE, and let a job of it pass."""
    shop.compose("--flavors", "KDE-live-iso", location=folder(shop))
    (job, *_) = shop.get("jobs", build=BUILD)["jobs"]
    shop.post(f"jobs/{job['id']}/set_done?result=passed")


def test_a_result_of_a_respin_is_about_its_image(shop: CommandOnSandbox) -> None:
    finish(shop)
    ended = shop.run("report", BUILD, "--resultsdb")
    assert ended.status == 0, ended.err
    (result,) = [one for one in shop.sandbox.results.all() if one.outcome == "PASSED"]
    assert {name: result.data[name] for name in ("item", "productmd.image.subvariant")} == {
        "item": ("F43-KDE-x86_64-LIVE-20261101.iso",),
        "productmd.image.subvariant": ("KDE",),
    }


def test_results_of_a_respin_that_was_replaced_are_skipped_with_that_reason(
    shop: CommandOnSandbox,
) -> None:
    finish(shop)
    page = '<a href="F43-KDE-x86_64-LIVE-20261108.iso">x</a>'
    shop.sandbox.faults.add(Rule(Kind.ANSWER, path="respins", status=200, body=page))
    ended = shop.run("report", BUILD, "--resultsdb", "--format", "json")
    assert f"{BUILD} is no longer there: {folder(shop)} has FedoraRespin-43-updates-20261108.0" in (
        ended.out
    )
    assert "parked" not in ended.out + ended.err
    assert not shop.sandbox.results.all()
