"""Making, testing and deleting sinks."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.errors import TwilioError
from mockserver.domain.sids import is_sid
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.events.conftest import Streams

STRANGER = Account("AC" + "5" * 32)


def refused(code: int, error: Any) -> None:
    assert error.value.code == code


async def test_a_sinks_life(streams: "Streams") -> None:
    """Each has a SID of its own; what is deleted is gone, and its SID with it."""
    one, two = await streams.sink(), await streams.sink("segment", write_key="k")
    assert is_sid(one.sid, "DG")
    assert one.sid != two.sid
    assert (one.status, two.status) == ("active", "initialized")
    assert one.created_at == one.updated_at == streams.world.now
    await streams.world.advance(5)
    after = await streams.sinks.describe(one, "Mine")
    assert (after.description, after.created_at) == ("Mine", one.created_at)
    assert after.updated_at == streams.world.now
    assert streams.sinks.one(streams.account, one.sid) is after
    await streams.sinks.delete(after)
    with pytest.raises(TwilioError) as error:
        streams.sinks.one(streams.account, one.sid)
    refused(91001, error)
    assert (await streams.sink()).sid not in (one.sid, two.sid)


async def test_it_is_its_accounts(streams: "Streams") -> None:
    """Others do not see it; whoever makes one comes into being."""
    sink = await streams.sink()
    with pytest.raises(TwilioError) as error:
        streams.sinks.one(STRANGER, sink.sid)
    refused(91001, error)
    assert streams.sandbox.accounts.find(STRANGER.sid) is None
    await streams.sinks.create(STRANGER, "email", {}, "Theirs")
    assert streams.sandbox.accounts.find(STRANGER.sid) is not None


async def test_a_hundred_sinks(streams: "Streams") -> None:
    """An account has at most so many; another has its own hundred."""
    sinks = [await streams.sink() for _ in range(100)]
    with pytest.raises(TwilioError) as error:
        await streams.sink()
    refused(91003, error)
    await streams.sinks.create(STRANGER, "email", {}, "Theirs")
    await streams.sinks.delete(sinks[0])
    assert (await streams.sink()).sid not in {each.sid for each in sinks}


async def test_tests(streams: "Streams") -> None:
    """Each has an id of its own, and makes that of the one before worthless."""
    sink = await streams.sink("segment", write_key="k")
    first = await streams.sinks.test(sink)
    second = await streams.sinks.test(first)
    assert (first.status, second.tests) == ("validating", 2)
    assert len(first.test_id) == 36
    with pytest.raises(TwilioError) as error:
        await streams.sinks.validate(second, first.test_id)
    refused(91005, error)
    assert (await streams.sinks.validate(second, second.test_id)).status == "active"


async def test_a_sink_in_use(streams: "Streams") -> None:
    """Stays until its subscription is gone."""
    subscription = await streams.subscription()
    sink = streams.sinks.one(streams.account, subscription.sink_sid)
    assert streams.sinks.in_use(sink.sid)
    assert not streams.sinks.in_use(sink.sid, but=subscription.sid)
    with pytest.raises(TwilioError) as error:
        await streams.sinks.delete(sink)
    refused(91007, error)
    assert error.value.message == f"Sink with SID {sink.sid} is in use"
    await streams.subscriptions.delete(subscription)
    await streams.sinks.delete(sink)
    assert not streams.sandbox.tables.sinks


async def test_chance_is_the_seeds(make_streams: Callable[[], "Streams"]) -> None:
    """SIDs and test ids come in order of creation."""
    made = []
    for _ in range(2):
        streams = make_streams()
        sink = await streams.sinks.test(await streams.sink())
        made.append((sink.sid, sink.test_id))
    assert made[0] == made[1]


async def test_what_is_written(streams: "Streams") -> None:
    """A sink is in the table that a restart loads, and its place when it goes."""
    sink = await streams.sink()
    assert streams.sandbox.tables.sinks == {sink.sid: sink}
    unit = Unit()
    streams.sinks.remove(sink.sid, unit)
    assert [row[:2] for row in unit.rows] == [("sinks", sink.sid), ("deleted", f"sinks {sink.sid}")]
