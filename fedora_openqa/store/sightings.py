"""What the newest sweep saw; reads only."""

from sqlalchemy import Engine, or_, select
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.sweeps import Sighted
from fedora_openqa.store.engine import reading
from fedora_openqa.store.schema import SWEEP, mark, sighting


class Sightings(ports.Sightings):
    """The table of sightings; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine

    @override
    def look(self, key: str) -> Sighted:
        # ";" is the character after ":": the arches of a CoreOS build
        name = sighting.c.key
        is_it = or_(name == key, name.between(f"{key}:", f"{key};"))
        query = select(mark.c.at, select(name).where(is_it).exists()).where(mark.c.name == SWEEP)
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return Sighted(*row) if row else Sighted(at=None, seen=False)
