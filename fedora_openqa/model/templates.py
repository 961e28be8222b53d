"""The products and job templates of an openQA server."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class ProductName:
    """A product (medium) of openQA, of any version."""

    #: ``"Server-dvd-iso"``
    flavor: str
    #: ``"x86_64"``
    arch: str

    def __str__(self) -> str:
        """Return flavor and arch."""
        return f"{self.flavor} {self.arch}"


@dataclass(frozen=True, slots=True)
class JobTemplate:
    """A job that openQA creates when its product is posted."""

    product: ProductName
    #: the TEST setting of the job
    test: str
    #: ``"64bit"``
    machine: str


@dataclass(frozen=True, slots=True)
class Templates:
    """All products and job templates of an openQA server."""

    products: frozenset[ProductName]
    job_templates: frozenset[JobTemplate]

    @property
    def scheduling(self) -> frozenset[ProductName]:
        """The products with at least one job template."""
        return self.products & {template.product for template in self.job_templates}
