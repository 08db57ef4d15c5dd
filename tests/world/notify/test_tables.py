"""What a service's tables find by identity, tag, channel, endpoint and segment."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from mockserver.domain.notify.ask import Ask
from mockserver.domain.notify.bindings import Binding
from mockserver.domain.notify.notifications import Notification, NotifyDelivery
from mockserver.domain.notify.services import NotifyService
from mockserver.domain.notify.users import User
from mockserver.world.notify.binding_table import BindingTable
from mockserver.world.notify.tables import NotifyTables
from mockserver.world.notify.user_table import UserTable

AC, IS = "AC" + "a" * 32, "IS" + "a" * 32


def binding(number: int, identity: str = "Bob", **fields: Any) -> Binding:
    return Binding(f"BS{number:032x}", AC, IS, identity, **{"binding_type": "apn", **fields})


def user(number: int, identity: str, *segments: str) -> User:
    return User(f"US{number:032x}", AC, IS, identity, segments)


def test_bindings_are_found() -> None:
    """By everything they say of themselves."""
    table = BindingTable()
    for each in (
        binding(0, tags=("a", "b"), endpoint="x"),
        binding(1, binding_type="sms", tags=("b",)),
        binding(2, "Eve", tags=("apn",)),
    ):
        table.put(each)
    assert list(table.every()) == [0, 1, 2]
    assert (table.tagged("a"), table.tagged("b"), table.tagged("c")) == ({0}, {0, 1}, set())
    assert (table.tagged("apn"), table.tagged("sms")) == ({0, 2}, {1})
    assert (table.identified("Bob"), table.identified("bob")) == ((0, 1), ())
    assert table.of_identity("Eve") == [table.at(2)]
    assert (table.of_endpoint("x"), table.of_endpoint("")) == (table.at(0), None)


def test_a_changed_binding_is_found_as_it_is() -> None:
    """No longer as it was."""
    table = BindingTable()
    before = binding(0, tags=("a",), endpoint="x")
    for each in (before, binding(1, "Eve")):
        table.put(each)
    after = replace(before, identity="Eve", tags=("b",), endpoint="y", binding_type="fcm")
    assert table.put(after) == 0
    assert (table.tagged("a"), table.tagged("b"), table.tagged("apn")) == (set(), {0}, {1})
    assert (table.identified("Bob"), table.identified("Eve")) == ((), (0, 1))
    assert (table.of_endpoint("x"), table.of_endpoint("y")) == (None, after)


def test_a_deleted_binding_is_not_found() -> None:
    """By nothing; the others are."""
    table = BindingTable()
    for each in (binding(0, tags=("a",), endpoint="x"), binding(1, tags=("a",))):
        table.put(each)
    table.remove(binding(0).sid)
    assert (list(table.every()), table.tagged("a"), table.identified("Bob")) == ([1], {1}, (1,))
    assert table.of_endpoint("x") is None
    table.remove(binding(1).sid)
    assert (list(table.every()), table.tagged("a"), table.tagged("apn")) == ([], set(), set())


IDENTITIES, TAGS = st.sampled_from("BE"), st.lists(st.sampled_from("abc"), unique=True, max_size=3)
STEPS = st.lists(st.tuples(st.integers(0, 5), st.none() | st.tuples(IDENTITIES, TAGS)), max_size=30)


@given(STEPS)
def test_whatever_happens_the_indexes_are_right(
    steps: list[tuple[int, tuple[str, list[str]] | None]],
) -> None:
    """They say what a look at every binding says."""
    table = BindingTable()
    for number, then in steps:
        if then is not None:
            table.put(binding(number, then[0], tags=tuple(then[1]), endpoint=f"{number}"))
        elif table.find(binding(number).sid) is not None:
            table.remove(binding(number).sid)
    living = {table.place(each.sid): each for each in table}
    assert list(table.every()) == sorted(living)
    for tag in "abc":
        assert table.tagged(tag) == {at for at, each in living.items() if tag in each.tags}
    for name in "BE":
        own = sorted(at for at, each in living.items() if each.identity == name)
        assert list(table.identified(name)) == own
    for number in range(6):
        found = table.of_endpoint(f"{number}")
        assert found == table.find(binding(number).sid)


def test_users_are_found() -> None:
    """By identity and by segments, of which they must be in all."""
    table = UserTable()
    for each in (user(0, "Bob", "VIP", "new"), user(1, "Eve", "VIP"), user(2, "Mallory")):
        table.put(each)
    assert table.named("Eve") == user(1, "Eve", "VIP")
    assert table.named("eve") is None
    assert table.called(["Eve", "Bob", "nobody"]) == {0, 1}
    assert (table.gathered(["VIP"]), table.gathered(["VIP", "new"])) == ({0, 1}, {0})
    assert table.gathered(["VIP", "nothing"]) == set()
    assert set(table.identities(table.gathered(["VIP"]))) == {"Bob", "Eve"}


def test_users_come_and_go() -> None:
    """In segments, and altogether."""
    table = UserTable()
    for each in (user(0, "Bob", "VIP"), user(1, "Eve", "VIP"), user(0, "Bob", "new")):
        table.put(each)
    assert (table.gathered(["VIP"]), table.gathered(["new"])) == ({1}, {0})
    table.remove(user(1, "Eve").sid)
    assert (table.named("Eve"), table.gathered(["VIP"])) == (None, set())
    table.put(user(2, "Eve"))
    assert table.gathered(["VIP"]) == set()


def test_all_is_shed() -> None:
    """A slice at a time, until nothing is left of any service."""
    tables = NotifyTables()
    tables.services[IS] = NotifyService(IS, AC)
    for sid in (IS, "IS" + "b" * 32):
        tables.bindings[sid], tables.users[sid] = BindingTable(), UserTable()
        for number in range(5):
            tables.bindings[sid].put(binding(number, f"{number}", tags=("a",), endpoint="x"))
            tables.users[sid].put(user(number, f"{number}", "VIP"))
    for number in range(3):
        sid = f"NT{number}"
        tables.notifications[sid] = Notification(sid, AC, NotifyService(IS, AC), Ask(), 0)
        tables.deliveries += [NotifyDelivery(sid, "apn", f"{n}") for n in range(10)]
    turns = 0
    while tables.shed(3):
        turns += 1
    assert turns > 10
    assert (tables.notifications, tables.deliveries) == ({}, [])
    assert [list(each) for each in tables.bindings.values()] == [[], []]
    assert [each.next_place for each in tables.users.values()] == [0, 0]
    assert not tables.shed(1)
