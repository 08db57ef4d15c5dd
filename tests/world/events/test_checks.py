"""Sinks and subscriptions in snapshots: out and in, and what is refused."""

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from mockserver.domain.events.catalogue import TYPES
from mockserver.domain.events.schemas import SCHEMAS
from mockserver.domain.faults import Scenario
from mockserver.world.bulk.cloud_events import PREFIX
from mockserver.world.bulk.cloud_events import SCHEMAS as OF_COMMS
from mockserver.world.events.sinks import Sinks
from mockserver.world.events.subscriptions import Subscriptions
from mockserver.world.snapshot import BadSnapshot, parse

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld
    from tests.world.events.conftest import Streams

SENT = "com.twilio.messaging.message.sent"


async def document(streams: "Streams") -> dict[str, Any]:
    """With one of each."""
    await streams.subscription()
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(streams.sandbox.snapshot()))
    return found


async def test_out_and_in(streams: "Streams", make_world: "MakeWorld") -> None:
    """Under the target's account; SIDs, tests and places of what was deleted as they were."""
    sink = await streams.sinks.test(await streams.sink("segment", write_key="k"))
    gone = await streams.sink()
    await streams.sinks.delete(gone)
    told = await document(streams)
    target = make_world("manual").sandbox
    target.restore(parse(told), Scenario(""))
    sinks, own = Sinks(target), target.accounts.first
    kept = sinks.one(own, sink.sid)
    assert kept == msgspec.structs.replace(sink, account_sid=own.sid)
    [subscription] = Subscriptions(target).own(own)
    assert subscription.types == {SENT: 7}
    assert sinks.in_use(subscription.sink_sid)
    assert target.tables.deleted["sinks"] == {gone.sid: 1}
    assert (await sinks.validate(kept, sink.test_id)).status == "active"
    assert (await sinks.create(own, "email", {}, "x")).sid not in (sink.sid, gone.sid)


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("sinks", "sid", "DF" + "1" * 32),
        ("sinks", "type", "pigeon"),
        ("sinks", "configuration", {"destination": 1}),
        ("sinks", "configuration", {}),
        ("sinks", "status", "asleep"),
        ("sinks", "tests", -1),
        ("sinks", "created_at", -1),
        ("sinks", "sid", "DG" + "1" * 32),
        ("sinks", "account_sid", "AC#2"),
        ("subscriptions", "sid", "DG" + "1" * 32),
        ("subscriptions", "sink_sid", "DG" + "1" * 32),
        ("subscriptions", "updated_at", 1 << 62),
        ("subscriptions", "types", {SENT: 0}),
        ("subscriptions", "types", {SENT: 8}),
        ("subscriptions", "types", {"com.twilio.nothing": 1}),
        ("subscriptions", "types", [SENT]),
    ],
)
async def test_what_is_none(streams: "Streams", name: str, field: str, value: Any) -> None:
    """Refused, with its place: also a subscription whose sink is not its account's."""
    told = await document(streams)
    parse(told)
    told[name][0][field] = value
    with pytest.raises(BadSnapshot, match=r"(sinks|subscriptions)\[?"):
        parse(told)


def test_events_of_the_communications_api_can_be_subscribed_to() -> None:
    """Each that it makes, in the version that it makes it in."""
    assert len(OF_COMMS) == 10
    for name, schema in OF_COMMS.items():
        schema_id, _, version = f"CommsApi.{schema}".partition("/")
        assert TYPES[PREFIX + name].schema_id == schema_id
        assert SCHEMAS[schema_id].latest == int(version)
