"""Attempts as classic messages: found, listed, written when somebody looks, priced."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from mockserver.domain.bulk.records import Content, Send
from mockserver.domain.message import SECOND, STEP
from mockserver.domain.text import measure
from mockserver.domain.usage import LAST_DAY, TOTAL, Amount, category, total
from mockserver.world import subaccounts
from mockserver.world.bulk.scripts import script_of
from mockserver.world.bulk.shelf import SHORT, TAG
from mockserver.world.clock import iso
from mockserver.world.schemas import Reading
from mockserver.world.usage import family, tally

if TYPE_CHECKING:
    from tests.world.bulk.conftest import Field

SENDER = "+15005550006"


async def test_an_attempt_is_a_classic_message(field: "Callable[..., Field]") -> None:
    """With the text that was written for its recipient, and a tag that says whose it is."""
    here = field()
    to = {"address": "+14155550100", "channel": "PHONE", "variables": {"n": "Ada"}}
    operation = await here.send(to, text="Hi {{ n | default: 'you' }}", tags={"a": "b"})
    await here.over()
    [message] = here.twins(operation)
    assert (message.to, message.from_, message.body) == ("+14155550100", SENDER, "Hi Ada")
    assert (message.origin, message.channel, message.num_segments) == ("comms", "sms", 1)
    own = f"{operation.id},{operation.ids.message(0)},1"
    assert json.loads(message.tags) == {"a": "b", TAG: own}
    assert here.world.delivery(message).timeline[::STEP] == (
        "queued",
        "sending",
        "sent",
        "delivered",
    )


async def test_it_is_found_by_its_sid_alone(field: "Callable[..., Field]") -> None:
    """Not by one that is nearly its own."""
    here = field()
    operation = await here.send(2)
    await here.over()
    table, sid = here.tables.messages, operation.sid(0)
    assert table.get(sid) == here.twins(operation)[0]
    for other in (f"MM{sid[2:]}", f"SM{operation.ids.head}{'0' * 16}", sid.upper(), sid[:-1]):
        assert table.get(other) is None
        assert table.find_delivery(other) is None
    assert operation.ids.sid(2) not in {each.sid for each in here.world}
    assert table.get(operation.ids.sid(2)) is None


async def test_lists_by_address(field: "Callable[..., Field]") -> None:
    """Beside ordinary messages, in the order in which all were made."""
    here, other = field(), "+15017122661"
    await here.world.create(To="+14152000001")
    operation = await here.send(3)
    await here.over()
    last = await here.world.create(To="+14152000001", From=SENDER)
    table, account = here.tables.messages, operation.account_sid

    def listed(to: str | None, from_: str | None) -> list[int]:
        return [each.ordinal for each in table.lists.newest_first(account, None, to, from_)]

    assert listed(None, None) == [4, 3, 2, 1, 0]
    assert listed("+14152000001", None) == [4, 2, 0]
    assert listed(None, SENDER) == [4, 3, 2, 1]
    assert listed("+14152000001", SENDER) == [4, 2]
    assert listed(None, other) == listed("+14152000001", other) == [0]
    assert listed("+14152000009", None) == listed(None, "+19") == []
    assert [each.ordinal for each in table.lists.newest_first(account, 3, None, SENDER)] == [2, 1]
    assert [each.ordinal for each in table.lists.oldest_first_after(account, 2, None, None)] == [
        3,
        4,
    ]
    assert last.ordinal == 4


async def test_one_to_which_something_happens(field: "Callable[..., Field]") -> None:
    """Becomes an ordinary message at its place; the others stay what they are."""
    here = field()
    operation = await here.send(3)
    await here.over()
    before = here.twins(operation)
    await here.world.sandbox.messages.update(before[1], Reading({"Body": ""}))
    after = here.twins(operation)
    assert [each.body for each in after] == ["Ahoy", "", "Ahoy"]
    assert [each.sid for each in after] == [each.sid for each in before]
    table = here.tables.messages
    assert [table.owns(each.sid) for each in after] == [False, True, False]
    await here.world.sandbox.messages.delete(after[1])
    assert [each.ordinal for each in here.twins(operation)] == [0, 2]
    assert len(table) == 2
    assert table.get(after[1].sid) is None
    assert table.taken(after[1].sid)
    assert operation.tally.stats()["delivered"] == 3


async def test_places_with_one_that_is_ordinary(field: "Callable[..., Field]") -> None:
    """It is listed once, by whatever address."""
    here = field()
    operation = await here.send("+14155550100", "+14155550100", "+14155550101")
    await here.over()
    await here.world.sandbox.messages.update(here.twins(operation)[0], Reading({"Body": ""}))
    table, account = here.tables.messages, operation.account_sid
    for to, from_, expected in (
        ("+14155550100", None, [1, 0]),
        (None, SENDER, [2, 1, 0]),
        (None, None, [2, 1, 0]),
        ("+14155550100", SENDER, [1, 0]),
    ):
        found = table.lists.newest_first(account, None, to, from_)
        assert [each.ordinal for each in found] == expected
    assert [*operation.attempts.ordinal] == [0, 1, 2]


async def test_lists_of_operations_at_the_same_time(field: "Callable[..., Field]") -> None:
    """Their messages go through each other, or one operation's follow the other's."""
    here = field("manual")
    nine = iso(here.world.now + 86_400 * SECOND)[:-1]
    one = await here.send("+442079460958", "+14155552671", schedule={"sendAt": [nine]})
    await here.world.advance(86_400 + 1)
    two = await here.send(2)
    await here.world.advance(86_400)
    assert ([*one.attempts.ordinal], [*two.attempts.ordinal]) == ([0, 3], [1, 2])
    await here.send(2)
    await here.world.advance(1)
    table = here.tables.messages
    for from_ in (SENDER, None):
        found = table.lists.newest_first(one.account_sid, None, None, from_)
        assert [each.ordinal for each in found] == [5, 4, 3, 2, 1, 0]


async def test_whatsapp_addresses(field: "Callable[..., Field]") -> None:
    """Are told from phones by their prefix, also where a person has both."""
    here, number = field(), "+14155550100"
    here.pool("SMS", "WHATSAPP")
    here.scenario(delivery=[{"when": {"channel": "whatsapp"}, "outcome": "undelivered"}])
    both = [{"address": number, "channel": each} for each in ("WHATSAPP", "PHONE")]
    operation = await here.send({"addresses": both}, from_=None)
    await here.over()
    table, account = here.tables.messages, operation.account_sid

    def listed(to: str) -> list[str]:
        return [each.channel for each in table.lists.newest_first(account, None, to, None)]

    assert listed(number) == ["sms"]
    assert listed(f"whatsapp:{number}") == ["whatsapp"]


async def test_a_text_that_cannot_be_written(field: "Callable[..., Field]") -> None:
    """Fails as an attempt, and its message is empty."""
    here = field("manual")
    operation = await here.send(1)
    long = Send(Content("{{ n | default: '" + "y" * 1_700 + "' }}"), (), 0)
    script = script_of(long, 0)
    assert not isinstance(script, list)
    operation.script = script
    await here.over()
    [message] = here.twins(operation)
    assert message.body == ""
    assert here.world.delivery(message).error_code == 21617


# What they cost


async def test_prices_and_usage(field: "Callable[..., Field]") -> None:
    """Of segments and countries, without writing a text again; failed ones cost nothing."""
    here = field()
    here.scenario(delivery=[{"when": {"to": "*9"}, "outcome": "failed", "error_code": 30003}])
    people = ["+14155550100", "+442079460958", "+14155550109"]
    operation = await here.send(*people, text="x" * 161)
    await here.world.create()
    await here.over()
    prices = [here.world.delivery(each).price for each in here.twins(operation)]
    assert prices == ["-0.01580", "-0.08000", ""]
    tables, account = here.tables, here.world.sandbox.accounts.first
    found = await tally(tables.messages, family(tables, account))
    assert total(found.parts(0, LAST_DAY), category(TOTAL)) == Amount(3, 1_580 + 8_000 + 790)
    assert await subaccounts.balance(tables, account) == 100_000_000 - 1_580 - 8_000 - 790


async def test_usage_of_what_became_ordinary(field: "Callable[..., Field]") -> None:
    """It is counted once; what was deleted is not counted any more."""
    here = field()
    operation = await here.send(3)
    await here.over()
    tables, account = here.tables, here.world.sandbox.accounts.first
    for wanted, change in ((3, "redact"), (2, "delete")):
        twin = here.twins(operation)[0]
        if change == "redact":
            await here.world.sandbox.messages.update(twin, Reading({"Body": ""}))
        else:
            await here.world.sandbox.messages.delete(twin)
        found = await tally(tables.messages, family(tables, account))
        assert total(found.parts(0, LAST_DAY), category("sms")) == Amount(wanted, wanted * 790)


async def test_usage_by_channel_and_kind_of_sender(field: "Callable[..., Field]") -> None:
    """As for ordinary messages: short codes apart, WhatsApp without a price."""
    here = field()
    await here.send(2, from_={"address": "12345", "channel": "SMS"})
    there = {"address": "+14155550100", "channel": "WHATSAPP"}
    await here.send(there, from_={"address": SENDER, "channel": "WHATSAPP"})
    await here.over()
    tables = here.tables
    found = (await tally(tables.messages, set(tables.accounts))).parts(0, LAST_DAY)
    assert found == {
        "sms-outbound-shortcode": Amount(2, 1_580),
        "channels-messaging-outbound": Amount(1, 0),
    }


async def test_what_is_not_sent_yet(field: "Callable[..., Field]") -> None:
    """Costs nothing."""
    here = field("manual")
    await here.send(2)
    await here.world.advance(0.1)
    [shelf] = here.tables.messages.shelves.of(set(here.tables.accounts))
    assert [*shelf.bills()] == []
    await here.world.advance(0.1)
    assert [bill.price for bill in shelf.bills()] == ["-0.00790"] * 2
    assert [*here.tables.messages.shelves.of(set())] == []


def test_short_texts_are_one_segment() -> None:
    """In whatever encoding, and though each character may count twice."""
    assert SHORT * 2 <= 160
    assert measure("{" * SHORT).segments == measure("`" * SHORT).segments == 1
    assert measure("`" * (SHORT + 1)).segments == 2
