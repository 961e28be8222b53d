"""The stored products of one request: what was meant to be posted, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, insert, select, update

from fedora_openqa.errors import LeaseLostError
from fedora_openqa.model.products import Product, ProductResult, ProductState
from fedora_openqa.model.work import Lease
from fedora_openqa.policy.contents import content_of_settings, digest_of
from fedora_openqa.store.asking import ask_again
from fedora_openqa.store.clock import Clock
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.leases import holds
from fedora_openqa.store.schema import product as table
from fedora_openqa.store.schema import subject

#: the setting that says for which request a product was posted
REQUEST_KEY = "__FEDORA_OPENQA_REQUEST"

#: the state of a product whose result nobody has stored
INTENDED = "intended"

#: those that no later attempt changes
FINAL = (ProductState.POSTED, ProductState.EXISTING, ProductState.EMPTY)


class ProductLedger:
    """`fedora_openqa.ports.ProductLedger` of one leased request; every method is one transaction.

    All raise `ServiceUnavailableError` where the database is away.
    """

    def __init__(self, engine: Engine, lease: Lease, *, clock: Clock) -> None:
        """Keep the products of the request that was leased."""
        self._engine = engine
        self._lease = lease
        self._clock = clock

    def begin(self, content: Sequence[str]) -> None:
        """Store the content that the request posts, as the subject's digest, before it is posted.

        One request posts one content: where products of another one are stored, the request is
        made anew.

        :param content: sorted NVRs; empty: nothing is posted

        Raises:
            LeaseLostError: the lease is over, or the request was made anew.
        """
        lease, digest = self._lease, digest_of(tuple(content))
        with transaction(self._engine) as connection:
            if not self._holds(connection):
                raise LeaseLostError(f"{lease.key}: the lease of {lease.owner} is over")
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

    def finished(self) -> Mapping[tuple[str, str], ProductResult]:
        """Give the results that are stored, by flavor and arch; failures may be tried again."""
        query = select(table).where(self._of_request(), table.c.state.in_(FINAL))
        with transaction(self._engine) as connection:
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

    def intended(self) -> Mapping[tuple[str, str], int]:
        """Give the newest job there was when a product was first meant to be posted, if it may be.

        One that failed may be as well: openQA did not answer, nor say what it had done.
        """
        query = select(table).where(
            self._of_request(), table.c.state.not_in(FINAL), table.c.newest_job.is_not(None)
        )
        with transaction(self._engine) as connection:
            return {(row.flavor, row.arch): row.newest_job for row in connection.execute(query)}

    def intend(self, product: Product, *, newest_job: int) -> Product:
        """Store that a product is about to be posted; gives it with the key of its request.

        openQA keeps a setting of that form in the scheduled product, and out of the jobs.

        Raises:
            LeaseLostError: somebody else works on the subject, or it is wanted anew.
        """
        lease = self._lease
        with transaction(self._engine) as connection:
            if not self._holds(connection):
                raise LeaseLostError(f"{lease.key}: the lease of {lease.owner} is over")
            # what an earlier attempt made may have lower ids than what came after it
            first = func.coalesce(table.c.newest_job, newest_job)
            self._put(
                connection,
                product,
                {"state": INTENDED, "newest_job": first},
                fresh={"newest_job": newest_job},
            )
        request = {REQUEST_KEY: f"{lease.key}#{lease.number}"}
        return replace(product, settings={**product.settings, **request})

    def record(self, result: ProductResult) -> None:
        """Store what became of a product; what is there, is there even if the lease is over.

        A failure then is nobody's business: others may have posted the product meanwhile.
        """
        values = {
            "state": str(result.state),
            "job_ids": list(result.job_ids),
            "reason": result.reason,
            "partial": result.partial,
        }
        with transaction(self._engine) as connection:
            if result.state in FINAL or self._holds(connection):
                self._put(connection, result.product, values)

    def _holds(self, connection: Connection) -> bool:
        """Tell whether the lease still holds, and see to it that it does until the commit."""
        return holds(connection, self._lease, clock=self._clock)

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
        """Change the row of a product, or make it.

        :param fresh: what a new row has instead
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
                    settings=dict(product.settings),
                    updated=now,
                    **{**defaults, **values, **fresh},
                )
            )
