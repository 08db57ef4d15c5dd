"""Whatever is asked, the answer is Twilio's and not a broken server's."""

from random import Random
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus

import pytest

if TYPE_CHECKING:
    from tests.edge.notify.conftest import Service

NAMES: Final = (
    *("Identity", "Tag", "BindingType", "Address", "Endpoint", "Segment", "FriendlyName"),
    *("PageSize", "Page", "PageToken", "StartDate", "EndDate", "Type", "Sandbox", "LogEnabled"),
    *("CredentialSid", "Mood", "ToBinding", "Ttl", "Priority", "Data", "Sms", "Apn", "Fcm"),
)

VALUES: Final = (
    *("", "x", "%ff", "%", "%zz", "%00", "é", "\U0001f600", "{}", "[", "a" * 300, "all", "true"),
    *("0001-01-01", "9999-12-31", "2026-02-30", "0001-01-01T00:00:00+23:59", "yesterday"),
    *("9" * 20, "-1", "1e9", "0", "2", f"CR{'0' * 32}", f"PABS{'0' * 32}", f"PBUS{'0' * 32}"),
    *("apn", "sms", "fcm", "Bob", "+14155552671", '{"binding_type":"sms","address":"x"}'),
    *('{"binding_type":"apn","address":"x","binding_type":"sms"}', '{"a":' * 200, '{"body":1}'),
)

PATHS: Final = (
    *(
        "",
        "/Notifications",
        "/Bindings",
        "/Bindings/x",
        "/Users",
        "/Users/Bob",
        "/Users/%ff",
        "/Users/Bob/Bindings",
    ),
    *("/Users/Bob/SegmentMemberships", "/Users/Bob/SegmentMemberships/%2F", "/Segments"),
)


@pytest.mark.parametrize("seed", range(4))
async def test_never_a_500(service: "Service", seed: int) -> None:
    """Parameters that make no sense together, encoded or not, in queries and bodies."""
    dice, caller = Random(seed), service.caller
    places = [service.path + path for path in PATHS] + ["/v1/Services", "/v1/Credentials"]
    for _ in range(150):
        pairs = [
            f"{dice.choice(NAMES)}={dice.choice((quote_plus, str))(dice.choice(VALUES))}"
            for _ in range(dice.randint(0, 4))
        ]
        path, text = dice.choice(places), "&".join(pairs)
        if dice.random() < 0.5:
            query = text.encode("ascii", "ignore").decode()
            answer = await caller.call("GET", f"{path}?{query}")
        else:
            answer = await caller.call("POST", path, text.encode())
        assert answer.status in (200, 201, 400, 404, 405, 409), (path, text)
        if answer.status >= 400:
            assert answer.code
