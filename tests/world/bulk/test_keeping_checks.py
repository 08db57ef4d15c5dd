"""What is wrong with a kept operation, said in words: one thing at a time is spoilt."""

import base64
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.message import SECOND
from mockserver.domain.personalising import compiling
from mockserver.world.clock import iso
from mockserver.world.schemas import Reading
from mockserver.world.snapshot import BadSnapshot

if TYPE_CHECKING:
    from tests.world.bulk.conftest import Field

Spoil = Callable[[dict[str, Any]], None]

FAR = 253_402_300_799_000_000


def packed(form: str, *numbers: int) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}{form}", *numbers)).decode()


def unpacked(form: str, text: str) -> list[int]:
    content = base64.b64decode(text)
    return [number for (number,) in struct.iter_unpack(f"<{form}", content)]


def changed(**fields: Any) -> Spoil:
    return lambda kept: kept.update(fields)


def column(name: str, form: str, place: int, value: int) -> Spoil:
    """One number of a column of the attempts."""

    def spoil(kept: dict[str, Any]) -> None:
        numbers = unpacked(form, kept["attempts"][name])
        numbers[place] = value
        kept["attempts"][name] = packed(form, *numbers)

    return spoil


def attempts(**fields: Any) -> Spoil:
    return lambda kept: kept["attempts"].update(fields)


def send(**fields: Any) -> Spoil:
    return lambda kept: kept["send"].update(fields)


def block(**fields: Any) -> Spoil:
    return lambda kept: kept["send"]["blocks"][0].update(fields)


def sender(**fields: Any) -> Spoil:
    return lambda kept: kept["senders"][0].update(fields)


TEMPLATE = {"sid": "HX1", "account_sid": "AC#1", "types": {}}
TWICE = [[["sent", 0, 0]], [["sent", 0, 0]]]

UNDER_WAY: list[tuple[str, Spoil]] = [
    ("not the id of an operation", changed(id="x")),
    ("a time is out of range", changed(updated_at=FAR + 1)),
    ("not a status", changed(status="DONE")),
    ("16 bytes each", changed(scatter="AAAA")),
    ("senders are no senders", sender(id="x")),
    ("senders are no senders", sender(channel="EMAIL")),
    ("senders are no senders", sender(created_at=-1)),
    ("its account is not", sender(account_sid="AC#2")),
    ("its account is not", changed(account_sid="AC#2")),
    (
        "not the one that it names",
        changed(template=TEMPLATE),
    ),
    ("its request cannot be read", block(kinds="")),
    ("its request is refused", send(blocks=[])),
    ("its request is refused", block(to=["+1"] * 4)),
    ("its request is refused", send(content={"text": ""})),
    ("not as it would have been kept", send(count=5)),
    ("schedule is out of range", send(schedule={"instants": [0]})),
    ("schedule is out of range", send(schedule={"walls": [FAR]})),
    ("its courses must be of status", attempts(courses=[[]])),
    ("its courses must be of status", attempts(courses=[[["gone", 0, 0]]])),
    ("its courses must be of status", attempts(courses=[[["sent", -1, 0]]])),
    ("its courses must be of status", attempts(courses=[[["sent", 5, 0], ["delivered", 4, 0]]])),
    ("its courses must be of status", attempts(courses=[[["sent", 0, -1]]])),
    ("must differ", attempts(courses=TWICE)),
    ("one number for each attempt", attempts(place="AAAA")),
    ("one number for each attempt", attempts(taken="")),
    ("numbers of four bytes", changed(under_way="AAAA")),
    ("different times", changed(runs=[{"at": 5}, {"at": 5}])),
    ("for nobody", column("place", "I", 0, 4)),
    ("no sender", column("way", "H", 0, 2)),
    ("ordinals of attempts must ascend", column("ordinal", "I", 0, 9)),
    ("time of an attempt", column("made", "q", 0, -1)),
    ("time of an attempt", column("start", "q", 0, FAR + 1)),
    ("on no course", column("course", "H", 0, 9)),
    ("on no course", column("taken", "B", 0, 9)),
    ("beyond the year 9999", column("start", "q", 0, FAR - 1)),
    ("to no address", column("end", "B", 0, 1)),
    ("one state for each", changed(states="AQEB")),
    ("one state for each", changed(states="AQEBCQ==")),
    ("under_way must name each", changed(under_way="")),
    ("under_way must name each", changed(under_way=packed("I", 4, 4, 5, 6, 7))),
    ("none of its recipients", changed(runs=[{"at": 5, "places": packed("I", 1, 0)}])),
    ("none of its recipients", changed(runs=[{"at": 5, "begun": 4}])),
    ("nobody has begun, once", changed(runs=[{"at": 5}])),
    ("as if there were none", changed(states=packed("B", 0, 1, 1, 1))),
    ("SCHEDULED, and has begun", changed(status="SCHEDULED")),
    ("CANCELED, and has begun", changed(status="CANCELED")),
]

SCHEDULED: list[tuple[str, Spoil]] = [
    (
        "as if there were some",
        changed(states=packed("B", 3, 0), runs=[{"at": 5, "places": packed("I", 1)}]),
    ),
    ("nobody has begun, once", changed(runs=[])),
    ("nobody has begun, once", changed(runs=[{"at": 5, "places": packed("I", 0)}])),
    ("COMPLETED, and not over", changed(status="COMPLETED")),
    ("CANCELED, and has begun", changed(status="CANCELED")),
    ("SCHEDULED, and has begun", changed(states=packed("B", 1, 0))),
]


async def under_way(field: "Field") -> None:
    """Four recipients, each tried on RCS, and on its way by SMS."""
    field.pool("SMS", "RCS")
    await field.send(4, from_=None)
    await field.world.advance(0.15)


async def spoilt(field: "Field", spoil: Spoil) -> str:
    """What is said of the snapshot when one thing is changed in its operation."""
    kept = field.document()
    spoil(kept["operations"][0])
    with pytest.raises(BadSnapshot) as refused:
        field.put(kept)
    return str(refused.value)


@pytest.mark.parametrize(("said", "spoil"), UNDER_WAY)
async def test_one_that_is_under_way(
    field: "Callable[..., Field]", said: str, spoil: Spoil
) -> None:
    """Each thing that cannot be has its words."""
    here = field("manual")
    await under_way(here)
    found = await spoilt(here, spoil)
    assert found.startswith("operations[0]: ")
    assert said in found


@pytest.mark.parametrize(("said", "spoil"), SCHEDULED)
async def test_one_that_is_scheduled(
    field: "Callable[..., Field]", said: str, spoil: Spoil
) -> None:
    """Likewise."""
    here = field("manual")
    at = iso(here.world.now + 3_600 * SECOND)
    await here.send(2, schedule={"sendAt": [at]})
    found = await spoilt(here, spoil)
    assert found.startswith("operations[0]: ")
    assert said in found


async def test_too_many_attempts_for_one(field: "Callable[..., Field]") -> None:
    """More than the byte that counts them can."""
    here = field("manual")
    await here.send(300)
    await here.over()
    found = await spoilt(here, attempts(place=packed("I", *[0] * 300)))
    assert "too many attempts" in found


async def test_a_channel_with_nothing_to_send(field: "Callable[..., Field]") -> None:
    """An attempt by RCS of an operation that speaks by SMS alone."""
    here = field("manual")
    await under_way(here)
    modules = [{"channel": "SMS", "text": "Ahoy"}]
    found = await spoilt(here, send(content={"modules": modules}))
    assert "nothing to send" in found


async def test_without_the_library(
    field: "Callable[..., Field]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """What needs Liquid is refused where it is not installed, with what to install."""
    here = field("manual")
    await here.send(1, text="Hi {{ n | default: 'you' }}")
    kept = here.document()
    monkeypatch.setattr(compiling, "_parser", lambda: raises(compiling.LiquidNotInstalled()))
    with pytest.raises(BadSnapshot, match=r"pip install 'twilio-mockserver\[comms\]'"):
        here.put(kept)


def raises(exception: Exception) -> Any:
    raise exception


# Rows and columns


async def both(field: "Field") -> dict[str, Any]:
    """A snapshot of an operation whose first message is ordinary, and whose second is deleted."""
    operation = await field.send(4)
    await field.over()
    first, second, *_ = field.twins(operation)
    await field.world.sandbox.messages.update(first, Reading({"Body": ""}))
    await field.world.sandbox.messages.delete(second)
    return field.document()


def row(**fields: Any) -> Spoil:
    return lambda kept: kept["messages"][0]["message"].update(fields)


def without_rows(kept: dict[str, Any]) -> None:
    kept["messages"], kept["gone"] = [], {}


def in_columns_too(kept: dict[str, Any]) -> None:
    column("taken", "B", 0, 3)(kept["operations"][0])


def on_its_way(kept: dict[str, Any]) -> None:
    kept["messages"][0]["delivery"]["steps"] = ["read", 5, 0]


def in_no_state(kept: dict[str, Any]) -> None:
    kept["messages"][0]["delivery"]["timeline"][0] = "receiving"


def elsewhere(kept: dict[str, Any]) -> None:
    [sid] = kept["gone"]
    kept["gone"] = {f"SM{'0' * 32}": kept["gone"][sid]}


@pytest.mark.parametrize(
    ("said", "spoil"),
    [
        ("no attempt of its operation", row(operation_id="comms_operation_x")),
        ("at another place, or nowhere", row(sid="SM" + "1" * 32)),
        ("no attempt of its operation", on_its_way),
        ("no attempt of its operation", in_no_state),
        ("0, 1, 2", without_rows),
        ("0, 1, 2", in_columns_too),
        ("at another place, or nowhere", elsewhere),
        ("SIDs of messages", lambda kept: kept.update(gone={"x": 1})),
        ("twice", lambda kept: kept["operations"].append(kept["operations"][0])),
    ],
)
async def test_rows_and_columns(field: "Callable[..., Field]", said: str, spoil: Spoil) -> None:
    """Say the same, or are refused."""
    here = field("manual")
    kept = await both(here)
    spoil(kept)
    with pytest.raises(BadSnapshot, match=said):
        here.put(kept)


async def test_a_row_that_is_in_columns(field: "Callable[..., Field]") -> None:
    """Another message with the SID of an attempt."""
    here = field("manual")
    operation = await here.send(1)
    await here.over()
    await here.world.create()
    kept = here.document()
    kept["messages"][0]["message"]["sid"] = operation.sid(0)
    with pytest.raises(BadSnapshot, match="in a row, and in an operation's columns"):
        here.put(kept)


async def test_feedback_on_an_attempt(field: "Callable[..., Field]") -> None:
    """Is taken along; on what is no message it is refused."""
    here = field("manual")
    operation = await here.send(1)
    await here.over()
    kept = here.document()
    feedback = {"message_sid": operation.sid(0), "outcome": "confirmed"}
    kept["feedback"] = [{**feedback, "account_sid": "AC#1", "created_at": 1, "updated_at": 1}]
    kept["feedback"][0].pop("account_sid")
    here.put(kept)
    assert [*here.tables.feedback] == [operation.sid(0)]
    for other in (operation.ids.sid(7), "x", "SM" + "0" * 32):
        kept["feedback"][0]["message_sid"] = other
        with pytest.raises(BadSnapshot, match="feedback"):
            here.put(kept)
