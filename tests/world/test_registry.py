"""Tables of quiet resources: records by SID, and pages that outlive what they show."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.accounts import Account
from mockserver.domain.errors import TwilioError
from mockserver.domain.paging import PageAsk
from mockserver.world.registry import Registry
from mockserver.world.tables import Tables, Unit

ME, YOU = Account("AC" + "1" * 32), Account("AC" + "2" * 32)


class Thing(msgspec.Struct, frozen=True):
    sid: str
    account_sid: str


def sid(number: int) -> str:
    return f"AP{number:032x}"


def registry(count: int, tables: Tables | None = None) -> Registry[Thing]:
    """With so many things of mine."""
    made: Registry[Thing] = Registry(tables or Tables(), "things", {})
    for number in range(count):
        made.put(sid(number), Thing(sid(number), ME.sid), Unit())
    return made


def page(
    things: Registry[Thing], *, after: str = "", before: str = "", size: int = 2
) -> tuple[list[str], bool]:
    return taken(things, PageAsk(1 if after or before else 0, size, after, before))


def taken(things: Registry[Thing], ask: PageAsk) -> tuple[list[str], bool]:
    found, more = things.page(ME, ask, lambda _: True)
    return [each.sid for each in found], more


def test_a_record_is_found_by_its_account_only() -> None:
    """For others it is not there."""
    things = registry(2)
    assert things.find(ME, sid(1)) == Thing(sid(1), ME.sid)
    assert things.find(YOU, sid(1)) is None
    assert things.find(ME, sid(9)) is None


def test_what_is_written_goes_to_the_store() -> None:
    """A row for what is kept, two for what goes: the record, and its place."""
    unit, things = Unit(), registry(0)
    thing = things.put("key", Thing(sid(1), ME.sid), unit)
    things.remove("key", unit)
    assert unit.rows == [
        ("things", "key", thing),
        ("things", "key", None),
        ("deleted", f"things {sid(1)}", 0),
    ]


def test_pages_there_and_back() -> None:
    """Newest first; the last page says that nothing is behind it."""
    things = registry(5)
    assert page(things) == ([sid(4), sid(3)], True)
    assert page(things, after=sid(3)) == ([sid(2), sid(1)], True)
    assert page(things, after=sid(1)) == ([sid(0)], False)
    assert page(things, before=sid(0)) == ([sid(2), sid(1)], True)
    assert page(things, before=sid(4)) == ([], False)


def test_pages_by_number() -> None:
    """Where a host allows that, and no token says more; far past the end there is nothing."""
    things = registry(5)
    assert taken(things, PageAsk(1, 2)) == ([sid(2), sid(1)], True)
    assert taken(things, PageAsk(2, 2)) == ([sid(0)], False)
    assert taken(things, PageAsk(3, 2)) == ([], False)
    assert taken(things, PageAsk(10**18, 1000)) == ([], False)
    assert taken(things, PageAsk(7, 2, after=sid(3))) == ([sid(2), sid(1)], True)


def test_only_what_fits() -> None:
    """And only the account's own."""
    things = registry(4)
    things.put("other", Thing(sid(9), YOU.sid), Unit())
    found, more = things.page(ME, PageAsk(), lambda each: each.sid != sid(2))
    assert ([each.sid for each in found], more) == ([sid(3), sid(1), sid(0)], False)


def test_a_token_may_name_what_was_deleted() -> None:
    """By whoever walks through the pages deleting; one that never was is refused."""
    things = registry(4)
    things.remove(sid(3), Unit())
    things.remove(sid(2), Unit())
    assert page(things, after=sid(2)) == ([sid(1), sid(0)], False)
    with pytest.raises(TwilioError) as refused:
        page(things, after=sid(8))
    assert refused.value.code == 21481


def test_a_free_sid() -> None:
    """One that no record has, or had."""
    things = registry(2)
    things.remove(sid(0), Unit())
    assert things.free(sid(number) for number in range(9)) == sid(2)


@given(st.lists(st.integers(0, 9), unique=True), st.integers(0, 9))
def test_places_stay_whatever_is_deleted(gone: list[int], pivot: int) -> None:
    """What is behind a record is what was made before it and is still there."""
    things = registry(10)
    for number in gone:
        things.remove(sid(number), Unit())
    found, _ = page(things, after=sid(pivot), size=10)
    assert found == [sid(number) for number in range(pivot - 1, -1, -1) if number not in gone]
