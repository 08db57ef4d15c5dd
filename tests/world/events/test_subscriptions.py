"""Making, changing and deleting subscriptions."""

from typing import TYPE_CHECKING

import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.errors import TwilioError
from mockserver.domain.sids import is_sid

if TYPE_CHECKING:
    from tests.world.events.conftest import Streams

SENT, READ = (f"com.twilio.messaging.message.{status}" for status in ("sent", "read"))
STRANGER = Account("AC" + "5" * 32)
NOWHERE = "DG" + "0" * 32


async def test_a_subscriptions_life(streams: "Streams") -> None:
    """Each has a SID of its own; its sink stays when it goes."""
    one, two = await streams.subscription(), await streams.subscription()
    assert is_sid(one.sid, "DF")
    assert one.sid != two.sid
    assert one.types == {SENT: 7}
    await streams.world.advance(5)
    after = await streams.subscriptions.update(streams.account, one, {"description": "Mine"})
    assert (after.description, after.sink_sid) == ("Mine", one.sink_sid)
    assert (after.created_at, after.updated_at) == (one.created_at, streams.world.now)
    await streams.subscriptions.delete(after)
    with pytest.raises(TwilioError) as error:
        streams.subscriptions.one(streams.account, one.sid)
    assert error.value.code == 91102
    assert streams.sinks.one(streams.account, one.sink_sid).status == "active"


async def test_a_sink_takes_one_subscription(streams: "Streams") -> None:
    """The second is refused; after the first has gone it is not."""
    first = await streams.subscription()
    with pytest.raises(TwilioError) as error:
        await streams.subscription(first.sink_sid)
    assert (error.value.code, error.value.status) == (91007, 409)
    assert error.value.message == f"Sink with SID {first.sink_sid} is in use"
    await streams.subscriptions.delete(first)
    assert (await streams.subscription(first.sink_sid)).sid != first.sid


async def test_a_sink_must_be_active(streams: "Streams") -> None:
    """Initialized or under test, it takes none."""
    sink = await streams.sink("segment", write_key="k")
    for _ in range(2):
        with pytest.raises(TwilioError) as error:
            await streams.subscription(sink.sid)
        assert error.value.code == 91100
        sink = await streams.sinks.test(sink)
    await streams.sinks.validate(sink, sink.test_id)
    assert (await streams.subscription(sink.sid)).sink_sid == sink.sid


async def test_a_sink_must_be_there(streams: "Streams") -> None:
    """And be the account's own."""
    sink = await streams.sink()
    for account, sid in ((streams.account, NOWHERE), (STRANGER, sink.sid)):
        with pytest.raises(TwilioError) as error:
            await streams.subscriptions.create(account, sid, {SENT: 7}, "x")
        assert error.value.code == 91001


async def test_another_sink(streams: "Streams") -> None:
    """A subscription can be led to one that is free and active, its own included."""
    subscription, taken = await streams.subscription(), await streams.subscription()
    free, idle = await streams.sink(), await streams.sink("segment", write_key="k")
    change = streams.subscriptions.update
    same = await change(streams.account, subscription, {"sink_sid": subscription.sink_sid})
    assert (await change(streams.account, same, {"sink_sid": free.sid})).sink_sid == free.sid
    for sid, code in ((taken.sink_sid, 91007), (idle.sid, 91100), (NOWHERE, 91001)):
        with pytest.raises(TwilioError) as error:
            await change(streams.account, same, {"sink_sid": sid})
        assert error.value.code == code


async def test_types_come_and_go(streams: "Streams") -> None:
    """One by one; the last may go too."""
    subscription = await streams.subscription()
    both = await streams.subscriptions.subscribe(subscription, READ, 3)
    assert both.types == {SENT: 7, READ: 3}
    again = await streams.subscriptions.subscribe(both, READ, 4)
    assert again.types == {SENT: 7, READ: 4}
    left = await streams.subscriptions.unsubscribe(again, SENT)
    assert (await streams.subscriptions.unsubscribe(left, READ)).types == {}
    with pytest.raises(TwilioError) as error:
        await streams.subscriptions.unsubscribe(left, SENT)
    assert (error.value.code, error.value.status) == (91104, 404)
