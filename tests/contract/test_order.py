"""Which refusal wins when two apply: that which comes first in the one table of the facts.

Every pair of breaches that one request can have together is made; `ORDER` is copied from the facts
(section 3.2), not from the code.
"""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.contract.conftest import MakeStage, Stage

# fmt: off
ORDER = (
    21604, 21603, 21602, 21619,
    21617, 21623, 21620, 21609, 21624, 21627, 21655, 21656, 21705, 30029, 30030,
    35111, 35114, 35118, 35125, 35126,
    21212, 21910, 63007,
    21211,
    21265, 21266, 21268,
    21659, 21660, 21661, 21621, 21267,
    21701,
    21219,
    21408,
    21610,
    21614, 21612,
    63038, 30454, 21611,
)
# fmt: on

ME, YOU, GERMAN = "+15017122661", "+14155552671", "+4915123456789"
SERVICE, OTHER, CONTENT = "MG" + "a" * 32, "AC" + "b" * 32, "HX" + "c" * 32

GOOD = {"To": YOU, "From": ME, "Body": "Ahoy"}
SERVICE_SID = "MessagingServiceSid"
CONTENTS = ("MediaUrl", "ContentSid")


def later() -> str:
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat()


SCHEDULED = {"ScheduleType": "fixed", "SendAt": later(), SERVICE_SID: SERVICE}


@dataclass(frozen=True)
class Breach:
    """What is wrong: with the form, or with the state of things."""

    form: Mapping[str, Any] = field(default_factory=dict)
    """Changes to a good form; `None` leaves a parameter out."""
    needs: tuple[str, ...] = ()
    """Parameters that have to stay as they are in a good form."""
    scenario: Mapping[str, Any] = field(default_factory=dict)
    before: tuple[Mapping[str, str], ...] = ()
    """Messages that are made first."""


def strict(**number: Any) -> dict[str, Any]:
    """Strict senders; `number` is what is known of `ME`, if anything."""
    numbers = [{"phone_number": ME, **number}] if number else []
    accounts = [{"sid": OTHER}] if "account_sid" in number else []
    return {"senders": "strict", "given": {"numbers": numbers, "accounts": accounts}}


def given(**furniture: Any) -> dict[str, Any]:
    return {"given": furniture}


def usual_account(**state: Any) -> dict[str, Any]:
    """A state that neither a trial account nor strict senders may come to."""
    return {"senders": "any", "given": {"account": {"type": "Full"}, **state}}


BREACHES: dict[int, Breach] = {
    21604: Breach({"To": None}),
    21603: Breach({"From": None}, (SERVICE_SID,)),
    21602: Breach({"Body": None}, ("From", SERVICE_SID, *CONTENTS)),
    21619: Breach({"Body": None, SERVICE_SID: SERVICE}, CONTENTS),
    21617: Breach({"Body": "a" * 1_601}),
    21623: Breach({"MediaUrl": ["https://example.com/a.png"] * 11}),
    21620: Breach({"MediaUrl": "ftp://example.com/a.png"}),
    21609: Breach({"StatusCallback": "/status"}),
    21624: Breach({"ValidityPeriod": "0"}),
    21627: Breach({"MaxPrice": "cheap"}),
    21655: Breach({"ContentSid": "HX1"}),
    21656: Breach(
        {"ContentSid": CONTENT, "ContentVariables": "[]"},
        (),
        given(content=[{"sid": CONTENT, "types": {"twilio/text": {"body": "Hi"}}}]),
    ),
    21705: Breach({SERVICE_SID: "MG1"}),
    30029: Breach({"ContentRetention": "keep"}),
    30030: Breach({"AddressRetention": "keep"}),
    35111: Breach({"ScheduleType": "fixed", SERVICE_SID: SERVICE}, ("SendAt",)),
    35114: Breach({**SCHEDULED, "SendAt": "soon"}),
    35118: Breach({"ScheduleType": "fixed", "SendAt": later()}, (SERVICE_SID,)),
    35125: Breach(SCHEDULED, (), {"options": {"scheduled_max": 1}}, ({**GOOD, **SCHEDULED},)),
    35126: Breach({**SCHEDULED, "ScheduleType": "loose"}),
    21212: Breach({"From": "ACME!"}),
    21910: Breach({"From": f"whatsapp:{ME}"}, (SERVICE_SID,)),
    63007: Breach(
        {"To": f"whatsapp:{YOU}", "From": f"whatsapp:{ME}"}, (SERVICE_SID,), {"senders": "strict"}
    ),
    21211: Breach({"To": "me"}),
    21265: Breach({"To": "12345"}),
    21266: Breach({"To": ME}, ("From",)),
    21268: Breach({"To": "+19002345678"}),
    21659: Breach({}, ("From",), strict()),
    21660: Breach({}, ("From",), strict(account_sid=OTHER)),
    21661: Breach({}, ("From", "MediaUrl"), strict(sms=False)),
    21621: Breach({"MediaUrl": "https://example.com/a.png"}, ("From",), strict(mms=False)),
    21267: Breach(
        {"From": "ACME", "To": GERMAN}, (), {"senders": "any", **given(account={"type": "Trial"})}
    ),
    21701: Breach({"From": None, SERVICE_SID: SERVICE}, (), {"senders": "strict"}),
    21219: Breach({}, ("To",), given(account={"type": "Trial"})),
    21408: Breach({}, ("To",), given(account={"geo_permissions_off": ["US"]})),
    21610: Breach({}, ("To", "From", SERVICE_SID), given(opt_outs=[{"from": ME, "to": YOU}])),
    21614: Breach({}, ("To",), given(handsets=[{"phone_number": YOU, "line_type": "landline"}])),
    21612: Breach({"From": "ACME"}, ("To", SERVICE_SID), usual_account()),
    63038: Breach({}, (), {"options": {"daily_messages": 1}}, (GOOD,)),
    30454: Breach({}, (), {"options": {"total_messages": 1}}, (GOOD,)),
    21611: Breach({"From": "+15005550008"}),
}


class Apart(Exception):
    """Two scenarios cannot be in force together."""


def merged(one: Any, other: Any) -> Any:
    """Both scenarios in one; raise `Apart`."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        names = [*one, *(name for name in other if name not in one)]
        return {
            name: merged(one[name], other[name])
            if name in one and name in other
            else {**one, **other}[name]
            for name in names
        }
    if one != other:
        raise Apart
    return one


def together(codes: Iterable[int]) -> Breach:
    """Several breaches as one; raise `Apart` where one request cannot have them."""
    whole = Breach()
    for breach in map(BREACHES.__getitem__, codes):
        if {*whole.form} & {*breach.form, *breach.needs} or {*whole.needs} & {*breach.form}:
            raise Apart
        whole = Breach(
            {**whole.form, **breach.form},
            (*whole.needs, *breach.needs),
            merged(whole.scenario, breach.scenario),
            (*whole.before, *breach.before),
        )
    return whole


def answered(on: "Stage", breach: Breach) -> int:
    """The code that a request with this breach is refused with."""
    for form in breach.before:
        assert on.create(form).status_code == 201
    document = json.dumps({"name": "test", **breach.scenario})
    document = document.replace(OTHER, f"AC{secrets.token_hex(16)}")  # an account has one sandbox
    on.control("PUT", "/scenario", {"scenario": json.loads(document)})
    form = {name: value for name, value in {**GOOD, **breach.form}.items() if value is not None}
    return int(json.loads(on.create(form).text)["code"])


def rivals(code: int) -> list[int]:
    """The breaches that come later in the order and can come together with this one."""
    found = []
    for rival in ORDER[ORDER.index(code) + 1 :]:
        try:
            together((code, rival))
        except Apart:
            continue
        found.append(rival)
    return found


def test_every_code_of_the_order_is_a_breach() -> None:
    """And most pairs can be had."""
    assert tuple(BREACHES) == ORDER
    assert sum(len(rivals(code)) for code in ORDER) > 500


@pytest.mark.parametrize("code", ORDER)
def test_alone(stage: "MakeStage", code: int) -> None:
    """A breach by itself is answered with its code."""
    assert answered(stage(), BREACHES[code]) == code


@pytest.mark.parametrize("code", [code for code in ORDER if rivals(code)])
def test_the_earlier_wins(stage: "MakeStage", code: int) -> None:
    """Together with any that comes later in the order."""
    assert {rival: answered(stage(), together((code, rival))) for rival in rivals(code)} == (
        dict.fromkeys(rivals(code), code)
    )


TEST_MODE = {"given": {"account": {"mode": "test"}}}


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("+15005550001", 21211),
        ("+15005550002", 21612),
        ("+15005550003", 21408),
        ("+15005550004", 21610),
        ("+15005550009", 21614),
    ],
)
def test_magic_recipients_of_test_credentials(stage: "MakeStage", to: str, code: int) -> None:
    """They are answered before anything is said about whose the sender is."""
    assert answered(stage(), Breach({"To": to}, (), TEST_MODE)) == code


@pytest.mark.parametrize(
    ("sender", "code"),
    [("+123", 21606), (ME, 21606), ("+15005550001", 21212), ("ACME!", 21212)],
)
def test_senders_of_test_credentials(stage: "MakeStage", sender: str, code: int) -> None:
    """A number, whatever its form, is only not theirs; but for the magic one, and for names."""
    assert answered(stage(), Breach({"From": sender}, (), TEST_MODE)) == code
