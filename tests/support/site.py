"""A compose with two images, and what a deployment chooses about scheduling."""

from fedora_openqa.data import load_compose_tables, load_flavor_tables
from fedora_openqa.policy.holds import Holds
from fedora_openqa.workflows.schedule import Site
from tests.support.composes import CLOUD, SERVER_DVD, compose
from tests.support.packages import REPOSITORIES

SITE = Site(
    compose_tables=load_compose_tables(),
    flavor_tables=load_flavor_tables(),
    job_settings={"QEMU_HOST_IP": "172.16.2.2"},
    repositories=REPOSITORIES,
    holds=Holds(blocked={}, paused={}),
    candidate_group="fedora",
    update_arches=("x86_64",),
    posts_at_once=2,
    look_again_after=0.01,
)


COMPOSE = compose(SERVER_DVD, CLOUD, full=False)
