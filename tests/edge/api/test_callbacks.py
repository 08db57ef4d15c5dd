"""Status callbacks, from the create call to the application: order, form, retries, journal."""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator

from mockserver.domain.accounts import DEFAULT_SID, DEFAULT_TOKEN, Account
from mockserver.domain.faults import DeliveryRule, When
from mockserver.world.clock import iso

if TYPE_CHECKING:
    from tests.edge.conftest import Caller, Serve, Webhook

SERVICE = "MG" + "a" * 32


def forms(webhook: "Webhook") -> list[dict[str, str]]:
    return [dict(parse_qsl(body.decode(), keep_blank_values=True)) for _, body in webhook.posted]


def statuses(webhook: "Webhook") -> list[str]:
    return [form["MessageStatus"] for form in forms(webhook)]


def outcome(api: "Caller", ends: str, code: int = 0) -> None:
    api.sandbox.rules.add(DeliveryRule("d", When(), ends, code))


async def _sent(api: "Caller", **form: str) -> str:
    created = await api.create(**form)
    assert created.status == 201
    await api.settled()
    return str(created.json["sid"])


# -- which, in which order -------------------------------------------------------------------------


async def test_sent_then_delivered(api: "Caller", webhook: "Webhook") -> None:
    """These two, in this order; `queued` is in the answer, `sending` is not announced."""
    await _sent(api, StatusCallback=webhook.url)
    assert statuses(webhook) == ["sent", "delivered"]


@pytest.mark.parametrize(
    ("ends", "code", "told"),
    [
        ("delivered", 0, ["sent", "delivered"]),
        ("undelivered", 30003, ["sent", "undelivered"]),
        ("failed", 30008, ["failed"]),
        ("sent", 0, ["sent"]),
    ],
)
async def test_every_end(
    api: "Caller", webhook: "Webhook", ends: str, code: int, told: list[str]
) -> None:
    """The last one names the error, where there is one."""
    outcome(api, ends, code)
    sid = await _sent(api, StatusCallback=webhook.url)
    assert statuses(webhook) == told
    assert [form.get("ErrorCode") for form in forms(webhook)][-1] == (str(code) if code else None)
    delivery = api.sandbox.tables.messages.delivery(sid)
    assert (delivery.status, delivery.error_code) == (ends, code)


async def test_read_follows_on_whatsapp(api: "Caller", webhook: "Webhook") -> None:
    """Where the channel has such receipts."""
    outcome(api, "read")
    to, sender = "whatsapp:+14155552671", "whatsapp:+15017122661"
    await _sent(api, StatusCallback=webhook.url, To=to, From=sender)
    assert statuses(webhook) == ["sent", "delivered", "read"]


async def test_through_a_service(api: "Caller", webhook: "Webhook") -> None:
    """`queued` is announced, too, as the sender is chosen; all name service and sender."""
    form = {"From": "-", "MessagingServiceSid": SERVICE, "StatusCallback": webhook.url}
    await _sent(api, **form)
    assert statuses(webhook) == ["queued", "sent", "delivered"]
    assert {form["MessagingServiceSid"] for form in forms(webhook)} == {SERVICE}
    assert len({form["From"] for form in forms(webhook)}) == 1


async def test_canceled(serve: "Serve", webhook: "Webhook") -> None:
    """A cancelled message says so."""
    api = await serve(clock="manual", seed=1)
    schedule = {"ScheduleType": "fixed", "SendAt": "2026-12-01T01:00:00Z", "From": SERVICE}
    created = await api.create(StatusCallback=webhook.url, **schedule)
    await api.call("POST", created.json["uri"], b"Status=canceled")
    await api.settled()
    assert statuses(webhook) == ["canceled"]


async def test_a_forced_status(serve: "Serve", webhook: "Webhook") -> None:
    """The statuses between are announced, and nothing comes after a final one."""
    api = await serve(clock="manual", seed=1)
    created = (await api.create(StatusCallback=webhook.url)).json
    message = api.sandbox.tables.messages.get(created["sid"])
    assert message is not None
    await api.sandbox.messages.force(message, "undelivered", 30005)
    await api.sandbox.engine.advance(api.sandbox.clock.now() + 3_600_000_000)
    assert statuses(webhook) == ["sent", "undelivered"]
    fetched = (await api.get(created["uri"])).json
    assert (fetched["status"], fetched["error_code"]) == ("undelivered", 30005)
    assert fetched["error_message"] == "Unknown destination handset"


async def test_without_a_callback_url(api: "Caller", webhook: "Webhook") -> None:
    """Nobody is called."""
    await _sent(api)
    await _sent(api, StatusCallback="")
    assert (webhook.posted, api.callbacks) == ([], [])


async def test_many_messages(api: "Caller", webhook: "Webhook") -> None:
    """Side by side; each message's own in order."""
    answers = await asyncio.gather(
        *(api.create(Body=str(n), StatusCallback=webhook.url) for n in range(50))
    )
    await api.settled()
    for answer in answers:
        sid = answer.json["sid"]
        own = [form["MessageStatus"] for form in forms(webhook) if form["MessageSid"] == sid]
        assert own == ["sent", "delivered"]


# -- what they hold --------------------------------------------------------------------------------


async def test_parameters(serve: "Serve", webhook: "Webhook") -> None:
    """In Twilio's order, with the carrier's date on a receipt only."""
    api = await serve(seed=1)
    sid = await _sent(api, StatusCallback=webhook.url)
    usual = (
        "SmsSid={0}&SmsStatus={1}&MessageStatus={1}&To=%2B14155552671&MessageSid={0}"
        f"&AccountSid={DEFAULT_SID}&From=%2B15017122661&ApiVersion=2010-04-01"
    )
    assert [body.decode() for _, body in webhook.posted] == [
        usual.format(sid, "sent"),
        "RawDlrDoneDate=2612010000&" + usual.format(sid, "delivered"),
    ]


async def test_parameters_of_a_failure(serve: "Serve", webhook: "Webhook") -> None:
    """The error's code follows the carrier's date; the service follows the recipient."""
    api = await serve(seed=1)
    outcome(api, "undelivered", 30003)
    await _sent(api, StatusCallback=webhook.url, MessagingServiceSid=SERVICE)
    names = [name for name, _ in parse_qsl(webhook.posted[-1][1].decode())]
    assert names == [
        "RawDlrDoneDate",
        "ErrorCode",
        "SmsSid",
        "SmsStatus",
        "MessageStatus",
        "To",
        "MessagingServiceSid",
        "MessageSid",
        "AccountSid",
        "From",
        "ApiVersion",
    ]


async def test_headers(api: "Caller", webhook: "Webhook") -> None:
    """Twilio's, in their order; one token for each status, a new one for the next."""
    await _sent(api, StatusCallback=webhook.url)
    for headers, _ in webhook.posted:
        assert [name for name, _ in headers] == [
            "Host",
            "User-Agent",
            "Accept",
            "Content-Type",
            "X-Twilio-Signature",
            "I-Twilio-Idempotency-Token",
            "X-Home-Region",
            "Content-Length",
            "Connection",
        ]
        assert dict(headers)["User-Agent"] == "TwilioProxy/1.1"
        assert dict(headers)["Content-Type"] == "application/x-www-form-urlencoded"
    tokens = [dict(headers)["I-Twilio-Idempotency-Token"] for headers, _ in webhook.posted]
    assert len(set(tokens)) == 2


@pytest.mark.parametrize(
    "tail", ["", "?a=1&b=x%20y", "?b=2&a=1&a=1", "/deeper/", "#rc=2&rp=all", "?x=1#rc=1"]
)
async def test_signatures(api: "Caller", webhook: "Webhook", tail: str) -> None:
    """The official validator accepts every callback, whatever the URL looks like."""
    await _sent(api, StatusCallback=webhook.url + tail)
    url = webhook.url + tail.partition("#")[0]
    _validate(webhook, url, DEFAULT_TOKEN)


async def test_a_subaccount_signs_with_its_own_token(serve: "Serve", webhook: "Webhook") -> None:
    """Also when its parent sent the message."""
    sub = Account("AC" + "d" * 32, "d" * 32, owner_account_sid=DEFAULT_SID)
    api = await serve(account=(sub,))
    api.account = sub.sid
    await _sent(api, StatusCallback=webhook.url)
    _validate(webhook, webhook.url, sub.auth_token)


async def test_a_new_account_signs_with_the_token_it_brought(
    serve: "Serve", webhook: "Webhook"
) -> None:
    """Its very first message's callbacks included."""
    api = await serve()
    api.account = "AC" + "5" * 32
    api.auth = f"{api.account}:brought"
    await _sent(api, StatusCallback=webhook.url)
    _validate(webhook, webhook.url, "brought")


def _validate(webhook: "Webhook", url: str, token: str) -> None:
    validator = RequestValidator(token)
    assert len(webhook.posted) == 2
    for (headers, _), form in zip(webhook.posted, forms(webhook), strict=True):
        assert validator.validate(url, form, dict(headers)["X-Twilio-Signature"])


# -- when ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clock", ["instant", "real", "scaled:1000"])
async def test_never_before_the_answer(serve: "Serve", webhook: "Webhook", clock: str) -> None:
    """An application that was told its SID first: the answer is read before anything arrives."""
    api = await serve(clock=clock, callback_grace=50_000)
    for _ in range(5):
        created = await api.create(StatusCallback=webhook.url)
        sid = created.json["sid"]
        assert sid not in [form["MessageSid"] for form in forms(webhook)]
    async with asyncio.timeout(20):
        while len(webhook.posted) < 10:
            webhook.arrived.clear()
            await webhook.arrived.wait()


async def test_not_while_the_answer_is_not_read(serve: "Serve", webhook: "Webhook") -> None:
    """A held message has no callback, however far its life has come."""
    api = await serve(clock="manual")
    api.sandbox.outbox.hold("SM-held")
    await _sent_on(api, webhook)
    assert statuses(webhook) == ["sent", "delivered"]


async def _sent_on(api: "Caller", webhook: "Webhook") -> None:
    await api.create(StatusCallback=webhook.url)
    api.sandbox.outbox.release("SM-held")
    await api.sandbox.engine.advance(api.sandbox.clock.now() + 1_000_000)


async def test_under_a_manual_clock(serve: "Serve", webhook: "Webhook") -> None:
    """Nothing before its time; `advance` comes back when the webhook has answered."""
    api = await serve(clock="manual", seed=1)
    engine, clock = api.sandbox.engine, api.sandbox.clock
    await api.create(StatusCallback=webhook.url)
    await engine.advance(clock.now() + 199_000)
    assert statuses(webhook) == []
    await engine.advance(clock.now() + 1_000)
    assert statuses(webhook) == ["sent"]
    await engine.advance(None)
    assert statuses(webhook) == ["sent", "delivered"]
    assert [iso(entry.due) for entry in api.callbacks] == [
        "2026-12-01T00:00:00.200000Z",
        "2026-12-01T00:00:00.500000Z",
    ]


# -- when it goes wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("overrides", "answers", "attempts"),
    [
        ("", [500, 204], [(1, 500), (1, 204)]),
        ("#rc=2", [500, 204], [(1, 500), (1, 204)]),
        ("#rc=2&rp=5xx", [500, 500, 204, 204], [(1, 500), (2, 500), (3, 204), (1, 204)]),
        ("#rc=1&rp=4xx", [404, 404, 204], [(1, 404), (2, 404), (1, 204)]),
        ("#rc=0&rp=all", [500, 204], [(1, 500), (1, 204)]),
        ("#rc=9", [204, 204], [(1, 204), (1, 204)]),
    ],
)
async def test_retries(
    serve: "Serve",
    webhook: "Webhook",
    overrides: str,
    answers: list[int],
    attempts: list[tuple[int, int]],
) -> None:
    """As the overrides say; by default an answer, good or bad, is not asked for again.

    `attempts` are those of `sent`, then the one of `delivered`, which waits for them.
    """
    api = await serve(clock="manual")
    webhook.answers = list(answers)
    await api.create(StatusCallback=webhook.url + overrides)
    sent = len(attempts) - 1
    start = api.sandbox.clock.now()
    await api.sandbox.engine.advance(start + 200_000)
    assert [(entry.attempt, entry.response_status) for entry in api.callbacks] == attempts[:1]
    await api.sandbox.engine.advance(start + 60_000_000)
    assert [(entry.attempt, entry.response_status) for entry in api.callbacks] == attempts
    assert [entry.status for entry in api.callbacks] == ["sent"] * sent + ["delivered"]
    tokens = {e.idempotency_token for e in api.callbacks if e.status == "sent"}
    assert len(tokens) == 1


async def test_a_dead_webhook(serve: "Serve", unused_tcp_port: int) -> None:
    """Tried twice, journalled with the reason and Twilio's alert; the message is delivered."""
    api = await serve(clock="manual")
    url = f"http://127.0.0.1:{unused_tcp_port}/"
    created = (await api.create(StatusCallback=url)).json
    await api.sandbox.engine.advance(None)
    assert [(e.status, e.attempt, e.response_status) for e in api.callbacks] == [
        ("sent", 1, 0),
        ("sent", 2, 0),
        ("delivered", 1, 0),
        ("delivered", 2, 0),
    ]
    assert all(entry.error for entry in api.callbacks)
    assert {alert.code for alert in api.sandbox.journal.alerts} <= set(range(11200, 11252))
    assert (await api.get(created["uri"])).json["status"] == "delivered"


async def test_a_failed_answer_is_an_alert(api: "Caller", webhook: "Webhook") -> None:
    """11200, once for each attempt."""
    webhook.answers = [500, 404]
    sid = await _sent(api, StatusCallback=webhook.url)
    alerts = list(api.sandbox.journal.alerts)
    assert [(alert.code, alert.resource_sid) for alert in alerts] == [(11200, sid), (11200, sid)]
    assert alerts[0].text == "the webhook answered HTTP 500"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://169.254.169.254/latest", "never called"),
        ("http://[fe80::1]/", "never called"),
        ("http://[::ffff:169.254.169.254]/", "never called"),
        ("http://203.0.113.1/", "--webhook-allow 203.0.113.1"),
        ("http://8.8.8.8:99999/", ""),
        ("http://under_score.test/", "underscore"),
    ],
)
async def test_a_refused_address(api: "Caller", url: str, said: str) -> None:
    """Journalled with the fix, tried once; the message is made and delivered."""
    sid = await _sent(api, StatusCallback=url)
    assert [(entry.status, entry.attempt) for entry in api.callbacks] == [
        ("sent", 1),
        ("delivered", 1),
    ]
    for entry in api.callbacks:
        assert entry.response_status == 0
        assert entry.error
        assert said in entry.error
    assert api.sandbox.tables.messages.delivery(sid).status == "delivered"


async def test_an_underscore_is_an_alert(api: "Caller") -> None:
    """21609: Twilio makes no callbacks to such a host, but takes the message."""
    await _sent(api, StatusCallback="http://under_score.test/")
    assert {alert.code for alert in api.sandbox.journal.alerts} == {21609}


async def test_the_journal_has_every_attempt(api: "Caller", webhook: "Webhook") -> None:
    """As it was sent."""
    sid = await _sent(api, StatusCallback=f"{webhook.url}?x=1#rc=2")
    for entry, (headers, body) in zip(api.callbacks, webhook.posted, strict=True):
        assert (entry.kind, entry.method, entry.message_sid) == ("status", "POST", sid)
        assert entry.url == f"{webhook.url}?x=1#rc=2"
        assert tuple(map(tuple, entry.headers)) == headers
        assert [tuple(pair) for pair in entry.params] == parse_qsl(body.decode())
        assert entry.signature == dict(headers)["X-Twilio-Signature"]
        assert (entry.response_status, entry.error) == (204, "")
