"""Rules that ask for parameters of a request: of forms, queries and JSON."""

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.edge.control.conftest import Desk


async def failing(desk: "Desk", when: dict[str, Any]) -> None:
    """503 for the requests that a rule is about."""
    await desk.post("/faults", {"when": when, "then": {"status": 503}})


async def create(desk: "Desk", **form: str) -> int:
    """Status of a create."""
    form = {"To": "+14155550001", "From": "+15017122661", "Body": "x", **form}
    status, _ = await desk.rest("POST", "/Messages.json", **form)
    return int(status)


@pytest.mark.parametrize(
    ("wanted", "sent", "status"),
    [
        ({"StatusCallback": "https://*"}, {"StatusCallback": "https://a.test/x"}, 503),
        ({"StatusCallback": "https://*"}, {"StatusCallback": "http://a.test/x"}, 201),
        ({"StatusCallback": "https://*"}, {}, 201),
        ({"StatusCallback": "*"}, {}, 201),
        ({"Attempt": ["1", "2"]}, {"Attempt": "2"}, 503),
        ({"Attempt": ["1", "2"]}, {"Attempt": "3"}, 201),
        ({"attempt": "1"}, {"Attempt": "1"}, 201),
        ({"Attempt": "1", "Body": "x"}, {"Attempt": "1"}, 503),
        ({"Attempt": "1", "Body": "y"}, {"Attempt": "1"}, 201),
    ],
)
async def test_a_form(desk: "Desk", wanted: Any, sent: dict[str, str], status: int) -> None:
    """All that are named must fit; case is as Twilio's, and what is missing fits nothing."""
    await failing(desk, {"parameters": wanted})
    assert await create(desk, **sent) == status


async def test_a_query(desk: "Desk") -> None:
    """Of a list, for one."""
    await failing(desk, {"parameters": {"PageSize": "5"}})
    assert (await desk.rest("GET", "/Messages.json?PageSize=5"))[0] == 503
    assert (await desk.rest("GET", "/Messages.json?PageSize=6"))[0] == 200


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"name": "My*"}, 503),
        ({"count": "5"}, 503),
        ({"flag": "true"}, 503),
        ({"name": "Your*"}, 400),
        ({"nested": "*"}, 400),
        ({"nothing": "*"}, 400),
    ],
)
async def test_json(desk: "Desk", wanted: Any, status: int) -> None:
    """What is plain at its top: text, numbers, true and false."""
    await failing(desk, {"parameters": wanted})
    login = b64encode(f"{desk.sid}:{desk.token}".encode()).decode()
    headers = {"Authorization": f"Basic {login}"}
    sent = {"name": "My pool", "count": 5, "flag": True, "nested": {"x": 1}, "nothing": None}
    url = f"{desk.url}/comms/v1/Messages"
    async with desk.session.post(url, json=sent, headers=headers) as answer:
        assert answer.status == status
    async with desk.session.post(url, data=b"{", headers=headers) as answer:
        assert answer.status == 400
