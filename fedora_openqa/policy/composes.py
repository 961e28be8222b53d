"""The plan of a compose: its products and their settings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from fedora_openqa.model.composes import Compose, ComposeName, Image, ReleaseNumbers
from fedora_openqa.model.jobs import Settings
from fedora_openqa.model.products import Plan, Product, ProductResult, ProductState
from fedora_openqa.model.requests import ComposeRequest
from fedora_openqa.model.tables import ComposeTables, ImagelessProduct
from fedora_openqa.policy.images import (
    file_name,
    images_by_product,
    named_images,
    select_images,
    settings_for_image,
)
from fedora_openqa.policy.job_settings import build_for, settings_for_subject


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A product before its settings are complete."""

    flavor: str
    arch: str
    subvariant: str
    imagetype: str
    #: settings with the URL of the image; empty: the product has none
    image_settings: Settings
    #: why it cannot be posted; None: it can
    problem: str | None = None


def reason_to_skip(name: ComposeName) -> str | None:
    """Return why such a compose is not tested here; None: it is."""
    if "epel" in name.short.lower():
        return f"{name.id} is a compose of EPEL, which is not tested here"
    if name.release_type.startswith("updates") and name.short != "FedoraRespin":
        return f"{name.id} is a compose of {name.release_type}; updates are tested one by one"
    return None


def plan_compose(
    compose: Compose,
    request: ComposeRequest,
    *,
    tables: ComposeTables,
    numbers: ReleaseNumbers | None,
    site: Settings,
) -> Plan:
    """Return the products of a compose, with all their settings.

    :param site: job settings that depend on where the openQA workers are
    """
    if reason := reason_to_skip(compose.name):
        return Plan(reason=reason)
    if reason := _reason_not_in(compose, request.images, tables):
        return Plan(reason=reason)
    with_image = _with_image(compose, request, tables)
    taken = {(wanted.flavor, wanted.arch) for wanted in with_image}
    imageless = tuple(
        wanted
        for wanted in _imageless(compose, request, tables)
        if (wanted.flavor, wanted.arch) not in taken
    )
    if not with_image and not request.flavors and not request.images:
        # image-less products alone tell nothing about a compose that has no image to test
        imageless = ()
    if not with_image and not imageless:
        return Plan(reason="Compose found, but no available images")
    build = build_for(compose.name.id, request.extra)
    products = []
    impossible = []
    for wanted in with_image + imageless:
        settings = {
            **settings_for_subject(
                release=compose.name.release,
                arch=wanted.arch,
                flavor=wanted.flavor,
                build=build,
                numbers=numbers,
            ),
            **site,
            "LOCATION": compose.location,
            "SUBVARIANT": wanted.subvariant,
            "IMAGETYPE": wanted.imagetype,
            **({"LABEL": compose.label} if compose.label else {}),
            **wanted.image_settings,
            **request.extra,
        }
        product = Product(flavor=wanted.flavor, arch=wanted.arch, settings=settings)
        if wanted.problem:
            impossible.append(
                ProductResult(product=product, state=ProductState.FAILED, reason=wanted.problem)
            )
        else:
            products.append(product)
    return Plan(
        products=tuple(products),
        impossible=tuple(impossible),
        group_comment=_candidate_comment(compose),
        names=(compose.name.id, compose.location),
        release=compose.name.release,
    )


def _reason_not_in(compose: Compose, names: Collection[str], tables: ComposeTables) -> str | None:
    """Return which asked name the compose does not have, with similar names; None: it has all."""
    files = [file_name(image) for image in compose.images]
    flavors = [image.flavor for image in compose.images]
    flavors += [row.flavor for row in _imageless_rows(compose, tables)]
    known = {name.lower(): name for name in [*files, *flavors]}
    for name in names:
        # file names are compared exactly, flavors in any letter case
        if name not in files and name.lower() not in {flavor.lower() for flavor in flavors}:
            close = [known[like] for like in get_close_matches(name.lower(), known)]
            hint = f"; did you mean {', '.join(close)}?" if close else ""
            return f"{compose.name.id} has no image or flavor {name!r}{hint}"
    return None


def _with_image(
    compose: Compose, request: ComposeRequest, tables: ComposeTables
) -> tuple[_Wanted, ...]:
    images = (
        named_images(compose.images, request.images)
        if request.images
        else select_images(compose.images, tables.images)
    )
    found = (_product_of(same, compose) for same in images_by_product(images).values())
    return tuple(wanted for wanted in found if _asked_for(wanted, request))


def _product_of(images: Sequence[Image], compose: Compose) -> _Wanted:
    """Return the product of the images of one flavor and arch; with several images, a problem."""
    image = images[0]
    settings = settings_for_image(image, compose.images)
    if len(images) > 1:
        names = " and ".join(image.url.removeprefix(f"{compose.location}/") for image in images)
        problem = f"several images, and no rule which one to test: {names}"
    elif settings is None:
        problem = f"openQA has no setting for an image of format {image.format!r}"
    else:
        problem = None
    return _Wanted(
        flavor=image.flavor,
        arch=image.arch,
        subvariant=image.subvariant,
        imagetype=image.type,
        image_settings={} if problem or settings is None else settings,
        problem=problem,
    )


def _imageless(
    compose: Compose, request: ComposeRequest, tables: ComposeTables
) -> tuple[_Wanted, ...]:
    named = {name.lower() for name in request.images}
    found = (
        _Wanted(
            flavor=row.flavor,
            arch=row.arch,
            subvariant=row.subvariant,
            imagetype=row.imagetype,
            image_settings={},
        )
        for row in _imageless_rows(compose, tables)
        if not named or row.flavor.lower() in named
    )
    return tuple(wanted for wanted in found if _asked_for(wanted, request))


def _imageless_rows(compose: Compose, tables: ComposeTables) -> tuple[ImagelessProduct, ...]:
    return tables.imageless if compose.full and compose.name.release != "eln" else ()


def _asked_for(wanted: _Wanted, request: ComposeRequest) -> bool:
    flavors = {flavor.lower() for flavor in request.flavors}
    return (not flavors or wanted.flavor.lower() in flavors) and (
        not request.arches or wanted.arch in request.arches
    )


def _candidate_comment(compose: Compose) -> str | None:
    """Return the comment that tags the build as important, so that openQA keeps its jobs."""
    # daily composes of stable releases (Fedora-Cloud, -IoT) are of type production too
    if (
        compose.type == "production"
        and compose.name.short == "Fedora"
        and compose.name.release != "eln"
    ):
        return f"tag:{compose.name.id}:important:candidate"
    return None
