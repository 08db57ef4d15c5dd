"""`events.twilio.com/v1/Subscriptions` and their `SubscribedEvents`."""

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.domain.events.catalogue import TYPES

if TYPE_CHECKING:
    from tests.edge.conftest import Caller
    from tests.edge.events.conftest import Streams

ROOT = "/v1/Subscriptions"
NOWHERE, NOTHING = "DG" + "0" * 32, "DF" + "0" * 32
SENT, DELIVERED, READ = (
    f"com.twilio.messaging.message.{status}" for status in ("sent", "delivered", "read")
)


def one(name: str, **more: object) -> str:
    return json.dumps({"type": name, **more})


# -- subscriptions ---------------------------------------------------------------------------------


async def test_a_subscription(streams: "Streams") -> None:
    """Key by key as Twilio's sample has it; its types are elsewhere."""
    sink = await streams.sink()
    form = [
        ("Description", "A subscription"),
        ("SinkSid", sink["sid"]),
        ("Types", one(DELIVERED, schema_version=2)),
        ("Types", one(SENT)),
        ("Filter", "messageStatus == 'FAILED' AND errorCode == 30004"),
    ]
    answer = await streams.caller.post(form, ROOT)
    sid = answer.json["sid"]
    url = f"https://events.twilio.com/v1/Subscriptions/{sid}"
    assert answer.status == 201
    assert (
        answer.body
        == json.dumps(
            {
                "account_sid": DEFAULT_SID,
                "date_created": "2026-12-01T00:00:00Z",
                "date_updated": "2026-12-01T00:00:00Z",
                "sid": sid,
                "sink_sid": sink["sid"],
                "description": "A subscription",
                "url": url,
                "links": {"subscribed_events": f"{url}/SubscribedEvents"},
            }
        ).encode()
    )
    assert any("`Filter`" in each for each in streams.caller.journal[-1].warnings)
    assert (await streams.caller.get(f"{ROOT}/{sid}")).json == answer.json
    listed = (await streams.caller.get(f"{ROOT}/{sid}/SubscribedEvents")).json
    versions = {each["type"]: each["schema_version"] for each in listed["types"]}
    assert versions == {DELIVERED: 2, SENT: 7}


async def test_a_change(streams: "Streams") -> None:
    """Of the description; older clients may lead it to another sink."""
    subscription, free = await streams.subscription(), await streams.sink()
    path = f"{ROOT}/{subscription['sid']}"
    await streams.pass_time(5)
    form = {"Description": "Mine", "SinkSid": free["sid"]}
    changed = (await streams.caller.post(form, path)).json
    updated = {"sink_sid": free["sid"], "date_updated": "2026-12-01T00:00:05Z"}
    assert changed == {**subscription, **updated, "description": "Mine"}
    assert (await streams.caller.post({}, path)).json["description"] == "Mine"


async def test_delete(streams: "Streams") -> None:
    """204, and it is gone; the sink stays."""
    subscription = await streams.subscription()
    path = f"{ROOT}/{subscription['sid']}"
    assert (await streams.delete(path)).status == 204
    said = "Subscription could not be found"
    (await streams.caller.get(path)).refused(404, 91102, said)
    sink = await streams.caller.get(f"/v1/Sinks/{subscription['sink_sid']}")
    assert sink.json["status"] == "active"


async def test_what_is_missing(streams: "Streams") -> None:
    """Named in its order; no types have a code of their own."""
    sid = (await streams.sink())["sid"]
    post = streams.caller.post
    said = "Missing required parameter Description"
    (await post({"SinkSid": sid, "Types": one(SENT)}, ROOT)).refused(400, 20001, said)
    said = "Missing required parameter SinkSid"
    (await post({"Description": "x", "Types": one(SENT)}, ROOT)).refused(400, 20001, said)
    form = {"Description": "x", "SinkSid": sid}
    (await post(form, ROOT)).refused(400, 91103, "Event type list is empty")


@pytest.mark.parametrize(
    ("change", "status", "code", "said"),
    [
        ({"Description": ""}, 400, 91101, "Subscription could not be created"),
        ({"SinkSid": "x"}, 400, 91006, "The sink sid is in an invalid format"),
        ({"SinkSid": NOWHERE}, 404, 91001, "Sink could not be found"),
        ({"Types": one("com.twilio.voice")}, 404, 91104, "Type not found in the system"),
        ({"Types": one(SENT, schema_version=8)}, 400, 91201, "Bad Request"),
        (
            {"Types": f"[{one(SENT)}]"},
            400,
            20001,
            "Missing required input parameter event_types[0].type",
        ),
    ],
)
async def test_what_is_refused(
    streams: "Streams", change: dict[str, str], status: int, code: int, said: str
) -> None:
    """And nothing is made."""
    good = {"Description": "x", "SinkSid": (await streams.sink())["sid"], "Types": one(SENT)}
    (await streams.caller.post({**good, **change}, ROOT)).refused(status, code, said)
    assert not streams.caller.sandbox.tables.subscriptions
    assert (await streams.caller.post(good, ROOT)).status == 201


async def test_types_twice(streams: "Streams") -> None:
    """91101, whatever their versions."""
    form = [("Description", "x"), ("SinkSid", (await streams.sink())["sid"])]
    form += [("Types", one(SENT)), ("Types", one(SENT, schema_version=2))]
    (await streams.caller.post(form, ROOT)).refused(400, 91101)


async def test_sinks_that_take_none(streams: "Streams") -> None:
    """One that is not active, and one that is in use."""
    form = {"Description": "x", "Types": one(SENT)}
    idle = (await streams.sink("kinesis"))["sid"]
    (await streams.caller.post({**form, "SinkSid": idle}, ROOT)).refused(400, 91100)
    used = (await streams.subscription())["sink_sid"]
    said = f"Sink with SID {used} is in use"
    (await streams.caller.post({**form, "SinkSid": used}, ROOT)).refused(409, 91007, said)


@pytest.mark.parametrize("sid", [NOTHING, "x", NOWHERE])
@pytest.mark.parametrize("path", ["", "/SubscribedEvents", f"/SubscribedEvents/{SENT}"])
async def test_a_subscription_that_is_not_there(events: "Caller", sid: str, path: str) -> None:
    """404, also for what could be none."""
    for method in ("GET", "POST"):
        (await events.call(method, f"{ROOT}/{sid}{path}")).refused(404, 91102)


# -- their types -----------------------------------------------------------------------------------


async def test_a_subscribed_event(streams: "Streams") -> None:
    """Key by key as Twilio's sample has it; 200 where it is there already."""
    sid = (await streams.subscription())["sid"]
    every = f"{ROOT}/{sid}/SubscribedEvents"
    answer = await streams.caller.post({"Type": READ, "SchemaVersion": "2"}, every)
    assert answer.status == 201
    document = {
        "account_sid": DEFAULT_SID,
        "subscription_sid": sid,
        "type": READ,
        "schema_version": 2,
        "url": f"https://events.twilio.com{every}/{READ}",
    }
    assert answer.body == json.dumps(document).encode()
    assert (await streams.caller.get(f"{every}/{READ}")).json == document
    again = await streams.caller.post({"Type": READ}, every)
    assert (again.status, again.json) == (200, document)
    newer = await streams.caller.post({"Type": READ, "SchemaVersion": "3"}, every)
    assert (newer.status, newer.json["schema_version"]) == (200, 3)


async def test_another_version(streams: "Streams") -> None:
    """Where none is given, it stays."""
    sid = (await streams.subscription("", SENT))["sid"]
    path = f"{ROOT}/{sid}/SubscribedEvents/{SENT}"
    assert (await streams.caller.post({"SchemaVersion": "4"}, path)).json["schema_version"] == 4
    answer = await streams.caller.post({}, path)
    assert (answer.status, answer.json["schema_version"]) == (200, 4)


async def test_taking_a_type_away(streams: "Streams") -> None:
    """204; then it is not there."""
    sid = (await streams.subscription("", SENT, READ))["sid"]
    path = f"{ROOT}/{sid}/SubscribedEvents/{SENT}"
    assert (await streams.delete(path)).status == 204
    for method in ("GET", "POST", "DELETE"):
        said = "Type not found in the system"
        (await streams.caller.call(method, path)).refused(404, 91104, said)
    left = (await streams.caller.get(f"{ROOT}/{sid}/SubscribedEvents")).json["types"]
    assert [each["type"] for each in left] == [READ]


async def test_pages_of_types(streams: "Streams") -> None:
    """By name; one that has gone meanwhile leaves no gap behind it."""
    sid = (await streams.subscription("", *TYPES))["sid"]
    every = f"{ROOT}/{sid}/SubscribedEvents"
    first = (await streams.caller.get(every, PageSize="15")).json
    await streams.delete(f"{every}/{first['types'][-1]['type']}")
    url = first["meta"]["next_page_url"].removeprefix("https://events.twilio.com")
    second = (await streams.caller.get(url)).json
    found = [each["type"] for each in (*first["types"], *second["types"])]
    assert found == [*TYPES]
    assert second["meta"]["next_page_url"] is None


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({}, 400, 20001),
        ({"Type": ""}, 400, 20001),
        ({"Type": "com.twilio.nothing"}, 404, 91104),
        ({"Type": READ, "SchemaVersion": "0"}, 400, 91201),
        ({"Type": READ, "SchemaVersion": "8"}, 400, 91201),
        ({"Type": READ, "SchemaVersion": "x"}, 400, 91201),
        ({"Type": READ, "SchemaVersion": "9" * 30}, 400, 91201),
    ],
)
async def test_types_that_are_refused(
    streams: "Streams", form: dict[str, str], status: int, code: int
) -> None:
    """And nothing is added."""
    sid = (await streams.subscription())["sid"]
    (await streams.caller.post(form, f"{ROOT}/{sid}/SubscribedEvents")).refused(status, code)
    assert streams.caller.sandbox.tables.subscriptions[sid].types == {DELIVERED: 7}


# -- anything at all -------------------------------------------------------------------------------

NAMES = st.sampled_from(["Description", "SinkSid", "Types", "Type", "SchemaVersion", "TestId"])
VALUES = st.text(max_size=30) | st.sampled_from([NOWHERE, one(SENT), SENT, "2", "{}", "[1]"])


@given(form=st.lists(st.tuples(NAMES, VALUES), max_size=6))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_form(streams: "Streams", form: list[tuple[str, str]]) -> None:
    """Gives one of the documented answers."""
    pairs = [(name, text.encode("utf-8", "replace").decode()) for name, text in form]
    sid = (await streams.subscription())["sid"]
    paths = (ROOT, "/v1/Sinks", f"{ROOT}/{sid}", f"{ROOT}/{sid}/SubscribedEvents")
    for path in paths:
        answer = await streams.caller.post(pairs, path)
        assert answer.status in (200, 201, 400, 404, 409)
        if answer.status >= 400:
            assert answer.code in (20001, *range(91000, 91008), *range(91100, 91105), 91201)
    await streams.delete(f"{ROOT}/{sid}")
    tables = streams.caller.sandbox.tables
    tables.sinks.clear()
