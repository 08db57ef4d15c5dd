"""Making, changing and deleting TwiML applications."""

from typing import TYPE_CHECKING

from mockserver.domain.numbers import Number
from mockserver.domain.sids import is_sid
from mockserver.world.applications import Applications

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld

NUMBER, OTHER = "+14155550123", "+14155550124"


async def test_an_applications_life(make_world: "MakeWorld") -> None:
    """Each has a SID of its own; what is deleted is gone."""
    world = make_world("manual")
    account, applications = world.sandbox.accounts.first, Applications(world.sandbox)
    one = await applications.create(account, {"FriendlyName": "One"})
    two = await applications.create(account, {})
    assert is_sid(one.sid, "AP")
    assert one.sid != two.sid
    assert one.created_at == world.now
    after = await applications.update(one, {"SmsUrl": "http://a.b/"})
    assert (after.friendly_name, after.sms_url) == ("One", "http://a.b/")
    assert applications.find(account, one.sid) is after
    await applications.delete(after)
    assert applications.find(account, one.sid) is None
    assert (await applications.create(account, {})).sid not in (one.sid, two.sid)


async def test_numbers_forget_what_was_deleted(make_world: "MakeWorld") -> None:
    """Those that pointed to it, and no others."""
    world = make_world("manual")
    account, applications = world.sandbox.accounts.first, Applications(world.sandbox)
    one, two = [await applications.create(account, {}) for _ in range(2)]
    numbers = world.sandbox.tables.numbers
    numbers[NUMBER] = Number(
        NUMBER, account.sid, sms_application_sid=one.sid, voice_application_sid=two.sid
    )
    numbers[OTHER] = Number(OTHER, account.sid, sms_application_sid=two.sid)
    await applications.delete(one)
    assert numbers[NUMBER].sms_application_sid == ""
    assert numbers[NUMBER].voice_application_sid == two.sid
    assert numbers[OTHER].sms_application_sid == two.sid


async def test_sids_come_from_the_seed(make_world: "MakeWorld") -> None:
    """In order of creation."""
    made = []
    for _ in range(2):
        sandbox = make_world().sandbox
        made.append((await Applications(sandbox).create(sandbox.accounts.first, {})).sid)
    assert made[0] == made[1]
