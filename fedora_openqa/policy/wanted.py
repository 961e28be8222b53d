"""The subject that an event asks to schedule, and its priority."""

from fedora_openqa.model.events import (
    ComposeFinished,
    CoreOSBuildFinished,
    SubjectEvent,
    UpdateReady,
)
from fedora_openqa.model.subjects import Kind
from fedora_openqa.model.tables import FlavorTable
from fedora_openqa.model.work import Change, Ignored, Known, Wanted
from fedora_openqa.policy.composes import reason_to_skip
from fedora_openqa.policy.contents import content_of, digest_of
from fedora_openqa.policy.flavors import flavors_of_update
from fedora_openqa.policy.packages import reason_to_skip_packages
from fedora_openqa.policy.subject_names import name_of_event

#: priorities: critical path updates wait in Bodhi, and candidates for a decision; other updates
#: wait in Bodhi, too; nightlies come last. One point is worth a minute of waiting
SOON, UPDATE, NORMAL = 10, 5, 0

#: fields of a request with the URL of a compose or a CoreOS build
PLACES = ("location", "url")


def subject_wanted(event: SubjectEvent, table: FlavorTable) -> Wanted | Ignored:
    """Return the subject that should be scheduled after an event, or why none should.

    :param table: the flavors that test updates of Fedora
    """
    match event:
        case ComposeFinished():
            return _compose(event)
        case UpdateReady():
            return _update(event, table)
        case CoreOSBuildFinished(buildid, arch, url):
            return Wanted(
                key=name_of_event(event).key,
                lane=Kind.COREOS,
                request={"url": url, "buildid": buildid, "arch": arch},
            )


def change_of(wanted: Wanted, known: Known | None) -> Change:
    """Return what an announcement changes in the store.

    :param known: None: the store does not have the subject
    """
    if known is None:
        return Change.NEW
    if wanted.again or wanted.digest != known.digest or _is_elsewhere(wanted, known):
        return Change.AGAIN
    return Change.DUE if known.delayed else Change.NOTHING


def _is_elsewhere(wanted: Wanted, known: Known) -> bool:
    """Return whether a subject that fails is announced with another URL."""
    return known.failing is not None and any(
        known.failing.get(name) != wanted.request.get(name) for name in PLACES
    )


def _compose(event: ComposeFinished) -> Wanted | Ignored:
    if reason := reason_to_skip(event.name):
        return Ignored(reason)
    return Wanted(
        key=name_of_event(event).key,
        lane=Kind.COMPOSE,
        request={"location": event.location, "compose_id": event.name.id},
        priority=SOON if event.label and event.name.short == "Fedora" else NORMAL,
    )


def _update(event: UpdateReady, table: FlavorTable) -> Wanted | Ignored:
    update = event.update
    if reason := reason_to_skip_packages(update):
        return Ignored(reason)
    if update.release == "eln":
        return Ignored(f"{update.alias} is an update of ELN, which is tested as a compose")
    found = flavors_of_update(update, table)
    if not found.of_groups and not found.of_packages:
        unknown = ", ".join(found.unknown_groups)
        return Ignored(
            f"{update.alias} is in no critical path group that is tested"
            + (f" (unknown: {unknown})" if unknown else "")
        )
    content = content_of(update.nvrs)
    return Wanted(
        key=name_of_event(event).key,
        lane=Kind.UPDATE,
        request={"update": update.alias, "everything": False, "content": list(content)},
        digest=digest_of(content),
        again=event.again,
        priority=SOON if update.critical else UPDATE,
    )
