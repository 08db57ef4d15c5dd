"""`verify`, `invariants` and what `assert_sent` knows of time and order."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from mockserver import AsyncMockTwilio, MockTwilio
from mockserver.handle import ControlError

FROM, TO, OTHER = "+15017122661", "+15558675310", "+14155550123"

Send = Callable[..., Any]


@pytest.fixture
def twilio() -> Iterator[MockTwilio]:
    """A fresh sandbox on a clock that stands still until it is moved."""
    with MockTwilio(clock="manual", seed=7) as twilio:
        yield twilio


@pytest.fixture
def send(twilio: MockTwilio) -> Send:
    """`send(to=…, body=…)` creates a message through Twilio's client, and has it delivered."""
    client = twilio.client()

    def send(to: str = TO, body: str = "Ahoy", seconds: float = 1, **more: Any) -> str:
        sid = client.messages.create(to=to, from_=FROM, body=body, **more).sid
        twilio.clock.advance(seconds=seconds)
        return str(sid)

    return send


# -- verify ----------------------------------------------------------------------------------------


def test_one_check_in_keywords(twilio: MockTwilio, send: Send) -> None:
    """Python's spelling of filters and times is understood at every depth."""
    send(body="Your code is 123456")
    send(to=OTHER, body="Thank you")
    twilio.verify(order=[{"to": TO, "from_": FROM}, {"to": (OTHER, "+1999*")}])
    twilio.verify(within={"from": timedelta(seconds=1), "to": datetime(2026, 12, 2, tzinfo=UTC)})
    twilio.verify(where={"error_code": None}, count={"exactly": 2})
    twilio.verify(cost={"price": Decimal("0.02"), "segments": 2})
    twilio.verify(count={"at_most": 1, "per": timedelta(minutes=1)})


def test_a_failed_check_tells_all(twilio: MockTwilio, send: Send) -> None:
    """The sentence, the near miss, and what was sent."""
    first, second = send(), send(to=OTHER)
    with pytest.raises(AssertionError) as failure:
        twilio.verify(order=[{"to": OTHER}, {"to": TO}])
    said = str(failure.value)
    assert said.startswith(f"Expected a message with to '{OTHER}' before a message with to '{TO}'")
    assert f"nearest miss {first}:" in said
    assert f"created_at: expected 'after {second}'" in said
    assert "sent in this sandbox (2):" in said


def test_too_many_are_named(twilio: MockTwilio, send: Send) -> None:
    """There are no near misses then; of many, the first ones."""
    sids = [send(body=str(number)) for number in range(12)]
    with pytest.raises(AssertionError) as failure:
        twilio.assert_not_sent(to=TO)
    _, named, *_ = str(failure.value).split("\n")
    assert named == f"matched: {', '.join(sids[:10])} and 2 more"


def test_a_near_miss_in_another_case(twilio: MockTwilio, send: Send) -> None:
    """That is said, since nobody sees it; a long text is cut."""
    send(body="Your code " * 30)
    with pytest.raises(AssertionError) as failure:
        twilio.assert_sent(body="your Code")
    assert "… (300 characters): in another case" in str(failure.value)


def test_what_has_not_happened_yet(twilio: MockTwilio) -> None:
    """Under a clock that stands, it is said when the next thing is due; not where all is over."""
    twilio.client().messages.create(to=TO, from_=FROM, body="Ahoy")
    with pytest.raises(AssertionError) as failure:
        twilio.assert_sent(status="delivered")
    assert "the clock is manual and stands at 2026-12-01T00:00:00" in str(failure.value)
    assert "the next event is due at 2026-12-01T00:00:00.1" in str(failure.value)
    twilio.clock.run_until_idle()
    with pytest.raises(AssertionError) as failure:
        twilio.assert_sent(status="read")
    assert "the clock is" not in str(failure.value)


def test_several_checks(twilio: MockTwilio, send: Send) -> None:
    """Each that does not hold is told with its own near misses."""
    send()
    again = send()
    with pytest.raises(AssertionError) as failure:
        twilio.verify({"final": True}, {"cost": {"segments": 1}}, no_duplicates=True)
    lines = str(failure.value).split("\n")
    assert lines[0] == "2 of 3 checks do not hold:"
    assert lines[1].startswith("- cost: Expected at most 1 segment in all")
    assert lines[2].startswith("- no_duplicates: Expected no recipient")
    assert lines[3] == f"  nearest miss {again}:"


def test_a_check_that_is_none(twilio: MockTwilio) -> None:
    """An empty call checks nothing, which is a mistake of the test's; so is an unknown word."""
    with pytest.raises(TypeError, match="needs a check"):
        twilio.verify()
    with pytest.raises(ControlError, match="did you mean 'order'"):
        twilio.verify({"oder": []})
    with pytest.raises(TypeError, match="to=None is no filter"):
        twilio.verify(where={"to": None})


# -- invariants ------------------------------------------------------------------------------------


def test_invariants_wait_on_the_instant_clock(hook: Any) -> None:
    """A callback that is being answered slowly is not one that nobody answered."""
    with MockTwilio() as twilio:
        client = twilio.client()
        for number in range(20):
            client.messages.create(to=TO, from_=FROM, body=str(number), status_callback=hook.url)
        twilio.invariants()
        assert len(twilio.callbacks(status="delivered")) == 20


def test_invariants_hold(twilio: MockTwilio, send: Send) -> None:
    """Of an application that does as it should; and of one that does nothing."""
    twilio.invariants()
    send()
    send(to=OTHER)
    twilio.invariants(max_segments=2, max_price="0.02", max_segments_each=1, max_price_each=0.01)


def test_all_broken_ones_are_listed(twilio: MockTwilio, send: Send) -> None:
    """In one error: what is under way, what nobody took, what came twice, what it cost."""
    send(status_callback="http://127.0.0.1:9/nobody")
    send()
    send(body="late", seconds=0)
    with pytest.raises(AssertionError) as failure:
        twilio.invariants(max_price=0)
    lines = str(failure.value).split("\n")
    assert lines[0] == "4 of 5 checks do not hold:"
    told = [line.split(":")[0] for line in lines if line.startswith("- ")]
    assert told == ["- final", "- acknowledged", "- no_duplicates", "- cost"]


@pytest.mark.parametrize(
    ("switch", "broken"),
    [
        ({"duplicates": False}, ""),
        ({"duplicates": "0.5s"}, ""),
        ({"duplicates": timedelta(minutes=5)}, "no_duplicates"),
        ({"duplicates": 300}, "no_duplicates"),
        ({}, "no_duplicates"),
    ],
)
def test_duplicates_can_be_switched(
    twilio: MockTwilio, send: Send, switch: Any, broken: str
) -> None:
    """Off, or to another time."""
    send()
    send()
    if not broken:
        twilio.invariants(**switch)
        return
    with pytest.raises(AssertionError, match=f"1 of 4 checks do not hold:\n- {broken}"):
        twilio.invariants(**switch)


def test_the_others_can_be_switched_off(twilio: MockTwilio, send: Send) -> None:
    """One by one; without any, nothing would be checked."""
    send(status_callback="http://127.0.0.1:9/nobody")
    twilio.receive(from_=TO, to=FROM, body="STOP")
    twilio.clock.advance(seconds=1)
    send(to=OTHER, seconds=0)
    twilio.invariants(final=False, acknowledged=False)
    twilio.invariants(where={"to": TO}, acknowledged=False)
    twilio.invariants(within={"to": "1s"}, acknowledged=False, opt_outs=False)
    with pytest.raises(AssertionError, match="- final"):
        twilio.invariants(acknowledged=False)
    with pytest.raises(TypeError, match="nothing would be checked"):
        twilio.invariants(final=False, acknowledged=False, duplicates=False, opt_outs=False)
    with pytest.raises(TypeError, match="there is no invariant duplicate"):
        twilio.invariants(duplicate=False)  # type: ignore[call-arg]


def test_scheduled_messages_may_wait(twilio: MockTwilio) -> None:
    """Unless the test says that they may not."""
    at = twilio.clock.now + timedelta(hours=1)
    twilio.client().messages.create(
        to=TO,
        messaging_service_sid="MG" + "a" * 32,
        body="later",
        schedule_type="fixed",
        send_at=at,
    )
    twilio.invariants()
    with pytest.raises(AssertionError, match="is scheduled and goes on at 2026-12-01T01:00:00"):
        twilio.invariants(scheduled=True)


# -- assert_sent -----------------------------------------------------------------------------------


def test_before_and_after_another(twilio: MockTwilio, send: Send) -> None:
    """The first message that matches the filters parts those that count from those that do not."""
    send(body="first")
    send(to=OTHER, body="middle")
    send(body="last")
    twilio.assert_sent(to=TO, times=1, before={"to": OTHER})
    twilio.assert_sent(to=TO, body="last", after={"to": OTHER, "status": "delivered"})
    twilio.assert_sent(times=1, after={"body": "first"}, before={"body": "last"})
    with pytest.raises(AssertionError, match=r"none matched after the first message with to"):
        twilio.assert_sent(body="first", after={"to": OTHER})
    with pytest.raises(AssertionError, match=r"none matched before the first message with body"):
        twilio.assert_sent(to=TO, before={"body": "never sent"})


def test_not_sent_before_or_after(twilio: MockTwilio, send: Send) -> None:
    """What matches may have come at another time."""
    send(body="first")
    send(to=OTHER)
    twilio.assert_not_sent(to=TO, after={"to": OTHER})
    twilio.assert_not_sent(to=OTHER, before="1s")
    with pytest.raises(AssertionError, match=r"exactly 0 messages .* but 1 matched before the fir"):
        twilio.assert_not_sent(to=TO, before={"to": OTHER})


def test_at_some_time(twilio: MockTwilio, send: Send) -> None:
    """Since the sandbox began, or by its clock."""
    send(body="first")
    noon = twilio.clock.now
    send(body="second")
    twilio.assert_sent(body="second", after=noon)
    twilio.assert_sent(times=1, before="1s")
    twilio.assert_sent(times=1, within={"from": 1, "to": timedelta(seconds=2)})
    with pytest.raises(AssertionError, match="but 2 matched from 2026-11-30T00:00:00"):
        twilio.assert_sent(times=1, after="2026-11-30T00:00:00Z")
    with pytest.raises(TypeError, match="within= says both"):
        twilio.assert_sent(before=1, within={"from": 0})


# -- the twin --------------------------------------------------------------------------------------


@pytest.fixture
async def twin() -> AsyncIterator[AsyncMockTwilio]:
    """The same for an event loop."""
    async with AsyncMockTwilio(seed=7) as twilio:
        yield twilio


async def test_the_twin_does_the_same(twin: AsyncMockTwilio) -> None:
    """As coroutines."""
    client = twin.client()
    await client.messages.create_async(to=TO, from_=FROM, body="one")
    await client.messages.create_async(to=OTHER, from_=FROM, body="two")
    await twin.wait_for_message(to=OTHER, status="delivered")
    await twin.verify(order=[{"to": TO}, {"to": OTHER}])
    await twin.verify({"final": True}, {"opt_outs_heeded": True})
    await twin.invariants({"to": TO}, max_segments=1)
    await twin.assert_sent(to=TO, before={"to": OTHER}, times=1)
    await twin.assert_not_sent(to=TO, after={"to": OTHER})
    with pytest.raises(AssertionError, match="- cost"):
        await twin.invariants(max_segments=1)
