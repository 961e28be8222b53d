import pytest

from fedora_openqa.gateways.http.transport import LONGEST, retry_after

#: 21 October 2015, 07:28 UTC
NOW = 1445412480.0


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": " 0 "}, 0.0),
        ({"Retry-After": "86400"}, LONGEST),
        ({"Retry-After": "9" * 5000}, LONGEST),
        ({"Retry-After": "Wed, 21 Oct 2015 07:30:00 GMT"}, 120.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:00:00 GMT"}, 0.0),
        ({"Retry-After": "Wed, 21 Oct 2099 07:30:00 GMT"}, LONGEST),
        # the clock of the service is a day behind ours
        ({"Retry-After": "Tue, 20 Oct 2015 07:30:00 GMT", "Date": "Tue, 20 Oct 2015 07:28:00 GMT"}, 120.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:30:00 GMT", "Date": "today"}, 120.0),
        ({}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "١٢"}, None),
        ({"Retry-After": "Wed, 21 Oct 99999 07:30:00 GMT"}, None),
    ],
)  # fmt: skip
def test_seconds_and_dates_are_read_and_bounded(
    headers: dict[str, str], expected: float | None
) -> None:
    assert retry_after(headers, now=NOW) == expected
