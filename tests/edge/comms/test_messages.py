"""`POST /Messages`: accepted as a whole, and what that means for senders and other requests."""

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pytest

from mockserver.domain.accounts import DEFAULT_SID, Account
from mockserver.domain.numbers import Number
from mockserver.world import copying
from mockserver.world.bulk.operation import Operation
from mockserver.world.sandboxes import Order

if TYPE_CHECKING:
    from tests.edge.comms.conftest import AtComms, Between, Comms
    from tests.edge.conftest import Answer

FIRST, SECOND, BOUGHT = "+14155550101", "+14155550102", "+14155550177"
NUMBER = "+14155552671"
JSON = "application/json"
PHONE: Final = {"address": NUMBER, "channel": "PHONE"}
SMS: Final = {"address": FIRST, "channel": "SMS"}
URL: Final = {"url": "https://example.com/a.png"}
CARRIERS: Final = ("operationId", "operation-id", "operationLocation", "operation-location")


# -- what is accepted ------------------------------------------------------------------------------


async def test_one_message(comms: "Comms") -> None:
    """202 at once; the operation is there, and its message is sent behind the answer."""
    answer = await comms.post("/Messages", comms.sending())
    made = comms.operation(answer)
    assert (made.status, made.count) == ("PROCESSING", 1)
    await comms.later()
    [twin] = comms.caller.sandbox.tables.messages.places.oldest_first()
    assert (twin.origin, twin.from_, twin.to, twin.body) == ("comms", FIRST, NUMBER, "Ahoy")
    assert made.status == "COMPLETED"


@pytest.mark.parametrize(
    "fields",
    [
        {"from_": SMS, "content": {"text": "Hello"}},
        {
            "from_": None,
            "to": [{
                "addresses": [{"address": NUMBER, "channel": "WHATSAPP"}, PHONE],
                "variables": {"firstName": "Ada"},
            }],
            "content": {"text": "Hi {{ firstName | default: 'there' }}", "media": [URL]},
            "schedule": {"sendAt": ["2026-12-02T09:00:00"]},
            "tags": {"campaign": "launch"},
        },
        {"to": [PHONE | {"channel": "phone"}], "from_": SMS | {"channel": "sms"}},
        {"content": {"modules": [{"sms": {"text": "a"}}, {"rcs": {"text": "b"}}]}},
        {"schedule": {"sendAt": "2026-12-02T00:00:00Z"}},
        {"to": [PHONE] * 3},
    ],
)  # fmt: skip
async def test_what_a_server_must_take(comms: "Comms", fields: dict[str, Any]) -> None:
    """The shapes of the reference, in whatever case channels are written; duplicates, too."""
    drop = "from" if fields.get("from_", SMS) is None else ""
    made = comms.operation(await comms.post("/Messages", comms.sending(drop, **fields)))
    assert made.status == ("SCHEDULED" if "schedule" in fields else "PROCESSING")
    assert comms.warnings == []


@pytest.mark.parametrize(
    ("host", "path", "base"),
    [
        ("comms.twilio.com", "/v1/Messages", "https://comms.twilio.com/v1"),
        ("comms.twilio.com", "/v1/messages", "https://comms.twilio.com/v1"),
        ("comms.twilio.com", "/preview/Messages", "https://comms.twilio.com/preview"),
        ("localhost:2010", "/comms/v1/Messages", "http://localhost:2010/comms/v1"),
        ("127.0.0.1:2010", "/comms/preview/MESSAGES", "http://127.0.0.1:2010/comms/preview"),
    ],
)
async def test_locations_are_where_the_request_was(
    comms: "Comms", host: str, path: str, base: str
) -> None:
    """Absolute, same origin and prefix, in Pascal case; what is there answers."""
    comms.caller.host, comms.root = host, ""
    answer = await comms.post(path, comms.sending())
    where = answer.json["operationLocation"]
    assert where == f"{base}/Messages/Operations/{answer.json['operationId']}"
    assert comms.caller.journal[-1].operation == "comms.v1.SendMessages"
    fetched = await comms.get(urlsplit(where).path)
    assert (fetched.status, fetched.json["id"]) == (200, answer.json["operationId"])


@pytest.mark.parametrize("style", ["both", "headers", "body", ""])
async def test_what_tells_of_the_operation(comms: "Comms", style: str) -> None:
    """Headers and body agree; `headers` has no body, `body` no headers; never a `Location`."""
    if style:
        comms.put(options={"comms_accept_style": style})
    answer = await comms.post("/Messages", comms.sending())
    assert answer.status == 202
    [id_] = comms.caller.sandbox.tables.operations
    where = f"https://comms.twilio.com/v1/Messages/Operations/{id_}"
    told = {name: value for name, value in answer.headers if name in CARRIERS}
    expected = dict(zip(CARRIERS, (id_, id_, where, where), strict=True))
    assert told == ({} if style == "body" else expected)
    if style == "headers":
        assert (answer.body, answer.header("Content-Type")) == (b"", None)
        assert answer.header("Content-Length") == "0"
    else:
        assert answer.json == {"operationId": id_, "operationLocation": where}
        assert answer.header("Content-Type") == JSON
    assert answer.header("Location") is None


async def test_the_style_is_that_of_messages_alone(comms: "Comms") -> None:
    """Sender pools always answer with the body and the headers."""
    for style in ("headers", "body"):
        comms.put(options={"comms_accept_style": style})
        answer = await comms.post("/SenderPools", {})
        assert answer.json["operationId"] == answer.header("operation-id")


async def test_trial_accounts_say_so(comms: "Comms") -> None:
    """Before every text, as in classic messages."""
    comms.put(given={"account": {"type": "Trial"}, "verified_callers": [NUMBER]})
    await comms.post("/Messages", comms.sending())
    await comms.later()
    [twin] = comms.caller.sandbox.tables.messages.places.oldest_first()
    assert twin.body == "Sent from your Twilio trial account - Ahoy"


async def test_an_account_comes_into_being(comms: "Comms") -> None:
    """With its first request that is accepted, not with one that is refused."""
    sid = "AC" + "d" * 32
    comms.caller.auth = f"{sid}:{'t' * 32}"
    accounts = comms.caller.sandbox.tables.accounts
    assert (await comms.post("/Messages", comms.sending("to"))).status == 400
    assert sid not in accounts
    sender = {"address": BOUGHT, "channel": "SMS"}
    made = comms.operation(await comms.post("/Messages", comms.sending(from_=sender)))
    assert made.account_sid == sid == accounts[sid].sid


# -- the sender ------------------------------------------------------------------------------------


def senders(made: Operation) -> list[tuple[str, str]]:
    """Channel and address of those that an operation may use."""
    return [(each.channel, each.address) for each in made.ways.senders]


async def test_an_address_of_the_account(comms: "Comms") -> None:
    """It is the sender that `GET /Senders` shows."""
    made = comms.operation(await comms.post("/Messages", comms.sending()))
    assert [each.id for each in made.ways.senders] == [(await comms.senders())[FIRST]]


async def test_an_address_of_nobody(comms: "Comms") -> None:
    """Any well-formed one counts as owned, and is a sender from then on, the same again."""
    sender = {"address": BOUGHT, "channel": "SMS"}
    made = comms.operation(await comms.post("/Messages", comms.sending(from_=sender)))
    again = comms.operation(await comms.post("/Messages", comms.sending(from_=sender)))
    own = await comms.senders()
    assert [made.ways.senders[0].id, again.ways.senders[0].id] == [own[BOUGHT]] * 2


async def test_a_sender_by_its_id(comms: "Comms") -> None:
    """That one alone."""
    own = await comms.senders()
    sender = {"senderId": own["brand_agent"]}
    made = comms.operation(await comms.post("/Messages", comms.sending(from_=sender)))
    assert senders(made) == [("RCS", "brand_agent")]


async def test_a_pool(comms: "Comms") -> None:
    """All of its senders; its channel controls say which are used, and in which order."""
    own = await comms.senders()
    pool = await comms.pool(own[FIRST], own["brand_agent"], own[SECOND])
    sender = {"senderPoolId": pool["id"], "channels": {"filterIn": ["sms"]}}
    made = comms.operation(await comms.post("/Messages", comms.sending(from_=sender)))
    assert senders(made) == [("SMS", FIRST), ("RCS", "brand_agent"), ("SMS", SECOND)]
    assert made.order.send.sender is not None
    assert made.order.send.sender.pool_id == pool["id"]
    ways = made.ways.of([("PHONE", NUMBER)], lambda who, count: count - 1)
    assert ways == [(2, 0)]


async def test_no_sender(comms: "Comms") -> None:
    """The account's oldest active one of each channel, RCS before SMS."""
    tables = comms.caller.sandbox.tables
    tables.numbers["+14155550001"] = Number("+14155550001", DEFAULT_SID, sms=False)
    made = comms.operation(await comms.post("/Messages", comms.sending("from")))
    own = await comms.senders()
    oldest = min(FIRST, SECOND, key=lambda number: own[number])
    assert set(senders(made)) == {
        ("RCS", "brand_agent"), ("SMS", oldest), ("WHATSAPP", "+14155550103"),
    }  # fmt: skip
    ways = made.ways.of([("PHONE", NUMBER)], lambda who, count: 0)
    assert [made.ways.senders[way].channel for way, _ in ways] == ["RCS", "SMS"]


async def test_no_sender_at_all(comms: "Comms") -> None:
    """An account without any: the request is accepted, its recipients are unaddressable."""
    comms.caller.auth = comms.other_account()
    made = comms.operation(await comms.post("/Messages", comms.sending("from")))
    await comms.later()
    assert (made.status, made.tally.stats()["unaddressable"]) == ("COMPLETED", 1)


# -- faults that are asked for ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("then", "status", "retry"),
    [
        ({"error": 20429}, 429, "1"),
        ({"error": 20503}, 503, "1"),
        ({"error": 20500}, 500, None),
        ({"error": 21614}, 400, None),
    ],
)
async def test_faults_that_are_asked_for(
    at_comms: "AtComms", then: dict[str, Any], status: int, retry: str | None
) -> None:
    """In the envelope, with `Retry-After` where Twilio has it; then all is well again."""
    comms = await at_comms()
    rule = {"when": {"operation": "comms.v1.SendMessages"}, "then": then, "times": 1}
    comms.put(faults=[rule])
    before = comms.caller.sandbox.tables.operations.copy()
    answer = await comms.post("/Messages", comms.sending())
    assert (answer.status, comms.faults(answer)) == (status, [(then["error"], "null")])
    assert answer.header("Retry-After") == retry
    assert comms.caller.sandbox.tables.operations == before
    assert (await comms.post("/Messages", comms.sending())).status == 202


# -- several at once -------------------------------------------------------------------------------

MANY: Final[dict[str, Any]] = {
    "to": [PHONE | {"address": f"+1415{2_000_000 + place}"} for place in range(10_000)]
}


async def test_two_at_once(comms: "Comms") -> None:
    """Each is accepted whole, and what is small does not wait for what is large."""
    small = [asyncio.create_task(comms.post("/Messages", comms.sending())) for _ in range(5)]
    large = [asyncio.create_task(comms.post("/Messages", comms.sending(**MANY))) for _ in range(2)]
    answers = await asyncio.gather(*large, *small)
    made = [comms.operation(answer) for answer in answers]
    assert [each.count for each in made] == [10_000] * 2 + [1] * 5
    assert len({each.id for each in made}) == 7
    every = comms.caller.sandbox.tables.operations.values()
    assert [each.first for each in every] == [
        sum(other.count for other in every if other.number < each.number) for each in every
    ]


async def _checked(comms: "Comms", between: "Between") -> "asyncio.Task[Answer]":
    """A large request that is being checked, a stretch of it done."""
    task = asyncio.create_task(comms.post("/Messages", comms.sending(**MANY)))
    await between("in_turns")
    assert not task.done()
    return task


async def _until(is_so: Callable[[], bool]) -> None:
    """Look each time that everybody has had a turn."""
    async with asyncio.timeout(20):
        for _ in iter(is_so, True):
            await asyncio.sleep(0)


async def test_a_reset_meanwhile(at_comms: "AtComms", between: "Between") -> None:
    """503, to be sent again; nothing of it is in the new tables."""
    comms = await at_comms()
    task = await _checked(comms, between)
    copying.reset(comms.caller.server.sandboxes, comms.caller.sandbox)
    fresh = comms.kept()
    answer = await task
    assert (answer.status, comms.faults(answer)) == (503, [(20503, "null")])
    assert answer.header("Retry-After") == "1"
    assert "reset or dropped" in answer.json["errors"][0]["message"]
    assert comms.kept() == fresh
    sender = {"address": BOUGHT, "channel": "SMS"}
    assert (await comms.post("/Messages", comms.sending(from_=sender))).status == 202


async def test_the_sandbox_goes_meanwhile(comms: "Comms", between: "Between") -> None:
    """The same answer; the default sandbox knows nothing of it."""
    sandboxes = comms.caller.server.sandboxes
    sandbox = sandboxes.make(Order(account=Account("AC" + "e" * 32, "t" * 32)))
    before = comms.kept()
    comms.caller.auth = f"AC{'e' * 32}:{'t' * 32}"
    task = await _checked(comms, between)
    sandboxes.drop(sandbox)
    answer = await task
    assert (answer.status, comms.faults(answer)) == (503, [(20503, "null")])
    assert comms.kept() == before
    assert not sandbox.tables.operations


async def test_the_client_goes_meanwhile(comms: "Comms") -> None:
    """What it asked for is done whole."""
    body = json.dumps(comms.sending(**MANY)).encode()
    line = await comms.caller.line()
    head = {"Content-Type": JSON, "Content-Length": str(len(body))}
    await line.send(comms.caller.head("POST", "/v1/Messages", head) + body)
    line.writer.close()
    await _until(lambda: len(comms.caller.sandbox.tables.operations) == 1)
    [made] = comms.caller.sandbox.tables.operations.values()
    assert made.count == 10_000
