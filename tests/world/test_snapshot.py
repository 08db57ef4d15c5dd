"""A sandbox's tables out and in, and what is refused."""

from typing import Any, Final

import msgspec
import orjson
import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.applications import Application
from mockserver.domain.caller_ids import CallerId
from mockserver.domain.content import ContentTemplate, Submission
from mockserver.domain.content.rendering import Shown
from mockserver.domain.faults import Scenario
from mockserver.domain.numbers import Number
from mockserver.domain.rates import Rates
from mockserver.world.clock import SEEDED_START, Mode
from mockserver.world.ports import Answer, Limits, Parcel
from mockserver.world.sandbox import House, Plan, Sandbox
from mockserver.world.schemas import Reading
from mockserver.world.snapshot import BadSnapshot, Snapshot, parse
from mockserver.world.store import MemoryStore

ONE, TWO, SUB = ("AC" + digit * 32 for digit in "12a")
SERVICE: Final = "MG" + "a" * 32
CONTENT: Final = "HX" + "a" * 32


class Shelf:
    """A courier that keeps what it is given."""

    def __init__(self) -> None:
        self.parcels: list[Parcel] = []

    async def deliver(self, parcel: Parcel, limits: Limits) -> Answer:
        self.parcels.append(parcel)
        return Answer(204)

    async def close(self) -> None:
        """Nothing is open."""


def sandbox(sid: str = ONE, courier: Shelf | None = None) -> Sandbox:
    plan = Plan("sb", Account(sid, "token"), seed=1, seed_given=True, mode=Mode.parse("manual"))
    return Sandbox(plan, House(courier or Shelf(), MemoryStore()))


async def send(box: Sandbox, body: str = "Ahoy", **form: Any) -> str:
    values = {"To": "+14155552671", "From": "+15017122661", "Body": body, **form}
    reading = Reading({name: value for name, value in values.items() if value})
    message, _ = await box.messages.create(box.accounts.first, reading)
    box.outbox.release(message.sid)
    return message.sid


def document(box: Sandbox) -> dict[str, Any]:
    """A snapshot as it goes over the wire."""
    found: dict[str, Any] = orjson.loads(msgspec.json.encode(box.snapshot()))
    return found


async def test_the_first_account_becomes_the_targets_own() -> None:
    """Messages, numbers and parents with it; the token is the target's."""
    source, target = sandbox(), sandbox(TWO)
    source.accounts.set_up(Account(SUB, "x", owner_account_sid=ONE, type="Trial"), _unit())
    sid = await send(source)
    target.restore(parse(document(source)), Scenario(""))
    assert target.accounts.first == Account(TWO, "token", created_at=SEEDED_START)
    sub = target.accounts.find(SUB)
    assert sub is not None
    assert (sub.owner_account_sid, sub.type, sub.auth_token) == (TWO, "Trial", "")
    message = target.tables.messages.get(sid)
    assert message is not None
    assert message.account_sid == TWO
    assert [m.sid for m in target.tables.messages.lists.newest_first(TWO, None, None, None)] == [
        sid
    ]


def _unit() -> Any:
    from mockserver.world.tables import Unit

    return Unit()


async def test_steps_go_on_where_they_were() -> None:
    """Those to come are booked, an appointment among them; callbacks are the target's."""
    courier = Shelf()
    source, target = sandbox(), sandbox(TWO, courier)
    sids = [
        await send(source, StatusCallback="http://localhost/"),
        await send(
            source,
            MessagingServiceSid=SERVICE,
            From="",
            SendAt="2026-12-01T01:00:00Z",
            ScheduleType="fixed",
        ),
    ]
    await source.engine.advance(SEEDED_START + 200_000)
    target.restore(parse(document(source)), Scenario(""))
    assert (target.clock.now(), target.clock.pending) == (SEEDED_START + 200_000, 2)
    await target.engine.advance(None)
    table = target.tables.messages
    assert [table.delivery(sid).status for sid in sids] == ["delivered", "scheduled"]
    await target.engine.advance(SEEDED_START + 4_000_000_000)
    assert table.delivery(sids[1]).status == "delivered"
    assert [dict(parcel.params)["AccountSid"] for parcel in courier.parcels] == [TWO]


async def test_deleted_messages_keep_their_places() -> None:
    """So that page tokens and equal messages to come are as they would have been."""
    source, target = sandbox(), sandbox(TWO)
    sids = [await send(source, body) for body in ("one", "two", "one", "one")]
    await source.engine.advance(None)
    for sid in (sids[0], sids[2]):
        message = source.tables.messages.get(sid)
        assert message is not None
        await source.messages.delete(message)
    target.restore(parse(document(source)), Scenario(""))
    assert [target.tables.messages.place(sid) for sid in sids] == [0, 1, 2, 3]
    assert await send(target, "one") == await send(source, "one")
    assert await send(target, "one") not in sids


async def test_out_and_in_is_nothing() -> None:
    """A snapshot of what was restored is the snapshot."""
    source, target = sandbox(), sandbox(TWO)
    for body in ("one", "two", "one"):
        await send(source, body)
    source.tables.counters["rule.fired"] = 3
    callers, tables = source.tables.verified_callers, source.tables
    callers["+14155552671"] = CallerId("PN" + "a" * 32, ONE, "+14155552671", "Me", 5, 6)
    tables.numbers["12345"] = Number("12345", ONE, sid="SC" + "a" * 32, sms_url="http://a.b/")
    tables.applications["AP" + "a" * 32] = Application("AP" + "a" * 32, ONE, "Mine")
    tables.deleted["applications"] = {"AP" + "b" * 32: 0}
    types = {"twilio/card": {"title": "{{1}}", "actions": [{"type": "URL", "url": "http://a.b"}]}}
    given = Submission("name", "UTILITY", "twilio/card", at=5, due=1 << 50)
    more: dict[str, Any] = {"variables": {"1": "x"}, "approval": "received", "submission": given}
    tables.content[CONTENT] = ContentTemplate(CONTENT, ONE, types, **more)
    [*_, sid] = [message.sid for message, _ in tables.messages.pairs()]
    tables.shown[sid] = Shown(CONTENT, "twilio/card", '{"title": "x"}', '{"1": "x"}')
    kept = document(source)
    target.restore(parse(kept), Scenario(""))
    assert document(target) == kept
    assert target.tables.numbers["12345"].account_sid == TWO
    assert target.tables.content[CONTENT] == ContentTemplate(CONTENT, TWO, types, **more)
    assert target.tables.shown == tables.shown
    assert target.tables.verified_callers["+14155552671"].account_sid == TWO


async def test_rehomed_accounts() -> None:
    """All but the first get the SIDs that they are given."""
    source = sandbox()
    source.accounts.set_up(Account(SUB, "x"), _unit())
    moved = source.snapshot().rehomed(lambda sid: f"new {sid}")
    assert [account.sid for account in moved.accounts] == ["", f"new {SUB}"]


async def broken(path: str, value: Any) -> Snapshot:
    """A snapshot of two messages with one value changed."""
    box = sandbox()
    await send(box, "one")
    await send(box, "two")
    found = document(box)
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    node: Any = found
    for step in way:
        node = node[step]
    node[last] = value
    return parse(found)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("version", 2),
        ("at", -1),
        ("at", 10**18),
        ("at", "now"),
        ("accounts", []),
        ("accounts.0.type", "Free"),
        ("accounts.0.token", "x"),
        ("messages.0.message.sid", "SM1"),
        ("messages.1.message.ordinal", 0),
        ("messages.1.message.ordinal", 2),
        ("messages.1.message.account_sid", "AC#2"),
        ("messages.1.message.created_at", -1),
        ("messages.1.message.body", None),
        ("messages.1.delivery.status", "lost"),
        ("messages.1.delivery.timeline", []),
        ("messages.1.delivery.timeline", ["queued", 0]),
        ("messages.1.delivery.timeline", [0, "queued", 0]),
        ("messages.1.delivery.steps", ["sent", 10**18, 0]),
        ("messages.1.delivery.steps", ["sent", True, None]),
        ("messages.1.delivery.price", "dear"),
        ("messages.1.delivery.price", "nan"),
        ("gone", {"SM2": 0}),
        ("repeats", []),
        ("scenario", {"given": {"accounts": [{"sid": TWO}]}}),
        ("unknown", 1),
    ],
)
async def test_what_is_no_snapshot(path: str, value: Any) -> None:
    """Refused before anything is changed, whatever is wrong."""
    with pytest.raises(BadSnapshot):
        await broken(path, value)


TEMPLATE = {"sid": "HX" + "a" * 32, "account_sid": "AC#1", "types": {"twilio/text": {"body": "x"}}}
GIVEN = {"name": "x", "category": "UTILITY", "content_type": "twilio/text"}
SHOWN = {"content_sid": "HX" + "a" * 32, "type": "twilio/text", "attributes": "{}"}
DEEP: Any = [[]]
for _ in range(40):
    DEEP = [DEEP]


@pytest.mark.parametrize("shown", [{"attributes": "["}, {"variables": "7"}, {"content_sid": "HX"}])
async def test_what_no_message_shows(shown: dict[str, str]) -> None:
    """What is shown of a message must be an object, and of a template."""
    box = sandbox()
    sid = await send(box, "one")
    assert parse({**document(box), "shown": {sid: SHOWN}}).shown
    with pytest.raises(BadSnapshot, match="is not what one of the messages shows"):
        parse({**document(box), "shown": {sid: {**SHOWN, **shown}}})


@pytest.mark.parametrize(
    "part",
    [
        {"numbers": [{"phone_number": "+14155550123", "account_sid": "AC#1"}]},
        {"numbers": [{"phone_number": "1", "account_sid": "AC#1", "sid": "PN" + "g" * 32}]},
        {"numbers": [{"sid": "PN" + "a" * 32, "account_sid": "AC#1"}]},
        {"verified_callers": ["+14155552671"]},
        {"verified_callers": [{"sid": "x", "account_sid": "AC#1", "phone_number": "+1"}]},
        {"applications": [{"sid": "PN" + "a" * 32, "account_sid": "AC#1"}]},
        {"applications": [{"sid": "AP" + "a" * 32, "account_sid": "AC#1", "created_at": -1}]},
        {"content": [{"sid": "MG" + "a" * 32, "account_sid": "AC#1", "types": {}}]},
        {"content": [{"sid": "HX" + "a" * 32, "account_sid": "AC#1", "types": {"x": "y"}}]},
        {
            "content": [
                {"sid": "HX" + "a" * 32, "account_sid": "AC#1", "types": {}, "updated_at": -1}
            ]
        },
        {"content": [{**TEMPLATE, "types": {"x/y": {}}}]},
        {"content": [{**TEMPLATE, "types": {"twilio/text": {"body": DEEP}}}]},
        {"content": [{**TEMPLATE, "approval": "fine"}]},
        {"content": [{**TEMPLATE, "submission": {**GIVEN, "at": -1}}]},
        {"content": [{**TEMPLATE, "submission": {**GIVEN, "due": 1 << 62}}]},
        {"shown": {"SM" + "a" * 32: {**SHOWN}}},
        {"deleted": {"messages": {}}},
        {"deleted": {"numbers": {"PN": -1}}},
        {"deleted": {"numbers": {"PN": 1 << 60}}},
    ],
)
async def test_furniture_that_is_none(part: dict[str, Any]) -> None:
    """Numbers, caller ids and applications without their SIDs or times are refused."""
    with pytest.raises(BadSnapshot):
        parse({**document(sandbox()), **part})


@pytest.mark.parametrize("document", [None, [], {}, {"at": 1}, "x"])
def test_what_is_nothing_like_it(document: object) -> None:
    """Neither."""
    with pytest.raises(BadSnapshot):
        parse(document)


async def test_subaccounts_as_they_are() -> None:
    """What was suspended, by whom and when; the target bars them as the source did."""
    source, target = sandbox(), sandbox(TWO)
    idle = Account(SUB, "x", status="suspended", owner_account_sid=ONE, by_twilio=True)
    changed = source.accounts.change(idle, _unit())
    target.restore(parse(document(source)), Scenario(""))
    kept = target.accounts.find(SUB)
    assert kept == msgspec.structs.replace(changed, auth_token="", owner_account_sid=TWO)
    assert target.accounts.barred == {SUB}
    assert document(target) == document(source)


@pytest.mark.parametrize("field", ["created_at", "updated_at"])
@pytest.mark.parametrize("at", [-1, 1 << 62])
async def test_accounts_outside_of_time(field: str, at: int) -> None:
    """What no date can show is refused."""
    with pytest.raises(BadSnapshot, match=r"accounts\[0\] is not an account"):
        await broken(f"accounts.0.{field}", at)


@pytest.mark.parametrize("sender", ["ACME", "My Brand", "+15017122661"])
async def test_lanes_go_with_their_accounts(sender: str) -> None:
    """An alphanumeric sender's is the account's, whatever it is called afterwards."""
    rates, target = Scenario("", rates=Rates(enabled=True)), sandbox(TWO)
    source = sandbox()
    source.regime.put(rates, _unit())
    await send(source, From=sender, To="+447700900123")
    kept = document(source)
    target.restore(parse(kept), rates)
    assert document(target) == kept
    lane = sender if sender.startswith("+") else f"{TWO} {sender}"
    assert [*target.tables.lanes] == [lane]


@pytest.mark.parametrize("free", ["", "x", "-1", "9" * 41, -1])
async def test_lanes_that_are_no_numbers(free: Any) -> None:
    """Refused."""
    with pytest.raises(BadSnapshot, match="lanes"):
        parse({**document(sandbox()), "lanes": {"+15017122661": free}})


async def test_lanes_of_fast_senders_go_over_the_wire() -> None:
    """Their numbers are larger than what readers of JSON count to."""
    rates, target = Scenario("", rates=Rates(enabled=True)), sandbox(TWO)
    source = sandbox()
    source.regime.put(rates, _unit())
    await send(source, From="12345")
    [free] = source.tables.lanes.values()
    assert free > 1 << 64
    target.restore(parse(document(source)), rates)
    assert target.tables.lanes == {"12345": free}
