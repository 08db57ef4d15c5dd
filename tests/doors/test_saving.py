"""Snapshots and forks, as a test uses them."""

from collections.abc import Iterator
from io import BytesIO, UnsupportedOperation
from pathlib import Path
from typing import Any

import pytest
import requests

from mockserver import AsyncMockTwilio, MockTwilio
from mockserver.handle import ControlError, MockTwilioError, ServerGone
from mockserver.handles import connection

FROM, TO, OTHER = "+15017122661", "+15558675310", "+14155550123"


@pytest.fixture
def twilio() -> Iterator[MockTwilio]:
    """A fresh sandbox, whose clock stands still."""
    with MockTwilio(clock="manual") as twilio:
        yield twilio


def send(twilio: MockTwilio, body: str) -> None:
    """A message through Twilio's client."""
    twilio.client().messages.create(to=TO, from_=FROM, body=body)


def bodies(twilio: MockTwilio) -> list[str]:
    return [message.body for message in twilio.messages()]


def test_out_and_in(twilio: MockTwilio) -> None:
    """What was there is there again, time included; what came since is gone."""
    send(twilio, "one")
    at, kept = twilio.clock.now, twilio.snapshot()
    send(twilio, "two")
    twilio.clock.advance(seconds=60)
    twilio.restore(kept)
    assert bodies(twilio) == ["one"]
    assert twilio.clock.now == at
    assert twilio.last_message().status == "queued"
    assert twilio.snapshot() == kept


def test_by_way_of_a_file(twilio: MockTwilio, tmp_path: Path) -> None:
    """By its path, or one that is open; its content is the same."""
    send(twilio, "one")
    path, opened = tmp_path / "kept.json", BytesIO()
    twilio.snapshot(path)
    twilio.snapshot(opened)
    assert path.read_bytes() == opened.getvalue() == twilio.snapshot()
    for kept in (path, str(path), BytesIO(opened.getvalue())):
        twilio.reset()
        twilio.restore(kept)
        assert bodies(twilio) == ["one"]
    with path.open("rb") as file:
        twilio.restore(file)
    assert bodies(twilio) == ["one"]


def test_into_another_one(twilio: MockTwilio) -> None:
    """Whose account then has what the first one's had."""
    send(twilio, "one")
    with MockTwilio(clock="manual") as other:
        other.restore(twilio.snapshot())
        assert bodies(other) == ["one"]
        assert other.last_message().account_sid == other.account_sid != twilio.account_sid
        assert twilio.auth_token.encode() not in twilio.snapshot()


def test_a_large_one(twilio: MockTwilio, tmp_path: Path) -> None:
    """Goes in pieces, on a connection of its own."""
    for number in range(30):
        send(twilio, f"{number} " + "x" * 1_500)
    twilio.snapshot(tmp_path / "kept.json")
    twilio.reset()
    twilio.restore(tmp_path / "kept.json")
    assert len(bodies(twilio)) == 30


@pytest.mark.parametrize("content", [b"{", b"{}", b'{"at": 1, "accounts": []}'])
def test_what_is_no_snapshot(twilio: MockTwilio, content: bytes) -> None:
    """Is refused, and changes nothing."""
    send(twilio, "one")
    with pytest.raises(ControlError) as refused:
        twilio.restore(content)
    assert refused.value.status == 400
    assert bodies(twilio) == ["one"]


def test_a_file_that_takes_nothing(twilio: MockTwilio, tmp_path: Path) -> None:
    """Is what goes wrong then, and not the server."""
    path = tmp_path / "kept.json"
    path.write_bytes(b"")
    with path.open("rb") as file, pytest.raises(UnsupportedOperation, match="write"):
        twilio.snapshot(file)
    send(twilio, "one")
    assert bodies(twilio) == ["one"]


def test_while_connections_are_refused(twilio: MockTwilio) -> None:
    """A fault may have it so for a while: the handle waits for its end."""
    send(twilio, "one")
    kept = twilio.snapshot()
    twilio.fault(refuse="300ms")
    with pytest.raises(requests.ConnectionError):
        send(twilio, "two")
    assert b'"one"' in twilio.snapshot()
    with pytest.raises(requests.ConnectionError):
        send(twilio, "three")
    twilio.restore(kept)
    assert bodies(twilio) == ["one"]


def test_without_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said that there is none, and a file that was there stays what it was."""
    monkeypatch.setattr(connection, "PAUSE", 0.0)
    twilio = MockTwilio(in_process=True).start()
    served, pool = twilio._standing.served, twilio._control.pool
    served.release()
    path = tmp_path / "kept.json"
    path.write_bytes(b"earlier")
    with pytest.raises(ServerGone, match=r"GET .*/snapshot broke off"):
        twilio.snapshot(path)
    assert pool.url == twilio.base_url
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {path.name: b"earlier"}


def test_before_it_is_started() -> None:
    """As with everything else."""
    for act in (MockTwilio().snapshot, MockTwilio().fork):
        with pytest.raises(MockTwilioError, match="not started"):
            act()


# -- forks -----------------------------------------------------------------------------------------


def test_a_fork_begins_here_and_goes_on_alone(twilio: MockTwilio) -> None:
    """With another account; what happens to one does not happen to the other."""
    send(twilio, "one")
    with twilio.fork() as fork:
        assert fork.account_sid != twilio.account_sid
        assert fork.sandbox_id != twilio.sandbox_id
        assert (fork.seed, fork.clock.now) == (twilio.seed, twilio.clock.now)
        send(fork, "two")
        fork.clock.advance(seconds=60)
        assert bodies(fork) == ["one", "two"]
        assert [message.status for message in fork.messages()] == ["delivered"] * 2
        fork.reset()
        assert bodies(fork) == ["one"]
    assert not fork.started
    assert bodies(twilio) == ["one"]
    assert twilio.last_message().status == "queued"


def test_a_fork_that_is_otherwise(twilio: MockTwilio) -> None:
    """Its account, clock, time and scenario may be others; nothing else is an option."""
    account = "AC" + "8" * 32
    options: Any = {"account_sid": account, "clock": "instant", "start": "2031-01-01T00:00:00Z"}
    with twilio.fork(**options, scenario="trial-account") as fork:
        assert (fork.account_sid, fork.clock.mode) == (account, "instant")
        assert fork.clock.now.year == 2031
    wrong: Any = {"url": "http://localhost:1"}
    with pytest.raises(TypeError, match="url"):
        twilio.fork(**wrong)


def test_a_fork_on_somebody_elses_server(twilio: MockTwilio) -> None:
    """Does not stay there for ever, should nobody drop it."""
    with MockTwilio(url=twilio.base_url) as guest, guest.fork() as fork:
        known = fork._control.call("GET", "")
        assert known["ttl_s"] == 3600


@pytest.fixture(scope="module")
def stocked() -> Iterator[MockTwilio]:
    """What every test below begins with: set up once."""
    with MockTwilio(clock="manual", seed=7) as twilio:
        twilio.given(numbers=[OTHER])
        send(twilio, "Reply STOP to stop.")
        twilio.clock.advance(seconds=60)
        yield twilio


@pytest.mark.parametrize(
    ("answer", "stopped"), [("STOP", True), ("Unsubscribe", True), ("HELP", False), ("1", False)]
)
def test_parametrised(stocked: MockTwilio, answer: str, stopped: bool) -> None:
    """Each case has a sandbox that no other one has touched."""
    with stocked.fork() as twilio:
        assert bodies(twilio) == ["Reply STOP to stop."]
        twilio.receive(from_=TO, to=OTHER, body=answer)
        assert bool(twilio.opt_outs()) == stopped
    assert bodies(stocked) == ["Reply STOP to stop."]
    assert not stocked.opt_outs()


# -- the twin --------------------------------------------------------------------------------------


async def test_the_twin(tmp_path: Path) -> None:
    """The same, with `await`."""
    async with AsyncMockTwilio(clock="manual") as twilio:
        await twilio.client().messages.create_async(to=TO, from_=FROM, body="one")
        kept = await twilio.snapshot()
        await twilio.snapshot(tmp_path / "kept.json")
        assert (tmp_path / "kept.json").read_bytes() == kept
        async with await twilio.fork(clock="instant") as fork:
            assert isinstance(fork, AsyncMockTwilio)
            assert fork.clock.mode == "instant"
            await fork.reset()
            assert [message.body for message in await fork.messages()] == ["one"]
        await twilio.reset()
        await twilio.restore(kept)
        assert [message.body for message in await twilio.messages()] == ["one"]
