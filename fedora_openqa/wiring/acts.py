"""Connects what people do on pages: logins, plans, acts."""

import ipaddress
import os
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from fedora_openqa import ports
from fedora_openqa.accounts import user_name
from fedora_openqa.config import Config
from fedora_openqa.config.secrets import read_secret
from fedora_openqa.errors import ConfigError
from fedora_openqa.model.audit import Action, Role
from fedora_openqa.model.composes import ComposeName
from fedora_openqa.store.audit import Audit
from fedora_openqa.store.engine import Engine
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.lists import SubjectLists
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.web.acts import Acts, Logins, Turns
from fedora_openqa.wiring.failures import failures_of
from fedora_openqa.wiring.gateways import Gateways
from fedora_openqa.wiring.gating import waiving_in_person
from fedora_openqa.wiring.operator import open_lanes, open_releaser
from fedora_openqa.wiring.scheduling import open_reruns, open_site
from fedora_openqa.workflows.acting import Acting
from fedora_openqa.workflows.actions import Actions, Deed
from fedora_openqa.workflows.deeds import (
    Dropping,
    Naming,
    Pausing,
    Releasing,
    Resuming,
    Ruling,
    Unruling,
    WaivingInPerson,
    Wanting,
)
from fedora_openqa.workflows.requesting import Requesting
from fedora_openqa.workflows.rerun import Reruns
from fedora_openqa.workflows.rerunning import Rerunning

#: bytes of randomness of a token and of a key
RANDOM_BYTES = 32

#: seconds that a request to the provider may take
LOGIN_SECONDS = 15.0

#: the environment variable of our secret at the provider
OPENID_SECRET = "FEDORA_OPENQA_OPENID_SECRET"  # noqa: S105 - its name


def open_acts(config: Config, engine: Engine, *, announce: Callable[[str], object]) -> Acts | None:
    """Connect what people do; None: nobody may act on the pages.

    :param announce: called once with the token that was made

    Raises:
        ConfigError: the deployment cannot work, or would let everybody act.
    """
    web = config.web
    if not web.actions:
        return None
    if not (web.openid.issuer or web.token_file or is_loopback(web.listen)):
        raise ConfigError(
            f"web.listen is {web.listen}: beyond the loopback interface people can act only with"
            " web.openid or web.token_file; or set web.actions = false"
        )
    actions = Actions(
        acting=Acting(Audit(engine), most=web.daily),
        deeds=_deeds(config, engine),
        bulk=web.bulk,
    )
    return Acts(
        logins=_logins(config, announce),
        plan=actions.plan,
        asked=actions.asked,
        turns=Turns(max(web.threads // 4, 1)),
        act=actions.act,
        bulk=web.bulk,
    )


def is_loopback(listen: str) -> bool:
    """Return whether only this host reaches an address; ``":8080"`` is one of those."""
    host = listen.rpartition(":")[0].strip("[]")
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        # a name may have any address tomorrow
        return False


def _deeds(config: Config, engine: Engine) -> dict[Action, Deed]:
    gateways = Gateways(config)
    releaser, lanes = open_releaser(config, dry_run=False), open_lanes(config)

    @cache
    def reruns() -> Reruns:
        if config.shadow.enabled:
            raise ConfigError("this is a shadow, which writes to no service")
        return open_reruns(config, dry_run=False)

    def location_of(compose_id: str) -> str:
        # late: fedfind is slow to load
        return gateways.known_composes.location(compose_id)

    def name_in(location: str) -> ComposeName | None:
        return gateways.composes.name_in(location)

    requesting = Requesting(
        inbox=Subjects(engine),
        bodhi=gateways.bodhi,
        location_of=location_of,
        name_in=name_in,
        table=open_site(config).flavor_tables.fedora,
    )
    desk = failures_of(config, engine)
    return {
        Action.RERUN: Rerunning(reruns, JobHistory(engine), SubjectLists(engine), desk),
        Action.REQUEST: Wanting(requesting),
        Action.RELEASE: Releasing(releaser),
        Action.DROP: Dropping(releaser),
        Action.PAUSE: Pausing(lanes),
        Action.RESUME: Resuming(lanes),
        Action.NAME: Naming(desk),
        Action.RULE: Ruling(desk),
        Action.UNRULE: Unruling(desk),
        Action.WAIVE: WaivingInPerson(waiving_in_person(config)),
    }


def _logins(config: Config, announce: Callable[[str], object]) -> Logins:
    web = config.web
    token = ""
    if web.token_file:
        token, is_new = read_or_make(Path(web.token_file))
        if is_new:
            announce(f"Token to log in with, which {web.token_file} has from now on: {token}")
    elif not web.openid.issuer:
        token = secrets.token_urlsafe(RANDOM_BYTES)
        announce(f"Token to log in with, until this process ends: {token}")
    key = secrets.token_urlsafe(RANDOM_BYTES)
    if web.session_key_file:
        key, _ = read_or_make(Path(web.session_key_file))
    return Logins(
        session_key=key.encode(),
        session_seconds=web.session_seconds,
        turns=Turns(max(web.threads // 4, 1)),
        roles={Role.OPERATOR: web.roles.operator, Role.ADMIN: web.roles.admin},
        identities=_identities(config),
        token=token,
        token_user=user_name(os.environ),
    )


def _identities(config: Config) -> ports.Identities | None:
    openid = config.web.openid
    if not openid.issuer:
        return None
    from fedora_openqa.gateways.openid import OpenIDProvider

    secret = read_secret(openid.client_secret_file, OPENID_SECRET, os.environ)
    if not secret:
        raise ConfigError(
            f"web.openid has no secret: client_secret_file or ${OPENID_SECRET} has it"
        )
    limits = Gateways(config).limits
    return OpenIDProvider(
        # somebody waits at a browser
        replace(limits, attempts=1, total_timeout=min(limits.total_timeout, LOGIN_SECONDS)),
        openid.issuer,
        client_id=openid.client_id,
        client_secret=secret,
        waiver_scope=openid.waiver_scope,
    )


def read_or_make(path: Path) -> tuple[str, bool]:
    """Return the secret of a file, and whether it was made now, for its owner only.

    Raises:
        ConfigError: it cannot be made or read, or everybody can read it.
    """
    made = secrets.token_urlsafe(RANDOM_BYTES)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as opened:
            opened.write(f"{made}\n")
    except FileExistsError:
        return read_secret(str(path), "", {}), False
    except OSError as exc:
        raise ConfigError(f"{path}: cannot be made: {exc.strerror}") from exc
    return made, True
