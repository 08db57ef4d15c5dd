"""`MockTwilio`: sent through Twilio's own client, looked into and asserted by a test."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from mockserver import MockTwilio
from mockserver.handle import ControlError, Message, MockTwilioError, ServerGone
from mockserver.handles.connection import ControlClient

FROM, TO, OTHER = "+15017122661", "+15558675310", "+14155550123"
ACCOUNT, TOKEN = "AC" + "7" * 32, "b" * 32
CREATE = "api.v2010.CreateMessage"

Send = Callable[..., Any]


@pytest.fixture
def twilio() -> Iterator[MockTwilio]:
    """A fresh sandbox."""
    with MockTwilio() as twilio:
        yield twilio


@pytest.fixture
def send(twilio: MockTwilio) -> Send:
    """`send(to=…, body=…)` creates a message through Twilio's client."""
    client = twilio.client()

    def send(to: str = TO, body: str = "Your code is 123456", **more: Any) -> Any:
        return client.messages.create(to=to, from_=FROM, body=body, **more)

    return send


# -- looking ---------------------------------------------------------------------------------------


def test_a_message_lives_its_life(twilio: MockTwilio, send: Send) -> None:
    """Queued in the answer, then through every status, at the times of the default lifecycle."""
    sent = send()
    assert sent.status == "queued"
    message = twilio.wait_for_message(to=TO, status="delivered")
    assert message.sid == sent.sid
    assert (message.from_, message.to, message.body) == (FROM, TO, "Your code is 123456")
    assert [step.status for step in message.timeline] == ["queued", "sending", "sent", "delivered"]
    created, *_, delivered = [step.at for step in message.timeline]
    assert created is not None
    assert delivered is not None
    assert delivered - created == timedelta(seconds=0.5)


def test_a_message_has_types(twilio: MockTwilio, send: Send) -> None:
    """Times know their zone, numbers are numbers, codes are found; the document is kept."""
    send()
    message = twilio.last_message()
    assert message.created_at is not None
    assert message.created_at.tzinfo is not None
    assert (message.num_segments, message.encoding) == (1, "GSM-7")
    assert message.codes == ["123456"]
    assert (message.account_sid, message.sandbox) == (twilio.account_sid, twilio.sandbox_id)
    assert message.raw["sid"] == message.sid
    assert (message.direction, message.channel, message.origin) == (
        *("outbound-api", "sms"),
        "messages",
    )


def test_messages_are_filtered(twilio: MockTwilio, send: Send) -> None:
    """By address, pattern, text, list, time; oldest first; `from_` is Python for `from`."""
    first, second = send(), send(OTHER, "Your order is here")
    assert [each.sid for each in twilio.messages()] == [first.sid, second.sid]
    assert [each.sid for each in twilio.messages(to="+1415*")] == [second.sid]
    assert [each.sid for each in twilio.messages(body="code")] == [first.sid]
    assert [each.sid for each in twilio.messages(to=(TO, OTHER), from_=FROM)] == [
        *(first.sid, second.sid)
    ]
    assert twilio.messages(from_=OTHER) == []
    assert twilio.messages(since=twilio.clock.now + timedelta(days=1)) == []
    assert len(twilio.messages(since=datetime(2020, 1, 1, tzinfo=UTC))) == 2


def test_all_messages_come_however_many_pages_they_fill(twilio: MockTwilio) -> None:
    """What matches is complete: the control API's pages are followed to the end."""
    http = twilio.http_client()
    url = f"https://api.twilio.com/2010-04-01/Accounts/{twilio.account_sid}/Messages.json"
    for number in range(1_003):
        form = {"To": TO, "From": FROM, "Body": str(number)}
        made = http.request("POST", url, data=form, auth=(twilio.account_sid, twilio.auth_token))
        assert made.status_code == 201
    assert [each.body for each in twilio.messages()] == [str(number) for number in range(1_003)]


def test_an_unknown_filter_is_refused_with_the_nearest(twilio: MockTwilio) -> None:
    """A misspelt filter would match everything, or nothing, in silence."""
    with pytest.raises(ControlError, match=r"boddy.*body"):
        twilio.messages(boddy="x")  # type: ignore[call-arg]


def test_none_is_no_filter(twilio: MockTwilio) -> None:
    """`to=user.phone` with no phone is a mistake of the test's; no error code is a fact."""
    with pytest.raises(TypeError, match="to=None"):
        twilio.messages(to=None)  # type: ignore[arg-type]
    assert twilio.messages(error_code=None) == []  # type: ignore[arg-type]


def test_the_last_message_is_the_latest(twilio: MockTwilio, send: Send) -> None:
    """The latest that matches."""
    send(body="first")
    second = send(body="second")
    assert twilio.last_message(to=TO).sid == second.sid


def test_status_is_present_when_looking_and_past_when_asserting(
    twilio: MockTwilio, send: Send
) -> None:
    """A message does not stay `sent` for long; that it was can be asserted for ever."""
    send()
    twilio.wait_for_message(status="delivered")
    twilio.assert_sent(status="sent")
    assert twilio.messages(status="sent") == []
    assert len(twilio.messages(reached="sent")) == 1
    with pytest.raises(AssertionError, match="status: expected 'sent', was 'delivered'"):
        twilio.last_message(status="sent")
    with pytest.raises(TypeError, match="one of the two"):
        twilio.assert_sent(status="sent", reached="delivered")


def test_no_last_message_is_a_failed_assertion(twilio: MockTwilio, send: Send) -> None:
    """It says what there is instead."""
    send()
    with pytest.raises(AssertionError, match=rf"to: expected '\{OTHER}'.*was '\{TO}'"):
        twilio.last_message(to=OTHER)


def test_waiting_is_over_at_once_when_there_is_one(twilio: MockTwilio, send: Send) -> None:
    """`status` is one that was reached, so `sent` is still there after `delivered`."""
    send()
    twilio.wait_for_message(status="delivered")
    assert twilio.wait_for_message(status="sent", timeout=0).to == TO


def test_waiting_in_vain_tells_the_nearest(twilio: MockTwilio, send: Send) -> None:
    """At the timeout: what came near, and how it differs."""
    send()
    with pytest.raises(AssertionError) as failed:
        twilio.wait_for_message(to=TO, body="order", timeout=0.01)
    assert "body: expected 'order', was 'Your code is 123456'" in str(failed.value)


def test_waiting_on_a_clock_that_stands_still_has_a_hint() -> None:
    """Under `manual` nothing happens by itself, and the failure says when the next thing would."""
    with MockTwilio(clock="manual") as twilio:
        twilio.client().messages.create(to=TO, from_=FROM, body="Hi")
        with pytest.raises(AssertionError, match=r"clock is manual .*advance it by"):
            twilio.wait_for_message(status="delivered", timeout=0.01)


def test_requests_tell_what_the_program_called(twilio: MockTwilio, send: Send) -> None:
    """Operation, parameters and answer; the Auth Token is masked."""
    sent = send()
    [call] = twilio.requests(operation=CREATE)
    assert (call.method, call.host, call.account_sid) == (
        *("POST", "api.twilio.com"),
        twilio.account_sid,
    )
    assert call.request.params["To"] == TO
    assert call.response.status == 201
    assert sent.sid in str(call.response.body)
    assert twilio.auth_token not in str(call.raw)
    assert str(call).startswith("POST api.twilio.com/2010-04-01/Accounts/AC")
    assert twilio.requests(status=500) == []


def test_callbacks_tell_what_was_posted(twilio: MockTwilio, send: Send, hook: Any) -> None:
    """One entry per attempt, in order, and also with the message."""
    sent = send(status_callback=hook.url)
    assert hook.statuses(2) == ["sent", "delivered"]
    twilio.clock.run_until_idle()
    posted = twilio.callbacks(kind="status", message_sid=sent.sid)
    assert [each.params["MessageStatus"] for each in posted] == ["sent", "delivered"]
    assert {each.response_status for each in posted} == {200}
    assert {(each.attempt, each.url, each.method) for each in posted} == {(1, hook.url, "POST")}
    assert len(twilio.last_message().callbacks) == 2


# -- asserting -------------------------------------------------------------------------------------


def test_assertions_that_hold_are_silent(twilio: MockTwilio, send: Send) -> None:
    """Without a number, at least one must match."""
    send()
    send()
    twilio.assert_sent(to=TO)
    twilio.assert_sent(to=TO, times=2)
    twilio.assert_sent(body="code", at_least=1, at_most=2)
    twilio.assert_sent(to=OTHER, at_most=0)
    twilio.assert_not_sent(to=OTHER)


@pytest.mark.parametrize("count", [{}, {"times": 3}, {"at_least": 3}, {"at_most": 1}])
def test_the_wrong_number_fails(twilio: MockTwilio, send: Send, count: dict[str, Any]) -> None:
    """Exactly, at least, at most."""
    send()
    send()
    with pytest.raises(AssertionError, match="sent in this sandbox"):
        twilio.assert_sent(body="order" if not count else "code", **count)


def test_a_message_that_should_not_be_there_is_named(twilio: MockTwilio, send: Send) -> None:
    """`assert_not_sent` shows what was."""
    sent = send()
    with pytest.raises(AssertionError, match=sent.sid):
        twilio.assert_not_sent(to=TO)


def test_a_failure_says_what_was_sent_instead(twilio: MockTwilio, send: Send) -> None:
    """The messages there are, and the nearest one field by field."""
    near = send(body="Your code is 123456")
    with pytest.raises(AssertionError) as failed:
        twilio.assert_sent(to=TO, body="order")
    lines = str(failed.value).splitlines()
    assert f"nearest miss {near.sid}:" in lines
    assert "  body: expected 'order', was 'Your code is 123456'" in lines
    assert "sent in this sandbox (1):" in lines
    assert any(line.startswith(f"  {near.sid} {FROM} → {TO}") for line in lines)


def test_a_failure_says_what_was_sent_elsewhere(twilio: MockTwilio) -> None:
    """An application that writes as another account has its messages in another sandbox."""
    with MockTwilio() as other:
        other.client().messages.create(to=TO, from_=FROM, body="Here I am")
        with pytest.raises(AssertionError) as failed:
            twilio.assert_sent(to=TO)
        assert f"meanwhile in sandbox {other.sandbox_id}, account {other.account_sid}" in str(
            failed.value
        )
        assert "Here I am" in str(failed.value)


def test_a_failure_says_which_calls_were_refused(twilio: MockTwilio, send: Send) -> None:
    """Nothing was sent because Twilio said no: the reason is part of the failure."""
    with pytest.raises(TwilioRestException):
        send(to="no number")
    with pytest.raises(AssertionError) as failed:
        twilio.assert_sent()
    assert "API calls refused (1):" in str(failed.value)
    assert "400 error 21211" in str(failed.value)
    assert "sent in this sandbox: none" in str(failed.value)


# -- arranging -------------------------------------------------------------------------------------


def test_the_next_calls_fail(twilio: MockTwilio, send: Send) -> None:
    """As often as asked for, with Twilio's error and its HTTP status; then all is well."""
    twilio.fail_next(CREATE, code=20429, times=2)
    for _ in range(2):
        with pytest.raises(TwilioRestException) as refused:
            send()
        assert (refused.value.code, refused.value.status) == (20429, 429)
    assert send().status == "queued"


def test_failures_wait_for_each_other(twilio: MockTwilio, send: Send) -> None:
    """Two orders are two failures in a row; a bare status has no Twilio error."""
    twilio.fail_next(CREATE, status=503)
    twilio.fail_next(CREATE, code=20429)
    with pytest.raises(TwilioRestException) as first:
        send()
    with pytest.raises(TwilioRestException) as second:
        send()
    assert (first.value.status, second.value.status) == (503, 429)


def test_a_failure_without_a_kind_is_a_mistake(twilio: MockTwilio) -> None:
    """Neither a code nor a status."""
    with pytest.raises(TypeError, match=r"code= .* or status="):
        twilio.fail_next(CREATE)


def test_outcomes_are_decided_by_recipient(twilio: MockTwilio, send: Send) -> None:
    """What matches ends as ordered, the rest is delivered."""
    twilio.deliver(to="+1415*", outcome="undelivered", error_code=30003, after="4s")
    send(OTHER)
    send(TO)
    lost = twilio.wait_for_message(to=OTHER, status="undelivered")
    assert lost.error_code == 30003
    assert lost.created_at is not None
    assert lost.timeline[-1].at == lost.created_at + timedelta(seconds=4)
    assert twilio.wait_for_message(to=TO, status="delivered").error_code is None


def test_the_latest_order_goes_first(twilio: MockTwilio, send: Send) -> None:
    """What a test says now is what it means."""
    twilio.deliver(to=TO, outcome="failed", error_code=30008)
    twilio.deliver(to=TO, outcome="delivered", after={"sent": 1, "final": "2m"})
    send()
    message = twilio.wait_for_message(status="delivered")
    assert message.created_at is not None
    assert message.timeline[-1].at == message.created_at + timedelta(minutes=2)


def test_a_status_can_be_forced() -> None:
    """The next step of a message under way; one that cannot be is refused."""
    with MockTwilio(clock="manual") as twilio:
        sent = twilio.client().messages.create(to=TO, from_=FROM, body="Hi")
        forced = twilio.set_status(sent.sid, "failed", 30008)
        assert (forced.status, forced.error_code) == ("failed", 30008)
        with pytest.raises(ControlError):
            twilio.set_status(sent.sid, "delivered")


def test_a_scenario_holds_for_its_block(twilio: MockTwilio, send: Send) -> None:
    """Afterwards all is as before."""
    with twilio.scenario("carrier-outage"):
        assert send().sid == twilio.wait_for_message(status="undelivered").sid
    after = send()
    assert twilio.wait_for_message(status="delivered").sid == after.sid


def test_a_scenario_without_a_block_stays(twilio: MockTwilio, send: Send) -> None:
    """Called alone it is in force until another one is; a document is as good as a name."""
    twilio.scenario({"name": "lost", "delivery": [{"outcome": "failed", "error_code": 30008}]})
    send()
    assert twilio.wait_for_message(status="failed").error_code == 30008


def test_what_was_ordered_before_a_scenario_comes_back(twilio: MockTwilio, send: Send) -> None:
    """Single orders are as much in force as a scenario is, and nested ones end inside out."""
    twilio.deliver(to=TO, outcome="undelivered", error_code=30005)
    with twilio.scenario("carrier-outage"):
        with twilio.scenario("happy-path"):
            send(body="inner")
        send(body="outer")
    send(body="after")
    assert twilio.wait_for_message(body="inner", status="delivered")
    assert twilio.wait_for_message(body="outer", status="undelivered").error_code == 30003
    assert twilio.wait_for_message(body="after", status="undelivered").error_code == 30005


def test_a_fault_that_was_used_up_stays_so(twilio: MockTwilio, send: Send) -> None:
    """Restoring what was before does not count from the beginning again."""
    twilio.fail_next(CREATE, code=20429)
    with pytest.raises(TwilioRestException):
        send()
    with twilio.scenario("happy-path"):
        send()
    assert send().status == "queued"


def test_an_unknown_scenario_is_refused_with_the_nearest(twilio: MockTwilio) -> None:
    """A misspelt name."""
    with pytest.raises(ControlError, match="carrier-outage"):
        twilio.scenario("carrier-outrage")


def test_furniture_is_given() -> None:
    """Verified numbers of a Trial account: everybody else is refused with 21219."""
    with MockTwilio(account_type="Trial") as twilio:
        twilio.given(verified_callers=[OTHER])
        client = twilio.client()
        client.messages.create(to=OTHER, from_=FROM, body="Hi")
        with pytest.raises(TwilioRestException) as refused:
            client.messages.create(to=TO, from_=FROM, body="Hi")
        assert (refused.value.code, refused.value.status) == (21219, 400)


def test_recipients_opt_out_and_in(twilio: MockTwilio, send: Send) -> None:
    """By hand, or by what they write; sending is refused in between."""
    out = twilio.opt_out(from_=FROM, to=TO)
    assert (out.from_, out.to) == (FROM, TO)
    assert out.at is not None
    with pytest.raises(TwilioRestException) as refused:
        send()
    assert refused.value.code == 21610
    assert send(OTHER).sid
    assert twilio.opt_outs() == twilio.opt_outs(from_=FROM, to="+1555*") == [out]
    assert twilio.opt_outs(to=OTHER) == []
    twilio.opt_in(from_=FROM, to=TO)
    assert twilio.opt_outs() == []
    assert send().sid
    twilio.receive(from_=TO, to=FROM, body="STOP")
    assert [each.to for each in twilio.opt_outs(from_=FROM)] == [TO]
    with pytest.raises(ControlError, match="nobody"):
        twilio.opt_out(from_=FROM, to="nobody")


def test_reset_begins_again(twilio: MockTwilio, send: Send) -> None:
    """Messages, orders and journal are gone; the account stays."""
    account = twilio.account_sid
    twilio.fail_next(CREATE, code=20429)
    with pytest.raises(TwilioRestException):
        send()
    twilio.reset()
    assert (twilio.messages(), twilio.requests(), twilio.account_sid) == ([], [], account)
    assert send().status == "queued"


def test_a_handset_texts_the_account(twilio: MockTwilio, hook: Any) -> None:
    """The number's webhook is called, and what it replies comes back."""
    hook.answer = ("text/xml", b"<Response><Message>Aye</Message></Response>")
    numbers = [{"phone_number": FROM, "sms_url": hook.url}]
    with twilio.scenario({"given": {"numbers": numbers}}):
        inbound = twilio.receive(from_=TO, to=FROM, body="Ahoy")
    assert hook.posted.get(timeout=20)["Body"] == "Ahoy"
    assert [(reply.body, reply.to) for reply in inbound.replies] == [("Aye", TO)]
    assert (inbound.message.direction, inbound.message.status) == ("inbound", "received")
    assert inbound.webhook is not None
    assert (inbound.webhook.kind, inbound.webhook.response_status) == ("inbound", 200)
    assert twilio.messages(direction="inbound") == [inbound.message]


def test_a_text_with_media_on_a_channel(twilio: MockTwilio) -> None:
    """Nobody is called where no number is set up; the warning says so.

    What is on the internet is not fetched.
    """
    urls = ["https://images.example.com/b.png"]
    inbound = twilio.receive(from_=TO, to=FROM, media_urls=urls, channel="whatsapp")
    assert [(each.url, each.fetched) for each in inbound.message.media] == [(urls[0], False)]
    assert (inbound.message.from_, inbound.message.channel) == (f"whatsapp:{TO}", "whatsapp")
    assert (inbound.webhook, inbound.replies) == (None, [])
    assert "is not set up" in inbound.warnings[-1]


# -- time and chance -------------------------------------------------------------------------------


def test_time_stands_still_until_advanced() -> None:
    """Under `manual`, by seconds, to a time, or until nothing is left to do."""
    with MockTwilio(clock="manual", start="2026-12-24T18:00:00Z") as twilio:
        client = twilio.client()
        start = datetime(2026, 12, 24, 18, tzinfo=UTC)
        assert (twilio.clock.now, twilio.clock.mode) == (start, "manual")
        client.messages.create(to=TO, from_=FROM, body="Hi")
        assert twilio.clock.pending > 0
        assert twilio.last_message().status == "queued"
        assert twilio.clock.advance(seconds=0.3) > 0
        assert twilio.last_message().status == "sent"
        twilio.clock.advance(to=start + timedelta(hours=1))
        assert twilio.last_message().status == "delivered"
        assert twilio.clock.now == start + timedelta(hours=1)
        assert twilio.clock.run_until_idle() == 0


def test_advancing_by_other_units() -> None:
    """As `timedelta` knows them, together with seconds or without; nothing else is one."""
    with MockTwilio(clock="manual", start="2026-12-24T18:00:00Z") as twilio:
        start = twilio.clock.now
        twilio.clock.advance(weeks=1, hours=2)
        twilio.clock.advance(30, minutes=1)
        twilio.clock.advance(timedelta(days=1), minutes=0.5)
        passed = timedelta(weeks=1, hours=2, minutes=1.5, seconds=30, days=1)
        assert twilio.clock.now - start == passed
        with pytest.raises(TypeError, match="fortnights"):
            twilio.clock.advance(fortnights=1)  # type: ignore[call-arg]


def test_advancing_waits_for_the_webhooks(hook: Any) -> None:
    """When it answers they have been called, so nobody sleeps."""
    with MockTwilio(clock="manual") as twilio:
        twilio.client().messages.create(to=TO, from_=FROM, body="Hi", status_callback=hook.url)
        twilio.clock.advance(timedelta(seconds=5))
        assert hook.posted.qsize() == 2


def test_the_clock_can_change_its_mode(twilio: MockTwilio) -> None:
    """It goes on from the present time."""
    twilio.clock.mode = "manual"
    assert twilio.clock.mode == "manual"


def test_advance_takes_one_of_two(twilio: MockTwilio) -> None:
    """Seconds, or a time."""
    with pytest.raises(TypeError, match="either seconds= or to="):
        twilio.clock.advance()
    with pytest.raises(TypeError, match="either seconds= or to="):
        twilio.clock.advance(1, to=datetime(2030, 1, 1, tzinfo=UTC))


def test_the_same_seed_gives_the_same_messages() -> None:
    """SIDs and times, in another sandbox and at another time."""

    def run() -> list[Message]:
        with MockTwilio(seed=7) as twilio:
            assert twilio.seed == 7
            assert twilio.clock.now == datetime(2026, 12, 1, tzinfo=UTC)
            for body in ("one", "two"):
                twilio.client().messages.create(to=TO, from_=FROM, body=body)
            twilio.clock.run_until_idle()
            return twilio.messages()

    first, second = run(), run()
    assert [each.sid for each in first] == [each.sid for each in second]
    assert [each.timeline for each in first] == [each.timeline for each in second]


def test_a_seed_that_nobody_gave_is_known_and_repeats(twilio: MockTwilio, send: Send) -> None:
    """So that a failing test can be run again as it was; yet the clock starts today."""
    sid = send().sid
    today = datetime.now(UTC)
    assert abs(twilio.clock.now - today) < timedelta(days=1)
    with MockTwilio(seed=twilio.seed) as again:
        sent = again.client().messages.create(to=TO, from_=FROM, body="Your code is 123456")
    assert sent.sid == sid


# -- which Twilio ----------------------------------------------------------------------------------


def test_sandboxes_do_not_know_each_other(twilio: MockTwilio, send: Send) -> None:
    """One server, two accounts, nothing in common."""
    send()
    with MockTwilio() as other:
        assert other.base_url == twilio.base_url
        assert other.account_sid != twilio.account_sid
        assert other.messages() == []


def test_a_hard_coded_account_is_set_up() -> None:
    """For applications whose credentials cannot be changed; while it lives nobody else has it."""
    with MockTwilio(account_sid=ACCOUNT, auth_token=TOKEN) as twilio:
        assert (twilio.account_sid, twilio.auth_token) == (ACCOUNT, TOKEN)
        with pytest.raises(ControlError) as refused:
            MockTwilio(account_sid=ACCOUNT).start()
        assert (refused.value.type, refused.value.status) == ("account_taken", 409)
    with MockTwilio(account_sid=ACCOUNT) as twilio:
        assert twilio.account_sid == ACCOUNT


def test_an_account_that_nobody_set_up_lands_in_the_newest_sandbox(twilio: MockTwilio) -> None:
    """An application with some other account is seen by the test that runs."""
    stranger = Client("AC" + "8" * 32, "c" * 32, http_client=twilio.http_client())
    stranger.messages.create(to=TO, from_=FROM, body="Hi")
    assert twilio.last_message().account_sid == "AC" + "8" * 32


def test_test_credentials(twilio: MockTwilio) -> None:
    """In test mode only the magic sender may be used, and nothing is ever delivered."""
    with MockTwilio(account_mode="test") as testing:
        with pytest.raises(TwilioRestException) as refused:
            testing.client().messages.create(to=TO, from_=FROM, body="Hi")
        assert refused.value.code == 21606
        testing.client().messages.create(to=TO, from_="+15005550006", body="Hi")
        testing.assert_sent(to=TO, times=1)


def test_the_environment_of_a_program_under_test(
    twilio: MockTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account's credentials, the server as the proxy, and files with its CA."""
    monkeypatch.delenv("NODE_EXTRA_CA_CERTS", raising=False)
    environ = twilio.environ
    assert (environ["TWILIO_ACCOUNT_SID"], environ["TWILIO_AUTH_TOKEN"]) == (
        twilio.account_sid,
        twilio.auth_token,
    )
    assert environ["HTTPS_PROXY"] == environ["https_proxy"] == twilio.base_url
    assert "HTTP_PROXY" not in environ
    own = Path(environ["NODE_EXTRA_CA_CERTS"]).read_bytes()
    assert own in Path(environ["SSL_CERT_FILE"]).read_bytes()
    with urlopen(f"{twilio.base_url}/_mock/ca.pem") as answer:
        assert answer.read() == own


def test_an_api_key_of_the_users_is_replaced(
    twilio: MockTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the sandbox's own, on every host; one that was not set is not; then all is as before."""
    monkeypatch.delenv("TWILIO_API_KEY_SID", raising=False)
    monkeypatch.setenv("TWILIO_API_KEY", "SK" + "a" * 32)
    monkeypatch.setenv("TWILIO_API_KEY_SECRET", "real")
    with MockTwilio(), twilio.patched_environ():
        assert "TWILIO_API_KEY_SID" not in os.environ
        names = ("TWILIO_API_KEY", "TWILIO_API_KEY_SECRET", "TWILIO_ACCOUNT_SID")
        client = Client(*map(os.environ.get, names))
        client.messages.create(to=TO, from_=FROM, body="Hi")
        client.messaging.v1.services.create(friendly_name="Codes")
    assert len(twilio.requests()) == 2
    assert twilio.last_message().account_sid == twilio.account_sid
    assert os.environ["TWILIO_API_KEY_SECRET"] == "real"


def test_without_with() -> None:
    """`start()` and `stop()`, each as often as one likes."""
    twilio = MockTwilio()
    with pytest.raises(MockTwilioError, match="not started"):
        twilio.messages()
    assert not twilio.started
    assert repr(twilio) == "<MockTwilio not started>"
    assert twilio.start() is twilio
    assert repr(twilio) == f"<MockTwilio {twilio.sandbox_id} at {twilio.base_url}>"
    first = twilio.sandbox_id
    assert twilio.control_url == f"{twilio.base_url}/_mock/sandboxes/{first}"
    assert twilio.start().sandbox_id == first
    twilio.stop()
    twilio.stop()
    assert not twilio.started
    with twilio:
        assert twilio.sandbox_id != first


def test_a_running_server_is_used(twilio: MockTwilio) -> None:
    """`url` names it; with `instant`, whatever that server's default is."""
    with MockTwilio(url=twilio.base_url + "/") as guest:
        assert guest.base_url == twilio.base_url
        assert guest.sandbox_id != twilio.sandbox_id
        assert guest.clock.mode == "instant"
        guest.client().messages.create(to=TO, from_=FROM, body="Hi")
        guest.assert_sent(to=TO, times=1)
    with MockTwilio(url=twilio.base_url, scenario={"clock": "manual"}) as guest:
        assert guest.clock.mode == "manual"


def test_a_sandbox_that_is_gone_is_no_trouble(twilio: MockTwilio) -> None:
    """Somebody dropped it, or its server ended."""
    guest = MockTwilio(url=twilio.base_url).start()
    ControlClient(guest._control.pool).call("DELETE", f"/sandboxes/{guest.sandbox_id}")
    guest.stop()
    assert not guest.started


def test_no_server_there() -> None:
    """The failure names the address; what is no address is refused at once."""
    with pytest.raises(ServerGone, match=r"no server answers at http://localhost:9"):
        MockTwilio(url="http://localhost:9").start()
    with pytest.raises(ValueError, match="is not the address of a server"):
        MockTwilio(url="ftp://localhost").start()


def test_in_process(hook: Any) -> None:
    """The server in a thread, for debuggers: a server of this handle alone."""
    with MockTwilio(in_process=True) as twilio:
        twilio.client().messages.create(to=TO, from_=FROM, body="Hi", status_callback=hook.url)
        assert hook.statuses(2) == ["sent", "delivered"]
        url = twilio.base_url
    with pytest.raises(ServerGone):
        MockTwilio(url=url).start()
    with pytest.raises(ValueError, match="exclude each other"):
        MockTwilio(in_process=True, url=url).start()


def test_an_unknown_option_is_refused() -> None:
    """As any function refuses it."""
    with pytest.raises(TypeError, match="no option senario"):
        MockTwilio(senario="x")  # type: ignore[call-arg]
