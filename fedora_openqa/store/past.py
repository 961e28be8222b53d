"""Stores what came of subjects long ago, all at once: for a sandbox with a past."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine, Table, insert, select

from fedora_openqa.model.stories import Story
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.schema import delivery, message, product, subject


class Past:
    """The tables of subjects with what belongs to them; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine

    def tell(self, stories: Iterable[Story]) -> None:
        """Store subjects with their messages, products and deliveries.

        A subject that the store has already stays as it is, without what belongs to it.

        Raises:
            ServiceUnavailableError: the database is away.
        """
        with transaction(self._engine) as connection:
            told = {one.subject.key: one for one in stories}
            query = select(subject.c.key).where(subject.c.key.in_(list(told)))
            for known in connection.execute(query).scalars():
                del told[known]
            if not told:
                return
            new = insert(subject).returning(subject.c.key, subject.c.id)
            ids = connection.execute(new, [_subject(one) for one in told.values()]).all()
            rows: dict[Table, list[Mapping[str, Any]]] = {message: [], product: [], delivery: []}
            for key, subject_id in ids:
                of_subject, one = {"subject_id": subject_id}, told[key]
                rows[message] += (asdict(it) | of_subject for it in one.messages)
                rows[product] += (
                    asdict(it)
                    | of_subject
                    | {"release": it.settings.get("VERSION", ""), "partial": False}
                    for it in one.products
                )
                rows[delivery] += (asdict(it) | of_subject for it in one.deliveries)
            for table, some in rows.items():
                if some:
                    connection.execute(insert(table), some)


def _subject(story: Story) -> Mapping[str, Any]:
    return asdict(story.subject) | {
        "digest": "",
        "priority": 0,
        "asked": story.asked,
        "lease_until": 0.0,
    }
