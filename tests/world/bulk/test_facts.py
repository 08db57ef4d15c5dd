"""What is known of an attempt without writing its text."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.matching import MESSAGE_FIELDS, Matcher
from mockserver.domain.personalising.template import Variables
from mockserver.world.bulk.facts import FACTS
from mockserver.world.queries import Cut, find_messages, near_misses, verify
from mockserver.world.subjects import MessageSubject, ShelfSubject, message_at

if TYPE_CHECKING:
    from tests.world.bulk.conftest import Field

RCS_THEN_SMS = {"address": "+14155550101", "channel": "PHONE"}
BY_WHATSAPP = {"address": "+14155550102", "channel": "WHATSAPP"}


class Silent:
    """A script that is not to be written."""

    def write(self, channel: str, variables: Variables) -> Any:
        raise AssertionError(f"a text was written for {channel}")

    def prefix(self, channel: str) -> str:
        return "SM"


def matcher(**filters: Any) -> Matcher:
    return Matcher.compile(filters, fields=MESSAGE_FIELDS)


async def test_facts_are_those_of_the_written_message(field: "Callable[..., Field]") -> None:
    """On every channel, at every stage, failed ones too; only statuses of the timeline are told."""
    here = field("manual")
    here.pool("SMS", "RCS", "WHATSAPP")
    here.scenario(delivery=[{"when": {"to": "+14155550101"}, "error_code": 30003}])
    operation = await here.send(RCS_THEN_SMS, BY_WHATSAPP, 5, "+15005560001", from_=None)
    table = here.tables.messages
    for seconds in (0, 0.1, 0.1, 0.1, 5):
        await here.world.advance(seconds)
        for message in here.twins(operation):
            lazy = message_at(table, message.ordinal)
            full = MessageSubject(message, table.delivery(message.sid))
            assert isinstance(lazy, ShelfSubject)
            for name in {*FACTS, "body", "tags", "nothing"} - {"timeline"}:
                assert lazy.get(name) == full.get(name), name
            line: Any = full.get("timeline")
            assert lazy.get("timeline") == line[::3]
    assert {message.channel for message in here.twins(operation)} == {"rcs", "sms", "whatsapp"}


@pytest.mark.parametrize(
    "filters",
    [
        {"status": "delivered"},
        {"to": "+14152000003"},
        {"to": "+1415*", "reached": "sent"},
        {"origin": "comms", "from": "+15005550006"},
        {"error_code": None, "direction": "outbound-api", "channel": "sms"},
        {"since": "2020-01-01", "account_sid": ["AC" + "0" * 32], "status": "failed"},
    ],
)
async def test_filters_on_columns_write_no_text(
    filters: dict[str, Any], field: "Callable[..., Field]"
) -> None:
    """Neither to find, nor to verify, nor to look for near misses."""
    here = field()
    operation = await here.send(10)
    await here.over()
    script, operation.script = operation.script, Silent()  # type: ignore[assignment]
    wanted = matcher(operation_id=operation.id, **filters)
    counted = (await find_messages(here.world.sandbox, wanted, Cut(limit=0))).total
    verdict = await verify(here.world.sandbox, wanted, {"at_most": 10})
    operation.script = script
    assert verdict.matched == counted == len((await _found(here, wanted)).items)
    assert counted in (0, 1, 10)


async def _found(here: "Field", wanted: Matcher) -> Any:
    return await find_messages(here.world.sandbox, wanted, Cut())


async def test_an_operation_is_found_among_others(field: "Callable[..., Field]") -> None:
    """Attempts that became ordinary messages included, deleted ones not; of several, too."""
    here = field()
    first = await here.send(5)
    await here.world.create()
    second = await here.send(3)
    await here.over()
    [taken, deleted, *_] = here.twins(first)
    await here.world.sandbox.messages.force(taken, "read", 0)
    await here.world.sandbox.messages.delete(deleted)
    of_first = await _found(here, matcher(operation_id=first.id))
    assert [each.sid for each in of_first.items] == [each.sid for each in here.twins(first)]
    assert of_first.total == 4
    both = await _found(here, matcher(operation_id=[second.id, first.id]))
    made = await _found(here, matcher(origin="comms"))
    scanned = await _found(here, matcher(origin=["comms", "notify"]))
    assert both.items == made.items == scanned.items
    assert both.total == 7
    read = await _found(here, matcher(origin="comms", status="read"))
    assert [each.sid for each in read.items] == [taken.sid]
    assert (await _found(here, matcher(operation_id="comms_operation_1"))).total == 0


async def test_near_misses_are_told_in_full(field: "Callable[..., Field]") -> None:
    """Of attempts as of any message."""
    here = field()
    operation = await here.send(3, text="Your order")
    await here.over()
    misses = await near_misses(here.world.sandbox, matcher(to="+14152000001", body="code"))
    [(message, differences), *_] = misses
    assert (message.operation_id, message.to) == (operation.id, "+14152000001")
    assert differences["body"].actual == "Your order"
