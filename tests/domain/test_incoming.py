"""What a number may be told, and how it is refused."""

from typing import Any

import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.errors import TwilioError
from mockserver.domain.incoming import FIELDS, changed, check_transfer
from mockserver.domain.numbers import Number

OWNER = "AC" + "a" * 32
US, GB = Number("+14155550123", OWNER), Number("+447400123456", OWNER)
URL = "https://example.com/sms"
AP, TK = "AP" + "b" * 32, "TK" + "c" * 32


def code(number: Number, form: dict[str, Any]) -> int:
    """What a change is refused with."""
    with pytest.raises(TwilioError) as refused:
        changed(number, form, 1)
    return refused.value.code


def test_every_parameter_sets_its_field() -> None:
    """And the time of the change."""
    for name, field in FIELDS.items():
        value: Any = field == "voice_caller_id_lookup" or "said"
        if name.endswith("FallbackUrl"):
            continue
        after = changed(US, {name: value}, 7)
        assert (getattr(after, field), after.updated_at) == (value, 7)


def test_an_application_takes_the_place_of_urls() -> None:
    """And a URL that of an application; where both are given, the application wins."""
    with_url = changed(US, {"SmsUrl": URL, "SmsFallbackUrl": URL}, 1)
    with_app = changed(with_url, {"SmsApplicationSid": AP}, 2)
    assert (with_app.sms_application_sid, with_app.sms_url) == (AP, "")
    assert with_app.sms_fallback_url == ""
    again = changed(with_app, {"SmsUrl": URL}, 3)
    assert (again.sms_application_sid, again.sms_url) == ("", URL)
    both = changed(US, {"SmsUrl": URL, "SmsApplicationSid": AP}, 1)
    assert (both.sms_application_sid, both.sms_url) == (AP, "")


def test_an_empty_application_clears_nothing_but_itself() -> None:
    """A form with all fields is what many programs send."""
    after = changed(US, {"SmsUrl": URL, "SmsApplicationSid": ""}, 1)
    assert (after.sms_url, after.sms_application_sid) == (URL, "")


def test_a_trunk_and_an_application_exclude_each_other() -> None:
    """Of calls."""
    with_trunk = changed(US, {"TrunkSid": TK}, 1)
    with_app = changed(with_trunk, {"VoiceApplicationSid": AP}, 2)
    assert (with_app.trunk_sid, with_app.voice_application_sid) == ("", AP)
    assert changed(with_app, {"TrunkSid": TK}, 3).voice_application_sid == ""


def test_a_fallback_needs_what_it_falls_back_from() -> None:
    """21406 for texts, 21405 for calls."""
    assert code(US, {"SmsFallbackUrl": URL}) == 21406
    assert code(US, {"VoiceFallbackUrl": URL}) == 21405
    ready = changed(US, {"SmsUrl": URL, "VoiceUrl": URL}, 1)
    after = changed(ready, {"SmsFallbackUrl": URL, "VoiceFallbackUrl": URL}, 2)
    assert (after.sms_fallback_url, after.voice_fallback_url) == (URL, URL)


def test_a_number_that_takes_no_texts() -> None:
    """Nothing can be set for them: 21407; taking it away can."""
    deaf = Number("+14155550123", OWNER, sms=False, mms=False)
    assert code(deaf, {"SmsUrl": URL}) == code(deaf, {"SmsApplicationSid": AP}) == 21407
    assert changed(deaf, {"SmsUrl": ""}, 1).sms_url == ""


def test_names_of_callers_are_known_in_the_us_only() -> None:
    """21409 elsewhere."""
    assert code(GB, {"VoiceCallerIdLookup": True}) == 21409
    assert not changed(GB, {"VoiceCallerIdLookup": False}, 1).voice_caller_id_lookup


PARENT = Account(OWNER)
CHILD = Account("AC" + "b" * 32, owner_account_sid=OWNER)
SIBLING = Account("AC" + "c" * 32, owner_account_sid=OWNER)
STRANGER = Account("AC" + "d" * 32)


@pytest.mark.parametrize(
    ("giver", "taker"), [(PARENT, CHILD), (CHILD, PARENT), (CHILD, SIBLING), (PARENT, PARENT)]
)
def test_a_family_exchanges_numbers(giver: Account, taker: Account) -> None:
    """Parent and subaccounts, in every direction."""
    assert check_transfer(giver, taker) is taker


@pytest.mark.parametrize(
    ("taker", "code"),
    [
        (None, 21471),
        (STRANGER, 21473),
        (Account("AC" + "e" * 32, owner_account_sid=OWNER, status="suspended"), 21472),
    ],
)
def test_nobody_else_gets_one(taker: Account | None, code: int) -> None:
    """Unknown, not active, or of another family."""
    with pytest.raises(TwilioError) as refused:
        check_transfer(PARENT, taker)
    assert refused.value.code == code
