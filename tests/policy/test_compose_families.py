from fedora_openqa.model.composes import ReleaseNumbers
from fedora_openqa.policy.compose_families import series_of
from tests.support.composes import NUMBERS


def test_each_series_has_a_folder_and_ids_as_fedora_names_them() -> None:
    found = {f"{one.folder}/{one.name('20261120', 1).id}" for one in series_of(NUMBERS)}
    assert found == {
        "rawhide/Fedora-Rawhide-20261120.n.1",
        "eln/Fedora-eln-20261120.n.1",
        "branched/Fedora-44-20261120.n.1",
        "44/Fedora-44-20261120.1",
        "cloud/Fedora-Cloud-42-20261120.1",
        "cloud/Fedora-Cloud-43-20261120.1",
        "iot/Fedora-IoT-42-20261120.1",
        "iot/Fedora-IoT-43-20261120.1",
        "iot/Fedora-IoT-44-20261120.1",
        "iot/Fedora-IoT-45-20261120.1",
    }


def test_between_two_branch_points_nothing_is_branched() -> None:
    folders = {one.folder for one in series_of(ReleaseNumbers(stable=(43, 44), branched=()))}
    assert folders == {"rawhide", "eln", "cloud", "iot"}
