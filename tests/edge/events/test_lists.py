"""Pages of sinks and subscriptions, and what narrows them."""

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.edge.events.conftest import Streams

HOST = "https://events.twilio.com"
ROOT = "/v1/Sinks"
NOWHERE = "DG" + "0" * 32


async def test_no_sinks(streams: "Streams") -> None:
    """The envelope, key by key."""
    answer = await streams.caller.get(ROOT, PageSize="10")
    url = f"{HOST}/v1/Sinks?PageSize=10&Page=0"
    assert answer.json == {
        "meta": {
            "page": 0,
            "page_size": 10,
            "first_page_url": url,
            "previous_page_url": None,
            "next_page_url": None,
            "key": "sinks",
            "url": url,
        },
        "sinks": [],
    }


async def test_pages_of_sinks(streams: "Streams") -> None:
    """Newest first, there and back, and by number alone."""
    made = [(await streams.sink())["sid"] for _ in range(5)][::-1]
    first = await streams.caller.get(ROOT, PageSize="2")
    assert streams.sids(first, "sinks") == made[:2]
    second = await streams.caller.get(first.json["meta"]["next_page_url"].removeprefix(HOST))
    assert streams.sids(second, "sinks") == made[2:4]
    back = await streams.caller.get(second.json["meta"]["previous_page_url"].removeprefix(HOST))
    assert streams.sids(back, "sinks") == made[:2]
    last = await streams.caller.get(ROOT, PageSize="2", Page="2")
    assert streams.sids(last, "sinks") == made[4:]
    assert last.json["meta"]["next_page_url"] is None
    assert last.json["meta"]["page"] == 2


async def test_deleting_while_paging(streams: "Streams") -> None:
    """A token stays good when its sink goes."""
    made = [(await streams.sink())["sid"] for _ in range(3)][::-1]
    first = await streams.caller.get(ROOT, PageSize="2")
    for sid in streams.sids(first, "sinks"):
        await streams.delete(f"{ROOT}/{sid}")
    rest = await streams.caller.get(first.json["meta"]["next_page_url"].removeprefix(HOST))
    assert streams.sids(rest, "sinks") == made[2:]


async def test_filters_of_sinks(streams: "Streams") -> None:
    """In use or not, and by status; the pages' addresses keep them."""
    used = (await streams.subscription())["sink_sid"]
    free, idle = (await streams.sink())["sid"], (await streams.sink("kinesis"))["sid"]
    for query, sids in (
        ({"InUse": "true"}, [used]),
        ({"InUse": "True"}, [used]),
        ({"InUse": "false"}, [idle, free]),
        ({"Status": "active"}, [free, used]),
        ({"Status": "initialized"}, [idle]),
        ({"Status": "failed"}, []),
        ({"InUse": "false", "Status": "active"}, [free]),
        ({"InUse": "", "Status": ""}, [idle, free, used]),
    ):
        assert streams.sids(await streams.caller.get(ROOT, **query), "sinks") == sids
    answer = await streams.caller.get(ROOT, InUse="False", PageSize="1")
    following = answer.json["meta"]["next_page_url"]
    assert following.startswith(f"{HOST}/v1/Sinks?InUse=false&PageSize=1&Page=1&PageToken=")


async def test_subscriptions_of_a_sink(streams: "Streams") -> None:
    """Or of all, newest first."""
    one, two = await streams.subscription(), await streams.subscription()
    path = "/v1/Subscriptions"
    every = await streams.caller.get(path)
    assert streams.sids(every, "subscriptions") == [two["sid"], one["sid"]]
    answer = await streams.caller.get(path, SinkSid=one["sink_sid"])
    assert streams.sids(answer, "subscriptions") == [one["sid"]]
    assert f"SinkSid={one['sink_sid']}&" in answer.json["meta"]["url"]
    assert (await streams.caller.get(path, SinkSid=NOWHERE)).json["subscriptions"] == []
    (await streams.caller.get(path, SinkSid="x")).refused(400, 91006)


@pytest.mark.parametrize(
    "path", ["/v1/Sinks", "/v1/Subscriptions", "/v1/Types", "/v1/Schemas/ErrorLogs.Error/Versions"]
)
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"PageSize": "0"}, 91002),
        ({"PageSize": "-1"}, 91002),
        ({"PageSize": "x"}, 91002),
        ({"PageSize": "1.5"}, 91002),
        ({"Page": "-1"}, 91002),
        ({"Page": "x"}, 91002),
        ({"PageSize": "1001"}, 20007),
        ({"PageSize": "9" * 5_000}, 20007),
        ({"PageToken": "x"}, 21481),
        ({"PageToken": f"PA{NOWHERE}"}, 21481),
    ],
)
async def test_pages_that_are_refused(
    streams: "Streams", path: str, query: dict[str, str], code: int
) -> None:
    """With a code of their own, but for what all hosts refuse alike."""
    (await streams.caller.get(path, **query)).refused(400, code)


@pytest.mark.parametrize("query", [{"InUse": "perhaps"}, {"Status": "asleep"}])
async def test_filters_that_are_refused(streams: "Streams", query: dict[str, str]) -> None:
    """By name."""
    [name] = query
    (await streams.caller.get(ROOT, **query)).refused(400, 20422, f"Invalid Parameter: {name}")


@pytest.mark.parametrize("number", ["0", "7", "9" * 30])
async def test_far_pages(streams: "Streams", number: str) -> None:
    """Are empty, and lead nowhere."""
    answer = await streams.caller.get(ROOT, Page=number, PageSize="1000")
    assert answer.json["sinks"] == []
    assert answer.json["meta"]["next_page_url"] is None


async def test_test_credentials(streams: "Streams") -> None:
    """Are refused, as everywhere but for messages and numbers."""
    sandbox = streams.caller.sandbox
    sandbox.accounts.set_up(replace(sandbox.accounts.first, mode="test"), Unit())
    (await streams.caller.get(ROOT)).refused(403, 20008)
