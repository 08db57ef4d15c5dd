"""The commands of outgoing caller ids: have a number called and verified, rename, delete.

Whoever is called enters the code: the caller id is there `RINGS` after the call began, by the
sandbox's clock. Within a sandbox a number is verified by one account, and for all of them.
"""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.addresses import BadAddress, parse_to
from mockserver.domain.caller_ids import CODE_DIGITS, RINGS, CallerId, Validation
from mockserver.domain.errors import TwilioError, problem
from mockserver.domain.forms import add_query
from mockserver.domain.message import SECOND
from mockserver.domain.numbering import is_valid
from mockserver.domain.sids import mint
from mockserver.domain.signature import sign
from mockserver.world.callbacks import API_VERSION
from mockserver.world.ports import Parcel, Posting
from mockserver.world.registry import Registry
from mockserver.world.sandbox import Sandbox
from mockserver.world.tables import Unit


class CallerIds(Registry[CallerId]):
    """What can be done to a sandbox's caller ids, one command a method."""

    __slots__ = ("_callers", "_sandbox")

    def __init__(self, sandbox: Sandbox) -> None:
        self._callers = sandbox.tables.verified_callers
        super().__init__(sandbox.tables, "verified_callers", self._callers)
        self._sandbox = sandbox

    def own(self, account: Account) -> Iterator[CallerId]:
        """Those that are verified by now, oldest first."""
        self._sandbox.engine.catch_up()
        return filter(self._is_there, super().own(account))

    def _is_there(self, caller_id: CallerId) -> bool:
        return caller_id.created_at <= self._sandbox.clock.now()

    async def validate(
        self, account: Account, form: Mapping[str, Any], *, strict: bool
    ) -> Validation:
        """Call a number; raise `TwilioError` 21401, 21449, 21450, 21453.

        The call's callback waits for the outbox's `release` of `callback`. `strict` applies
        numbering plans. A call to a number that is being called takes the other's place.
        """
        sandbox, unit = self._sandbox, Unit()
        sandbox.engine.catch_up()
        number = self._checked(account, form.get("PhoneNumber", ""), strict=strict)
        account = sandbox.accounts.come_into_being(account, unit)
        answered = sandbox.clock.now() + form.get("CallDelay", 0) * SECOND + RINGS
        caller_id = self._called(account, number, form.get("FriendlyName", ""), answered)
        self.put(number, caller_id, unit)
        call = mint("CA", sandbox.dice.of("validation", f"{number}/{answered}"))
        parcel = self._parcel(account, caller_id, call, form)
        if parcel.url:
            sandbox.outbox.hold(parcel.idempotency_token)
        sandbox.ringing[number] = Posting(parcel, due=answered)
        sandbox.clock.book(answered, self._answer, number)
        try:
            await sandbox.engine.commit(unit)
        except BaseException:
            sandbox.outbox.release(parcel.idempotency_token)
            raise
        return Validation(caller_id, call, self._code(call), parcel.idempotency_token)

    def _called(self, account: Account, number: str, name: str, at: int) -> CallerId:
        sids = (mint("PN", self._sandbox.dice.of("caller-id", f"{number}/{n}")) for n in count())
        known = self._callers.get(number)
        return CallerId(known.sid if known else self.free(sids), account.sid, number, name, at, at)

    def _checked(self, account: Account, text: str, *, strict: bool) -> str:
        try:
            address = parse_to(text)
        except BadAddress:
            raise TwilioError(problem(21401)) from None
        number = address.value
        if address.kind != "phone" or (strict and not is_valid(number)):
            raise TwilioError(problem(21401))
        owned = self._sandbox.tables.numbers.get(number)
        if owned is not None and owned.account_sid == account.sid:
            raise TwilioError(problem(21449))
        known = self._callers.get(number)
        if known is not None and self._is_there(known):
            raise TwilioError(problem(21450 if known.account_sid == account.sid else 21453))
        return number

    def _code(self, call: str) -> str:
        chance = int.from_bytes(self._sandbox.dice.of("validation-code", call)[:8])
        return f"{chance % 10**CODE_DIGITS:0{CODE_DIGITS}d}"

    def resume(self) -> None:
        """Go on with the calls that ring."""
        for number, posting in self._sandbox.ringing.items():
            self._sandbox.clock.book(posting.due, self._answer, number)

    def _answer(self, number: str, at: int) -> None:
        """The code was entered: tell whoever wants to know, unless another call took its place."""
        posting = self._sandbox.ringing.get(number)
        if posting is not None and posting.due == at:
            del self._sandbox.ringing[number]
            if posting.parcel.url:
                self._sandbox.engine.unit.notices.append(posting)

    def _parcel(
        self, account: Account, caller_id: CallerId, call: str, form: Mapping[str, Any]
    ) -> Parcel:
        url, method = form.get("StatusCallback", ""), form.get("StatusCallbackMethod", "POST")
        params = _params(caller_id, call)
        query, posted = (params, ()) if method == "GET" else ((), params)
        return Parcel(
            kind="status",
            url=url,
            method=method,
            params=params,
            signature=sign(add_query(url, query), posted, account.signing_token),
            idempotency_token=self._sandbox.dice.uuid("idempotency", call),
            account_sid=account.sid,
        )

    async def rename(self, caller_id: CallerId, form: Mapping[str, Any]) -> CallerId:
        """Set its `FriendlyName`, where one is given."""
        unit, now = Unit(), self._sandbox.clock.now()
        name = form.get("FriendlyName", caller_id.friendly_name)
        caller_id = replace(caller_id, friendly_name=name, updated_at=now)
        self.put(caller_id.phone_number, caller_id, unit)
        await self._sandbox.engine.commit(unit)
        return caller_id

    async def delete(self, caller_id: CallerId) -> None:
        """Its number is not verified any more."""
        unit = Unit()
        self._sandbox.ringing.pop(caller_id.phone_number, None)
        self.remove(caller_id.phone_number, unit)
        await self._sandbox.engine.commit(unit)


def _params(caller_id: CallerId, call: str) -> tuple[tuple[str, str], ...]:
    """The form of an answered call's callback. Source: docs on caller ids; the order is ours."""
    return (
        ("AccountSid", caller_id.account_sid),
        ("ApiVersion", API_VERSION),
        ("CallSid", call),
        ("CallStatus", "completed"),
        ("Called", caller_id.phone_number),
        ("Direction", "outbound-api"),
        ("OutgoingCallerIdSid", caller_id.sid),
        ("To", caller_id.phone_number),
        ("VerificationStatus", "success"),
    )
