"""An operation against as many classic creates: the messages of both have the same fates."""

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.domain.errors import TwilioError
from mockserver.domain.message import STEP, Delivery, Message
from mockserver.world.schemas import Reading

if TYPE_CHECKING:
    from tests.world.bulk.conftest import Field, InField

SENDERS = {"SMS": "+15005550006", "WHATSAPP": "whatsapp:+15005550007"}
NUMBERS = (
    *("+14152000010", "+14152000011", "+14152000012", "+14152000013", "+447911123456"),
    *("+15005550001", "+15005550009", "+14152000018"),
)
STOPPED, UNVERIFIED, LANDLINE = NUMBERS[1], NUMBERS[2], NUMBERS[3]

TEXT = "Hi {{ name | default: 'you' }}, your code is {{ code | default: '0' }}"
NAMES = st.sampled_from([None, "Ada", "Zoë ☕", "x" * 160, "{"])
PEOPLE = st.lists(st.tuples(st.sampled_from(NUMBERS), NAMES), min_size=1, max_size=8)
WHENS = st.builds(
    lambda to, more: {**({"to": to} if to else {}), **more},
    st.sampled_from(["", *NUMBERS[:2], "+1415*", "whatsapp:*", "+44*"]),
    st.sampled_from([{}, {"nth": 2}, {"body": "Ada"}, {"country": "GB"}]),
)
OUTCOMES = st.sampled_from(
    [
        {"outcome": "failed", "error_code": 30003},
        {"outcome": "undelivered", "error_code": 30007},
        {"outcome": "undelivered", "error_code": 30005, "after": {"sent": "3s", "final": "2h"}},
        {"outcome": "sent"},
        {"outcome": "read"},
        {"outcome": "delivered", "after": {"sent": "0s", "final": "0s"}},
    ]
)
RULES = st.lists(
    st.builds(
        lambda when, outcome, times: {"when": when, **outcome, **times},
        WHENS,
        OUTCOMES,
        st.sampled_from([{}, {"times": 1}]),
    ),
    max_size=3,
)
SCENARIOS = st.fixed_dictionaries(
    {"delivery": RULES},
    optional={
        "rates": st.sampled_from(
            [{"enabled": True}, {"enabled": True, "queue_hours": 0.001}, {"enabled": False}]
        ),
        "options": st.sampled_from([{"whatsapp_session": 3_600}, {"sending_callbacks": True}]),
    },
)


class Fate(msgspec.Struct, frozen=True):
    """What two messages have in common that are the same but for their origin."""

    message: Message
    delivery: Delivery


def fate(message: Message, delivery: Delivery) -> Fate:
    own = {"sid": "", "ordinal": 0, "origin": "", "tags": "", "operation_id": ""}
    return Fate(msgspec.structs.replace(message, **own), delivery)


def furnish(field: "Field", scenario: dict[str, Any], *, trial: bool) -> None:
    field.handset(LANDLINE, line_type="landline")
    field.give(
        opt_outs=[{"from": sender, "to": STOPPED} for sender in SENDERS.values()],
        verified_callers=[each for each in NUMBERS if each != UNVERIFIED],
        **({"account": {"type": "Trial"}} if trial else {}),
    )
    field.tables.heard[f"whatsapp:{NUMBERS[0]} whatsapp:+15005550007"] = field.world.now
    field.scenario(**scenario)


async def creates(field: "Field", channel: str, bodies: list[tuple[str, str]]) -> list[Fate | int]:
    """Messages made one by one, or the codes that they were refused with."""
    made: list[Message | int] = []
    sandbox = field.world.sandbox
    prefix = "whatsapp:" if channel == "WHATSAPP" else ""
    for to, body in bodies:
        form = {"From": SENDERS[channel], "To": f"{prefix}{to}", "Body": body}
        try:
            message, _ = await sandbox.messages.create(sandbox.accounts.first, Reading(form))
        except TwilioError as refusal:
            made.append(refusal.code)
        else:
            sandbox.outbox.release(message.sid)
            made.append(message)
    await field.world.advance(86_400)
    table = field.tables.messages
    return [
        each if isinstance(each, int) else fate(each, table.delivery(each.sid)) for each in made
    ]


async def operation(
    field: "Field", channel: str, people: list[tuple[str, str | None]]
) -> list[Fate | int]:
    """The same of an operation; of what failed at once, the code."""
    kind = "WHATSAPP" if channel == "WHATSAPP" else "PHONE"
    to = [
        {"address": each, "channel": kind, **({"variables": {"name": name}} if name else {})}
        for each, name in people
    ]
    sender = {"address": SENDERS[channel].removeprefix("whatsapp:"), "channel": channel}
    made = await field.send(*to, text=TEXT, from_=sender)
    await field.world.advance(86_400)
    found: list[Fate | int] = []
    for message in field.twins(made):
        delivery = field.world.delivery(message)
        at_once = delivery.timeline[STEP:] == ("failed", message.created_at, delivery.error_code)
        refused = at_once and delivery.error_code not in (30001, 30036)
        found.append(delivery.error_code if refused else fate(message, delivery))
    return found


def bodies(people: list[tuple[str, str | None]]) -> list[tuple[str, str]]:
    return [(to, f"Hi {'you' if name is None else name}, your code is 0") for to, name in people]


@pytest.mark.parametrize("channel", [*SENDERS])
def test_an_operation_is_so_many_creates(in_field: "InField[Any]", channel: str) -> None:
    """Same texts, sizes, times, statuses, codes, prices.

    What a create is refused with, the attempt fails with.
    """

    @settings(max_examples=60)
    @given(PEOPLE, SCENARIOS, st.booleans())
    def check(people: list[Any], scenario: dict[str, Any], trial: bool) -> None:
        async def one_by_one(field: "Field") -> list[Fate | int]:
            furnish(field, scenario, trial=trial)
            return await creates(field, channel, bodies(people))

        async def at_once(field: "Field") -> list[Fate | int]:
            furnish(field, scenario, trial=trial)
            return await operation(field, channel, people)

        assert in_field("manual", at_once) == in_field("manual", one_by_one)

    check()
