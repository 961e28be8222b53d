"""What is scheduled for a compose."""

from dataclasses import dataclass

from fedora_openqa.model.composes import Compose, ComposeName, ReleaseNumbers
from fedora_openqa.model.products import Plan, Product, ProductResult, ProductState, Settings
from fedora_openqa.model.requests import ComposeRequest
from fedora_openqa.model.tables import ComposeTables
from fedora_openqa.policy.images import select_images, settings_for_image
from fedora_openqa.policy.job_settings import build_for, settings_for_subject


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A product before its settings are complete."""

    flavor: str
    arch: str
    subvariant: str
    imagetype: str
    #: ``None``: an image that openQA cannot be told of
    image_settings: Settings | None
    #: productmd's format of the image
    format: str = ""


def reason_to_skip(name: ComposeName) -> str | None:
    """Say why composes of this kind are not tested here, if they are not."""
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
    """Choose the products of a compose, with all their settings.

    :param site: job settings that depend on where the openQA workers are
    """
    if reason := reason_to_skip(compose.name):
        return Plan(reason=reason)
    with_image = tuple(w for w in _with_image(compose, tables) if _asked_for(w, request))
    imageless = tuple(w for w in _imageless(compose, tables) if _asked_for(w, request))
    if not with_image and not request.flavors:
        # these alone say nothing about a compose that has no image to test
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
            **(wanted.image_settings or {}),
            **request.extra,
        }
        product = Product(flavor=wanted.flavor, arch=wanted.arch, settings=settings)
        if wanted.image_settings is None:
            impossible.append(_unknown_format(product, wanted.format))
        else:
            products.append(product)
    return Plan(
        products=tuple(products),
        impossible=tuple(impossible),
        group_comment=_candidate_comment(compose),
        names=(compose.name.id,),
        release=compose.name.release,
    )


def _with_image(compose: Compose, tables: ComposeTables) -> tuple[_Wanted, ...]:
    return tuple(
        _Wanted(
            flavor=image.flavor,
            arch=image.arch,
            subvariant=image.subvariant,
            imagetype=image.type,
            image_settings=settings_for_image(image, compose.images),
            format=image.format,
        )
        for image in select_images(compose.images, tables.images)
    )


def _imageless(compose: Compose, tables: ComposeTables) -> tuple[_Wanted, ...]:
    if not compose.full or compose.name.release == "eln":
        return ()
    return tuple(
        _Wanted(
            flavor=row.flavor,
            arch=row.arch,
            subvariant=row.subvariant,
            imagetype=row.imagetype,
            image_settings={},
        )
        for row in tables.imageless
    )


def _asked_for(wanted: _Wanted, request: ComposeRequest) -> bool:
    flavors = {flavor.lower() for flavor in request.flavors}
    return (not flavors or wanted.flavor.lower() in flavors) and (
        not request.arches or wanted.arch in request.arches
    )


def _candidate_comment(compose: Compose) -> str | None:
    """Write the comment that openQA reads as a build's tag and that makes it keep the jobs."""
    # daily composes of stable releases (Fedora-Cloud, -IoT) are of type production too
    if (
        compose.type == "production"
        and compose.name.short == "Fedora"
        and compose.name.release != "eln"
    ):
        return f"tag:{compose.name.id}:important:candidate"
    return None


def _unknown_format(product: Product, image_format: str) -> ProductResult:
    return ProductResult(
        product=product,
        state=ProductState.FAILED,
        reason=f"openQA has no setting for an image of format {image_format!r}",
    )
