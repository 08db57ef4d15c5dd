"""Messages of operations as the Communications API shows them."""

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.message import SECOND
from mockserver.world.bulk.operation import Operation
from mockserver.world.bulk.ordering import send
from mockserver.world.bulk.views import Views, seen
from mockserver.world.comms_senders import Senders
from mockserver.world.sender_pools import SenderPools

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

FROM = {"address": "+14155550101", "channel": "SMS"}
ANNA, BERT = (
    {"address": number, "channel": "PHONE"} for number in ("+14155550199", "+14155550198")
)
LOST = {"address": "+15005560003", "channel": "PHONE"}
"""Undelivered, with 30003."""
START = 1_796_083_200_000_000
"""2026-12-01T00:00:00Z, where seeded clocks begin."""


@pytest.fixture
def world(make_world: "MakeWorld") -> "World":
    return make_world("manual")


async def begin(world: "World", *to: dict[str, Any], **fields: Any) -> Operation:
    """An operation that is accepted and has not moved."""
    sandbox = world.sandbox
    document = {"from": FROM, "to": [*to], "content": {"text": "Hi {{ name }}"}, **fields}
    document = {name: value for name, value in document.items() if value is not None}
    return await send(sandbox, sandbox.accounts.first, document, [])


def named(to: dict[str, str], name: str) -> dict[str, Any]:
    """A recipient with a name."""
    return {**to, "variables": {"name": name}}


async def pooled(world: "World", *places: tuple[str, str]) -> str:
    """The id of a pool of senders, by channel and address."""
    account = world.sandbox.accounts.first
    senders = Senders(world.sandbox, account)
    found = [await senders.at(*place) for place in places]
    pools = SenderPools(world.sandbox, account)
    await pools.create({"senders": [{"senderId": each.id} for each in found if each is not None]})
    [pool] = pools.all()
    return pool.id


async def test_before_the_first_attempt(world: "World") -> None:
    """It is from the one sender there is, and as old as the request."""
    operation = await begin(world, named(ANNA, "Anna"))
    message, views = seen(operation, 0), Views(world.sandbox)
    assert (views.attempts(message), views.latest(message)) == ([], None)
    sender = views.sender(message, None)
    assert sender is not None
    assert sender.address == FROM["address"]
    assert views.updated_at(message, None) == operation.created_at == START
    assert views.content(message, None) == {"text": "Hi Anna"}
    assert (message.scheduled_for, message.lost, dict(message.tags)) == (0, False, {})


async def test_an_attempt(world: "World") -> None:
    """It is a classic message with the same times, and decides about the message."""
    operation = await begin(world, named(ANNA, "Anna"))
    await world.advance(0.2)
    message, views = seen(operation, 0), Views(world.sandbox)
    [attempt] = views.attempts(message)
    assert views.latest(message) == attempt
    classic = world.sandbox.tables.messages.get(attempt.sid)
    assert classic is not None
    assert (classic.to, classic.from_, classic.body) == (
        ANNA["address"],
        FROM["address"],
        "Hi Anna",
    )
    assert (attempt.status, operation.state(0), attempt.made) == ("SENT", "SENT", START)
    assert attempt.end == ("PHONE", ANNA["address"])
    assert attempt.updated_at == views.updated_at(message, attempt) == START + SECOND // 5


async def test_a_loss(world: "World") -> None:
    """The attempt has the code; the message is lost with the last one."""
    operation = await begin(world, named(LOST, "Anna"), named(ANNA, "Anna"))
    await world.advance(5)
    views = Views(world.sandbox)
    [attempt] = views.attempts(seen(operation, 0))
    assert (attempt.status, attempt.code) == ("UNDELIVERED", 30003)
    assert [seen(operation, place).lost for place in range(2)] == [True, False]


async def test_attempts_through_a_pool(world: "World") -> None:
    """One for each sender that was tried; before the first it is not settled which sends."""
    places = (("RCS", "brand_agent"), ("SMS", FROM["address"]))
    pool = await pooled(world, *places)
    operation = await begin(world, named(ANNA, "Anna"), **{"from": {"senderPoolId": pool}})
    message, views = seen(operation, 0), Views(world.sandbox)
    assert message.pool_id == pool
    assert views.sender(message, None) is None
    assert views.content(message, None) == {"text": "Hi Anna"}
    await world.advance(5)
    first, last = views.attempts(message)
    assert [(each.sender.channel, each.status, each.code) for each in (first, last)] == [
        ("RCS", "FAILED", 61337),
        ("SMS", "DELIVERED", 0),
    ]
    assert views.sender(message, last) == last.sender
    assert operation.state(0) == "DELIVERED"


async def test_a_sender_that_was_chosen(world: "World") -> None:
    """Without `from`, it is the one who will be tried first; nobody where nobody reaches them."""
    for place in (("SMS", FROM["address"]), ("RCS", "brand_agent")):
        await Senders(world.sandbox, world.sandbox.accounts.first).at(*place)
    nobody = {"address": ANNA["address"], "channel": "WHATSAPP"}
    to = (named(ANNA, "Anna"), named(nobody, "Anna"))
    operation = await begin(world, *to, **{"from": None})
    views = Views(world.sandbox)
    found = [views.sender(seen(operation, place), None) for place in range(2)]
    assert [each and each.channel for each in found] == ["RCS", None]
    assert views.content(seen(operation, 1), None) == {"text": "Hi Anna"}


async def test_media(world: "World") -> None:
    """An attempt with media is an ordinary message, and shows what became of that."""
    content = {"media": [{"url": "https://example.com/{{ name }}.png"}]}
    operation = await begin(world, named(ANNA, "Anna"), content=content)
    await world.advance(5)
    message, views = seen(operation, 0), Views(world.sandbox)
    [attempt] = views.attempts(message)
    table = world.sandbox.tables.messages
    assert attempt.sid.startswith("MM")
    assert table.owns(attempt.sid)
    delivery = table.delivery(attempt.sid)
    assert (attempt.status, attempt.code) == (delivery.status.upper(), delivery.error_code)
    assert attempt.updated_at == delivery.updated_at > attempt.made
    assert views.content(message, attempt) == {"media": [{"url": "https://example.com/Anna.png"}]}


async def test_modules(world: "World") -> None:
    """The content is that of the channel it went through."""
    modules = {"modules": [{"sms": {"text": "short"}}, {"rcs": {"text": "rich"}}]}
    pool = await pooled(world, ("RCS", "brand_agent"), ("SMS", FROM["address"]))
    fields = {"from": {"senderPoolId": pool}, "content": modules}
    operation = await begin(world, ANNA, **fields)
    await world.advance(5)
    message, views = seen(operation, 0), Views(world.sandbox)
    content = views.content(message, views.latest(message))
    assert content == {"modules": [{"sms": {"text": "short"}}]}


async def test_a_schedule(world: "World") -> None:
    """The moment, also after it; by the recipient's own clock where the request says so."""
    there = named({"address": "+442079460000", "channel": "PHONE"}, "Carol")
    schedule = {"sendAt": ["2026-12-02T09:00:00"]}
    operation = await begin(world, named(ANNA, "Anna"), there, schedule=schedule)
    moments = [seen(operation, place).scheduled_for for place in range(2)]
    assert moments == [operation.scheduled_for(place) for place in range(2)]
    assert moments[1] == START + 33 * 3600 * SECOND
    assert moments[0] == moments[1] + 5 * 3600 * SECOND
    await world.advance(2 * 86_400)
    assert [seen(operation, place).scheduled_for for place in range(2)] == moments
    [attempt] = Views(world.sandbox).attempts(seen(operation, 1))
    assert attempt.made == moments[1]


async def test_a_canceled_message(world: "World") -> None:
    """Something happened to it when the operation was canceled."""
    schedule = {"sendAt": ["2026-12-02T09:00:00Z"]}
    operation = await begin(world, named(ANNA, "Anna"), schedule=schedule)
    await world.advance(60)
    await world.sandbox.bulk.cancel(operation)
    assert Views(world.sandbox).updated_at(seen(operation, 0), None) == START + 60 * SECOND


async def test_what_happened_to_the_classic_message(world: "World") -> None:
    """An attempt that was forced to a status, or whose message was deleted, is still shown."""
    operation = await begin(world, named(ANNA, "Anna"), named(BERT, "Bert"))
    await world.advance(0.2)
    views, messages = Views(world.sandbox), world.sandbox.messages
    sids = [operation.sid(place) for place in range(2)]
    classic = [messages.table.get(sid) for sid in sids]
    assert classic[0] is not None
    assert classic[1] is not None
    await messages.force(classic[0], "undelivered", 30005)
    [attempt] = views.attempts(seen(operation, 0))
    assert (attempt.status, attempt.code) == ("UNDELIVERED", 30005)
    await world.advance(5)
    await messages.delete(classic[1])
    [attempt] = views.attempts(seen(operation, 1))
    assert (attempt.sid, attempt.status, attempt.code) == (sids[1], "DELIVERED", 0)


async def test_tags_are_filled_in(world: "World") -> None:
    """For each recipient its own."""
    people = (named(ANNA, "Anna"), named(BERT, "Bert"))
    operation = await begin(world, *people, tags={"who": "{{ name }}", "what": "x"})
    assert [dict(seen(operation, place).tags)["who"] for place in range(2)] == ["Anna", "Bert"]


async def test_a_person_who_is_known(world: "World") -> None:
    """Who has gone through the recipients need not look for them again."""
    operation = await begin(world, named(ANNA, "Anna"), named(BERT, "Bert"))
    for place, person in operation.people.walk(range(2)):
        assert seen(operation, place, person) == seen(operation, place)
