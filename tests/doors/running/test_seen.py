"""What a server saw, and what of it should not have happened."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mockserver import MockTwilio
from mockserver.handles.connection import ControlClient
from mockserver.handles.records import ApiCall, Callback, HttpResponse
from mockserver.running.judging import KINDS, judge
from mockserver.running.seen import LONG, LOOK, Seen, gather, look, wait

FROM, TO = "+15017122661", "+14155552671"


@pytest.fixture
def twilio() -> Iterator[MockTwilio]:
    """A server of its own in this process, whose first sandbox is all there is."""
    with MockTwilio(in_process=True) as twilio:
        yield twilio


def test_what_there_is_is_gathered(twilio: MockTwilio) -> None:
    """Records oldest first, totals, and a hint at what is in other sandboxes."""
    for number in range(3):
        twilio.client().messages.create(to=TO, from_=FROM, body=str(number))
    default = ControlClient(twilio._control.pool)
    elsewhere = gather(default, look(default))
    assert (elsewhere.messages, elsewhere.elsewhere) == ([], 3)
    here = gather(twilio._control, look(default), twilio.sandbox_id)
    assert [each.body for each in here.messages] == ["0", "1", "2"]
    assert [each.operation for each in here.calls] == ["api.v2010.CreateMessage"] * 3
    assert here.totals == {"messages": 3, "requests": 3, "callbacks": 0}
    assert here.elsewhere == 0
    assert here.statuses == {"delivered": 3}


def test_what_is_under_way_is_waited_for(twilio: MockTwilio) -> None:
    """A clock that stands is not; the wait is bounded."""
    twilio.clock.mode = "scaled:100"
    twilio.client().messages.create(to=TO, from_=FROM, body="Hi")
    assert wait(twilio._control, 20).idle
    assert twilio.last_message().status == "delivered"
    twilio.clock.mode = "manual"
    twilio.client().messages.create(to=TO, from_=FROM, body="Hi")
    clock = wait(twilio._control, 1_000)
    assert (clock.idle, clock.mode, clock.pending) == (False, "manual", 1)


def test_a_long_wait_is_excused_once(twilio: MockTwilio) -> None:
    """After a second; a short one is not."""
    twilio.clock.mode = "scaled:0.01"
    twilio.client().messages.create(to=TO, from_=FROM, body="Hi")
    excuses: list[str] = []
    assert not wait(twilio._control, LONG * LOOK, lambda: excuses.append("short")).idle
    assert not wait(twilio._control, (LONG + 2) * LOOK, lambda: excuses.append("long")).idle
    assert excuses == ["long"]


def test_a_parameter_that_twilio_does_not_know(twilio: MockTwilio) -> None:
    """As the server really words it."""
    login = (twilio.account_sid, twilio.auth_token)
    url = f"https://api.twilio.com/2010-04-01/Accounts/{login[0]}/Messages.json"
    form = {"To": TO, "From": FROM, "Body": "Hi", "Bodi": "Ho"}
    twilio.http_client().request("POST", url, data=form, auth=login)
    seen = gather(twilio._control, look(twilio._control))
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
    seen = gather(twilio._control, look(twilio._control))
    [line] = judge(seen, KINDS)["unknown-parameters"]
    assert "Content 201: `friendlyName` is not a field of this call" in line


def test_an_operation_that_is_not_served(twilio: MockTwilio) -> None:
    """Told from one that is, and was refused."""
    client = twilio.http_client()
    login = (twilio.account_sid, twilio.auth_token)
    client.request("GET", "https://verify.twilio.com/v2/Services", auth=login)
    gone = f"https://api.twilio.com/2010-04-01/Accounts/{login[0]}/Messages/SM{'0' * 32}.json"
    client.request("GET", gone, auth=login)
    seen = gather(twilio._control, look(twilio._control))
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
    ],
)
def test_webhooks_that_nobody_took(attempts: list[Callback], undelivered: str) -> None:
    """It is the last attempt at each that counts, and only a 2xx is a yes."""
    found = Seen(callbacks=attempts).undelivered
    assert [each.idempotency_token or " " for each in found] == list(undelivered)


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
