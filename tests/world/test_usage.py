"""Counting usage: all messages that went out or came in, those of the right accounts."""

import asyncio
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.addresses import parse_from, parse_to
from mockserver.domain.usage import LAST_DAY, TOTAL, Amount, category, price_of, total
from mockserver.world.inbound import Text
from mockserver.world.sandboxes import Order
from mockserver.world.tables import Unit
from mockserver.world.usage import SLICE, family, tally

if TYPE_CHECKING:
    from tests.world.conftest import InWorld, MakeWorld

CHILD, OTHER = "AC" + "1" * 32, "AC" + "2" * 32


async def used(world: Any, name: str = TOTAL, *sids: str) -> Amount:
    sandbox = world.sandbox
    accounts = frozenset(sids) or family(sandbox.tables, sandbox.accounts.first)
    found = await tally(sandbox.tables.messages, accounts)
    return total(found.parts(0, LAST_DAY), category(name))


async def test_what_counts(make_world: "MakeWorld") -> None:
    """What was sent; neither what still waits, nor what failed before, nor what was canceled."""
    world = make_world("manual")
    message = await world.create(Body="x" * 200)
    canceled = await world.create(world.scheduled(900))
    failed = await world.create(Body="2")
    assert await used(world) == Amount()
    await world.update(canceled, Status="canceled")
    await world.sandbox.messages.force(failed, "failed", 30008)
    await world.advance(1)
    price = price_of(world.delivery(message).price)
    assert price == 2 * 790
    assert await used(world) == Amount(1, price)


async def test_what_comes_in(make_world: "MakeWorld") -> None:
    """A handset's message counts when it was received, and costs nothing."""
    world = make_world()
    text = Text(parse_to("+14155552671"), parse_from("12345"), "Ahoy")
    await world.sandbox.inbound.receive(text)
    assert await used(world, "sms-inbound-shortcode") == Amount(1)
    assert await used(world, "sms-outbound") == Amount()


async def test_deleted_messages_are_not_counted(make_world: "MakeWorld") -> None:
    """The tables are what is there."""
    world = make_world()
    message = await world.create()
    await world.settled()
    await world.sandbox.messages.delete(message)
    assert await used(world) == Amount()


async def test_families(make_world: "MakeWorld") -> None:
    """A parent's usage includes its subaccounts'; nobody else's."""
    world = make_world()
    own, unit = world.sandbox.accounts.first, Unit()
    for account in (Account(CHILD, owner_account_sid=own.sid), Account(OTHER)):
        world.sandbox.accounts.set_up(account, unit)
    tables = world.sandbox.tables
    assert family(tables, own) == {own.sid, CHILD}
    assert family(tables, Account(CHILD)) == {CHILD}


async def test_test_credentials_use_nothing(make_world: "MakeWorld") -> None:
    """Their messages are not sent."""
    world = make_world(order=Order(account=Account("", mode="test")))
    await world.create(From="+15005550006")
    await world.advance(60)
    assert await used(world) == Amount()


async def test_others_have_their_turn(make_world: "MakeWorld") -> None:
    """After so many messages, however many there are."""
    world, beats = make_world(), 0
    message = await world.create()
    await world.settled()
    table, delivery = world.sandbox.tables.messages, world.delivery(message)
    for place in range(1, 3 * SLICE):
        table.add(replace(message, sid=f"SM{place:032x}", ordinal=place), delivery, Unit())

    async def beat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(beat())
    found = await tally(table, frozenset((message.account_sid,)))
    other.cancel()
    assert total(found.parts(0, LAST_DAY), category("sms")).count == 3 * SLICE
    assert beats >= 3


MESSAGES = st.lists(
    st.tuples(
        st.sampled_from(["+15017122661", "12345", "ACME", "whatsapp:+15017122661"]),
        st.integers(1, 400),
        st.sampled_from([0, 1, 3]),
    ),
    max_size=12,
)


@given(MESSAGES)
@settings(max_examples=30)
def test_sums_agree_with_the_messages(in_world: "InWorld[None]", sent: Any) -> None:
    """Every category's count and price is that of its messages; the parts add up to the whole."""

    async def act(world: Any) -> None:
        rows = []
        for number, (sender, length, days) in enumerate(sent):
            channel = "whatsapp:" * sender.startswith("whatsapp:")
            form = {"To": f"{channel}+4420718387{number:02d}", "From": sender}
            message = await world.create(form, Body="x" * length)
            await world.advance(days * 86_400)
            rows.append((message, sender))
        await world.advance(60)
        for name, mine in (
            ("sms-outbound-shortcode", lambda sender: sender.isdigit()),
            ("sms-outbound-longcode", lambda sender: sender in ("+15017122661", "ACME")),
            ("channels-messaging-outbound", lambda sender: ":" in sender),
            (TOTAL, lambda sender: True),
        ):
            theirs = [world.delivery(message) for message, sender in rows if mine(sender)]
            prices = [price_of(delivery.price) for delivery in theirs]
            assert await used(world, name) == Amount(len(theirs), sum(prices))
        whole = [await used(world, name) for name in ("sms", "mms", "channels")]
        assert sum(whole, Amount()) == await used(world)

    in_world("manual", act)


async def test_days_of_the_sandboxs_clock(make_world: "MakeWorld") -> None:
    """Not of the wall's."""
    world = make_world("manual")
    for _ in range(3):
        await world.create()
        await world.advance(86_400)
    found = await tally(world.sandbox.tables.messages, family_of(world))
    today = world.now // 86_400_000_000
    counts = [
        total(found.parts(day, day), category("sms")).count for day in range(today - 3, today + 1)
    ]
    assert counts == [1, 1, 1, 0]
    assert found.first == today - 3


def family_of(world: Any) -> frozenset[str]:
    return family(world.sandbox.tables, world.sandbox.accounts.first)


async def test_a_reset_meanwhile(make_world: "MakeWorld") -> None:
    """Counting goes on over what is left of the old tables, and ends."""
    world = make_world()
    for number in range(3):
        await world.create(Body=str(number))
    await world.settled()
    old = world.sandbox.reset()
    while old.shed(1):
        found = await tally(old.messages, family_of(world))
        assert total(found.parts(0, LAST_DAY), category("sms")).count <= 3
