"""What is posted, what one attempt leaves behind, and when there is another one."""

import re
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.faults import FINAL_STATUS, DeliveryRule, Scenario, When
from mockserver.domain.numbers import Service
from mockserver.domain.signature import sign
from mockserver.domain.titles import TITLES
from mockserver.world.callbacks import RETRY_DELAY
from mockserver.world.ports import Answer, Limits, Parcel, Unreachable

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld

SECOND = 1_000_000
HOOK = "http://127.0.0.1:9/status"
AC, TOKEN = "AC" + "1" * 32, "2" * 32

REFUSED = Unreachable("the address is not allowed", code=21609, phase="refused")
NO_ANSWER = Unreachable("no answer in time", phase="read")


async def test_what_a_delivery_is_announced_with(make_world: "MakeWorld") -> None:
    """Parameters in Twilio's order, signed with the account's token over the URL as it is."""
    world = make_world("manual", accounts=(Account(AC, TOKEN),))
    message = await world.create(StatusCallback=HOOK)
    await world.advance(60)
    [sent, delivered] = world.app.posted
    who = [("To", message.to), ("MessageSid", message.sid), ("AccountSid", message.account_sid)]
    assert sent.params == (
        ("SmsSid", message.sid),
        ("SmsStatus", "sent"),
        ("MessageStatus", "sent"),
        *who,
        ("From", message.from_),
        ("ApiVersion", "2010-04-01"),
    )
    assert delivered.params[0] == ("RawDlrDoneDate", "2612010000")
    assert (sent.kind, sent.method, sent.url) == ("status", "POST", HOOK)
    token = world.sandbox.accounts.first.signing_token
    assert sent.signature == sign(HOOK, sent.params, token)
    assert UUID(sent.idempotency_token).version == 4
    assert sent.idempotency_token != delivered.idempotency_token


async def test_a_service_is_named(make_world: "MakeWorld") -> None:
    """Behind the recipient."""
    world = make_world()
    service = "MG" + "a" * 32
    await world.create(StatusCallback=HOOK, From="-", MessagingServiceSid=service)
    await world.settled()
    assert [name for name, _ in world.app.posted[0].params][3:5] == ["To", "MessagingServiceSid"]
    assert dict(world.app.posted[0].params)["MessagingServiceSid"] == service


CHANNEL = {"To": "whatsapp:+16503801234", "From": "whatsapp:+14155238886"}


async def test_what_whatsapp_is_announced_with(make_world: "MakeWorld") -> None:
    """The parameters of a channel in the order of the captures, without a carrier's date."""
    world = make_world("manual")
    world.sandbox.rules.add(DeliveryRule("r", When(), "read"))
    message = await world.create(CHANNEL, StatusCallback=HOOK)
    await world.advance(60)
    assert world.app.statuses == ["sent", "delivered", "read"]
    install = world.app.posted[0].params[-1][1]
    assert re.fullmatch("XE[0-9a-f]{32}", install)
    for status, parcel in zip(world.app.statuses, world.app.posted, strict=True):
        event = [] if status == "sent" else [("EventType", status.upper())]
        structured = [("StructuredMessage", "false")] if status == "sent" else []
        assert list(parcel.params) == [
            *event,
            ("SmsSid", message.sid),
            ("SmsStatus", status),
            ("MessageStatus", status),
            ("ChannelToAddress", "+1650380XXXX"),
            ("To", "whatsapp:+16503801234"),
            ("ChannelPrefix", "whatsapp"),
            ("MessageSid", message.sid),
            ("AccountSid", message.account_sid),
            *structured,
            ("From", "whatsapp:+14155238886"),
            ("ApiVersion", "2010-04-01"),
            ("ChannelInstallSid", install),
        ]


@pytest.mark.parametrize(
    ("code", "event"), [(63016, {"EventType": "UNDELIVERED"}), (63010, {"EventType": None})]
)
async def test_what_goes_wrong_on_a_channel(
    make_world: "MakeWorld", code: int, event: dict[str, str | None]
) -> None:
    """Its text says why; there is an event only where the channel reports it."""
    world = make_world()
    world.sandbox.rules.add(DeliveryRule("r", When(), FINAL_STATUS[code], code))
    await world.create(CHANNEL, StatusCallback=HOOK)
    await world.settled()
    params = dict(world.app.posted[-1].params)
    assert params["ErrorCode"] == str(code)
    assert params["ChannelStatusMessage"] == TITLES[code]
    assert params.get("EventType") == event["EventType"]
    assert "ErrorMessage" not in params
    names = [name for name, _ in world.app.posted[-1].params]
    assert names.index("ErrorCode") < names.index("ChannelStatusMessage") < names.index("SmsSid")


@pytest.mark.parametrize(
    ("to", "sender", "masked"),
    [
        ("rcs:+16503801234", "rcs:acme_agent", "+1650380XXXX"),
        ("messenger:1234567890", "messenger:99", "123456XXXX"),
        ("messenger:1234", "messenger:99", "1234"),
    ],
)
async def test_other_channels_are_announced_alike(
    make_world: "MakeWorld", to: str, sender: str, masked: str
) -> None:
    """With their own prefix; the last four characters of the recipient do not show."""
    world = make_world()
    await world.create(To=to, From=sender, StatusCallback=HOOK)
    await world.settled()
    params = dict(world.app.posted[-1].params)
    assert (params["ChannelPrefix"], params["ChannelToAddress"]) == (to.split(":")[0], masked)
    assert (params["EventType"], params["To"]) == ("DELIVERED", to)
    assert "RawDlrDoneDate" not in params


async def test_an_installation_is_a_senders(make_world: "MakeWorld") -> None:
    """One SID for all messages of a sender, in any run with the seed; the next has another."""
    found = []
    for _ in range(2):
        world = make_world()
        for sender, body in (("+15017122661", "a"), ("+15017122661", "b"), ("+15017122662", "a")):
            form = {**CHANNEL, "From": f"whatsapp:{sender}", "Body": body}
            await world.create(form, StatusCallback=HOOK)
        await world.settled()
        found.append(
            [dict(each.params)["ChannelInstallSid"] for each in world.app.posted if _is_sent(each)]
        )
    first, again, other = found[0]
    assert first == again != other
    assert found[0] == found[1]


def _is_sent(parcel: Parcel) -> bool:
    return dict(parcel.params)["MessageStatus"] == "sent"


async def test_without_a_sender_there_is_no_installation(make_world: "MakeWorld") -> None:
    """A service that found none has none to name."""
    world = make_world()
    account = world.sandbox.accounts.first.sid
    service = "MG" + "e" * 32
    world.sandbox.tables.services[service] = Service(service, account)
    await world.create(To=CHANNEL["To"], From="-", MessagingServiceSid=service, StatusCallback=HOOK)
    await world.settled()
    params = dict(world.app.posted[-1].params)
    assert (params["MessageStatus"], params["ErrorCode"]) == ("failed", "21704")
    assert "ChannelInstallSid" not in params
    assert params["MessagingServiceSid"] == service


@pytest.mark.parametrize("form", [{}, CHANNEL])
@pytest.mark.parametrize("told", [False, True])
async def test_an_errors_text_is_told_where_wanted(
    make_world: "MakeWorld", form: dict[str, str], told: bool
) -> None:
    """On any channel, behind its code; off by default."""
    world = make_world()
    rule = DeliveryRule("r", When(), "undelivered", 30003)
    world.sandbox.rules.put(
        Scenario("s", options={"error_message_in_callbacks": told}, delivery=(rule,))
    )
    await world.create(form, StatusCallback=HOOK)
    await world.settled()
    pairs = list(world.app.posted[-1].params)
    place = pairs.index(("ErrorCode", "30003"))
    said = ("ErrorMessage", "Unreachable destination handset")
    assert (said in pairs) is told
    assert not told or pairs[place + 1] == said
    assert "ErrorMessage" not in dict(world.app.posted[0].params)


@pytest.mark.parametrize("clock", ["manual", "instant", "real"])
async def test_each_attempt_is_journalled(make_world: "MakeWorld", clock: str) -> None:
    """With what was sent, when it was due, and what came of it."""
    world = make_world(clock)
    world.app.answers["sent"] = [Answer(200, sent_headers=(("Host", "localhost"),))]
    message = await world.create(StatusCallback=HOOK)
    await world.advance(60)
    [sent, delivered] = world.attempts
    assert (sent.id, delivered.id) == ("cb-1", "cb-2")
    assert (sent.message_sid, sent.account_sid) == (message.sid, message.account_sid)
    assert (sent.kind, sent.status, sent.attempt, sent.url) == ("status", "sent", 1, HOOK)
    assert (sent.response_status, sent.error, sent.error_code) == (200, "", 0)
    assert (sent.headers, delivered.headers) == ([("Host", "localhost")], [])
    assert tuple(map(tuple, sent.params)) == world.app.posted[0].params
    assert sent.signature == world.app.posted[0].signature
    assert [each.due - message.created_at for each in (sent, delivered)] == [200_000, 500_000]
    assert sent.at >= sent.due
    assert sent.duration >= 0
    assert list(world.sandbox.journal.alerts) == []


async def test_a_failure_is_an_alert(make_world: "MakeWorld") -> None:
    """With Twilio's code; the journal says in words what to do."""
    world = make_world()
    world.app.answers["sent"] = [Answer(500, error_code=11200)]
    world.app.answers["delivered"] = [REFUSED]
    message = await world.create(StatusCallback=HOOK)
    await world.settled()
    [sent, delivered] = world.attempts
    assert (sent.response_status, sent.error_code) == (500, 11200)
    assert sent.error == "the webhook answered HTTP 500"
    assert (delivered.response_status, delivered.error_code) == (0, 21609)
    assert delivered.error == "the address is not allowed"
    alerts = [(a.code, a.text, a.resource_sid) for a in world.sandbox.journal.alerts]
    assert alerts == [
        (11200, "the webhook answered HTTP 500", message.sid),
        (21609, "the address is not allowed", message.sid),
    ]
    sids = {alert.sid for alert in world.sandbox.journal.alerts}
    assert len(sids) == 2
    assert all(sid.startswith("NO") and len(sid) == 34 for sid in sids)


async def test_bad_overrides_are_alerts(make_world: "MakeWorld") -> None:
    """Once for each callback, whatever number of attempts it takes; the default counts."""
    world = make_world()
    world.app.refuse(2, "sent")
    await world.create(StatusCallback=f"{HOOK}#rc=9&e=nowhere")
    await world.settled()
    codes = [alert.code for alert in world.sandbox.journal.alerts]
    assert sorted(codes) == [11200, 11200, 11241, 11241, 11243, 11243]
    assert [each.attempt for each in world.attempts if each.status == "sent"] == [1, 2]


ATTEMPTS = [
    ("", "connect", 2),
    ("", "read", 1),
    ("", 500, 1),
    ("", 404, 1),
    ("#rc=0", "connect", 1),
    ("#rc=3", "connect", 4),
    ("#rc=5&rp=all", 503, 6),
    ("#rc=2&rp=5xx", 500, 3),
    ("#rc=2&rp=5xx", 404, 1),
    ("#rc=2&rp=4xx,rt", 429, 3),
    ("#rc=2&rp=4xx,rt", "read", 3),
    ("#rc=2&rp=4xx,rt", "connect", 1),
    ("#rc=5&rp=all", "refused", 1),
]
"""Overrides, what goes wrong every time, and how often it is tried."""


@pytest.mark.parametrize(("overrides", "failure", "tries"), ATTEMPTS)
@pytest.mark.parametrize("clock", ["manual", "instant"])
async def test_retries(
    make_world: "MakeWorld", clock: str, overrides: str, failure: int | str, tries: int
) -> None:
    """As often as `rc` says, for what `rp` says; by default once, and only when nobody listens."""
    world = make_world(clock)
    failures = {"read": NO_ANSWER, "connect": Unreachable("nobody listens"), "refused": REFUSED}
    answer = failures[failure] if isinstance(failure, str) else Answer(failure, error_code=11200)
    world.app.answers["sent"] = [answer] * 10
    message = await world.create(StatusCallback=HOOK + overrides)
    await world.advance(60)
    attempts = [each for each in world.attempts if each.status == "sent"]
    assert [each.attempt for each in attempts] == list(range(1, tries + 1))
    assert len({each.idempotency_token for each in attempts}) == 1
    assert [each.due - message.created_at for each in attempts] == [
        200_000 + number * RETRY_DELAY for number in range(tries)
    ]
    assert [each.attempt for each in world.attempts if each.status == "delivered"] == [1]


async def test_a_retry_that_succeeds_is_the_last(make_world: "MakeWorld") -> None:
    """Whatever number was left."""
    world = make_world()
    world.app.refuse(2, "sent")
    await world.create(StatusCallback=f"{HOOK}#rc=5")
    await world.settled()
    statuses = [each.response_status for each in world.attempts if each.status == "sent"]
    assert statuses == [0, 0, 204]


async def test_a_retry_waits_on_the_sandboxs_clock(make_world: "MakeWorld") -> None:
    """On one that stands still until it is advanced so far; later callbacks wait behind it."""
    world = make_world("manual")
    world.app.refuse(1, "sent")
    await world.create(StatusCallback=HOOK)
    await world.advance(1.199999)
    assert world.app.statuses == ["sent"]
    assert not world.idle()
    await world.advance(0.000001)
    assert world.app.statuses == ["sent", "sent", "delivered"]
    assert world.idle()


async def test_a_retry_on_a_running_clock_counts_from_the_answer(make_world: "MakeWorld") -> None:
    """A second of the sandbox's time later."""
    world = make_world("scaled:1000")
    world.app.refuse(1, "sent")
    await world.create(StatusCallback=HOOK)
    await world.advance(60)
    first, second = (each for each in world.attempts if each.status == "sent")
    assert second.due >= first.at + RETRY_DELAY
    assert second.at >= second.due


async def test_a_failing_webhook_does_not_move_the_instant_clock(make_world: "MakeWorld") -> None:
    """When it fails is a matter of wall time, which must not show in later messages."""
    times = []
    for failures in (0, 3):
        world = make_world("instant")
        world.app.refuse(failures, "sent")
        await world.create(StatusCallback=f"{HOOK}#rc=5")
        await world.settled()
        message = await world.create(Body="Later")
        times.append(message.created_at)
        assert len(world.attempts) == 2 + failures
    assert times[0] == times[1]


async def test_the_time_for_all_attempts_is_bounded(make_world: "MakeWorld") -> None:
    """What earlier ones took, in wall seconds, is missing from the later ones'."""
    world = make_world("manual")
    await world.create(StatusCallback=f"{HOOK}#rc=5&ct=1000&rt=2000&tt=3000")
    await world.advance(0.5)
    assert world.app.limits[0] == Limits(1, 2, 3)
    posting = world.sandbox.messages.announce(next(iter(world)), "sent", world.now, 0)
    for spent, tries in [(2.5, 2), (3.0, 1)]:
        world.app.answers["sent"] = [Unreachable("nobody listens")]
        world.app.limits.clear()
        spending = type(posting)(posting.parcel, world.now, "sent", 1, spent)
        world.sandbox.outbox.post(spending)
        await world.advance(10)
        assert len(world.app.limits) == tries
        assert world.app.limits[0].total == 3 - spent


@pytest.mark.parametrize("phase", ["connect", "read"])
async def test_no_attempt_follows_once_time_is_up(
    make_world: "MakeWorld", phase: Literal["connect", "read"]
) -> None:
    """The total time is for all attempts: when it ended one (11203), `rp` brings no other."""
    world = make_world()
    world.app.answers["sent"] = [Unreachable("too late", code=11203, phase=phase)]
    await world.create(StatusCallback=f"{HOOK}#rc=5&rp=all")
    await world.settled()
    assert [(each.status, each.attempt) for each in world.attempts] == [
        ("sent", 1),
        ("delivered", 1),
    ]


async def test_an_unexpected_failure_is_a_failure(
    make_world: "MakeWorld", caplog: pytest.LogCaptureFixture
) -> None:
    """A courier that breaks is logged and journalled, and the callbacks after it are posted."""
    world = make_world()
    world.app.answers["sent"] = [RuntimeError("wires crossed")]
    message = await world.create(StatusCallback=HOOK)
    await world.settled()
    [sent, delivered] = world.attempts
    assert "wires crossed" in sent.error
    assert "report" in sent.error
    assert (sent.response_status, delivered.response_status) == (0, 204)
    assert message.sid in caplog.text
    assert "wires crossed" in caplog.text


async def test_tokens_come_from_the_seed(make_world: "MakeWorld") -> None:
    """The same calls have the same idempotency tokens."""
    tokens = []
    for _ in range(2):
        world = make_world()
        await world.create(StatusCallback=HOOK)
        await world.create(StatusCallback=HOOK)
        await world.settled()
        tokens.append([parcel.idempotency_token for parcel in world.app.posted])
    assert tokens[0] == tokens[1]
    assert len(set(tokens[0])) == 4
