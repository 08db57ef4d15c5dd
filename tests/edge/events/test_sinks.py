"""`events.twilio.com/v1/Sinks`: make, fetch, change, test, validate, delete."""

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.edge.conftest import Caller
    from tests.edge.events.conftest import Streams

ROOT = "/v1/Sinks"
NOWHERE = "DG" + "0" * 32
URL = "http://127.0.0.1:9000/events"
GOOD = {
    "Description": "A sink",
    "SinkType": "webhook",
    "SinkConfiguration": json.dumps({"destination": URL}),
}


async def test_a_webhook(streams: "Streams") -> None:
    """Active at once; key by key as Twilio's sample has it, with the defaults of what was left."""
    answer = await streams.caller.post(GOOD, ROOT)
    sid = answer.json["sid"]
    url = f"https://events.twilio.com/v1/Sinks/{sid}"
    assert answer.status == 201
    assert (
        answer.body
        == json.dumps(
            {
                "status": "active",
                "sink_configuration": {"method": "POST", "batch_events": False, "destination": URL},
                "description": "A sink",
                "sid": sid,
                "date_created": "2026-12-01T00:00:00Z",
                "sink_type": "webhook",
                "date_updated": "2026-12-01T00:00:00Z",
                "url": url,
                "links": {"sink_test": f"{url}/Test", "sink_validate": f"{url}/Validate"},
            }
        ).encode()
    )
    assert (await streams.caller.get(f"{ROOT}/{sid}")).json == answer.json


@pytest.mark.parametrize("kind", ["kinesis", "segment", "eventbridge", "email"])
async def test_other_kinds(streams: "Streams", kind: str) -> None:
    """Are initialized; their configuration comes back as it was given."""
    sink = await streams.sink(kind)
    assert (sink["sink_type"], sink["status"]) == (kind, "initialized")
    assert (await streams.caller.get(f"{ROOT}/{sink['sid']}")).json == sink


async def test_a_description(streams: "Streams") -> None:
    """Is all that can be changed."""
    sink = await streams.sink()
    await streams.pass_time(90)
    path = f"{ROOT}/{sink['sid']}"
    form = {"Description": "Mine \u2713", "SinkType": "kinesis", "SinkConfiguration": "x"}
    changed = (await streams.caller.post(form, path)).json
    updated = {"description": "Mine \u2713", "date_updated": "2026-12-01T00:01:30Z"}
    assert changed == {**sink, **updated}
    warnings = streams.caller.journal[-1].warnings
    assert len([each for each in warnings if "not a parameter" in each]) == 2


async def test_by_prefix_and_with_a_suffix(streams: "Streams") -> None:
    """As old clients write; addresses are the caller's."""
    sid = (await streams.sink())["sid"]
    streams.caller.host = "localhost:2010"
    answer = await streams.caller.get(f"/events/v1/Sinks/{sid}.json")
    assert answer.json["url"] == f"http://localhost:2010/events/v1/Sinks/{sid}"


async def test_delete(streams: "Streams") -> None:
    """204, and it is gone."""
    path = f"{ROOT}/{(await streams.sink())['sid']}"
    answer = await streams.delete(path)
    assert (answer.status, answer.body) == (204, b"")
    (await streams.caller.get(path)).refused(404, 91001, "Sink could not be found")
    (await streams.delete(path)).refused(404, 91001)


async def test_a_sink_in_use(streams: "Streams") -> None:
    """Cannot be deleted before its subscription."""
    subscription = await streams.subscription()
    sid = subscription["sink_sid"]
    said = f"Sink with SID {sid} is in use"
    (await streams.delete(f"{ROOT}/{sid}")).refused(409, 91007, said)
    await streams.delete(f"/v1/Subscriptions/{subscription['sid']}")
    assert (await streams.delete(f"{ROOT}/{sid}")).status == 204


# -- tests -----------------------------------------------------------------------------------------


async def test_test_and_validate(streams: "Streams") -> None:
    """A stream is being validated, and then active."""
    path = f"{ROOT}/{(await streams.sink('kinesis'))['sid']}"
    answer = await streams.caller.post({}, f"{path}/Test")
    assert (answer.status, answer.body) == (201, b'{"result": "submitted"}')
    assert (await streams.caller.get(path)).json["status"] == "validating"
    form = {"TestId": streams.test_id(path.rpartition("/")[2])}
    answer = await streams.caller.post(form, f"{path}/Validate")
    assert (answer.status, answer.body) == (201, b'{"result": "valid"}')
    assert (await streams.caller.get(path)).json["status"] == "active"


async def test_a_test_without_a_body(streams: "Streams") -> None:
    """As the official libraries send it."""
    path = f"{ROOT}/{(await streams.sink())['sid']}"
    assert (await streams.caller.call("POST", f"{path}/Test")).status == 201
    assert (await streams.caller.get(path)).json["status"] == "active"


async def test_validation_that_fails(streams: "Streams") -> None:
    """No id, no test, and the id of another test."""
    path = f"{ROOT}/{(await streams.sink('segment'))['sid']}"
    post = streams.caller.post
    for form in ({}, {"TestId": ""}):
        said = "Missing required parameter TestId"
        (await post(form, f"{path}/Validate")).refused(400, 20001, said)
    (await post({"TestId": "x"}, f"{path}/Validate")).refused(404, 91004)
    await post({}, f"{path}/Test")
    (await post({"TestId": "x"}, f"{path}/Validate")).refused(400, 91005, "Test ID is invalid")
    old = {"TestId": streams.test_id(path.rpartition("/")[2])}
    await post({}, f"{path}/Test")
    (await post(old, f"{path}/Validate")).refused(400, 91005)
    assert (await streams.caller.get(path)).json["status"] == "validating"


# -- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Description", "SinkConfiguration", "SinkType"])
async def test_what_is_missing(events: "Caller", name: str) -> None:
    """20001 names it, whatever is wrong besides."""
    form = {each: "" for each in GOOD if each != name}
    (await events.post(form, ROOT)).refused(400, 20001, f"Missing required parameter {name}")


async def test_a_json_body_is_ignored(events: "Caller") -> None:
    """As was seen at Twilio: the first parameter is missing then."""
    headers = {"Content-Type": "application/json"}
    answer = await events.call("POST", ROOT, json.dumps(GOOD).encode(), headers)
    answer.refused(400, 20001, "Missing required parameter Description")


@pytest.mark.parametrize(
    "change",
    [
        {"Description": ""},
        {"SinkType": ""},
        {"SinkType": "pigeon"},
        {"SinkType": "Webhook"},
        {"SinkType": "kinesis"},
        {"SinkConfiguration": ""},
        {"SinkConfiguration": "{}"},
        {"SinkConfiguration": json.dumps({"destination": URL, "batch_events": ""})},
    ],
)
async def test_sinks_that_are_none(events: "Caller", change: dict[str, str]) -> None:
    """91000, and nothing is made."""
    said = "Sink could not be created"
    (await events.post({**GOOD, **change}, ROOT)).refused(400, 91000, said)
    assert not events.sandbox.tables.sinks


async def test_members_that_nobody_knows(streams: "Streams") -> None:
    """Are left out, and the journal says so."""
    sink = await streams.sink(destination=URL, colour="red")
    assert "colour" not in sink["sink_configuration"]
    [warning] = streams.caller.journal[-1].warnings
    assert "`colour`" in warning


async def test_a_change_that_is_none(streams: "Streams") -> None:
    """Without a description, or with an empty one."""
    path = f"{ROOT}/{(await streams.sink())['sid']}"
    (await streams.caller.post({}, path)).refused(400, 20001)
    (await streams.caller.post({"Description": ""}, path)).refused(400, 91000)
    assert (await streams.caller.get(path)).json["description"] == "A sink"


@pytest.mark.parametrize(
    ("sid", "status", "code"),
    [(NOWHERE, 404, 91001), ("DF" + "0" * 32, 400, 91006), ("x", 400, 91006)],
)
@pytest.mark.parametrize("path", ["", "/Test", "/Validate"])
async def test_a_sink_that_is_not_there(
    events: "Caller", sid: str, status: int, code: int, path: str
) -> None:
    """404, or 400 for what could be none."""
    for method in ("POST",) if path else ("GET", "POST", "DELETE"):
        (await events.call(method, f"{ROOT}/{sid}{path}")).refused(status, code)


async def test_somebody_elses_sink(streams: "Streams") -> None:
    """Is not there."""
    path = f"{ROOT}/{(await streams.sink())['sid']}"
    streams.caller.auth = f"AC{'5' * 32}:token"
    (await streams.caller.get(path)).refused(404, 91001)
    assert (await streams.caller.get(ROOT)).json["sinks"] == []


async def test_the_hundred_and_first(streams: "Streams") -> None:
    """91003."""
    for _ in range(100):
        await streams.sink()
    said = "Account reached the max sink limit"
    (await streams.caller.post(GOOD, ROOT)).refused(400, 91003, said)
