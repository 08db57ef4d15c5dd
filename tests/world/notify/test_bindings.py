"""Making, replacing and deleting bindings, and whom a notification means."""

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from mockserver.domain.errors import TwilioError
from mockserver.domain.notify.ask import Ask
from mockserver.domain.notify.bindings import Binding
from mockserver.domain.paging import PageAsk
from mockserver.domain.sids import is_sid

if TYPE_CHECKING:
    from tests.world.notify.conftest import Notify


def meant(notify: "Notify", **asked: Any) -> list[Binding]:
    lists: dict[str, Any] = {name: tuple(each) for name, each in asked.items()}
    table = notify.bindings.table
    found = [table.at(place) for place in notify.bindings.chosen(Ask(**lists))]
    return [each for each in found if each is not None and not each.inactive]


def every(notify: "Notify") -> list[Binding]:
    """Newest first."""
    return notify.bindings.page(PageAsk(), (), ())[0]


async def test_a_binding_and_its_user(notify: "Notify") -> None:
    """The first binding of an identity makes its user, the second does not."""
    one, two = await notify.bind(), await notify.bind()
    assert is_sid(one.sid, "BS")
    assert one.sid != two.sid
    assert one.endpoint != two.endpoint
    assert len(one.endpoint) == 32
    assert is_sid(notify.user("Bob").sid, "US")
    assert len(list(notify.users.table)) == 1
    assert notify.user(notify.user("Bob").sid).identity == "Bob"


async def test_the_same_endpoint_replaces(notify: "Notify") -> None:
    """Whatever else changes: the SID stays, and the new token counts."""
    before = await notify.bind(Endpoint="phone", Address="old", Tag=["a"])
    await notify.later(5)
    after = await notify.bind("Eve", Endpoint="phone", Address="new", BindingType="fcm")
    assert (after.sid, after.created_at) == (before.sid, before.created_at)
    assert after.updated_at == before.updated_at + 5_000_000
    assert (after.identity, after.address, after.tags) == ("Eve", "new", ())
    assert every(notify) == [after]
    assert meant(notify, identities=["Bob"], tags=["a"]) == []


async def test_the_same_address_replaces(notify: "Notify") -> None:
    """Of the same identity on the same channel; the endpoint stays unless another is given."""
    before = await notify.bind(Address="token", Tag=["a"])
    after = await notify.bind(Address="token", Tag=["b"])
    assert (after.sid, after.endpoint, after.tags) == (before.sid, before.endpoint, ("b",))
    assert (await notify.bind(Address="token", Endpoint="phone")).endpoint == "phone"
    others = [
        await notify.bind("Eve", Address="token"),
        await notify.bind(Address="token", BindingType="fcm"),
    ]
    assert before.sid not in {each.sid for each in others}
    assert len(every(notify)) == 3


async def test_one_that_replaces_two(notify: "Notify") -> None:
    """The endpoint's stays, the one with the same address goes."""
    phone, tablet = await notify.bind(Endpoint="phone"), await notify.bind(Address="token")
    after = await notify.bind(Endpoint="phone", Address="token")
    assert after.sid == phone.sid
    assert every(notify) == [after]
    assert notify.bindings.table.find(tablet.sid) is None


async def test_another_service_is_another_world(notify: "Notify") -> None:
    """Neither endpoints nor identities cross over."""
    one = await notify.bind(Endpoint="phone")
    notify.service = await notify.services.create(notify.account, {})
    two = await notify.bind(Endpoint="phone")
    assert one.sid != two.sid
    assert every(notify) == [two]


async def test_twenty_of_an_identity(notify: "Notify") -> None:
    """The twenty-first is refused; one that replaces another is not."""
    twenty = [await notify.bind(Endpoint=f"{number}") for number in range(20)]
    for form in ({}, {"Endpoint": "other"}):
        with pytest.raises(TwilioError) as refused:
            await notify.bind(**form)
        assert (refused.value.status, refused.value.code) == (400, 20001)
        assert str(refused.value) == "Maximum number of bindings per identity (20) exceeded"
    assert (await notify.bind(Endpoint="7")).sid == twenty[7].sid
    assert (await notify.bind(Address=twenty[8].address)).sid == twenty[8].sid
    other = await notify.bind("Eve", Endpoint="Eve's")
    with pytest.raises(TwilioError):
        await notify.bind("Bob", Endpoint="Eve's")
    assert notify.bindings.table.find(other.sid) == other
    await notify.bindings.delete(twenty[0])
    await notify.bind()


async def test_a_deleted_binding(notify: "Notify") -> None:
    """Is gone, its SID for good; its user stays."""
    one = await notify.bind()
    await notify.bindings.delete(one)
    assert every(notify) == meant(notify, identities=["Bob"]) == []
    assert notify.user("Bob").identity == "Bob"
    assert (await notify.bind(Address=one.address)).sid != one.sid


async def test_who_is_meant(notify: "Notify") -> None:
    """Any identity, all tags, implicit ones too, all segments; oldest first, each once."""
    bob = await notify.bind(Tag=["preferred device"])
    sms = await notify.bind(BindingType="sms", Address="+14155552671")
    eve = await notify.bind("Eve", Tag=["preferred device"])
    await notify.users.join(notify.user("Bob"), "VIP")
    await notify.users.join(notify.user("Bob"), "new")
    await notify.users.join(notify.user("Eve"), "VIP")
    assert meant(notify, identities=["Bob"]) == [bob, sms]
    assert meant(notify, identities=["Eve", "Bob", "Eve"]) == [bob, sms, eve]
    assert meant(notify, identities=["Bob"], tags=["preferred device"]) == [bob]
    assert meant(notify, tags=["all"]) == [bob, sms, eve]
    assert meant(notify, tags=["sms"]) == meant(notify, tags=["sms", "all"]) == [sms]
    assert meant(notify, tags=["sms", "preferred device"]) == []
    assert meant(notify, segments=["VIP"]) == [bob, sms, eve]
    assert meant(notify, segments=["VIP", "new"]) == [bob, sms]
    assert meant(notify, segments=["VIP"], tags=["preferred device"]) == [bob, eve]
    assert meant(notify, segments=["new"], identities=["Eve"]) == []
    assert meant(notify, segments=["nothing"]) == meant(notify, identities=["bob"]) == []


async def test_inactive_ones_are_skipped(notify: "Notify") -> None:
    """By whoever sends; they are listed, and bound again they are as any other."""
    one = await notify.bind()
    notify.bindings.table.put(replace(one, inactive=True))
    assert meant(notify, tags=["all"]) == []
    assert len(every(notify)) == 1
    after = await notify.bind(Address=one.address)
    assert meant(notify, tags=["all"]) == [after]


async def test_pages(notify: "Notify") -> None:
    """Newest first; of some identities, with all of some tags."""
    made = [await notify.bind("BE"[number % 2], Tag=["x"]) for number in range(5)][::-1]
    assert notify.bindings.page(PageAsk(0, 2), (), ()) == (made[:2], True)
    assert notify.bindings.page(PageAsk(0, 2, made[1].sid), (), ()) == (made[2:4], True)
    assert notify.bindings.page(PageAsk(0, 2), ("E",), ("x", "apn")) == ([made[1], made[3]], False)
    assert notify.bindings.page(PageAsk(), (), ("x",), lambda each: each is made[2]) == (
        [made[2]],
        False,
    )
    assert notify.bindings.page(PageAsk(), (), ("y",)) == ([], False)
