"""What a number that an account owns may be told, and how it is refused."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.addresses import is_us_or_canada
from mockserver.domain.errors import Problem, TwilioError, problem
from mockserver.domain.numbers import Number

FIELDS: Final[Mapping[str, str]] = {
    "ApiVersion": "api_version",
    "FriendlyName": "friendly_name",
    "SmsApplicationSid": "sms_application_sid",
    "SmsFallbackMethod": "sms_fallback_method",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsMethod": "sms_method",
    "SmsUrl": "sms_url",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "VoiceApplicationSid": "voice_application_sid",
    "VoiceCallerIdLookup": "voice_caller_id_lookup",
    "VoiceFallbackMethod": "voice_fallback_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceMethod": "voice_method",
    "VoiceUrl": "voice_url",
    "EmergencyStatus": "emergency_status",
    "EmergencyAddressSid": "emergency_address_sid",
    "TrunkSid": "trunk_sid",
    "IdentitySid": "identity_sid",
    "AddressSid": "address_sid",
    "VoiceReceiveMode": "voice_receive_mode",
    "BundleSid": "bundle_sid",
}
"""Parameters, and what each sets. Source: OpenAPI description of IncomingPhoneNumbers."""

RIVALS: Final = (
    ("SmsApplicationSid", ("sms_url", "sms_fallback_url")),
    ("SmsUrl", ("sms_application_sid",)),
    ("VoiceApplicationSid", ("trunk_sid",)),
    ("TrunkSid", ("voice_application_sid",)),
)
"""Parameters that clear fields when they are given, and are not empty.

The first of two rivals wins. Source: OpenAPI description of IncomingPhoneNumbers.
"""

APPLICATIONS: Final = ("SmsApplicationSid", "VoiceApplicationSid")
"""Parameters that name an application, which must be the account's: 21420."""


def changed(number: Number, form: Mapping[str, Any], at: int) -> Number:
    """The number as checked parameters make it at a time, in microseconds.

    Raise `TwilioError` 21405, 21406, 21407, 21409 for what does not fit together.
    """
    fields = {FIELDS[name]: value for name, value in form.items() if name in FIELDS}
    for name, rivals in reversed(RIVALS):
        if form.get(name):
            fields |= dict.fromkeys(rivals, "")
            fields[FIELDS[name]] = form[name]
    after = replace(number, **fields, updated_at=at)
    for refused in _misfits(after, form):
        raise TwilioError(refused)
    return after


def _misfits(number: Number, form: Mapping[str, Any]) -> Iterable[Problem]:
    """What is wrong with the number as it would be, and was not before."""
    texts = number.sms or number.mms
    if not texts and (form.get("SmsUrl") or form.get("SmsApplicationSid")):
        yield problem(21407)
    if form.get("VoiceCallerIdLookup") and not is_us_or_canada(number.phone_number):
        yield problem(21409)  # names of callers are known there only
    answers = number.voice_url or number.voice_application_sid or number.trunk_sid
    if form.get("VoiceFallbackUrl") and not answers:
        yield problem(21405)
    if form.get("SmsFallbackUrl") and not (number.sms_url or number.sms_application_sid):
        yield problem(21406)


def check_transfer(account: Account, to: Account | None) -> Account:
    """Whoever may get a number of an account; raise `TwilioError` 21471, 21472, 21473.

    A parent and its subaccounts may exchange numbers. Source: docs on subaccounts.
    """
    if to is None:
        raise TwilioError(problem(21471))
    if not to.active:
        raise TwilioError(problem(21472))
    if _family(to) != _family(account):
        raise TwilioError(problem(21473))
    return to


def _family(account: Account) -> str:
    return account.owner_account_sid or account.sid
