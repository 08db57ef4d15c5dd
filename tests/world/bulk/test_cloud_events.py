"""What the Communications API tells of, as Event Streams delivers it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.addresses import parse_from, parse_to
from mockserver.world.bulk.cloud_events import PREFIX, SCHEMAS, message_id, operation_id
from mockserver.world.bulk.happened import Happened

if TYPE_CHECKING:
    from mockserver.world.bulk.operation import Operation
    from tests.world.bulk.conftest import Field

TO = "+14152000000"


def told(here: "Field") -> list[dict[str, Any]]:
    """Every event, oldest first."""
    events = here.world.sandbox.events
    return [events.cloud_event(each) for each in events]


def kinds(here: "Field") -> list[str]:
    return [each["type"].removeprefix(PREFIX) for each in told(here)]


async def test_an_operation_tells_of_itself_and_its_messages(field: "Callable[..., Field]") -> None:
    """In order; what each says is in the schema's words, with classic SID and attempt."""
    here = field()
    operation = await here.send({"address": TO, "channel": "PHONE"}, tags={"campaign": "x"})
    await here.over()
    assert kinds(here) == [
        *("operation.processing", "message.queued", "message.sent"),
        *("operation.completed", "message.delivered"),
    ]
    first, queued, sent, *_ = told(here)
    assert first["data"] == {"operation_id": operation.id}
    assert first["source"] == f"/v1/Messages/Operations/{operation.id}"
    message = operation.ids.message(0)
    assert queued["data"] == {
        "operation_id": operation.id,
        "message_id": message,
        "account_sid": operation.account_sid,
        "to": {"address": TO, "channel": "PHONE"},
        "tags": {"campaign": "x"},
    }
    [twin] = here.twins(operation)
    sender = operation.ways.senders[0]
    assert sent["data"] == {
        **queued["data"],
        "downstream_id": twin.sid,
        "attempt": "1",
        "from": {"id": sender.id, "address": "+15005550006", "channel": "SMS"},
    }
    assert sent["source"] == f"/v1/Messages/{message}"
    assert sent["time"] == "2026-12-01T00:00:00.200Z"


async def test_the_envelope(field: "Callable[..., Field]") -> None:
    """CloudEvents 1.0: an id for each, a schema for each type, times on the sandbox's clock."""
    here = field()
    await here.send(3)
    await here.over()
    events = told(here)
    assert len({each["id"] for each in events}) == len(events) == 11
    for each in events:
        kind = each["type"].removeprefix(PREFIX)
        assert list(each) == [
            *("specversion", "type", "source", "id", "dataschema", "datacontenttype", "time"),
            "data",
        ]
        assert (each["specversion"], each["datacontenttype"]) == ("1.0", "application/json")
        assert each["dataschema"].endswith(f"/CommsApi.{SCHEMAS[kind]}")
        assert each["id"].startswith("EZ")
        assert len(each["id"]) == 34


async def test_equal_runs_tell_the_same(field: "Callable[..., Field]") -> None:
    """Ids follow from the seed and from what an event is about."""

    async def run() -> list[dict[str, Any]]:
        here = field()
        await here.send(5)
        await here.over()
        return told(here)

    assert await run() == await run()


async def test_an_error_is_told(field: "Callable[..., Field]") -> None:
    """As text, with the attempt that ended so."""
    here = field()
    here.scenario(delivery=[{"error_code": 30005}])
    await here.send(1)
    await here.over()
    lost = told(here)[-1]
    assert lost["type"] == f"{PREFIX}message.undelivered"
    assert lost["data"]["error_code"] == "30005"


async def test_a_later_attempt_has_its_number(field: "Callable[..., Field]") -> None:
    """The message is delivered by the second one; the first one's end is no event."""
    here = field()
    here.pool("SMS", "RCS")
    here.handset(TO, rcs=False)
    operation = await here.send({"address": TO, "channel": "PHONE"}, from_=None)
    await here.over()
    assert len(here.twins(operation)) == 2
    delivered = told(here)[-1]["data"]
    assert (delivered["attempt"], delivered["from"]["channel"]) == ("2", "SMS")
    assert "message.failed" not in kinds(here)


async def test_a_schedule_is_told(field: "Callable[..., Field]") -> None:
    """When it is accepted, and again when it begins; cancelling is not."""
    here = field()
    later = {"sendAt": ["2026-12-02T00:00:00Z"]}
    operation = await here.send(1, schedule=later)
    cancelled = await here.send(1, schedule=later)
    await here.world.sandbox.bulk.cancel(cancelled)
    assert kinds(here) == ["operation.scheduled"] * 2
    await here.world.advance(2 * 86_400)
    about = [operation_id(each) for each in here.world.sandbox.events]
    assert about.count(operation.id) == 6
    assert about.count(cancelled.id) == 1


async def test_what_a_person_sends_is_told(field: "Callable[..., Field]") -> None:
    """Also where nobody ever used this API; not who sent it, nor what it says."""
    here = field()
    received = await here.world.receive(body="Ahoy")
    [event] = told(here)
    said = event["data"]
    assert event["type"] == f"{PREFIX}message.inbound-received"
    assert event["source"] == f"/v1/Messages/{said['message_id']}"
    assert said["downstream_id"] == received.message.sid
    assert said["session_id"].startswith("comms_session_")
    assert said["to"] == {"address": "+15017122661", "channel": "SMS"}
    assert set(said) == {"message_id", "downstream_id", "session_id", "to", "tags"}


async def test_the_sender_that_a_person_wrote_to_has_its_id(field: "Callable[..., Field]") -> None:
    """One that was set up, and one that came into being by being asked for."""
    from mockserver.world.comms_senders import Senders

    here = field()
    here.give(numbers=[{"phone_number": "whatsapp:+15005550007"}])
    sandbox = here.world.sandbox
    senders = Senders(sandbox, sandbox.accounts.first)
    made = await senders.at("SMS", "+15017122661")
    assert made is not None
    await here.world.receive()
    to, from_ = parse_from("whatsapp:+15005550007"), parse_to("whatsapp:+14155552671")
    await here.world.receive(to=to, from_=from_)
    [sms, whatsapp] = [each["data"]["to"] for each in told(here)]
    assert sms["id"] == made.id
    found = await senders.at("WHATSAPP", "+15005550007")
    assert found is not None
    assert whatsapp == {"id": found.id, "address": "+15005550007", "channel": "WHATSAPP"}


async def test_who_is_not_told_of(field: "Callable[..., Field]") -> None:
    """What Messenger brings, and what test credentials get."""
    here = field()
    to, from_ = parse_from("messenger:1234"), parse_to("messenger:5678")
    await here.world.receive(to=to, from_=from_)
    accounts = here.world.sandbox.accounts
    testing = Account("AC" + "e" * 32, "7" * 32, mode="test")
    here.give(accounts=[{"sid": testing.sid, "auth_token": testing.auth_token, "mode": "test"}])
    assert accounts.find(testing.sid) is not None
    here.give(numbers=[{"phone_number": "+15017122661", "account_sid": testing.sid}])
    await here.world.receive()
    assert told(here) == []


async def test_listeners_hear_each(field: "Callable[..., Field]") -> None:
    """At once, as it is kept; they know what it is about without its text."""
    here = field()
    heard: list[Happened] = []
    here.world.sandbox.events.listeners.append(heard.append)
    operation = await here.send(2)
    await here.over()
    assert heard == list(here.world.sandbox.events)
    assert {operation_id(each) for each in heard} == {operation.id}
    ids = {operation.ids.message(place) for place in range(2)}
    assert {message_id(each) for each in heard} == {"", *ids}


async def test_the_feed_is_told_while_somebody_reads(field: "Callable[..., Field]") -> None:
    """As CloudEvents, of the kind `event`; nothing is made for nobody."""
    here = field()
    await here.send(1)
    await here.over()
    reader = here.world.sandbox.journal.subscribe()
    before = len(told(here))
    await here.send(1)
    await here.over()
    live = [each.data for each in reader.events if each.kind == "event"]
    assert live == told(here)[before:]


async def test_the_latest_are_kept(field: "Callable[..., Field]") -> None:
    """10,000 of them, by numbers that stay; what was dropped is counted, not what was cleared."""
    here = field()
    events, operation = here.world.sandbox.events, await here.send(1)
    await here.over()
    events.clear()
    assert (list(events), events.dropped, events.count) == ([], 0, 5)
    for number in range(10_003):
        events.tell("message.sent", operation, number, 0, 0)
    assert (len(events), events.dropped, events.first) == (10_000, 3, 8)
    assert events.entry(7) is None
    first, last = events.entry(8), events.entry(10_007)
    assert first is not None
    assert last is not None
    assert (first.at, last.at, events.entry(10_008)) == (3, 10_002, None)
    assert [number for number, _ in events.numbered(10_006)] == [10_006, 10_007]


@pytest.mark.parametrize("kind", sorted(SCHEMAS))
def test_every_type_has_a_schema_of_its_own(kind: str) -> None:
    """Ten of them, named as the types are."""
    name, _, version = SCHEMAS[kind].partition("/")
    words = kind.replace("inbound-received", "inbound").split(".")
    assert name == "".join(word.capitalize() for word in words)
    assert version in "234"


async def test_a_profile_is_named(field: "Callable[..., Field]") -> None:
    """The person behind the address, where it came from a profile."""
    here = field()
    store, profile = "mem_store_" + "0" * 26, "mem_profile_" + "0" * 26
    person = {"id": profile, "traits": {"contact": {"phone": TO}, "firstName": "Ada"}}
    here.give(stores=[{"id": store, "profiles": [person]}])
    operation: Operation = await here.send({"memoryStoreId": store, "profileId": profile})
    await here.over()
    assert told(here)[-1]["data"]["to"] == {"id": profile, "address": TO, "channel": "PHONE"}
    assert operation.count == 1
