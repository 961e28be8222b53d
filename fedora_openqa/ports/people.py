"""What pages ask of a provider of identities."""

from typing import Protocol

from fedora_openqa.model.people import LoginAttempt, Person


class Identities(Protocol):
    """A provider of identities, by OpenID Connect."""

    def begin(self, *, return_to: str) -> tuple[str, LoginAttempt]:
        """Begin a login; return the URL to send the browser to, and what ends the login.

        :param return_to: the URL that the provider sends the browser back to

        Raises:
            ConfigError: the provider's endpoints are elsewhere than its issuer.
            ServiceUnavailableError, RequestRefusedError: the provider does not answer.
        """

    def finish(self, attempt: LoginAttempt, *, code: str, return_to: str) -> Person:
        """Return who has logged in.

        :param code: what the browser brought back
        :param return_to: as of `begin`

        Raises:
            LoginRefusedError: the provider refuses the code, or its token is not for us.
            ServiceUnavailableError, RequestRefusedError: the provider does not answer.
        """
