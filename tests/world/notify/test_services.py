"""Services, credentials, users and segments: what each command leaves behind."""

from typing import TYPE_CHECKING

import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.errors import TwilioError
from mockserver.domain.notify.limits import SERVICES
from mockserver.domain.paging import PageAsk
from mockserver.domain.sids import is_sid
from mockserver.world.notify.credentials import Credentials
from mockserver.world.notify.segments import Segments
from mockserver.world.notify.services import NotifyServices

if TYPE_CHECKING:
    from tests.world.notify.conftest import MakeBox, Notify, On

STRANGER = Account("AC" + "5" * 32, "token")


def code(refused: pytest.ExceptionInfo[TwilioError]) -> tuple[int, int, str]:
    return refused.value.status, refused.value.code, refused.value.message


async def test_a_services_life(notify: "Notify") -> None:
    """Each has a SID of its own, and belongs to its account."""
    services, one = notify.services, notify.service
    two = await services.create(notify.account, {"FriendlyName": "Two"})
    assert is_sid(two.sid, "IS")
    assert two.sid != one.sid
    await notify.later(5)
    after = await services.update(two, {"LogEnabled": False})
    assert (after.friendly_name, after.log_enabled) == ("Two", False)
    assert after.updated_at == after.created_at + 5_000_000
    assert services.find(notify.account, two.sid) == after
    assert services.find(STRANGER, two.sid) is None
    assert services.page(notify.account, PageAsk(), lambda _: True) == ([after, one], False)
    await services.delete(after)
    assert services.find(notify.account, two.sid) is None
    assert (await services.create(notify.account, {})).sid not in (one.sid, two.sid)


async def test_a_thousand_services(notify: "Notify") -> None:
    """One more is refused; another account may have its own."""
    sids = [notify.service.sid]
    for _ in range(SERVICES - 1):
        sids.append((await notify.services.create(notify.account, {})).sid)  # noqa: PERF401
    assert len(set(sids)) == SERVICES
    with pytest.raises(TwilioError) as refused:
        await notify.services.create(notify.account, {})
    assert code(refused) == (400, 20001, "Maximum number of services per account (1000) exceeded")
    await notify.services.create(STRANGER, {})
    await notify.services.delete(notify.service)
    await notify.services.create(notify.account, {})


async def test_a_service_takes_all_with_it(notify: "Notify") -> None:
    """Its bindings, users and segments; those of others stay."""
    await notify.bind()
    await notify.users.join(notify.user("Bob"), "VIP")
    gone = notify.service
    notify.service = await notify.services.create(notify.account, {})
    kept = await notify.bind()
    await notify.users.join(notify.user("Bob"), "VIP")
    await notify.services.delete(gone)
    tables = notify.sandbox.tables.notify
    assert tables.bindings.keys() == tables.users.keys() == {notify.service.sid}
    assert [each.service_sid for each in tables.segments.values()] == [notify.service.sid]
    assert list(notify.bindings.table) == [kept]


async def test_what_is_written_goes_to_the_store(notify: "Notify") -> None:
    """Rows of every table, and places of what was deleted."""
    notify.store.rows.clear()
    binding = await notify.bind()
    await notify.users.join(notify.user("Bob"), "VIP")
    await notify.bindings.delete(binding)
    await notify.users.delete(notify.user("Bob"), notify.bindings.table)
    assert notify.store.rows == [
        *(("notify_bindings", True), ("notify_users", True)),
        *(("notify_segments", True), ("notify_users", True)),
        *(("notify_bindings", False), ("deleted", True)),
        *(("notify_users", False), ("deleted", True)),
    ]


async def test_credentials(notify: "Notify") -> None:
    """Made, changed, deleted; a service goes on naming one that is gone."""
    credentials = Credentials(notify.sandbox)
    one = await credentials.create(notify.account, {"Type": "apn", "Certificate": "secret"})
    two = await credentials.create(notify.account, {"Type": "fcm"})
    assert is_sid(one.sid, "CR")
    assert "secret" not in repr(one)
    after = await credentials.update(one, {"FriendlyName": "mine", "Sandbox": True})
    assert (after.type, after.friendly_name, after.sandbox) == ("apn", "mine", True)
    service = await notify.services.update(notify.service, {"ApnCredentialSid": one.sid})
    await credentials.delete(after)
    assert credentials.find(notify.account, one.sid) is None
    assert service.apn_credential_sid == one.sid
    assert credentials.page(notify.account, PageAsk(), lambda _: True) == ([two], False)


async def test_users(notify: "Notify") -> None:
    """One of each identity: 52304 for another, also where a binding made the first."""
    bob = await notify.users.create("Bob", ["VIP", "new", "VIP"])
    assert bob.segments == ("VIP", "new")
    await notify.bind("Eve")
    for identity in ("Bob", "Eve"):
        with pytest.raises(TwilioError) as refused:
            await notify.users.create(identity, [])
        assert code(refused) == (409, 52304, "User already exists")
    assert notify.users.page(PageAsk(), [], []) == ([notify.user("Eve"), bob], False)
    assert notify.users.page(PageAsk(), ["Bob", "nobody"], []) == ([bob], False)
    assert notify.users.page(PageAsk(), [], ["new", "VIP"]) == ([bob], False)
    assert notify.users.page(PageAsk(), ["Eve"], ["VIP"]) == ([], False)


async def test_a_user_with_bindings_stays(notify: "Notify") -> None:
    """52306 until the last is deleted."""
    binding = await notify.bind()
    with pytest.raises(TwilioError) as refused:
        await notify.users.delete(notify.user("Bob"), notify.bindings.table)
    assert code(refused) == (409, 52306, "Cannot delete User resource with Bindings")
    await notify.bindings.delete(binding)
    before = notify.user("Bob")
    await notify.users.delete(before, notify.bindings.table)
    assert notify.users.find("Bob") is None
    assert (await notify.users.create("Bob", [])).sid != before.sid


async def test_segments(notify: "Notify") -> None:
    """The first who joins makes one; it stays when the last one leaves."""
    await notify.users.create("Bob", [])
    await notify.later(5)
    await notify.users.join(notify.user("Bob"), "VIP")
    bob = notify.user("Bob")
    assert (bob.segments, bob.updated_at) == (("VIP",), bob.created_at + 5_000_000)
    with pytest.raises(TwilioError) as refused:
        await notify.users.join(bob, "VIP")
    assert code(refused) == (409, 52305, "User already belongs to the segment")
    await notify.users.create("Eve", ["VIP"])
    await notify.users.leave(bob, "VIP")
    assert notify.user("Bob").segments == ()
    await notify.users.leave(notify.user("Eve"), "VIP")
    [segment], more = Segments(notify.sandbox).page(notify.account, PageAsk(), lambda _: True)
    assert (segment.unique_name, segment.service_sid, more) == ("VIP", notify.service.sid, False)
    assert is_sid(segment.sid, "SG")


async def test_the_same_seed_makes_the_same_sids(make_box: "MakeBox", on: "On") -> None:
    """One sandbox after another."""

    async def sids() -> list[str]:
        sandbox = make_box()
        service = await NotifyServices(sandbox).create(sandbox.accounts.first, {})
        notify = on(sandbox, service)
        bindings = [await notify.bind(), await notify.bind("Eve")]
        await notify.users.join(notify.user("Eve"), "VIP")
        segments = sandbox.tables.notify.segments.values()
        endpoints = [each.endpoint for each in bindings]
        records = (service, *bindings, *notify.users.table, *segments)
        return [*(each.sid for each in records), *endpoints]

    assert await sids() == await sids()
