"""The stored products of one request: intended before the POST, recorded after it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, insert, select, update
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import LeaseLostError
from fedora_openqa.model.products import Product, ProductResult, ProductState
from fedora_openqa.model.work import Lease
from fedora_openqa.policy.contents import content_of_settings, digest_of
from fedora_openqa.store.asking import ask_again
from fedora_openqa.store.clock import Clock
from fedora_openqa.store.engine import reading, transaction
from fedora_openqa.store.rows import check_lease, holds
from fedora_openqa.store.schema import product as table
from fedora_openqa.store.schema import subject

#: the setting that names the request a product was posted for
REQUEST_KEY = "__FEDORA_OPENQA_REQUEST"

#: the state of a product whose POST has no stored result
INTENDED = "intended"

#: states that no later attempt changes
FINAL = (ProductState.POSTED, ProductState.EXISTING, ProductState.EMPTY)


class ProductLedger(ports.ProductLedger):
    """The products of one leased request; every method is one transaction."""

    def __init__(self, engine: Engine, lease: Lease, *, clock: Clock) -> None:
        """Use the products of a leased request."""
        self._engine = engine
        self._lease = lease
        self._clock = clock

    @override
    def begin(self, content: Sequence[str]) -> None:
        lease, digest = self._lease, digest_of(tuple(content))
        with transaction(self._engine) as connection:
            check_lease(connection, lease, clock=self._clock)
            row = connection.execute(select(subject).where(subject.c.id == lease.subject_id)).one()
            begun = connection.execute(select(table).where(self._of_request()).limit(1)).first()
            anew = begun is not None and content_of_settings(begun.settings) != tuple(content)
            if anew:
                request = {**row.request, "content": list(content)}
                ask_again(
                    connection, row, request=request, digest=digest, now=self._clock(connection)
                )
            else:
                connection.execute(
                    update(subject).where(subject.c.id == row.id).values(digest=digest)
                )
        if anew:
            raise LeaseLostError(f"{lease.key}: its builds have changed, and it is wanted anew")

    @override
    def finished(self) -> Mapping[tuple[str, str], ProductResult]:
        query = select(table).where(self._of_request(), table.c.state.in_(FINAL))
        with reading(self._engine) as connection:
            return {
                (row.flavor, row.arch): ProductResult(
                    product=Product(flavor=row.flavor, arch=row.arch, settings=row.settings),
                    state=ProductState(row.state),
                    job_ids=tuple(row.job_ids),
                    reason=row.reason,
                    partial=row.partial,
                )
                for row in connection.execute(query)
            }

    @override
    def intended(self) -> Mapping[tuple[str, str], int]:
        # a failed product counts: openQA may have scheduled it without answering
        query = select(table).where(
            self._of_request(), table.c.state.not_in(FINAL), table.c.newest_job.is_not(None)
        )
        with reading(self._engine) as connection:
            return {(row.flavor, row.arch): row.newest_job for row in connection.execute(query)}

    @override
    def unanswered(self) -> Mapping[tuple[str, str], float]:
        query = select(table.c.flavor, table.c.arch).where(
            self._of_request(), table.c.state == INTENDED
        )
        with reading(self._engine) as connection:
            wait = self._lease.unsettled_until - self._clock(connection)
            if wait <= 0:
                return {}
            return {(row.flavor, row.arch): wait for row in connection.execute(query)}

    @override
    def intend(self, product: Product, *, newest_job: int) -> Product:
        lease = self._lease
        with transaction(self._engine) as connection:
            check_lease(connection, lease, clock=self._clock)
            # the first one stays: jobs that an earlier attempt made are newer than it
            first = func.coalesce(table.c.newest_job, newest_job)
            self._put(
                connection,
                product,
                {"state": INTENDED, "newest_job": first},
                fresh={"newest_job": newest_job},
            )
        # openQA keeps a setting of this form in the scheduled product, and out of the jobs
        request = {REQUEST_KEY: f"{lease.key}#{lease.number}"}
        return replace(product, settings={**product.settings, **request})

    @override
    def record(self, result: ProductResult) -> None:
        values = {
            "state": str(result.state),
            "job_ids": list(result.job_ids),
            "reason": result.reason,
            "partial": result.partial,
        }
        with transaction(self._engine) as connection:
            # jobs that exist are recorded without the lease, too; a failure is not: another
            # worker may have posted the product since
            if result.state in FINAL or holds(connection, self._lease, clock=self._clock):
                self._put(connection, result.product, values)

    def _of_request(self) -> ColumnElement[bool]:
        return and_(
            table.c.subject_id == self._lease.subject_id, table.c.number == self._lease.number
        )

    def _put(
        self,
        connection: Connection,
        product: Product,
        values: Mapping[str, Any],
        *,
        fresh: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """Update the row of a product, or insert it.

        :param fresh: values that only a new row gets
        """
        now = self._clock(connection)
        row = and_(
            self._of_request(), table.c.flavor == product.flavor, table.c.arch == product.arch
        )
        changed = connection.execute(update(table).where(row).values(**values, updated=now))
        if changed.rowcount == 0:
            defaults = {"job_ids": [], "partial": False}
            connection.execute(
                insert(table).values(
                    subject_id=self._lease.subject_id,
                    number=self._lease.number,
                    flavor=product.flavor,
                    arch=product.arch,
                    release=product.settings.get("VERSION", ""),
                    settings=dict(product.settings),
                    updated=now,
                    **{**defaults, **values, **fresh},
                )
            )
