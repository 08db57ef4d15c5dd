"""Calls that verify numbers, and what comes of them."""

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.caller_ids import RINGS, CallerId, Validation
from mockserver.domain.errors import TwilioError
from mockserver.domain.forms import add_query
from mockserver.domain.message import SECOND
from mockserver.domain.numbers import Number
from mockserver.domain.sids import is_sid
from mockserver.domain.signature import sign
from mockserver.world.caller_ids import CallerIds
from mockserver.world.known import Known

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

NUMBER, OTHER = "+14158675309", "+14158675310"
STRANGER = Account("AC" + "5" * 32)
URL = "http://127.0.0.1/verified"


async def call(world: "World", *, strict: bool = False, **form: Any) -> Validation:
    """Have a number called, with the answer written at once."""
    account = world.sandbox.accounts.first
    form = {"PhoneNumber": NUMBER, **form}
    made = await CallerIds(world.sandbox).validate(account, form, strict=strict)
    world.sandbox.outbox.release(made.callback)
    return made


async def refused(world: "World", **form: Any) -> int:
    with pytest.raises(TwilioError) as refusal:
        await call(world, **form)
    return refusal.value.code


def there(world: "World", account: Account | None = None) -> list[CallerId]:
    """Caller ids that are verified by now."""
    return [*CallerIds(world.sandbox).own(account or world.sandbox.accounts.first)]


def verified(world: "World", number: str = NUMBER) -> bool:
    sandbox = world.sandbox
    return Known(sandbox.tables, sandbox.clock).verified(sandbox.accounts.first, number)


async def test_a_call_is_answered_after_a_while(make_world: "MakeWorld") -> None:
    """By the sandbox's clock; then the number is verified."""
    world = make_world("manual")
    made = await call(world, FriendlyName="Jenny")
    assert is_sid(made.call_sid, "CA")
    assert len(made.code) == 6
    assert made.code.isdigit()
    assert (there(world), verified(world)) == ([], False)
    await world.advance(RINGS / SECOND - 0.1)
    assert not verified(world)
    await world.advance(0.1)
    [caller_id] = there(world)
    assert is_sid(caller_id.sid, "PN")
    assert (caller_id.phone_number, caller_id.name) == (NUMBER, "Jenny")
    assert caller_id.created_at == world.now
    assert verified(world)


async def test_on_the_instant_clock_it_is_answered_at_once(make_world: "MakeWorld") -> None:
    """Without advancing."""
    world = make_world("instant")
    await call(world, CallDelay=60)
    assert len(there(world)) == 1
    assert verified(world)


async def test_a_call_may_be_delayed(make_world: "MakeWorld") -> None:
    """By seconds."""
    world = make_world("manual")
    await call(world, CallDelay=30)
    await world.advance(30)
    assert not verified(world)
    await world.advance(2)
    assert verified(world)


async def test_who_is_told(make_world: "MakeWorld") -> None:
    """The status callback of the call, signed, once the code was entered."""
    world = make_world("manual")
    made = await call(world, StatusCallback=URL)
    await world.advance(2)
    [parcel] = world.app.posted
    told = dict(parcel.params)
    assert (told["VerificationStatus"], told["Called"], told["To"]) == ("success", NUMBER, NUMBER)
    assert (told["CallSid"], told["OutgoingCallerIdSid"]) == (made.call_sid, there(world)[0].sid)
    token = world.sandbox.accounts.first.signing_token
    assert (parcel.url, parcel.method) == (URL, "POST")
    assert parcel.signature == sign(URL, parcel.params, token)


async def test_a_callback_by_get(make_world: "MakeWorld") -> None:
    """What is signed is the address with its query."""
    world = make_world("manual")
    await call(world, StatusCallback=URL, StatusCallbackMethod="GET")
    await world.advance(2)
    [parcel] = world.app.posted
    token = world.sandbox.accounts.first.signing_token
    assert parcel.signature == sign(add_query(URL, parcel.params), (), token)


async def test_the_callback_waits_for_the_answer(make_world: "MakeWorld") -> None:
    """To the request that made the call."""
    world = make_world("instant")
    form = {"PhoneNumber": NUMBER, "StatusCallback": URL}
    account = world.sandbox.accounts.first
    made = await CallerIds(world.sandbox).validate(account, form, strict=False)
    world.sandbox.engine.catch_up()
    await world.turns(5)
    assert world.app.posted == []
    world.sandbox.outbox.release(made.callback)
    await world.settled()
    assert len(world.app.posted) == 1


async def test_a_second_call_takes_the_place_of_the_first(make_world: "MakeWorld") -> None:
    """The number is verified once, by the later one."""
    world = make_world("manual")
    await call(world, StatusCallback=f"{URL}/1")
    await world.advance(1)
    second = await call(world, StatusCallback=f"{URL}/2")
    await world.advance(1)
    assert not verified(world)
    await world.advance(1)
    assert [parcel.url for parcel in world.app.posted] == [f"{URL}/2"]
    assert there(world) == [second.caller_id]


async def test_what_is_not_called(make_world: "MakeWorld") -> None:
    """No numbers, own numbers, and those that were verified already."""
    world = make_world("manual")
    tables, own = world.sandbox.tables, world.sandbox.accounts.first.sid
    tables.numbers[OTHER] = Number(OTHER, own)
    assert await refused(world, PhoneNumber="nonsense") == 21401
    assert await refused(world, PhoneNumber="12345") == 21401
    assert await refused(world, PhoneNumber="whatsapp:+14155550123") == 21401
    assert await refused(world, PhoneNumber="+15558675310", strict=True) == 21401
    assert await refused(world, PhoneNumber=OTHER) == 21449
    tables.verified_callers[NUMBER] = CallerId("PN" + "a" * 32, own, NUMBER)
    assert await refused(world) == 21450
    tables.verified_callers[NUMBER] = CallerId("PN" + "a" * 32, STRANGER.sid, NUMBER)
    assert await refused(world) == 21453


async def test_a_caller_id_is_renamed_and_deleted(make_world: "MakeWorld") -> None:
    """Then its number is not verified any more, and may be verified again."""
    world = make_world("manual")
    caller_ids = CallerIds(world.sandbox)
    await call(world)
    await world.advance(2)
    [caller_id] = there(world)
    named = await caller_ids.rename(caller_id, {"FriendlyName": "Jenny"})
    assert caller_ids.find(world.sandbox.accounts.first, named.sid) == named
    assert (await caller_ids.rename(named, {})).friendly_name == "Jenny"
    assert caller_ids.find(STRANGER, named.sid) is None
    await caller_ids.delete(named)
    assert (there(world), verified(world)) == ([], False)
    await call(world)
    await world.advance(2)
    assert there(world)[0].sid != named.sid


async def test_codes_and_sids_come_from_the_seed(make_world: "MakeWorld") -> None:
    """The same in every run."""
    one, two = [await call(make_world("manual")) for _ in range(2)]
    assert (one.code, one.call_sid, one.caller_id) == (two.code, two.call_sid, two.caller_id)
