"""Lists of comms.twilio.com: pages, tokens, filters by date, and what is refused."""

from typing import TYPE_CHECKING

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.domain.numbers import Number

if TYPE_CHECKING:
    from tests.edge.comms.conftest import Comms

FIRST = "+14155550101"


async def pages(comms: "Comms", path: str, key: str, **query: str) -> list[list[str]]:
    """Ids of each page, followed by its tokens; each page is what its own token gives."""
    found: list[list[str]] = []
    token: str | None = ""
    while token is not None:
        more = {"pageToken": token} if token else query
        page = (await comms.get(path, **more)).json
        again = (await comms.get(path, pageToken=page["pagination"]["self"])).json
        assert again == page
        found.append([each["id"] for each in page[key]])
        token = page["pagination"]["next"]
    return found


async def test_pages(comms: "Comms") -> None:
    """Newest first; a token carries the filters and the size of the page."""
    tables = comms.caller.sandbox.tables
    for digits in range(10, 15):
        number = f"+141555502{digits}"
        tables.numbers[number] = Number(number, DEFAULT_SID)
    found = await pages(comms, "/Senders", "senders", channel="SMS", pageSize="3")
    assert [len(page) for page in found] == [3, 3, 1]
    everyone = [each for page in found for each in page]
    assert everyone == sorted(everyone, reverse=True)
    assert set((await comms.senders(channel="SMS")).values()) == set(everyone)
    own = await comms.senders()
    pool = await comms.pool(*own.values())
    inside = await pages(comms, f"/SenderPools/{pool['id']}/Senders", "senders", page_size="4")
    assert [len(page) for page in inside] == [4, 4, 1]


async def test_pages_of_what_changes(comms: "Comms") -> None:
    """What comes or goes between two pages neither repeats nor hides anything else."""
    made = [await comms.pool() for _ in range(5)]
    first = (await comms.get("/SenderPools", pageSize="2")).json
    await comms.pool()
    await comms.send("DELETE", f"/SenderPools/{made[3]['id']}")
    second = (await comms.get("/SenderPools", pageToken=first["pagination"]["next"])).json
    found = [each["id"] for each in first["senderPools"] + second["senderPools"]]
    assert found == [each["id"] for each in made[:0:-1]]


async def test_filters_beside_a_token(comms: "Comms") -> None:
    """Clients that send them again get the same page, and may change the size of pages."""
    query = {"channel": "SMS", "pageSize": "1"}
    first = (await comms.get("/Senders", **query)).json
    token = first["pagination"]["next"]
    second = (await comms.get("/Senders", **query, pageToken=token)).json
    assert second == (await comms.get("/Senders", pageToken=token)).json
    assert len(second["senders"]) == 1
    assert second["pagination"]["next"] is None


async def test_pages_of_a_search(comms: "Comms") -> None:
    """Tokens and sizes go in the body."""
    asked = {"address": FIRST, "channel": "SMS", "pageSize": 1.0, "unknown": [{}]}
    page = (await comms.post("/Senders/Search", asked)).json
    again = {**asked, "pageToken": page["pagination"]["self"]}
    assert (await comms.post("/Senders/Search", again)).json == page


@pytest.mark.parametrize("token", ["x", "e30", "!", "eyJvZiI6Ikxpc3RTZW5kZXJzIn0=", "\U0001f600"])
async def test_tokens_that_are_none(comms: "Comms", token: str) -> None:
    """Of no page, or of another list."""
    answer = await comms.get("/Senders", pageToken=token)
    assert (answer.status, comms.faults(answer)) == (400, [(20001, "$.pageToken")])


async def test_tokens_of_other_lists(comms: "Comms") -> None:
    """Also of another pool's senders."""
    one, other = [await comms.pool() for _ in range(2)]
    paths = ["/Senders", "/SenderPools", *(f"/SenderPools/{p['id']}/Senders" for p in (one, other))]
    tokens = {path: (await comms.get(path)).json["pagination"]["self"] for path in paths}
    for path in paths:
        for origin, token in tokens.items():
            answer = await comms.get(path, pageToken=token)
            assert answer.status == (200 if path == origin else 400)


@pytest.mark.parametrize(
    ("query", "contexts"),
    [
        ({"pageSize": "0"}, ["$.pageSize"]),
        ({"pageSize": "1001"}, ["$.pageSize"]),
        ({"pageSize": "many"}, ["$.pageSize"]),
        ({"page_size": "-1"}, ["$.pageSize"]),
        ({"startDate": "yesterday"}, ["$.startDate"]),
        ({"startDate": "2026-12-01"}, ["$.startDate"]),
        ({"endDate": "2026-02-30T00:00:00Z"}, ["$.endDate"]),
        ({"startDate": "2026-12-01T00:00:00Z", "endDate": "2026-12-01T00:00:00Z"}, ["$.endDate"]),
        ({"status": "x", "channel": "y", "pageSize": "z"}, ["$.channel", "$.pageSize", "$.status"]),
    ],
)
async def test_refused_queries(comms: "Comms", query: dict[str, str], contexts: list[str]) -> None:
    """Every fault at once, with the name of the parameter."""
    answer = await comms.get("/Senders", **query)
    assert answer.status == 400
    assert sorted(comms.faults(answer)) == [(20001, each) for each in contexts]


async def test_a_query_that_is_none(comms: "Comms") -> None:
    """Broken percent-encoding is told as a fault without a place."""
    answer = await comms.send("GET", "/Senders?status=%zz")
    assert (answer.status, comms.faults(answer)) == (400, [(20001, "null")])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"startDate": "2026-12-01T00:00:01Z"}, [2, 1]),
        ({"endDate": "2026-12-01T00:00:01Z"}, [0]),
        ({"start_date": "2026-12-01T01:00:01+01:00", "end_date": "2026-12-01T00:00:02Z"}, [1]),
    ],
)
async def test_dates(comms: "Comms", query: dict[str, str], expected: list[int]) -> None:
    """From the start on, up to but without the end."""
    made = []
    for _ in range(3):
        made.append((await comms.pool())["id"])
        await comms.later(1)
    found = (await comms.get("/SenderPools", **query)).json["senderPools"]
    assert [made.index(each["id"]) for each in found] == expected
