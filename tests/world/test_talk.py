"""A conversation with an application: fallback, cookies, loops, replies of services."""

from typing import Any

import pytest
from msgspec.structs import replace
from twilio.request_validator import RequestValidator

from mockserver.domain.addresses import parse_to
from mockserver.domain.cookies import LIFETIME
from mockserver.domain.errors import UNSUBSCRIBED
from mockserver.domain.faults import Given, GivenNumber, GivenService, Scenario
from mockserver.domain.loops import MOST
from mockserver.domain.numbers import OptOut
from mockserver.world.inbound import BadMedia
from mockserver.world.ports import Answer, Unreachable
from mockserver.world.tables import Unit

HANDSET, NUMBER, SERVICE = "+14155552671", "+15017122661", "MG" + "a" * 32
URL, ELSE = "http://localhost:5000/sms?a=1", "http://localhost:5000/else"
XML = (("Content-Type", "text/xml"),)

MakeWorld = Any


@pytest.fixture(params=["instant", "manual", "real"])
def world(request: pytest.FixtureRequest, make_world: MakeWorld) -> Any:
    """One whose number has a webhook and a fallback, under each clock."""
    return furnished(make_world(request.param))


@pytest.fixture
def still(make_world: MakeWorld) -> Any:
    """The same, and time stands still."""
    return furnished(make_world("manual"))


def furnished(world: Any, number: GivenNumber | None = None, **service: Any) -> Any:
    usual = GivenNumber(NUMBER, sms_url=URL, sms_fallback_url=ELSE, sms_fallback_method="GET")
    services = (GivenService(SERVICE, senders=(NUMBER,), **service),) if service else ()
    given = Given(numbers=(number or usual,), services=services)
    world.give(given)
    return world


def twiml(inside: str, *headers: tuple[str, str]) -> Answer:
    return Answer(200, (*XML, *headers), f"<Response>{inside}</Response>".encode())


# The fallback URL

REFUSED = Answer(500, XML, b"<Response/>", error_code=11200)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (REFUSED, "11200"),
        (Unreachable("nobody", code=11210, phase="refused"), "11210"),
        (Answer(200, XML, b"<Response>"), "12100"),
        (Answer(200, (("Content-Type", "application/json"),), b"{}"), "12300"),
        (Answer(200, XML, b"<Request/>"), "12102"),
        (Answer(200, XML, b"<Response/>" + b" " * 65_536), "11750"),
    ],
)
async def test_a_failure_leads_to_the_fallback(world: Any, answer: Any, code: str) -> None:
    """Once, with the same parameters and why; its TwiML counts, its signature is over its URL."""
    received = await world.receive(answer, twiml("<Message>plan B</Message>"))
    one, two = world.app.posted
    assert (two.kind, two.url, two.method) == ("fallback", ELSE, "GET")
    assert dict(two.params) == {**dict(one.params), "ErrorCode": code, "ErrorUrl": URL}
    assert two.idempotency_token != one.idempotency_token
    assert [reply.body for reply in received.replies] == ["plan B"]
    assert world.alerts == [int(code)]
    assert received.webhook is not None
    assert received.webhook.kind == "fallback"


async def test_the_fallback_is_tried_once(world: Any) -> None:
    """Where it fails too, that is the end; both are told."""
    received = await world.receive(REFUSED, REFUSED)
    assert [parcel.url for parcel in world.app.posted] == [URL, ELSE]
    assert (world.alerts, received.replies) == ([11200, 11200], ())
    first, second = received.warnings
    assert "webhook failed" in first
    assert "fallback URL failed" in second


async def test_a_redirect_that_fails_leads_to_the_fallback(world: Any) -> None:
    """What came before it is done."""
    first = twiml("<Message>1</Message><Redirect>/next</Redirect>")
    received = await world.receive(first, REFUSED, twiml("<Message>2</Message>"))
    assert dict(world.app.posted[2].params)["ErrorUrl"] == "http://localhost:5000/next"
    assert [reply.body for reply in received.replies] == ["1", "2"]


async def test_a_fallback_may_redirect(world: Any) -> None:
    """It still is the fallback, and its failure ends it."""
    await world.receive(REFUSED, twiml("<Redirect>/next</Redirect>"), REFUSED)
    kinds = [parcel.kind for parcel in world.app.posted]
    assert kinds == ["inbound", "fallback", "fallback"]


async def test_the_failed_urls_password_is_not_told(still: Any) -> None:
    """Neither to the fallback nor in an alert."""
    number = GivenNumber(NUMBER, sms_url="http://me:secret@localhost:5000/x", sms_fallback_url=ELSE)
    furnished(still, number)
    await still.receive(REFUSED)
    assert dict(still.app.posted[1].params)["ErrorUrl"] == "http://localhost:5000/x"


# Cookies


async def test_cookies_are_kept_for_a_conversation(still: Any) -> None:
    """What one answer sets, the next request of the same two numbers brings; nobody else's."""
    await still.receive(twiml("", ("Set-Cookie", "step=1; Path=/")))
    await still.receive()
    await still.receive(from_=parse_to("+14155552672"))
    assert [parcel.cookie for parcel in still.app.posted] == ["", "step=1", ""]


async def test_a_redirect_has_what_was_just_set(still: Any) -> None:
    """And the four hours are the sandbox's."""
    await still.receive(twiml("<Redirect/>", ("Set-Cookie", "step=1")))
    await still.advance(LIFETIME / 1_000_000)
    await still.receive()
    assert [parcel.cookie for parcel in still.app.posted] == ["", "step=1", ""]


async def test_cookies_go_into_a_snapshot(still: Any) -> None:
    """And out of it."""
    await still.receive(twiml("", ("Set-Cookie", "step=1")))
    sandbox = still.sandbox
    sandbox.restore(sandbox.snapshot(), Scenario(""))
    assert [jar.header(URL, 0) for jar in sandbox.tables.cookies.values()] == ["step=1"]


# Replies


async def test_two_machines_are_stopped(still: Any) -> None:
    """The reply above thirty fails with 14107, one alert says why; later they go out again."""
    warnings: list[str] = []
    for _ in range(MOST + 2):
        received = await still.receive(twiml("<Message>pong</Message>"))
        (reply,), warnings = received.replies, [*warnings, *received.warnings]
    assert "switch `loop_protection` off" in "".join(warnings)
    await still.advance(5)
    assert still.delivery(reply).error_code == 14107
    assert still.status(reply) == "failed"
    assert still.alerts.count(14107) == 1 + 2  # the warning, and two messages that failed
    await still.advance(30)
    (reply,) = (await still.receive(twiml("<Message>pong</Message>"))).replies
    await still.advance(5)
    assert still.status(reply) == "delivered"


async def test_loop_protection_may_be_off(still: Any) -> None:
    """`options: {loop_protection: false}`."""
    still.sandbox.regime.put(Scenario("", options={"loop_protection": False}), Unit())
    for _ in range(MOST + 2):
        (reply,) = (await still.receive(twiml("<Message>pong</Message>"))).replies
    await still.advance(5)
    assert still.status(reply) == "delivered"


async def test_a_reply_to_who_has_opted_out_fails(still: Any) -> None:
    """With 21610; it is there, and it is not sent."""
    still.sandbox.tables.opt_outs.add(OptOut(NUMBER, HANDSET), Unit())
    (reply,) = (await still.receive(twiml("<Message>x</Message>"))).replies
    await still.advance(5)
    assert (still.status(reply), still.delivery(reply).error_code) == ("failed", UNSUBSCRIBED.code)


async def test_a_number_of_a_service_answers_by_it(still: Any) -> None:
    """The reply carries the service, comes from the number, and tells its status to the service."""
    callback = "http://localhost:5000/status"
    furnished(still, inbound_request_url=URL, status_callback=callback)
    received = await still.receive(twiml("<Message>x</Message>"))
    (reply,) = received.replies
    assert received.message.messaging_service_sid == SERVICE
    assert dict(still.app.posted[0].params)["MessagingServiceSid"] == SERVICE
    assert (reply.messaging_service_sid, reply.from_) == (SERVICE, NUMBER)
    await still.advance(5)
    assert still.status(reply) == "delivered"
    assert [parcel.url for parcel in still.app.posted[1:]] == [callback] * 2


async def test_status_callbacks_of_a_reply_may_be_gets(still: Any) -> None:
    """`<Message action method="GET">`: parameters in the query, which is what is signed."""
    inside = '<Message action="/status?b=2" method="GET">x</Message>'
    await still.receive(twiml(inside))
    await still.advance(5)
    sent, delivered = still.app.posted[1:]
    assert (sent.method, delivered.method) == ("GET", "GET")
    assert sent.url == "http://localhost:5000/status?b=2"
    token = still.sandbox.accounts.first.auth_token
    query = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in sent.params)
    assert RequestValidator(token).validate(f"{sent.url}&{query}", {}, sent.signature)


async def test_on_trial_replies_go_to_verified_numbers(still: Any) -> None:
    """Others are 14111, and nothing is made."""
    own = still.sandbox.accounts.first
    still.sandbox.accounts.set_up(replace(own, type="Trial"), Unit())
    received = await still.receive(twiml("<Message>x</Message>"))
    assert (received.replies, still.alerts) == ((), [14111])


async def test_a_sender_must_be_able_to_text(still: Any) -> None:
    """14108 for a number without SMS; 14102 for one that strict senders do not know."""
    furnished(still, GivenNumber(NUMBER, sms=False, mms=False, sms_url=URL))
    assert (await still.receive(twiml("<Message>x</Message>"))).replies == ()
    still.sandbox.regime.put(Scenario("", senders="strict"), Unit())
    received = await still.receive(twiml('<Message from="+15017122669">x</Message>'))
    assert still.alerts == [14108, 14102]
    assert "+15017122669; with strict senders it must be set up" in received.warnings[0]


async def test_a_thousand_slips_are_told_briefly(still: Any) -> None:
    """One alert; the first twenty, and how many more."""
    received = await still.receive(twiml("<Body/>" * 1_000))
    assert still.alerts == [12200, 14110]
    assert len(received.warnings) == 2 * 21
    assert received.warnings[20] == "and 980 more of that kind (12200)"


async def test_a_bad_answer_is_logged(still: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Once for each kind and URL: its status looks fine, and its alert is seldom looked at."""
    body = Answer(200, (("Content-Type", "application/json"),), b"{}")
    for _ in range(3):
        await still.receive(body)
    kind = "the content type is 'application/json'; TwiML is text/xml (12300)"
    assert [each.getMessage() for each in caplog.records] == [f"webhook {URL}: {kind}"]


async def test_an_empty_answer_may_be_an_alert(still: Any) -> None:
    """`options: {empty_answers: alert}`; it is none otherwise."""
    await still.receive(Answer(204))
    assert still.alerts == []
    still.sandbox.regime.put(Scenario("", options={"empty_answers": "alert"}), Unit())
    await still.receive(Answer(204))
    assert still.alerts == [11770]


# What comes in


async def test_what_is_dropped_is_not_there(still: Any) -> None:
    """A service without a webhook: no message in the API, no request, and the answer shows it."""
    furnished(still, friendly_name="silent")
    received = await still.receive()
    assert (received.stored, received.message.body, received.delivery.status) == (
        False,
        "Hi",
        "received",
    )
    assert list(still) == []
    assert still.app.posted == []
    assert "inbound_request_url" in received.warnings[0]


@pytest.mark.parametrize(
    "url", ["data:image/png;base64,!!!", "data:nothing", "data:text/html,<p>hello"]
)
async def test_media_that_cannot_be_had_come_to_nothing(still: Any, url: str) -> None:
    """Nothing is kept, nobody is called; the reason says why."""
    with pytest.raises(BadMedia):
        await still.receive(media=(url,))
    assert list(still) == []
    assert still.app.posted == []


async def test_inline_media_are_served_like_others(still: Any) -> None:
    """The webhook is told the type and an address at the mock."""
    url = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
    received = await still.receive(media=(url,), base="http://localhost:2010")
    params = dict(still.app.posted[0].params)
    (media,) = still.sandbox.tables.media.of(received.message.sid)
    account = f"http://localhost:2010/2010-04-01/Accounts/{received.message.account_sid}"
    at = f"{account}/Messages/{received.message.sid}/Media/{media.sid}"
    assert (params["MediaUrl0"], params["MediaContentType0"]) == (at, "image/gif")
    assert still.sandbox.tables.media.content(media) == b"GIF89a\x01\x00\x01\x00\x00\x00\x00,"
    assert received.message.media_urls == ("data:image/gif;base64",)


async def test_test_credentials_make_no_callbacks(still: Any) -> None:
    """The message is kept, out of the API's sight; no webhook is called, and the answer says so."""
    own = still.sandbox.accounts.first
    still.sandbox.accounts.set_up(replace(own, mode="test"), Unit())
    received = await still.receive()
    assert (received.message.test, still.app.posted) == (True, [])
    assert "test mode" in received.warnings[0]
