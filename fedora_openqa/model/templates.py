"""What an openQA server has templates for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class ProductName:
    """A product (medium) of openQA, whatever its version."""

    #: ``"Server-dvd-iso"``
    flavor: str
    #: ``"x86_64"``
    arch: str

    def __str__(self) -> str:
        """Name it in a line."""
        return f"{self.flavor} {self.arch}"


@dataclass(frozen=True, slots=True)
class JobTemplate:
    """A job that is made whenever its product is posted."""

    product: ProductName
    #: what the job is called: its TEST setting
    test: str
    #: ``"64bit"``
    machine: str


@dataclass(frozen=True, slots=True)
class Templates:
    """All that an openQA server can make of what we post."""

    products: frozenset[ProductName]
    job_templates: frozenset[JobTemplate]

    @property
    def scheduling(self) -> frozenset[ProductName]:
        """The products of which at least one job would be made."""
        return self.products & {template.product for template in self.job_templates}
