"""A browser at the sandbox's provider of identities."""

from urllib.parse import parse_qs, urlsplit

import requests


def agree(url: str, person: str) -> dict[str, str]:
    """Log in at the provider as a person; return what the browser brings back."""
    answer = requests.post(url, data={"person": person}, allow_redirects=False, timeout=30)
    assert answer.status_code == 303, answer.text
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}
