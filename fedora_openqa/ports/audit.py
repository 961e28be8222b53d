"""What workflows ask of the store about acts of people."""

from typing import Protocol

from fedora_openqa.model.audit import Act, Ending, Intent


class Audit(Protocol):
    """The acts of people; every method may raise `ServiceUnavailableError`."""

    def begin(self, intent: Intent, *, most: int | None = None) -> Act:
        """Store what is about to be done, before it is.

        :param most: the cost of all acts of a person in 24 hours, at most; None: any

        Raises:
            AlreadyAskedError: the act of this key is stored.
            TooManyActsError: the person's acts of 24 hours would cost more than `most`.
        """

    def settle(self, act_id: int, ending: Ending, outcome: str) -> None:
        """Store how an act ended."""

    def find(self, act_id: int) -> Act | None:
        """Return an act; None: there is none of this id."""

    def asked(self, key: str) -> int | None:
        """Return the id of the act of a key; None: it is not stored."""

    def acts(
        self, *, since: float = 0.0, who: str | None = None, limit: int, page: int = 1
    ) -> tuple[Act, ...]:
        """Return a page of acts, the newest first.

        :param since: seconds since 1970
        :param who: only those of this person; None: of all
        :param page: 1 is the first
        """
