"""The requests that gathering sends, with the real gateways."""

import pytest

from check_compose.compare import compare
from check_compose.facts import Facts, ImageKind
from check_compose.gather import CheckOptions, CheckPorts, gather
from check_compose.render import render_text
from fedora_openqa.gateways.composes.archive import SeriesFiles
from fedora_openqa.gateways.composes.fedfind import FedfindComposes
from fedora_openqa.gateways.composes.pungi import PungiComposes
from fedora_openqa.gateways.greenwave.decisions import GreenwaveDecisions
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.gateways.openqa.builds import OpenQABuilds
from fedora_openqa.gateways.openqa.job_files import OpenQAFiles
from tests.check_compose.serving import JOBS, PREVIOUS, fill
from tests.support.jobs import BUILD
from tests.support.limits import limits_with
from tests.support.web import Web

LIMITS = limits_with(connect_timeout=30, read_timeout=30, total_timeout=30, attempts=1)


def facts_from(web: Web) -> Facts:
    reader = Reader(LIMITS)
    services = CheckPorts(
        openqa=RestOpenQA(web.url, limits=LIMITS, post_timeout=30, environ={}),
        builds=OpenQABuilds(reader, web.url),
        files=OpenQAFiles(LIMITS, web.url),
        series=SeriesFiles(reader, f"{web.url}/compose"),
        composes=PungiComposes(reader, allowed_hosts=[web.host]),
        known=FedfindComposes(),
        gating=GreenwaveDecisions(LIMITS, web.url),
    )
    options = CheckOptions(
        base_url=web.url, project_url="https://fedora-openqa.example", most_systems=3
    )
    return gather(BUILD, previous=None, services=services, options=options)


@pytest.mark.parametrize(("with_data", "requests"), [(0, 10), (1, 20), (8, 40)])
def test_two_composes_of_many_jobs_cost_few_requests(
    web: Web, with_data: int, requests: int
) -> None:
    fill(web, with_data=with_data)
    facts = facts_from(web)
    assert len(web.requests) == requests
    assert facts.previous
    assert (len(facts.compose.jobs), len(facts.previous.jobs)) == (JOBS, JOBS)
    assert facts.compose.images == facts.previous.images != frozenset()
    # the metadata is a part of that of a real compose
    assert facts.missing_images
    assert ImageKind("cloud_base", "qcow2", "x86_64") in facts.missing_images
    assert ImageKind("server", "dvd", "x86_64") not in facts.missing_images
    assert len(facts.reported_as) == JOBS
    assert facts.gating
    assert facts.gating.decision
    report = render_text(compare(facts))
    assert report.count("1 packages(s) added since previous compose: zsh") == min(with_data, 3)


def test_without_the_series_openqa_is_asked_once_for_earlier_composes(web: Web) -> None:
    fill(web, with_data=0)
    del web.answers["GET /compose/metadata-archive/series/Fedora-rawhide"]
    facts = facts_from(web)
    assert facts.previous
    assert facts.previous.id == PREVIOUS
    assert len(web.requests) == 11
