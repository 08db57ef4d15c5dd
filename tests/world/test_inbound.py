"""A handset writes to the account, and the application answers."""

import asyncio
from base64 import b64encode
from typing import Any, Literal

import pytest
from twilio.request_validator import RequestValidator

from mockserver.domain.addresses import parse_from, parse_to
from mockserver.domain.faults import Given, GivenNumber
from mockserver.domain.message import Message
from mockserver.world.inbound import BadMedia
from mockserver.world.ports import Answer, Parcel, Unreachable
from mockserver.world.tables import Unit
from mockserver.world.visits import Stopped

HANDSET, NUMBER = "+14155552671", "+15017122661"
URL = "http://localhost:5000/sms"
XML = (("Content-Type", "text/xml; charset=utf-8"),)

MakeWorld = Any
Method = Literal["GET", "POST"]


@pytest.fixture(params=["instant", "manual", "real"])
def world(request: pytest.FixtureRequest, make_world: MakeWorld) -> Any:
    """One whose number has a webhook, under each clock."""
    return furnished(make_world(request.param))


@pytest.fixture
def still(make_world: MakeWorld) -> Any:
    """The same, and time stands still."""
    return furnished(make_world("manual"))


def furnished(world: Any, url: str = URL, method: Method = "POST", number: str = NUMBER) -> Any:
    world.give(Given(numbers=(GivenNumber(number, sms_url=url, sms_method=method),)))
    return world


def twiml(inside: str) -> Answer:
    return Answer(200, XML, f"<Response>{inside}</Response>".encode())


async def test_the_message_is_there_as_twilio_has_it(world: Any) -> None:
    """Inbound, received, sent at once, with its segments; it books nothing."""
    message = (await world.receive(body="é" * 161)).message
    kept: Message = world.sandbox.tables.messages.get(message.sid)
    assert (kept.direction, kept.origin, kept.channel) == ("inbound", "inbound", "sms")
    assert (kept.from_, kept.to, kept.num_segments) == (HANDSET, NUMBER, 2)
    assert kept.sid.startswith("SM")
    delivery = world.delivery(message)
    assert (delivery.status, delivery.sent_at) == ("received", message.created_at)
    assert world.timeline(message) == [("receiving", 0), ("received", 0)]
    assert world.idle()


async def test_the_webhook_is_called_as_twilio_calls_it(world: Any) -> None:
    """One signed request with the parameters of captured ones, in their order."""
    received = await world.receive(body="Hello")
    (parcel,) = world.app.posted
    sid = received.message.sid
    places = {name: text for name, text in parcel.params if name.endswith(("City", "Zip"))}
    assert all(places.values())
    assert parcel.params == (
        *(("ToCountry", "US"), ("ToState", "AR"), ("SmsMessageSid", sid), ("NumMedia", "0")),
        *(("ToCity", places["ToCity"]), ("FromZip", places["FromZip"]), ("SmsSid", sid)),
        *(("FromState", "CA"), ("SmsStatus", "received"), ("FromCity", places["FromCity"])),
        *(("Body", "Hello"), ("FromCountry", "US"), ("To", NUMBER), ("ToZip", places["ToZip"])),
        *(("NumSegments", "1"), ("MessageSid", sid)),
        *(("AccountSid", received.message.account_sid), ("From", HANDSET)),
        ("ApiVersion", "2010-04-01"),
    )
    assert (parcel.url, parcel.method, parcel.kind) == (URL, "POST", "inbound")
    assert validates(world, parcel, URL, dict(parcel.params))
    assert received.webhook == world.attempts[0]
    assert (received.replies, received.warnings) == ((), ())


def validates(world: Any, parcel: Parcel, url: str, params: dict[str, str]) -> bool:
    validator = RequestValidator(world.sandbox.accounts.first.auth_token)
    return bool(validator.validate(url, params, parcel.signature))


async def test_a_get_is_signed_over_its_query(make_world: MakeWorld) -> None:
    """The parameters are behind those that the URL has; nothing else is signed."""
    world = furnished(make_world(), f"{URL}?a=1#rc=0", "GET")
    await world.receive(body="a b")
    (parcel,) = world.app.posted
    assert parcel.method == "GET"
    query = "&".join(
        f"{name}={value.replace('+', '%2B').replace(' ', '+')}" for name, value in parcel.params
    )
    assert validates(world, parcel, f"{URL}?a=1&{query}", {})


async def test_media_makes_an_mms(world: Any) -> None:
    """`MM`, one segment, and each file with its type and its place at Twilio."""
    media = ("http://a/cat.JPG?x=1", "http://a/thing")
    message = (await world.receive(body="", media=media)).message
    assert (message.sid[:2], message.channel, message.num_segments) == ("MM", "mms", 1)
    params = dict(world.app.posted[0].params)
    assert params["NumMedia"] == "2"
    (first, second) = world.sandbox.tables.media.of(message.sid)
    account = f"https://api.twilio.com/2010-04-01/Accounts/{message.account_sid}"
    assert params["MediaUrl0"] == f"{account}/Messages/{message.sid}/Media/{first.sid}"
    assert params["MediaUrl1"].endswith(second.sid)
    assert (params["MediaContentType0"], params["MediaContentType1"]) == ("image/jpeg",) * 2


async def test_whatsapp_has_parameters_of_its_own(make_world: MakeWorld) -> None:
    """No geography, but a profile and a WhatsApp id; the reply stays on the channel."""
    world = furnished(make_world(), number=f"whatsapp:{NUMBER}")
    ends = {"from_": parse_to(f"whatsapp:{HANDSET}"), "to": parse_from(f"whatsapp:{NUMBER}")}
    received = await world.receive(twiml("<Message>Yo</Message>"), **ends)
    params = dict(world.app.posted[0].params)
    assert (params["WaId"], params["MessageType"]) == (HANDSET[1:], "text")
    assert not {"FromCity", "ToCountry"} & set(params)
    assert received.replies[0].to == f"whatsapp:{HANDSET}"


async def test_replies_go_back(still: Any) -> None:
    """In order, from the number to the handset, with a life and status callbacks of their own."""
    answer = twiml('<Message>One</Message><Message action="done?x=1">Two</Message>')
    received = await still.receive(answer)
    first, second = received.replies
    assert (first.direction, first.origin, first.body) == ("outbound-reply", "reply", "One")
    assert (first.from_, first.to, second.body) == (NUMBER, HANDSET, "Two")
    assert [still.status(each) for each in (first, second)] == ["queued", "queued"]
    assert list(still) == [received.message, first, second]
    await still.advance(1)
    assert [still.status(each) for each in (first, second)] == ["delivered", "delivered"]
    told = [(parcel.url, dict(parcel.params)["MessageStatus"]) for parcel in still.app.posted[1:]]
    done = "http://localhost:5000/done?x=1"
    assert told == [(done, "sent"), (done, "delivered")]


async def test_a_reply_may_go_elsewhere(world: Any) -> None:
    """`to` and `from` are normalised like those of any message; media makes an MMS of it."""
    inside = '<Message to="(415) 555-0100" from="ACME">x<Media>http://a/b.png</Media></Message>'
    (reply,) = (await world.receive(twiml(inside))).replies
    assert (reply.to, reply.from_, reply.sid[:2]) == ("+14155550100", "ACME", "MM")


async def test_a_file_that_is_too_large_is_refused(still: Any) -> None:
    """In a sentence, which does not hold the file."""
    png = b64encode(b"\x89PNG\r\n\x1a\n" + bytes(5_300_000)).decode()
    with pytest.raises(BadMedia) as bad:
        await still.receive(media=(f"data:image/png;base64,{png}",))
    assert str(bad.value) == "data:image/png;base64: more than 5242880 bytes in all"
    assert len(still.sandbox.tables.messages) == 0


async def test_plain_text_is_a_reply(world: Any) -> None:
    """As Twilio does with an answer of that type."""
    plain = Answer(200, (("content-type", "text/plain"),), b"Just so\n")
    assert [reply.body for reply in (await world.receive(plain)).replies] == ["Just so"]


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ('<Message to="nobody">x</Message>', 14101),
        ('<Message from="+12">x</Message>', 14102),
        ('<Message from="whatsapp:+14155550100">x</Message>', 14102),
        ("<Message/>", 14103),
        (f"<Message>{'x' * 1601}</Message>", 14103),
        ('<Message action="ftp://a/">x</Message>', 14105),
    ],
)
async def test_a_reply_that_twilio_does_not_send(world: Any, inside: str, code: int) -> None:
    """It has an alert and a warning; the others go out."""
    received = await world.receive(twiml(f"{inside}<Message>good</Message>"))
    assert [reply.body for reply in received.replies] == ["good"]
    assert world.alerts == [code]
    assert f"({code})" in received.warnings[0]


async def test_ten_replies_are_the_most(world: Any) -> None:
    """The first ten go out."""
    received = await world.receive(twiml("<Message>x</Message>" * 12))
    assert len({reply.sid for reply in received.replies}) == 10
    assert world.alerts == [14109]


async def test_a_document_that_cannot_be_carried_out(world: Any) -> None:
    """It is an alert by Twilio's code, and nothing is sent; the attempt itself went well."""
    received = await world.receive(Answer(200, XML, b"<Response>"))
    assert (received.replies, world.alerts) == ((), [12100])
    assert received.webhook is not None
    assert received.webhook.error == ""
    assert "(12100)" in received.warnings[0]


async def test_slips_of_one_kind_are_one_alert(world: Any) -> None:
    """Each is a warning; the rest of the document is carried out."""
    received = await world.receive(twiml("<Play/><Say/><Message>x</Message>"))
    assert world.alerts == [12200, 14110]
    assert (len(received.warnings), len(received.replies)) == (4, 1)


async def test_redirects_are_followed(world: Any) -> None:
    """With the same parameters, relative to the document; what came before it is done."""
    first = twiml('<Message>1</Message><Redirect method="GET">/next</Redirect>')
    received = await world.receive(first, twiml("<Message>2</Message>"))
    one, two = world.app.posted
    assert (two.url, two.method, two.params) == ("http://localhost:5000/next", "GET", one.params)
    assert one.idempotency_token != two.idempotency_token
    assert [reply.body for reply in received.replies] == ["1", "2"]
    assert received.webhook == world.attempts[-1]


async def test_redirects_have_an_end(world: Any) -> None:
    """Fifty documents for one message; what leads to one more is alert 14106."""
    received = await world.receive(*[twiml("<Redirect/>")] * 51)
    assert [parcel.url for parcel in world.app.posted] == [URL] * 50
    assert (world.alerts, len(received.warnings)) == ([14106], 1)


async def test_a_failure_is_an_alert(world: Any) -> None:
    """No replies; the attempt and the reason come back."""
    received = await world.receive(Answer(500, XML, b"<Response/>", error_code=11200))
    assert received.webhook is not None
    assert (received.webhook.response_status, received.webhook.attempt) == (500, 1)
    assert (received.replies, world.alerts) == ((), [11200])
    assert received.warnings == ("the webhook failed: the webhook answered HTTP 500",)


async def test_the_retry_follows_at_once(world: Any) -> None:
    """After a failure to connect, in every clock mode, with the same token."""
    received = await world.receive(Unreachable("nobody"), twiml("<Message>x</Message>"))
    one, two = world.attempts
    assert (one.attempt, two.attempt, one.idempotency_token) == (1, 2, two.idempotency_token)
    assert (received.webhook, len(received.replies)) == (two, 1)


@pytest.mark.parametrize("url", [None, ""])
async def test_nobody_to_call(make_world: MakeWorld, url: str | None) -> None:
    """The message is there all the same; the warning says what to do."""
    world = make_world() if url is None else furnished(make_world(), "")
    received = await world.receive()
    assert (received.webhook, world.attempts, received.replies) == (None, [], ())
    assert world.status(received.message) == "received"
    assert "/_mock/seed" in received.warnings[0]


async def test_advance_waits_for_the_answer(still: Any) -> None:
    """The sandbox is busy until the TwiML is carried out, and its consequences are advanced too."""
    gate = still.app.gates[URL] = asyncio.Event()
    talk = asyncio.create_task(still.receive(twiml("<Message>x</Message>")))
    await still.turns(3)
    assert not still.idle()
    assert "1 inbound webhooks" in still.sandbox.outbox.busy
    advance = asyncio.create_task(still.advance(1))
    await still.turns(3)
    assert not advance.done()
    gate.set()
    (reply,) = (await talk).replies
    await advance
    assert still.status(reply) == "delivered"


async def test_a_reset_ends_it(still: Any) -> None:
    """Whoever waits is told, and nothing is sent into the new beginning."""
    still.app.gates[URL] = asyncio.Event()
    talk = asyncio.create_task(still.receive(twiml("<Message>x</Message>")))
    await still.turns(3)
    still.sandbox.reset()
    with pytest.raises(Stopped):
        await talk
    assert list(still) == []
    assert still.idle()


async def test_a_trial_account_signs_its_replies(make_world: MakeWorld) -> None:
    """With the words before everything that it sends."""
    world = furnished(make_world())
    own = world.sandbox.accounts.first
    world.sandbox.accounts.set_up(type(own)(own.sid, type="Trial"), Unit())
    world.give(Given(verified_callers=(HANDSET,)))
    (reply,) = (await world.receive(twiml("<Message>x</Message>"))).replies
    assert reply.body == "Sent from your Twilio trial account - x"


async def test_equal_runs_have_equal_sids(make_world: MakeWorld) -> None:
    """The same texts get the same SIDs and tokens; a repeated one gets another."""
    runs = []
    for _ in range(2):
        world = furnished(make_world())
        answers = [twiml("<Message>x</Message>")] * 2
        received = [await world.receive(each) for each in answers]
        runs.append([each.sid for one in received for each in (one.message, *one.replies)])
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 4
