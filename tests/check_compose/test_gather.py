import logging
from collections.abc import Sequence
from dataclasses import replace

import pytest

from check_compose.facts import GatingFacts, ImageKind, Log, LogFile, ReportedAs
from check_compose.gather import MOST_TESTS, MOST_TRIED, GatingPolicy
from fedora_openqa.errors import (
    ConfigError,
    FedoraOpenQAError,
    RequestRefusedError,
    ServiceUnavailableError,
    SubjectError,
)
from fedora_openqa.model.composes import Image
from fedora_openqa.model.gating import Decision, GatingQuestion
from fedora_openqa.model.jobs import Job
from tests.check_compose.setups import (
    EARLIER,
    OPTIONS,
    PREVIOUS,
    CheckSetup,
    FakeBuilds,
    FakeFiles,
    FakeKnown,
    FakeSeries,
    location,
    passed,
    run_of,
    uploads,
    with_images,
)
from tests.support.composes import CLOUD, SERVER_DVD, image
from tests.support.gating import FakeGating, OpenQAWithBuilds
from tests.support.jobs import BUILD, job

AWAY = ServiceUnavailableError("GET /x: 503")
IOT = "Fedora-IoT-44-20261120.0"


@pytest.mark.parametrize("text", ["", "3912345", "FEDORA-2026-1bd5f4a0c2", "44.20261120.91.0"])
def test_a_wrong_compose_id_is_refused_before_any_request(text: str) -> None:
    services = CheckSetup().services()
    with pytest.raises(SubjectError, match="is not a compose id"):
        CheckSetup().gather(text, services=services)
    with pytest.raises(SubjectError, match="is not a compose id"):
        CheckSetup().gather(previous=text or "-", services=services)
    assert isinstance(services.openqa, OpenQAWithBuilds)
    assert not services.openqa.asked


@pytest.mark.parametrize("error", [AWAY, RequestRefusedError("GET /x: 400")])
def test_without_openqa_there_is_no_report(error: FedoraOpenQAError) -> None:
    with pytest.raises(type(error)):
        CheckSetup({BUILD: error}).gather()
    with pytest.raises(type(error)):
        CheckSetup({BUILD: (passed(3001),), PREVIOUS: error}).gather()


def test_a_compose_without_jobs_has_facts_all_the_same() -> None:
    facts = CheckSetup({PREVIOUS: (passed(2001),)}).gather()
    assert facts.compose.jobs == ()
    assert facts.compose.location == location(BUILD)
    assert facts.previous
    assert facts.previous.id == PREVIOUS


class TestPrevious:
    def test_it_is_the_latest_of_the_series(self) -> None:
        jobs = (passed(2001, build=PREVIOUS),)
        builds = {BUILD: (passed(3001),), PREVIOUS: jobs, EARLIER: (passed(1001, build=EARLIER),)}
        series = [EARLIER, PREVIOUS, BUILD, "Fedora-Rawhide-20261121.n.0"]
        setup = CheckSetup({**builds}, series=series)
        services = setup.services()
        facts = setup.gather(services=services)
        assert facts.previous
        assert (facts.previous.id, facts.previous.jobs) == (PREVIOUS, jobs)
        assert facts.previous.location == location(PREVIOUS)
        assert isinstance(services.series, FakeSeries)
        assert services.series.asked == ["Fedora-Rawhide"]
        assert isinstance(services.openqa, OpenQAWithBuilds)
        assert sorted(services.openqa.asked) == [PREVIOUS, BUILD]

    @pytest.mark.parametrize(
        "jobs",
        [(), (job(2001, outcome="running"),), (job(2001, outcome="cancelled/user_cancelled"),)],
    )
    def test_it_has_finished_jobs(self, jobs: Sequence[Job]) -> None:
        builds = {BUILD: (passed(3001),), PREVIOUS: jobs, EARLIER: (passed(1001),)}
        facts = CheckSetup({**builds}).gather()
        assert facts.previous
        assert facts.previous.id == EARLIER

    def test_openqa_is_asked_about_a_few_composes_only(self) -> None:
        series = [f"Fedora-Rawhide-202610{day:02}.n.0" for day in range(1, 31)]
        setup = CheckSetup({BUILD: (passed(3001),)}, series=series)
        services = setup.services()
        assert setup.gather(services=services).previous is None
        assert isinstance(services.openqa, OpenQAWithBuilds)
        assert len(services.openqa.asked) == 1 + MOST_TRIED

    @pytest.mark.parametrize("series", [(), AWAY, ["Fedora-Rawhide-20261119.n.9"]])
    def test_without_a_series_it_is_a_compose_that_openqa_ran_the_same_test_for(
        self, series: Sequence[str] | FedoraOpenQAError
    ) -> None:
        builds = [BUILD, "Update-FEDORA-2026-1", "Fedora-44-20261119.n.0", EARLIER, PREVIOUS]
        facts = CheckSetup(series=series, tests={"install": builds}).gather()
        assert facts.previous
        assert facts.previous.id == PREVIOUS

    def test_openqa_is_asked_about_a_test_of_each_of_the_largest_flavors_until_it_has_one(
        self,
    ) -> None:
        jobs = [
            replace(passed(3000 + number, test=flavor), flavor=flavor, machine=str(number))
            for number, flavor in enumerate("abbccccddd")
        ]
        builds = {BUILD: jobs, PREVIOUS: (passed(2001),)}
        setup = CheckSetup({**builds}, series=(), tests={"a": [PREVIOUS]})
        services = setup.services()
        assert setup.gather(services=services).previous is None
        assert isinstance(services.builds, FakeBuilds)
        assert [one.flavor for one in services.builds.asked] == ["c", "d", "b"]
        assert len(services.builds.asked) == MOST_TESTS
        setup.tests = {"d": [PREVIOUS]}
        services = setup.services()
        facts = setup.gather(services=services)
        assert isinstance(services.builds, FakeBuilds)
        assert [one.flavor for one in services.builds.asked] == ["c", "d"]
        assert facts.previous
        assert facts.previous.id == PREVIOUS

    def test_there_may_be_none(self) -> None:
        facts = CheckSetup({BUILD: (passed(3001),)}, series=()).gather()
        assert facts.previous is None

    def test_a_person_may_choose_another(self) -> None:
        setup = CheckSetup()
        setup.builds[EARLIER] = (passed(1001),)
        services = setup.services()
        facts = setup.gather(previous=EARLIER, services=services)
        assert facts.previous
        assert facts.previous.id == EARLIER
        assert isinstance(services.series, FakeSeries)
        assert not services.series.asked

    def test_but_not_one_that_openqa_has_no_jobs_of(self) -> None:
        with pytest.raises(SubjectError, match=f"{EARLIER}: openQA has no jobs of it"):
            CheckSetup().gather(previous=EARLIER)


class TestImages:
    def test_those_of_both_composes_are_listed(self) -> None:
        places = {
            location(BUILD): with_images(BUILD, SERVER_DVD, CLOUD),
            location(PREVIOUS): with_images(PREVIOUS, CLOUD),
        }
        facts = CheckSetup(places=places).gather()
        cloud = ImageKind("Cloud_Base", "qcow2", "x86_64")
        assert facts.compose.images == frozenset({ImageKind("Server", "dvd", "x86_64"), cloud})
        assert facts.previous
        assert facts.previous.images == frozenset({cloud})

    @pytest.mark.parametrize(
        ("images", "missing"),
        [
            ([SERVER_DVD], [("minimal", "raw-xz", "aarch64")]),
            (
                [image("Minimal_Appliance", "raw-xz", "raw.xz", "aarch64")],
                [("server", "dvd", "x86_64")],
            ),
            (
                [image("Server", "dvd", "iso", "aarch64"), image("Server", "boot", "iso")],
                [("minimal", "raw-xz", "aarch64"), ("server", "dvd", "x86_64")],
            ),
            ([SERVER_DVD, image("Minimal", "raw-xz", "raw.xz", "aarch64")], []),
        ],
    )
    def test_missing_images_are_those_that_fedfind_expects(
        self, images: Sequence[Image], missing: Sequence[tuple[str, str, str]]
    ) -> None:
        expected = {("server", "dvd", "x86_64"), ("minimal", "raw-xz", "aarch64")}
        places = {location(BUILD): with_images(BUILD, *images)}
        facts = CheckSetup(places=places, known=FakeKnown(frozenset(expected))).gather()
        assert facts.missing_images == tuple(ImageKind(*kind) for kind in missing)

    def test_the_expected_images_may_be_unknown(self) -> None:
        assert CheckSetup(known=FakeKnown(None)).gather().missing_images is None

    def test_metadata_that_cannot_be_had_is_not_an_empty_compose(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        facts = CheckSetup(places={}).gather()
        assert facts.compose.images is None
        assert facts.missing_images is None
        assert facts.previous
        assert facts.previous.images is None
        assert f"the images of {BUILD} are not known" in caplog.text

    def test_the_metadata_of_another_compose_is_none(self) -> None:
        setup = CheckSetup(places={location(BUILD): with_images(PREVIOUS, SERVER_DVD)})
        assert setup.gather().compose.images is None

    def test_a_compose_is_where_most_of_its_jobs_say(self) -> None:
        here = "https://here.example/compose"
        jobs = [
            passed(3001),
            run_of(job(3002), LOCATION=here),
            run_of(job(3003), LOCATION=here),
            job(3004),
        ]
        setup = CheckSetup({BUILD: jobs}, places={here: with_images(BUILD, CLOUD)})
        facts = setup.gather()
        assert facts.compose.location == here
        assert facts.compose.images == frozenset({ImageKind("Cloud_Base", "qcow2", "x86_64")})


class TestGating:
    def test_it_is_asked_about_nightly_composes_of_rawhide(self) -> None:
        setup = CheckSetup()
        services = setup.services()
        facts = setup.gather(services=services)
        assert isinstance(services.gating, FakeGating)
        assert services.gating.asked == [
            GatingQuestion(
                product_version="fedora-rawhide",
                contexts=("rawhide_compose_sync_to_mirrors",),
                subject_type="compose",
                subject=BUILD,
            )
        ]
        assert isinstance(setup.gating, Decision)
        assert facts.gating == GatingFacts(name="Rawhide", decision=setup.gating)

    @pytest.mark.parametrize(
        "compose_id", [IOT, "Fedora-44-20261120.n.0", "Fedora-Rawhide-20261120.0"]
    )
    def test_it_is_not_asked_about_others(self, compose_id: str) -> None:
        setup = CheckSetup({compose_id: ()}, series=())
        services = setup.services()
        assert setup.gather(compose_id, services=services).gating is None
        assert isinstance(services.gating, FakeGating)
        assert not services.gating.asked

    def test_it_may_be_configured_for_others(self) -> None:
        question = GatingQuestion("fedora-iot", ("iot_compose",), "compose", "")
        policy = GatingPolicy(name="IoT", release="Fedora-IoT-44", type="", question=question)
        options = replace(OPTIONS, gating=(policy,))
        facts = CheckSetup({IOT: ()}, series=()).gather(IOT, options=options)
        assert facts.gating
        assert facts.gating.name == "IoT"

    @pytest.mark.parametrize("error", [AWAY, SubjectError("no policy is about that")])
    def test_no_answer_is_said_to_be_none(self, error: FedoraOpenQAError) -> None:
        facts = CheckSetup(gating=error).gather()
        assert facts.gating == GatingFacts(name="Rawhide", decision=None, reason=str(error))

    def test_a_wrong_deployment_is_not_a_report(self) -> None:
        with pytest.raises(ConfigError):
            CheckSetup(gating=ConfigError("greenwave.url leads elsewhere")).gather()


class TestSystemData:
    OLD, NEW = 2001, 3001

    def setup(self, *, old: str = "passed", new: str = "passed") -> CheckSetup:
        return CheckSetup(
            {
                BUILD: (passed(self.NEW, module=new),),
                PREVIOUS: (passed(self.OLD, build=PREVIOUS, module=old),),
            },
            files=uploads([self.OLD, self.NEW]),
        )

    def test_the_logs_of_the_same_test_in_both_composes_are_read(self) -> None:
        facts = self.setup().gather()
        assert facts.previous
        for compose, job_id in ((facts.compose, self.NEW), (facts.previous, self.OLD)):
            assert compose.logs == {
                job_id: {kind: LogFile(f"{kind} of {job_id}\n".encode()) for kind in Log}
            }

    @pytest.mark.parametrize(
        ("old", "new"),
        [("", "passed"), ("passed", ""), ("passed", "none"), ("skipped", "failed")],
    )
    def test_nothing_is_read_unless_both_tests_have_collected_data(
        self, old: str, new: str
    ) -> None:
        setup = self.setup(old=old, new=new)
        services = setup.services()
        assert setup.gather(services=services).compose.logs == {}
        assert isinstance(services.files, FakeFiles)
        assert not services.files.asked

    def test_of_a_test_that_was_restarted_the_copy_counts(self) -> None:
        setup = self.setup()
        first = replace(passed(3000, module="passed"), clone_id=self.NEW)
        setup.builds[BUILD] = (first, passed(self.NEW, module="passed"))
        assert setup.gather().compose.logs.keys() == {self.NEW}

    def test_a_test_that_still_runs_has_none(self) -> None:
        setup = self.setup()
        setup.builds[BUILD] = (
            replace(passed(self.NEW, module="passed"), state="uploading", result="none"),
        )
        assert setup.gather().compose.logs == {}

    def test_a_log_that_is_missing_or_unreadable_breaks_nothing(self) -> None:
        setup = self.setup()
        files = uploads([self.OLD, self.NEW])
        del files[self.NEW, Log.DF.filename]
        files[self.NEW, Log.TOP.filename] = AWAY
        setup.files = files
        logs = setup.gather().compose.logs[self.NEW]
        assert logs.keys() == set(Log) - {Log.DF}
        assert logs[Log.TOP] == LogFile(None, str(AWAY))

    def test_a_test_whose_logs_are_all_gone_is_not_one_that_collected_none(self) -> None:
        setup = self.setup()
        setup.files = uploads([self.OLD])
        assert setup.gather().compose.logs == {self.NEW: {}}

    def test_only_so_many_systems_are_compared(self, caplog: pytest.LogCaptureFixture) -> None:
        now, before = (
            [passed(first + i, test=f"t{i}", module="passed") for i in range(4)]
            for first in (3000, 2000)
        )
        setup = CheckSetup(
            {BUILD: now, PREVIOUS: before},
            files=uploads([*range(2000, 2004), *range(3000, 3004)]),
        )
        with caplog.at_level(logging.WARNING):
            facts = setup.gather()
        assert facts.compose.logs.keys() == {3000, 3001, 3002}
        assert f"{BUILD}: of 4 tests with system data, 3 are compared" in caplog.text


def test_jobs_are_known_as_they_are_reported() -> None:
    jobs = (
        passed(3001),
        # its copy is reported
        replace(passed(3002), clone_id=3001),
        run_of(job(3003), TEST_TARGET="NONE"),
    )
    facts = CheckSetup({BUILD: jobs}).gather()
    known_as = ReportedAs("compose.install", "fedora.Server-dvd-iso.x86_64.64bit")
    assert facts.reported_as == {3001: known_as}
    assert (facts.base_url, facts.project_url) == (OPTIONS.base_url, OPTIONS.project_url)
