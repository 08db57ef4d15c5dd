"""Operations out and in: where they were, they go on; and what lies is refused."""

import base64
import binascii
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.message import SECOND
from mockserver.domain.sids import is_sid
from mockserver.world import copying
from mockserver.world.bulk.keeping import Span, spans
from mockserver.world.bulk.operation import Operation
from mockserver.world.bulk.views import Views, seen
from mockserver.world.clock import iso
from mockserver.world.sandboxes import Order
from mockserver.world.schemas import Reading
from mockserver.world.snapshot import BadSnapshot, take
from mockserver.world.snapshot_moment import moment

if TYPE_CHECKING:
    from tests.world.bulk.conftest import Field, InField

COHORT = "cmp_cohort_" + "0" * 26
TEMPLATE = "HX" + "a" * 32
TEXT = {"text": "Hi {{ n | default: 'you' }}"}
MEDIA: dict[str, Any] = {"text": "Look", "media": [{"url": "http://media.example/a.png"}]}


async def test_out_and_in_is_nothing(field: "Callable[..., Field]") -> None:
    """A snapshot of what was restored is the snapshot, and everybody sees what they saw."""
    here = field("manual")
    operation = await here.send(5, **TEXT)
    await here.world.advance(0.15)
    kept, facts = here.document(), here.facts(operation)
    here.put(kept)
    assert here.document() == kept
    assert here.facts(here.only()) == facts


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.15, 0.2, 0.5, 60.0])
async def test_it_goes_on_where_it_was(field: "Callable[..., Field]", seconds: float) -> None:
    """And ends as it would have ended: same times, same SIDs, same statistics."""
    here, there = field("manual"), field("manual")
    for each in (here, there):
        each.pool("SMS", "RCS")
        each.scenario(delivery=[{"when": {"to": "*3"}, "outcome": "undelivered"}])
        await each.send(12, from_=None, **TEXT)
        await each.world.advance(seconds)
    there.put(here.document())
    for each in (here, there):
        await each.over()
    assert there.facts(there.only()) == here.facts(here.only())
    assert here.only().status == "COMPLETED"


async def test_in_the_middle_of_beginning(field: "Callable[..., Field]") -> None:
    """A large operation with some of whose recipients nobody has begun."""
    here, there = field("instant"), field("instant")
    ends = []
    for each in (here, there):
        operation = await each.send(1_500, **TEXT)
        while not 0 < len(operation.attempts) < 1_500:
            await each.world.turns()
    assert here.only().runs
    there.put(here.document())
    for each in (here, there):
        await each.over()
        ends.append(each.facts(each.only()))
    assert ends[0] == ends[1]
    assert ends[0]["stats"]["delivered"] == 1_500


async def test_in_the_middle_of_a_step(field: "Callable[..., Field]") -> None:
    """Some of its messages have taken the step of a tick, and others have not."""
    here, there = field("instant"), field("instant")
    ends = []
    for each in (here, there):
        operation = await each.send(1_500, **TEXT)
        while not operation.stepped:
            await each.world.turns()
    assert len({*here.only().attempts.taken}) == 2
    there.put(here.document())
    for each in (here, there):
        await each.over()
        ends.append(each.facts(each.only()))
    assert ends[0] == ends[1]


async def test_a_moment_does_not_go_on(field: "Callable[..., Field]") -> None:
    """A copy of the tables in the middle of the work: its columns stay those of the moment."""
    here = field("instant")
    operation = await here.send(1_500, **TEXT)
    while not operation.stepped:
        await here.world.turns()
    in_force = here.world.sandbox.rules.in_force()
    before, still = take(here.tables, in_force, 0), moment(here.tables)
    await here.over()
    assert take(still, in_force, 0) == before
    assert take(here.tables, in_force, 0) != before


async def test_a_restored_one_is_as_heavy(field: "Callable[..., Field]") -> None:
    """Nobody waits for what is left of a large one; once it is over, commands see the present."""
    here = field("instant")
    operation = await here.send(1_500, **TEXT)
    while not 0 < len(operation.attempts) < 400:
        await here.world.turns()
    here.put(here.document())
    assert here.world.sandbox.engine.heavy()
    await here.over()
    assert not here.world.sandbox.engine.heavy()


@pytest.mark.parametrize("hours", [1.0, 48.0])
async def test_a_scheduled_one_waits_for_its_time(
    field: "Callable[..., Field]", hours: float
) -> None:
    """Also where each recipient's own clock tells it."""
    here = field("manual")
    at = iso(here.world.now + 2 * 86_400 * SECOND)
    people = ["+14155552671", "+442079460958", "+819012345678"]
    operation = await here.send(*people, schedule={"sendAt": [at.rstrip("Z")]}, **TEXT)
    moments = [operation.scheduled_for(place) for place in range(3)]
    assert len(set(moments)) == 3
    await here.world.advance(hours * 3_600)
    here.put(here.document())
    operation = here.only()
    assert [operation.scheduled_for(place) for place in range(3)] == moments
    await here.world.advance(72 * 3_600)
    assert operation.status == "COMPLETED"
    assert sorted(operation.attempts.made) == sorted(moments)


async def test_a_fork_with_other_dice_shows_the_same_ids(field: "Callable[..., Field]") -> None:
    """Those that were there; what comes later has its own."""
    here = field("manual")
    operation = await here.send(4, **TEXT)
    await here.world.advance(0.15)
    boxes = here.world.sandboxes
    forked = copying.fork(boxes, here.world.sandbox, Order(seed=99, account=Account("")))
    [copy] = forked.tables.operations.values()
    assert copy is not operation
    assert copy.account_sid == forked.accounts.first_sid
    assert {sender.account_sid for sender in copy.ways.senders} == {copy.account_sid}
    assert [copy.ids.message(place) for place in range(4)] == [
        operation.ids.message(place) for place in range(4)
    ]
    own = [message.sid for message in forked.tables.messages.places.oldest_first()]
    assert own == [message.sid for message in here.world]
    await forked.engine.advance(None)
    assert copy.tally.stats()["delivered"] == 4
    assert operation.tally.stats()["delivered"] == 0


async def test_blocks_are_shared_with_a_fork(field: "Callable[..., Field]") -> None:
    """A million recipients are never held twice."""
    here = field("manual")
    operation = await here.send(3, **TEXT)
    forked = copying.fork(here.world.sandboxes, here.world.sandbox, Order(account=Account("")))
    [copy] = forked.tables.operations.values()
    assert copy.order.send.blocks is operation.order.send.blocks


async def test_a_reset_leaves_nothing(field: "Callable[..., Field]") -> None:
    """In the middle of an operation too: neither it, nor its messages, nor what was to come."""
    here = field("instant")
    await here.send(1_500, **TEXT)
    await here.world.turns(3)
    copying.reset(here.world.sandboxes, here.world.sandbox)
    await here.world.turns(20)
    assert not here.tables.operations
    assert len(here.tables.messages) == 0
    assert here.world.sandbox.clock.pending == 0
    again = await here.send(2, **TEXT)
    await here.over()
    assert again.tally.stats()["delivered"] == 2


async def test_messages_stand_between_others(field: "Callable[..., Field]") -> None:
    """Ordinary ones, deleted ones, and those of two operations, all at their places."""
    here = field("instant")
    await rich(here)
    before = [message.sid for message in here.world]
    kept = here.document()
    here.put(kept)
    assert [message.sid for message in here.world] == before
    assert [message.ordinal for message in here.world] == sorted(
        here.tables.messages.place(sid) for sid in before
    )
    assert {**here.document(), "scenario": kept["scenario"]} == kept
    after = await here.world.create(Body="later")
    assert after.ordinal == len(here.tables.messages.places) - 1


async def rich(field: "Field") -> None:
    """A sandbox with some of everything that an operation can hold."""
    field.pool("SMS", "RCS", "WHATSAPP")
    field.give(
        cohorts=[{"id": COHORT, "members": [{"traits": {"phone": "+14155550301"}}]}],
        content=[
            {
                "sid": TEMPLATE,
                "friendly_name": "Card",
                "types": {"twilio/text": {"body": "Hi {{1}}"}},
                "variables": {"1": "you"},
            }
        ],
    )
    field.scenario(delivery=[{"when": {"to": "*1"}, "outcome": "undelivered"}])
    await field.world.create(Body="before")
    both = [{"address": "+14155550209", "channel": each} for each in ("WHATSAPP", "PHONE")]
    named = {"address": "+14155550210", "channel": "PHONE", "variables": {"n": "Ada"}}
    await field.send({"addresses": both}, named, 1, 2, from_=None, tags={"a": "b"}, **TEXT)
    await field.send({"cohortId": COHORT}, from_=None, content={"contentId": TEMPLATE})
    await field.over()
    twins = [each for each in field.world if each.operation_id]
    messages = field.world.sandbox.messages
    await messages.delete(twins[0])
    await messages.update(twins[1], Reading({"Body": ""}))
    modules = [{"sms": {"text": "Short"}}, {"rcs": {"text": "Rich", "suggestions": []}}]
    later = iso(field.world.now + 3_600 * SECOND)
    await field.send(5, from_=None, content={"modules": modules}, schedule={"sendAt": [later]})
    await field.world.create(Body="after")
    await field.over()
    field.world.sandbox.engine.switch(replace(field.world.sandbox.clock.mode, name="manual"))
    await field.send(3, 4, **MEDIA)
    await field.send(6, 7, from_=None, **TEXT)
    await field.world.advance(0.15)
    message = [each for each in field.world if each.operation_id and not each.media_urls][-1]
    await messages.force(message, "sent", 0)


async def test_it_holds_some_of_everything(field: "Callable[..., Field]") -> None:
    """What the next tests spoil: attempts in columns and in rows, under way and over."""
    here = field("instant")
    await rich(here)
    kept = here.document()
    statuses = {each["status"] for each in kept["operations"]}
    assert statuses == {"SCHEDULED", "PROCESSING", "COMPLETED"}
    assert kept["gone"]
    assert kept["stores"]
    assert any(each["template"] for each in kept["operations"])
    taken = b"".join(decoded(each["attempts"]["taken"]) for each in kept["operations"])
    assert {254, 255} < {*taken}
    assert any(message["message"]["operation_id"] for message in kept["messages"])


# What lies

JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, -1, 0, 1, 7, 10**17, 10**18, "", "x", "AC#2", [], {}, True, 1.5, "AAAA", "/////w=="]
)


def decoded(text: str) -> bytes:
    return base64.b64decode(text)


def places(node: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Ways to everything in a document."""
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for name, value in items:
        yield (*way, name)
        if isinstance(value, dict | list):
            yield from places(value, (*way, name))


def spoil(document: dict[str, Any], way: tuple[Any, ...], data: st.DataObject) -> None:
    """Change what is at a place: a byte of a column, an item too many or too few, or anything."""
    owner: Any = document
    for step in way[:-1]:
        owner = owner[step]
    value, how = owner[way[-1]], data.draw(st.sampled_from(["junk", "nudge", "drop", "double"]))
    if how == "junk":
        owner[way[-1]] = data.draw(JUNK)
    elif how == "drop" and isinstance(owner, list | dict):
        del owner[way[-1]]
    elif how == "double" and isinstance(owner, list):
        owner.append(value)
    elif isinstance(value, int):
        owner[way[-1]] = value + data.draw(st.sampled_from([-1, 1, 255, 1 << 40]))
    elif isinstance(value, str):
        owner[way[-1]] = nudged(value, data)


def nudged(value: str, data: st.DataObject) -> str:
    try:
        content = bytearray(base64.b64decode(value, validate=True))
    except binascii.Error:
        return value[:-1]
    if not content or data.draw(st.booleans()):
        content += bytes(data.draw(st.sampled_from([1, 2, 4, 8])))
    else:
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.sampled_from([0, 1, 4, 200, 254, 255]))
    return base64.b64encode(content).decode()


def test_what_lies_is_refused_or_harmless(in_field: "InField[Any]") -> None:
    """Whatever is changed in a snapshot: it is refused at once, or all that can be done goes well.

    And what it then says is what a snapshot of it says again.
    """

    async def truth(field: "Field") -> dict[str, Any]:
        await rich(field)
        return field.document()

    honest = in_field("instant", truth)
    wanted = [
        way for way in places(honest) if way[0] in ("operations", "messages", "gone", "feedback")
    ]

    @settings(max_examples=200)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        spoilt = copied(honest)
        for _ in range(data.draw(st.integers(1, 2))):
            way = data.draw(st.sampled_from(wanted))
            try:
                spoil(spoilt, way, data)
            except (KeyError, IndexError, TypeError):
                continue  # the first change took away where the second was to be

        async def act(field: "Field") -> None:
            try:
                field.put(spoilt)
            except BadSnapshot:
                return
            await bears(field)

        in_field("manual", act)

    check()


def copied(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: copied(value) for name, value in node.items()}
    return [copied(value) for value in node] if isinstance(node, list) else node


async def bears(field: "Field") -> None:
    """Look at everything, let everything happen, look again."""
    for _ in range(2):
        bulk = field.world.sandbox.bulk
        for operation in field.tables.operations.values():
            field.facts(operation)
            look(field, operation)
            for message in field.twins(operation):
                assert is_sid(message.sid, "SM", "MM")
                assert bulk.behind(message)[0] is operation
        field.put(field.document())
        await field.world.advance(10_000_000)


def look(field: "Field", operation: Operation) -> None:
    """As the Communications API shows its messages, and what it told of them."""
    views = Views(field.world.sandbox)
    for place in range(operation.count):
        row = seen(operation, place)
        latest = views.latest(row)
        assert len(views.attempts(row)) == len(operation.tries(place))
        views.sender(row, latest)
        assert views.updated_at(row, latest) >= 0
        assert isinstance(views.content(row, latest), dict)
        assert row.scheduled_for == operation.scheduled_for(place)
        assert all(isinstance(text, str) for text in row.tags.values())
    for event in field.world.sandbox.events:
        assert field.world.sandbox.events.cloud_event(event)["data"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": "comms_message_" + "0" * 26}, "not the id"),
        ({"created_at": -1}, "time"),
        ({"status": "GONE"}, "status"),
        ({"entropy": ""}, "16 bytes"),
        ({"states": "AAAA"}, "one state"),
        ({"account_sid": "AC#9"}, "account"),
        ({"under_way": "AAAAAA=="}, "under_way"),
        ({"runs": [{"at": 1}]}, "runs must"),
        ({"runs": [{"at": 1, "places": "AA=="}]}, "four bytes"),
        ({"senders": []}, "no sender"),
    ],
)
async def test_what_is_said_of_a_lie(
    field: "Callable[..., Field]", change: dict[str, Any], complaint: str
) -> None:
    """It names the operation, and what is wrong with it."""
    here = field("manual")
    await here.send(2, **TEXT)
    await here.over()
    kept = here.document()
    kept["operations"][0] |= change
    with pytest.raises(BadSnapshot, match=rf"operations\[?.*{complaint}"):
        here.put(kept)


async def test_a_request_that_would_be_refused(field: "Callable[..., Field]") -> None:
    """By the rules of requests, with the place that they name."""
    here = field("manual")
    await here.send(2, **TEXT)
    kept = here.document()
    kept["operations"][0]["send"]["blocks"][0]["to"][1] = "+1"
    with pytest.raises(BadSnapshot, match=r"refused: \$\.to\[1\]\.address"):
        here.put(kept)


async def test_two_of_the_same_digits(field: "Callable[..., Field]") -> None:
    """SIDs that begin alike would lead to either."""
    here = field("manual")
    await here.send(1, **TEXT)
    await here.send(1, **TEXT)
    kept = here.document()
    first, second = kept["operations"]
    second["scatter"] = first["scatter"]
    with pytest.raises(BadSnapshot, match="begin as another one's"):
        here.put(kept)


async def test_spans(field: "Callable[..., Field]") -> None:
    """What is in columns, by runs of places; what became ordinary is left out."""
    here = field("instant")
    await here.world.create()
    operation = await here.send(5, **TEXT)
    await here.over()
    head = operation.ids.head
    assert [*spans(operation)] == [Span(1, 5, head)]
    await here.world.sandbox.messages.update(here.twins(operation)[2], Reading({"Body": ""}))
    assert [*spans(operation)] == [Span(1, 2, head), Span(4, 2, head)]
