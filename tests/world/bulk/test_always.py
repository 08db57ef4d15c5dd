"""What holds of operations at every instant, whatever is done to them and to their messages.

The statistics add up, the classic messages are the attempts, and they say the same.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.domain.bulk.statuses import OF_CLASSIC, QUEUED, SENT
from mockserver.domain.errors import TwilioError
from mockserver.domain.faults import Scenario
from mockserver.domain.lifecycle import FINAL
from mockserver.domain.message import SECOND, STEP, Message
from mockserver.world.bulk.commands import NotCancelable
from mockserver.world.bulk.operation import Operation
from mockserver.world.clock import iso
from mockserver.world.engine import IllegalStep
from mockserver.world.schemas import Reading
from mockserver.world.snapshot import parse

if TYPE_CHECKING:
    from tests.world.bulk.conftest import Field, InField

Act = Callable[["Field"], Awaitable[None]]

HOUR = 3600.0
LANDLINE, STOPPED, ABROAD = "+14152000013", "+14152000012", "+442079460958"
NUMBERS = ["+14152000010", "+14152000011", STOPPED, LANDLINE, ABROAD, "+819012345678"]

NUMBER = st.sampled_from(NUMBERS)
PHONE = st.builds(lambda each: {"address": each, "channel": "PHONE"}, NUMBER)
WHATSAPP = st.builds(lambda each: {"address": each, "channel": "WHATSAPP"}, NUMBER)
SEVERAL = st.lists(PHONE | WHATSAPP, min_size=1, max_size=3)
PEOPLE = st.lists(
    PHONE | WHATSAPP | SEVERAL.map(lambda each: {"addresses": each}), min_size=1, max_size=8
)
LOCAL = 19.0
"""Hours from now that lie ahead in every time zone."""
SCHEDULES = st.sampled_from([0.0, 0.0, 6.0, LOCAL])
"""Hours from now; `LOCAL` ones by the recipients' own clocks."""
CONTENTS = st.sampled_from(
    [
        {"text": "Hi {{ name | default: 'you' }}"},
        {"text": "Look", "media": [{"url": "http://media.example/a.png"}]},
        {"modules": [{"sms": {"text": "Short"}}, {"rcs": {"text": "Rich"}}]},
    ]
)
CHANNELS = st.sets(st.sampled_from(["SMS", "RCS", "WHATSAPP"]), min_size=1)
RULES = st.lists(
    st.builds(
        lambda to, outcome, code, share: {
            "when": {"to": to, **share},
            "outcome": outcome,
            **({"error_code": code} if outcome in ("failed", "undelivered") else {}),
        },
        NUMBER | st.just("*") | NUMBER.map(lambda each: f"whatsapp:{each}"),
        st.sampled_from(["failed", "undelivered", "sent", "read"]),
        st.sampled_from([30003, 30007]),
        st.sampled_from([{}, {"share": 0.5}, {"nth": 2}]),
    ),
    max_size=3,
)
SCENARIOS = st.builds(
    lambda rules, rates, window: {
        "delivery": rules,
        **({"rates": {"enabled": True}} if rates else {}),
        **({"options": {"whatsapp_session": 86_400}} if window else {}),
    },
    RULES,
    st.booleans(),
    st.booleans(),
)


def _send(people: list[Any], content: Any, hours: float) -> Act:
    async def act(field: "Field") -> None:
        field.world.sandbox.engine.catch_up()
        at = iso(field.world.now + round(hours * HOUR * SECOND))
        schedule = {"sendAt": [at.rstrip("Z") if hours == LOCAL else at]}
        fields: dict[str, Any] = {"schedule": schedule} if hours else {}
        await field.send(*people, content=content, from_=None, **fields)

    return act


def _advance(seconds: float) -> Act:
    async def act(field: "Field") -> None:
        await field.world.advance(seconds)

    return act


def _scenario(keys: dict[str, Any]) -> Act:
    async def act(field: "Field") -> None:
        field.scenario(**keys)

    return act


async def _cancel(field: "Field") -> None:
    for operation in [*field.tables.operations.values()]:
        try:
            await field.world.sandbox.bulk.cancel(operation)
        except NotCancelable:
            assert operation.status != "SCHEDULED"


def _on_one(what: str, pick: int) -> Act:
    """Something happens to one of the classic messages, if it may."""

    async def act(field: "Field") -> None:
        if twins := [each for each in field.world if each.operation_id]:
            await _happen(field, twins[pick % len(twins)], what)

    return act


async def _happen(field: "Field", message: Message, what: str) -> None:
    messages = field.world.sandbox.messages
    with suppress(TwilioError, IllegalStep):  # where it is not complete, or no way leads there
        if what == "redact":
            await messages.update(message, Reading({"Body": ""}))
        elif what == "delete":
            await messages.delete(message)
        else:
            await messages.force(message, what, 30008 if what in ("failed", "undelivered") else 0)


async def _restore(field: "Field") -> None:
    """Through a snapshot as it goes over the wire."""
    snapshot = parse(field.document())
    before = {id_: field.facts(each) for id_, each in field.tables.operations.items()}
    field.world.sandbox.restore(snapshot, Scenario(""))
    after = {id_: field.facts(each) for id_, each in field.tables.operations.items()}
    assert after == before


def _suspend(status: str) -> Act:
    async def act(field: "Field") -> None:
        from msgspec.structs import replace

        from mockserver.world.tables import Unit

        accounts = field.world.sandbox.accounts
        accounts.change(replace(accounts.first, status=status), Unit())

    return act


ACTS = st.one_of(
    st.builds(_send, PEOPLE, CONTENTS, SCHEDULES),
    st.builds(_advance, st.floats(0, 1.2)),
    st.builds(_advance, st.sampled_from([0.1, 0.2, 0.5, 5 * HOUR, 12 * HOUR])),
    st.builds(_scenario, SCENARIOS),
    st.builds(
        _on_one,
        st.sampled_from(["redact", "delete", "sent", "delivered", "undelivered", "failed", "read"]),
        st.integers(0, 30),
    ),
    st.just(_cancel),
    st.just(_restore),
    st.builds(_suspend, st.sampled_from(["suspended", "active"])),
)


def _agree(operation: Operation, field: "Field") -> None:
    """Classic messages are the attempts, and the latest ones say what the messages are."""
    table, ids = field.tables.messages, operation.ids
    shown = {each.sid: each for each in field.twins(operation)}
    made = {operation.sid(number) for number in range(len(operation.attempts))}
    assert set(shown) <= made
    assert made - set(shown) <= set(table.gone)
    for message in shown.values():
        assert table.get(message.sid) == message
        place = operation.attempts.place[ids.number(message.sid)]
        if operation.tries(place)[-1] == ids.number(message.sid):
            _agrees(operation, place, table.delivery(message.sid).timeline[::STEP])


def _agrees(operation: Operation, place: int, line: tuple[str, ...]) -> None:
    state, status = operation.states[place], line[-1]
    if OF_CLASSIC[status] == QUEUED:
        fallen_back = len(operation.tries(place)) > 1
        assert state == QUEUED or (state == SENT and fallen_back)
    else:
        assert state == OF_CLASSIC[status]


@pytest.mark.parametrize("clock", ["manual", "instant"])
def test_it_always_adds_up(
    in_field: "InField[None]", sound: Callable[[Operation, "Field"], None], clock: str
) -> None:
    """After each of any acts: buckets, recipients, attempts, and both sides of each message.

    And at the end of time, nothing is open.
    """

    @settings(max_examples=60)
    @given(CHANNELS, st.booleans(), st.lists(ACTS, min_size=2, max_size=9))
    def check(channels: set[str], trial: bool, acts: list[Act]) -> None:
        async def act(field: "Field") -> None:
            field.pool(*channels)
            field.handset(NUMBERS[0], rcs=True)
            field.handset(LANDLINE, line_type="landline")
            field.give(
                opt_outs=[{"from": "+15005550006", "to": STOPPED}],
                verified_callers=NUMBERS[:4],
                **({"account": {"type": "Trial"}} if trial else {}),
            )
            for one in acts:
                await one(field)
                for operation in field.tables.operations.values():
                    sound(operation, field)
                    _agree(operation, field)
            await _suspend("active")(field)
            await field.world.advance(48 * HOUR)
            for operation in field.tables.operations.values():
                assert operation.status in ("COMPLETED", "CANCELED")
                assert not operation.tally.open
                assert not operation.runs
                assert not operation.due

        in_field(clock, act)

    check()


def test_classic_statuses_are_all_known() -> None:
    """Whatever a classic message may be that somebody sent."""
    assert set(OF_CLASSIC) >= FINAL - {"received", "partially_delivered"}
