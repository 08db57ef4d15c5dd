"""What a server saw, and what of it should not have happened."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mockserver import MockTwilio
from mockserver.config import Settings
from mockserver.handles.connection import Pool
from mockserver.handles.records import ApiCall, Callback, HttpResponse
from mockserver.running.gathering import LONG, LOOK, gather, look, wait
from mockserver.running.judging import KINDS, judge
from mockserver.running.seen import Seen
from mockserver.server import ServerThread
from mockserver.world.partings import MESSAGES_OF_ONE

FROM, TO = "+15017122661", "+14155552671"


@pytest.fixture
def twilio() -> Iterator[MockTwilio]:
    """A server of its own in this process, whose first sandbox is all there is."""
    with MockTwilio(in_process=True) as twilio:
        yield twilio


@pytest.fixture
def keeping() -> Iterator[str]:
    """A server as `run` starts it."""
    server = ServerThread(Settings(port=0, keep_dropped=True))
    server.start()
    yield server.url
    server.stop()


def seen_by(twilio: MockTwilio) -> Seen:
    """All that its server saw."""
    pool = twilio._control.pool
    return gather(pool, look(pool))


def test_what_there_is_is_gathered(twilio: MockTwilio) -> None:
    """Records oldest first and totals, of every sandbox."""
    for number in range(3):
        twilio.client().messages.create(to=TO, from_=FROM, body=str(number))
    with MockTwilio(url=twilio.base_url) as other:
        other.client().messages.create(to=TO, from_=FROM, body="other")
        seen = seen_by(twilio)
        others = [twilio.sandbox_id, other.sandbox_id]
    assert [each.body for each in seen.messages] == ["0", "1", "2", "other"]
    assert [each.operation for each in seen.calls] == ["api.v2010.CreateMessage"] * 4
    assert [each.raw["sandbox"] for each in seen.calls] == [*(others[:1] * 3), others[1]]
    assert seen.totals == {"messages": 4, "requests": 4, "callbacks": 0}
    assert seen.statuses == {"delivered": 4}
    assert ([*seen.others], seen.gone, seen.clock.mode) == (others, 0, "instant")


def test_a_sandbox_that_goes_meanwhile(twilio: MockTwilio) -> None:
    """Is not asked any more; the others are."""
    pool = twilio._control.pool
    with MockTwilio(url=twilio.base_url) as other:
        clocks = look(pool)
        assert other.sandbox_id in clocks
    assert gather(pool, clocks).totals == {"messages": 0, "requests": 0, "callbacks": 0}


def test_sandboxes_that_are_gone(keeping: str) -> None:
    """Dropped or reset, what they saw is told, and counted exactly."""
    with MockTwilio(url=keeping, seed=7) as one:
        one.client().messages.create(to=TO, from_=FROM, body="one")
        one.reset()
        one.client().messages.create(to=TO, from_=FROM, body="two")
        gone = {one.sandbox_id}
    with MockTwilio(url=keeping, seed=7) as other:
        for number in range(MESSAGES_OF_ONE + 3):
            other.client().messages.create(to=TO, from_=FROM, body=str(number))
        gone.add(other.sandbox_id)
    pool = Pool(keeping)
    seen = gather(pool, look(pool))
    assert (seen.gone, seen.others, seen.unshown) == (3, {}, {"delivered": 3})
    assert seen.statuses == {"delivered": MESSAGES_OF_ONE + 5}
    assert seen.totals["messages"] == MESSAGES_OF_ONE + 5
    assert [each.body for each in seen.messages[:3]] == ["one", "two", "3"]
    assert [each.raw["life"] for each in seen.messages[:3]] == [1, 2, 3]
    assert {each.raw["sandbox"] for each in seen.calls} == gone
    pool.close()


def test_what_is_under_way_is_waited_for(twilio: MockTwilio) -> None:
    """In every sandbox; a clock that stands is not; the wait is bounded."""
    pool = twilio._control.pool
    twilio.clock.mode = "scaled:100"
    twilio.client().messages.create(to=TO, from_=FROM, body="Hi")
    assert wait(pool, 20)[twilio.sandbox_id].idle
    assert twilio.last_message().status == "delivered"
    twilio.clock.mode = "manual"
    twilio.client().messages.create(to=TO, from_=FROM, body="Hi")
    clock = wait(pool, 1_000)[twilio.sandbox_id]
    assert (clock.idle, clock.mode, clock.pending) == (False, "manual", 1)


def test_a_long_wait_is_excused_once(twilio: MockTwilio) -> None:
    """After a second; a short one is not."""
    pool = twilio._control.pool
    twilio.clock.mode = "scaled:0.01"
    twilio.client().messages.create(to=TO, from_=FROM, body="Hi")
    excuses: list[str] = []
    wait(pool, LONG * LOOK, lambda: excuses.append("short"))
    clocks = wait(pool, (LONG + 2) * LOOK, lambda: excuses.append("long"))
    assert not clocks[twilio.sandbox_id].idle
    assert excuses == ["long"]


def test_a_parameter_that_twilio_does_not_know(twilio: MockTwilio) -> None:
    """As the server really words it."""
    login = (twilio.account_sid, twilio.auth_token)
    url = f"https://api.twilio.com/2010-04-01/Accounts/{login[0]}/Messages.json"
    form = {"To": TO, "From": FROM, "Body": "Hi", "Bodi": "Ho"}
    twilio.http_client().request("POST", url, data=form, auth=login)
    seen = seen_by(twilio)
    [line] = judge(seen, KINDS)["unknown-parameters"]
    assert "Messages.json 201: `Bodi` is not a parameter of this call" in line


def test_a_field_that_twilio_does_not_know(twilio: MockTwilio) -> None:
    """Of a body in JSON, such as the name that the Node library's types give a field."""
    body = {"language": "en", "friendlyName": "x", "types": {"twilio/text": {"body": "Hi"}}}
    twilio.http_client().request(
        "POST",
        "https://content.twilio.com/v1/Content",
        data=body,
        headers={"Content-Type": "application/json"},
        auth=(twilio.account_sid, twilio.auth_token),
    )
    seen = seen_by(twilio)
    [line] = judge(seen, KINDS)["unknown-parameters"]
    assert "Content 201: `friendlyName` is not a field of this call" in line


def test_an_operation_that_is_not_served(twilio: MockTwilio) -> None:
    """Told from one that is, and was refused."""
    client = twilio.http_client()
    login = (twilio.account_sid, twilio.auth_token)
    client.request("GET", "https://verify.twilio.com/v2/Services", auth=login)
    gone = f"https://api.twilio.com/2010-04-01/Accounts/{login[0]}/Messages/SM{'0' * 32}.json"
    client.request("GET", gone, auth=login)
    seen = seen_by(twilio)
    assert [each.host for each in seen.unserved] == ["verify.twilio.com"]
    assert [each.host for each in seen.refused] == ["api.twilio.com"]


def attempt(token: str, status: int | None = None, error: str | None = None) -> Callback:
    return Callback(
        id=f"{token}{status}", idempotency_token=token, response_status=status, error=error
    )


@pytest.mark.parametrize(
    ("attempts", "undelivered"),
    [
        ([attempt("a", 200)], ""),
        ([attempt("a", 500), attempt("a", 204)], ""),
        ([attempt("a", 500), attempt("a", 503)], "a"),
        ([attempt("a", 200), attempt("b", 302)], "b"),
        ([attempt("a", None, "refused")], "a"),
        ([attempt("a", 200, "the answer broke off")], "a"),
        ([attempt("", 500), attempt("", 404)], "  "),
        ([replace(attempt("a", None, "not posted: storm"), weather="storm")], ""),
        ([replace(attempt("a", None, "refused"), weather="storm")], "a"),
    ],
)
def test_webhooks_that_nobody_took(attempts: list[Callback], undelivered: str) -> None:
    """It is the last attempt at each that counts, and only a 2xx is a yes."""
    found = Seen(callbacks=attempts).undelivered
    assert [each.idempotency_token or " " for each in found] == list(undelivered)


def test_the_same_webhook_of_another_sandbox() -> None:
    """Has the same token where the seed is the same; so has a sandbox's after a reset."""
    lives: list[dict[str, object]] = [{"sandbox": "a"}, {"sandbox": "b"}]
    lives += [{"sandbox": "b", "life": 1}, {"sandbox": "b", "life": 2}]
    attempts = [replace(attempt("t", 500), raw=raw) for raw in lives]
    assert (
        Seen(callbacks=[*attempts, replace(attempt("t", 200), raw=lives[0])]).undelivered
        == (attempts[1:])
    )


def test_only_what_was_asked_for_is_judged(bad: Seen, good: Seen) -> None:
    """And of that only what happened."""
    assert judge(bad, []) == {}
    assert list(judge(bad, ["unserved-operations"])) == ["unserved-operations"]
    assert {kind: len(lines) for kind, lines in judge(bad, KINDS).items()} == dict.fromkeys(
        KINDS, 1
    )
    assert judge(good, KINDS) == {}
    refused = replace(good, calls=[ApiCall(response=HttpResponse(500))])
    assert judge(refused, KINDS) == {}
