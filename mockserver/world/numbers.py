"""The commands of numbers and short codes: buy, change, hand over, release.

Any number that could exist and that nobody in the sandbox owns may be bought, whether a search
offered it or not.
"""

from collections.abc import Mapping
from itertools import count
from typing import Any, Final

from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.addresses import BadAddress, country, parse_to
from mockserver.domain.errors import (
    INVALID_PHONE_NUMBER,
    PHONE_NUMBER_NOT_AVAILABLE,
    TwilioError,
    problem,
)
from mockserver.domain.incoming import APPLICATIONS, changed, check_transfer
from mockserver.domain.market import Capabilities, Country, capabilities, countries, kind_of
from mockserver.domain.numbering import is_valid
from mockserver.domain.numbers import Number
from mockserver.world.pools import Pool
from mockserver.world.registry import Registry
from mockserver.world.sandbox import Sandbox
from mockserver.world.seed import sid_of
from mockserver.world.tables import Unit

TRIAL_NUMBERS: Final = 1
"""What a Trial account may own. Source: docs on trial accounts."""

MAGIC_UNAVAILABLE: Final = "+15005550000"
MAGIC_INVALID: Final = "+15005550001"
MAGIC_NUMBER: Final = "+15005550006"
"""The one that test credentials may buy. Source for all: Twilio's page on test credentials."""
MAGIC_AREA: Final = "500"
"""The one area code with numbers for test credentials: `MAGIC_NUMBER`."""

ELSEWHERE: Final = Capabilities(voice=True, sms=True, mms=False)
"""What numbers can do of countries of which nothing is known here; ours."""

Form = Mapping[str, Any]


class Numbers(Registry[Number]):
    """What can be done to a sandbox's numbers, one command a method."""

    __slots__ = ("_sandbox", "_tables")

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox, self._tables = sandbox, sandbox.tables
        super().__init__(self._tables, "numbers", self._tables.numbers)

    async def buy(self, account: Account, form: Form, kind: str, *, strict: bool) -> Number:
        """Buy a number of a `kind`, "" for any, with checked parameters.

        Test credentials keep nothing. `strict` applies numbering plans. Raise `TwilioError` 21404,
        21420 to 21422, 21452, 21457, 21458, 21615, 21631, 21649, and those of a change.
        """
        if kind and "AreaCode" in form:
            raise TwilioError(problem(21457))
        wanted = self._magic(form) if account.test else self._wanted(account, form, strict=strict)
        if kind and kind_of(wanted) != kind:
            raise TwilioError(problem(21458))
        where = countries().get(country(wanted))
        if where is not None:
            _check_papers(where, form)
        can = capabilities(where.code, kind_of(wanted)) if where else ELSEWHERE
        sids = (sid_of(wanted, self._sandbox.dice, ordinal) for ordinal in count())
        bought = Number(
            wanted,
            account.sid,
            voice=can.voice,
            sms=can.sms,
            mms=can.mms,
            sid=self.free(sids),
            created_at=self._sandbox.clock.now(),
        )
        bought = self._changed(account, bought, form)
        if account.test:
            return bought
        unit = Unit()
        self._sandbox.accounts.come_into_being(account, unit)
        return await self._keep(bought, unit)

    def _wanted(self, account: Account, form: Form, *, strict: bool) -> str:
        """The number to buy; raise `TwilioError` for one that cannot be."""
        if "PhoneNumber" in form:
            number = _read(form["PhoneNumber"], strict=strict)
        elif "AreaCode" in form:
            number = self._sandbox.market.first_in(form["AreaCode"])
        else:
            raise TwilioError(INVALID_PHONE_NUMBER)
        owned = sum(1 for each in self.own(account) if each.is_phone)
        if account.trial and owned >= TRIAL_NUMBERS:
            raise TwilioError(problem(21404))
        if not number:
            raise TwilioError(problem(21452))
        magic = self._sandbox.rules.options.magic_numbers
        if magic and number == MAGIC_INVALID:
            raise TwilioError(INVALID_PHONE_NUMBER, PhoneNumber=number)
        if number in self._tables.numbers or (magic and number == MAGIC_UNAVAILABLE):
            raise TwilioError(PHONE_NUMBER_NOT_AVAILABLE, PhoneNumber=number)
        return number

    def _magic(self, form: Form) -> str:
        """What test credentials buy; raise `TwilioError` for all but one."""
        if "PhoneNumber" not in form and "AreaCode" in form:
            if form["AreaCode"] != MAGIC_AREA:
                raise TwilioError(problem(21452))
            return MAGIC_NUMBER
        number = _read(form.get("PhoneNumber", ""), strict=False)
        if number == MAGIC_INVALID:
            raise TwilioError(INVALID_PHONE_NUMBER, PhoneNumber=number)
        if number != MAGIC_NUMBER:
            raise TwilioError(PHONE_NUMBER_NOT_AVAILABLE, PhoneNumber=number)
        return number

    def _changed(self, account: Account, number: Number, form: Form) -> Number:
        """As the form makes it; raise `TwilioError` 21420 for an application of somebody else."""
        for name in APPLICATIONS:
            if sid := form.get(name):
                application = self._tables.applications.get(sid)
                if application is None or application.account_sid != account.sid:
                    raise TwilioError(problem(21420))
        return changed(number, form, self._sandbox.clock.now())

    async def update(self, account: Account, number: Number, form: Form) -> Number:
        """Set what is given, or hand the number to the account that `AccountSid` names.

        With the number go neither the pools that it was in nor the applications that it pointed to.
        """
        number, unit = self._changed(account, number, form), Unit()
        if form.get("AccountSid", account.sid) != account.sid:
            heir = check_transfer(account, self._sandbox.accounts.find(form["AccountSid"]))
            self._leave_pools(number, unit)
            number = replace(
                number, account_sid=heir.sid, sms_application_sid="", voice_application_sid=""
            )
        return await self._keep(number, unit)

    async def release(self, number: Number) -> None:
        """Give a number up; its messages stay, and somebody else may buy it."""
        unit = Unit()
        self._release(number, unit)
        await self._sandbox.engine.commit(unit)

    def release_all(self, account: Account, unit: Unit) -> None:
        """Give up all numbers of an account that is closed."""
        for number in [*self.own(account)]:
            self._release(number, unit)

    def _release(self, number: Number, unit: Unit) -> None:
        self._leave_pools(number, unit)
        self.remove(number.phone_number, unit)

    def _leave_pools(self, number: Number, unit: Unit) -> None:
        services = self._tables.services.values()
        for service in [each for each in services if number.phone_number in each.senders]:
            Pool(self._sandbox, service).drop(number, unit)

    async def _keep(self, number: Number, unit: Unit) -> Number:
        self.put(number.phone_number, number, unit)
        await self._sandbox.engine.commit(unit)
        return number


def _read(text: str, *, strict: bool) -> str:
    """A number in E.164; raise `TwilioError` 21421 for what is none."""
    try:
        address = parse_to(text)
    except BadAddress:
        raise TwilioError(INVALID_PHONE_NUMBER, PhoneNumber=text) from None
    if address.kind != "phone" or (strict and not is_valid(address.value)):
        raise TwilioError(INVALID_PHONE_NUMBER, PhoneNumber=text)
    return address.value


def _check_papers(where: Country, form: Form) -> None:
    """Raise `TwilioError` for papers that a country wants and that are not there."""
    if where.bundle and not form.get("BundleSid"):
        raise TwilioError(problem(21649))
    if where.requirement != "none" and not form.get("AddressSid"):
        raise TwilioError(problem(21615 if where.requirement == "local" else 21631))
