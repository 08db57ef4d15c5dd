"""Buying, changing, handing over and releasing numbers."""

from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.applications import Application
from mockserver.domain.errors import TwilioError
from mockserver.domain.numbers import Number, Service
from mockserver.domain.sids import is_sid
from mockserver.world.numbers import MAGIC_NUMBER, Numbers
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.world.conftest import MakeWorld, World

NUMBER, OTHER = "+14155550123", "+14155550124"
SUB = "AC" + "5" * 32
AP, MG = "AP" + "a" * 32, "MG" + "a" * 32


class Desk:
    """One sandbox and its account, at the counter where numbers are sold."""

    def __init__(self, world: "World") -> None:
        self.sandbox = world.sandbox
        self.tables, self.account = world.sandbox.tables, world.sandbox.accounts.first
        self.numbers = Numbers(world.sandbox)

    async def buy(self, kind: str = "", *, strict: bool = False, **form: Any) -> Number:
        form = form or {"PhoneNumber": NUMBER}
        return await self.numbers.buy(self.account, form, kind, strict=strict)

    async def refused(self, kind: str = "", *, strict: bool = False, **form: Any) -> int:
        """The code that a purchase is refused with; nothing is kept of it."""
        before = dict(self.tables.numbers)
        with pytest.raises(TwilioError) as refusal:
            await self.buy(kind, strict=strict, **form)
        assert self.tables.numbers == before
        return refusal.value.code

    def become(self, **kind: Any) -> None:
        """Have the account be of another kind."""
        account = Account(self.account.sid, "token", created_at=1, **kind)
        self.account = self.sandbox.accounts.set_up(account, Unit())


@pytest.fixture
def desk(make_world: "MakeWorld") -> Desk:
    return Desk(make_world())


async def test_a_bought_number(desk: Desk) -> None:
    """It is the account's, with what is usual, and is found by its SID."""
    number = await desk.buy(PhoneNumber="(415) 555-0123", SmsUrl="http://a.b/", FriendlyName="Desk")
    assert is_sid(number.sid, "PN")
    assert (number.phone_number, number.name) == (NUMBER, "Desk")
    assert (number.voice, number.sms, number.mms, number.sms_url) == (
        True,
        True,
        True,
        "http://a.b/",
    )
    assert number.created_at == number.updated_at == desk.sandbox.clock.now()
    assert desk.numbers.find(desk.account, number.sid) is number
    assert desk.tables.numbers[NUMBER] is number


async def test_a_number_of_an_area_code(desk: Desk) -> None:
    """The first that a search would offer, then the next."""
    first, second = await desk.buy(AreaCode="808"), await desk.buy(AreaCode="808")
    assert first.phone_number.startswith("+1808")
    assert second.phone_number.startswith("+1808")
    assert first.phone_number != second.phone_number


async def test_what_cannot_be_bought(desk: Desk) -> None:
    """Each with its code."""
    await desk.buy(PhoneNumber=OTHER)
    assert await desk.refused(PhoneNumber=OTHER) == 21422
    assert await desk.refused(PhoneNumber="nonsense") == 21421
    assert await desk.refused(PhoneNumber="12345") == 21421
    assert await desk.refused(FriendlyName="neither number nor area code") == 21421
    assert await desk.refused(AreaCode="999") == 21452
    assert await desk.refused("Local", AreaCode="415") == 21457
    assert await desk.refused("Local", PhoneNumber="+18005550199") == 21458
    assert await desk.refused("TollFree", PhoneNumber=NUMBER) == 21458
    assert await desk.refused("Mobile", PhoneNumber="+441212345678", AddressSid="AD") == 21458
    assert await desk.refused(PhoneNumber=NUMBER, SmsApplicationSid=AP) == 21420
    assert await desk.refused(PhoneNumber=NUMBER, SmsFallbackUrl="http://a.b/") == 21406


async def test_numbering_plans_are_applied_where_asked(desk: Desk) -> None:
    """Twilio's own example lies in an area code that there is not."""
    assert await desk.refused(PhoneNumber="+15558675310", strict=True) == 21421
    assert (await desk.buy(PhoneNumber="+15558675310")).phone_number == "+15558675310"


async def test_papers(desk: Desk) -> None:
    """Some countries want a bundle, or an address, or one of their own."""
    german, swedish, swiss = "+4930123456", "+46701234567", "+41446681800"
    assert await desk.refused(PhoneNumber=german) == 21649
    assert await desk.refused(PhoneNumber=german, BundleSid="BU") == 21615
    assert await desk.refused(PhoneNumber=swiss) == 21615
    assert await desk.refused(PhoneNumber=swedish) == 21631
    bought = await desk.buy(PhoneNumber=german, BundleSid="BU", AddressSid="AD")
    assert (bought.bundle_sid, bought.address_sid, bought.sms) == ("BU", "AD", False)
    assert (await desk.buy(PhoneNumber="+6561234567")).sms


async def test_a_trial_account_has_one_number(desk: Desk) -> None:
    """The second is refused; short codes and other senders do not count."""
    desk.become(type="Trial")
    desk.tables.numbers["12345"] = Number("12345", desk.account.sid)
    await desk.buy()
    assert await desk.refused(PhoneNumber=OTHER) == 21404


async def test_test_credentials(desk: Desk) -> None:
    """Their magic numbers, of which nothing is kept."""
    desk.become(mode="test")
    assert (await desk.buy(PhoneNumber=MAGIC_NUMBER)).phone_number == MAGIC_NUMBER
    assert (await desk.buy(AreaCode="500")).phone_number == MAGIC_NUMBER
    assert desk.tables.numbers == {}
    assert await desk.refused(PhoneNumber="+15005550000") == 21422
    assert await desk.refused(PhoneNumber="+15005550001") == 21421
    assert await desk.refused(PhoneNumber=NUMBER) == 21422
    assert await desk.refused(AreaCode="533") == 21452
    assert await desk.refused(AreaCode="415") == 21452
    assert await desk.refused(FriendlyName="x") == 21421


async def test_magic_numbers_of_a_live_account(desk: Desk) -> None:
    """The two that cannot be bought, unless the sandbox says that they mean nothing."""
    assert await desk.refused(PhoneNumber="+15005550000") == 21422
    assert await desk.refused(PhoneNumber="+15005550001") == 21421
    assert (await desk.buy(PhoneNumber=MAGIC_NUMBER)).phone_number == MAGIC_NUMBER
    rules = desk.sandbox.rules
    rules.options = replace(rules.options, magic_numbers=False)
    for number in ("+15005550000", "+15005550001"):
        assert (await desk.buy(PhoneNumber=number)).phone_number == number


async def test_a_change(desk: Desk) -> None:
    """Of what is given, at the sandbox's time; an application must be the account's."""
    number = await desk.buy()
    for owner, sid in ((desk.account.sid, AP), (SUB, "AP" + "b" * 32)):
        desk.tables.applications[sid] = Application(sid, owner)
    after = await desk.numbers.update(desk.account, number, {"SmsApplicationSid": AP})
    assert desk.tables.numbers[NUMBER] is after
    assert (after.sms_application_sid, after.sid) == (AP, number.sid)
    for form in ({"SmsApplicationSid": "AP" + "b" * 32}, {"VoiceApplicationSid": "AP" + "c" * 32}):
        with pytest.raises(TwilioError) as refused:
            await desk.numbers.update(desk.account, number, form)
        assert refused.value.code == 21420


async def test_a_released_number(desk: Desk) -> None:
    """It leaves the pools it was in, and can be bought again, under another SID."""
    number = await desk.buy()
    desk.tables.services[MG] = Service(MG, desk.account.sid, (OTHER, NUMBER, "ACME"))
    await desk.numbers.release(number)
    assert NUMBER not in desk.tables.numbers
    assert desk.tables.services[MG].senders == (OTHER, "ACME")
    assert desk.numbers.find(desk.account, number.sid) is None
    again = await desk.buy()
    assert again.sid != number.sid
    await desk.numbers.release(again)
    assert len({number.sid, again.sid, (await desk.buy()).sid}) == 3


async def test_all_numbers_of_an_account(desk: Desk) -> None:
    """Go when it is closed; those of others stay."""
    await desk.buy()
    desk.tables.numbers[OTHER] = Number(OTHER, SUB, sid="PN" + "b" * 32)
    unit = Unit()
    desk.numbers.release_all(desk.account, unit)
    assert list(desk.tables.numbers) == [OTHER]
    assert ("numbers", NUMBER, None) in unit.rows


async def test_a_number_that_changes_hands(desk: Desk) -> None:
    """It keeps its SID and its webhooks, and leaves pools and applications behind."""
    number = await desk.buy(PhoneNumber=NUMBER, SmsUrl="http://a.b/")
    desk.sandbox.accounts.set_up(Account(SUB, owner_account_sid=desk.account.sid), Unit())
    desk.tables.services[MG] = Service(MG, desk.account.sid, (NUMBER,))
    moved = await desk.numbers.update(desk.account, number, {"AccountSid": SUB})
    assert (moved.sid, moved.account_sid, moved.sms_url) == (number.sid, SUB, "http://a.b/")
    assert desk.tables.services[MG].senders == ()
    assert desk.numbers.find(desk.account, number.sid) is None


@pytest.mark.parametrize(
    ("heir", "code"),
    [
        (None, 21471),
        (Account(SUB), 21473),
        (Account(SUB, owner_account_sid="AC" + "9" * 32, status="closed"), 21472),
    ],
)
async def test_who_gets_no_number(desk: Desk, heir: Account | None, code: int) -> None:
    """Nothing of the form is applied then."""
    number = await desk.buy()
    if heir is not None:
        desk.sandbox.accounts.set_up(heir, Unit())
    with pytest.raises(TwilioError) as refused:
        await desk.numbers.update(desk.account, number, {"AccountSid": SUB, "FriendlyName": "x"})
    assert refused.value.code == code
    assert desk.tables.numbers[NUMBER] == number


async def test_a_purchase_is_repeatable(make_world: "MakeWorld") -> None:
    """The same seed sells the same number under the same SID."""
    bought = [await Desk(make_world()).buy(AreaCode="415") for _ in range(2)]
    assert bought[0].phone_number == bought[1].phone_number
    assert bought[0].sid == bought[1].sid
