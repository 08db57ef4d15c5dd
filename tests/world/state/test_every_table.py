"""Every table of a sandbox comes back, whatever is in it."""

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from msgspec import inspect
from msgspec.structs import replace

from mockserver.domain.message import Delivery, Message
from mockserver.world.leaves import Leaves
from mockserver.world.state import coming_back
from mockserver.world.state.book import IN_LEAVES, MAILINGS, Book
from mockserver.world.state.forms import FOLDERS, PLAIN, SHARED, WITHIN, read, written
from mockserver.world.state.pages import Page
from mockserver.world.tables import Tables, Unit

if TYPE_CHECKING:
    from tests.world.state.conftest import Start

OTHERS = {"messages", "media", "notify", "opt_outs", "gets", "deleted", "course", *MAILINGS}
"""Fields of `Tables` with forms of their own, each of which has tests of its own."""


def example(form: Any, number: int) -> Any:
    """A record of a form, as small as it can be, of which no two are alike."""
    return msgspec.convert(_plain(inspect.type_info(form), number), form, strict=False)


def _plain(form: inspect.Type, number: int) -> Any:
    match form:
        case inspect.StructType():
            return _fields(form.fields, number)
        case inspect.DataclassType():
            return _fields(form.fields, number)
        case inspect.UnionType(types=types):
            return _plain(types[0], number)
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.StrType():
            return f"text {number}"
        case inspect.BytesType():
            return b""
        case inspect.BoolType():
            return True
        case inspect.IntType() | inspect.FloatType():
            return number
        case inspect.ListType() | inspect.VarTupleType() | inspect.SetType():
            return []
        case inspect.DictType():
            return {}
    raise AssertionError(f"an example of {form} is wanted")


def _fields(fields: Any, number: int) -> dict[str, Any]:
    simple = (inspect.StrType, inspect.IntType)
    return {
        each.encode_name: _plain(each.type, number)
        for each in fields
        if each.required or isinstance(each.type, simple)
    }


def test_no_table_is_forgotten() -> None:
    """Whoever adds one says here in which form it is kept; crumbs are nobody's any more."""
    assert {*Tables.__struct_fields__} == {*PLAIN, *OTHERS, "crumbs"}


def test_every_dictionary_is_a_page() -> None:
    """So that nothing changes unnoticed, whoever changes it."""
    book = Book()
    for name in (*PLAIN, *MAILINGS):
        assert getattr(book.tables, name) is book.pages[name]
    assert {*PLAIN, *WITHIN} - {"notify_places"} <= book.pages.keys()
    assert book.folders.keys() == FOLDERS.keys()
    messages, kept = book.tables.messages, (Page, Leaves)
    tables: tuple[Any, ...] = (messages, messages.places, book.tables.media, book.tables.opt_outs)
    slots = [(name, getattr(table, name)) for table in tables for name in type(table).__slots__]
    derived = {"shelves", "lists", "fragments", "_used", "_by_recipient"}
    loose = {name for name, part in slots if isinstance(part, dict) and not isinstance(part, kept)}
    assert loose == derived


@pytest.mark.parametrize("page", [*PLAIN, *WITHIN])
def test_a_record_is_read_as_it_was_written(page: str) -> None:
    """Of every form."""
    if page in ("callbacks", "notify_places"):
        return  # with the callbacks, and with notifications
    record = example({**PLAIN, **WITHIN}[page], 7)
    assert read(page, written(page, record)) == record


def test_a_lane_has_more_than_64_bits() -> None:
    """When it is free is counted in very small parts."""
    assert read("lanes", written("lanes", 1 << 80)) == 1 << 80


@pytest.mark.parametrize("page", PLAIN)
async def test_what_changes_without_a_word_is_kept(
    start: "Start", page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that is put, put anew, taken out, and one behind the others: in their order."""
    monkeypatch.setattr(coming_back, "_go_on", lambda _: None)  # of examples nothing becomes
    life = start()
    table = getattr(life.sandbox.tables, page)
    before = dict(table)
    for number in range(4):
        table[f"key {number}"] = example(PLAIN[page], number)
    await life.kept()
    del table["key 1"]
    table["key 0"] = example(PLAIN[page], 10)
    table["key 2"] = table.pop("key 2")
    await life.kept()
    again = getattr(start(after=life).sandbox.tables, page)
    assert list(again.items()) == list(table.items())
    assert list(again) == [*before, "key 0", "key 3", "key 2"]


async def test_what_messages_have_in_common_is_there_once(start: "Start") -> None:
    """As when they were made: a million of them would take twice the room."""
    life = start("instant")
    for number in range(2):
        await life.create(number)
    await life.kept()
    table = start("instant", after=life).sandbox.tables.messages
    one, other = table.places.oldest_first()
    for name in SHARED:
        assert getattr(one, name) is getattr(other, name)
    [became, another] = [table.delivery(each.sid) for each in (one, other)]
    assert became.timeline[-3] == "delivered"
    for place in range(0, len(became.timeline), 3):
        assert became.timeline[place] is another.timeline[place]
    assert (became.status, became.price) == (another.status, another.price)
    assert became.status is another.status
    assert became.price is another.price
    assert became.updated_at is became.timeline[-2]
    assert became.sent_at is became.timeline[-5]


def test_what_is_put_unnoted() -> None:
    """It is there like anything else; before and after, and where filling fails, all is noted."""
    book = Book()
    table = book.tables.messages
    one, other, third = (made(number) for number in range(3))
    table.add(*one, Unit())
    with book.unnoted():
        table.add(*other, Unit())
    with pytest.raises(LookupError), book.unnoted():
        raise LookupError
    table.add(*third, Unit())
    assert [table.get(message.sid) for message, _ in (one, other, third)] == [
        message for message, _ in (one, other, third)
    ]
    for name in IN_LEAVES:
        noted = [sid for page in book.leaves(name) for sid in page.look()]
        assert noted == [one[0].sid, third[0].sid]
        assert book.leaves(name) == []


def made(number: int) -> tuple[Message, Delivery]:
    sid = f"SM{number:032x}"
    message = example(Message, number)
    return replace(message, sid=sid, ordinal=number), example(Delivery, number)
