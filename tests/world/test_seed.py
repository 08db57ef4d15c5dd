"""A sandbox's furniture: what is given is added, and replaces what had the same name."""

from typing import Any

import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.content import ContentTemplate
from mockserver.domain.faults import (
    Given,
    GivenAccount,
    GivenNumber,
    GivenService,
    GivenTemplate,
)
from mockserver.domain.numbers import Number, OptOut, Service
from mockserver.domain.sids import is_sid, mint
from mockserver.world.accounts import Accounts
from mockserver.world.clock import Clock, Mode
from mockserver.world.dice import Dice
from mockserver.world.seed import furnish, sid_of
from mockserver.world.tables import Tables, Unit

NOON = 1_796_126_400_000_000
HOME, OTHER, PARENT = (f"AC{digit * 32}" for digit in "123")
SERVICE = "MG" + "a" * 32
NUMBER = "+14155550123"
DICE = Dice(7)


def number(phone_number: str, account: str = HOME, **settings: Any) -> Number:
    """A number with the SID that the seed gives it."""
    return Number(phone_number, account, sid=sid_of(phone_number, DICE), **settings)


def furnished(*given: Given) -> tuple[Tables, Accounts, Unit]:
    tables, unit = Tables(), Unit()
    accounts = Accounts(tables, Clock(Mode.parse("manual"), NOON), Account(HOME, "token"))
    for each in given:
        furnish(each, tables, accounts, DICE, unit)
    return tables, accounts, unit


def test_nothing_given_changes_nothing() -> None:
    """The sandbox's own account is as it was."""
    tables, accounts, _ = furnished(Given())
    assert accounts.first == Account(HOME, "token", created_at=NOON)
    assert (tables.numbers, tables.services, list(tables.opt_outs)) == ({}, {}, [])


def test_the_own_account_under_its_own_sid() -> None:
    """Whatever SID the scenario names; what is not said stays."""
    _, accounts, _ = furnished(Given((GivenAccount(OTHER, type="Trial", friendly_name="Ours"),)))
    assert accounts.first == Account(
        HOME, "token", type="Trial", friendly_name="Ours", created_at=NOON
    )
    assert accounts.find(OTHER) is None


def test_more_accounts() -> None:
    """Each as it is described, with its parent."""
    other = GivenAccount(OTHER, "secret", "Trial", "test", PARENT, "Theirs")
    _, accounts, _ = furnished(Given((GivenAccount(), other)))
    assert accounts.find(OTHER) == Account(
        OTHER, "secret", "Trial", "test", "active", "Theirs", PARENT, NOON
    )


def test_an_account_given_again_keeps_its_token() -> None:
    """Unless there is another one."""
    first = Given((GivenAccount(), GivenAccount(OTHER, "secret")))
    _, accounts, _ = furnished(first, Given((GivenAccount(), GivenAccount(OTHER, type="Trial"))))
    found = accounts.find(OTHER)
    assert found is not None
    assert (found.auth_token, found.type) == ("secret", "Trial")


def test_numbers_and_services_belong_to_the_own_account() -> None:
    """Unless they say whose they are; addresses are normalised."""
    tables, _, _ = furnished(
        Given(
            numbers=(
                GivenNumber("+1 (415) 555-0123", sms_url="http://127.0.0.1/in"),
                GivenNumber("+14155550124", OTHER, mms=False),
            ),
            services=(GivenService(SERVICE, senders=("+1 415 555 0123",)),),
        )
    )
    assert tables.numbers == {
        NUMBER: number(NUMBER, sms_url="http://127.0.0.1/in"),
        "+14155550124": number("+14155550124", OTHER, mms=False),
    }
    assert tables.services == {SERVICE: Service(SERVICE, HOME, (NUMBER,))}


def test_a_number_with_all_its_settings() -> None:
    """They are taken over, the SID among them."""
    sid = "PN" + "f" * 32
    fallback = "http://127.0.0.1/other"
    tables, _, _ = furnished(
        Given(
            numbers=(
                GivenNumber(
                    NUMBER,
                    sid=sid,
                    friendly_name="Desk",
                    voice=False,
                    sms_fallback_url=fallback,
                    sms_fallback_method="GET",
                ),
            )
        )
    )
    assert tables.numbers[NUMBER] == Number(
        NUMBER,
        HOME,
        sid=sid,
        friendly_name="Desk",
        voice=False,
        sms_fallback_url=fallback,
        sms_fallback_method="GET",
    )


@pytest.mark.parametrize(
    ("sender", "prefix"),
    [(NUMBER, "PN"), ("12345", "SC"), ("ACME", "AI"), (f"whatsapp:{NUMBER}", "XE")],
)
def test_the_sid_of_a_sender(sender: str, prefix: str) -> None:
    """It says what kind it is, and depends on the seed, the sender and who had it before."""
    sid = sid_of(sender, DICE)
    assert is_sid(sid, prefix)
    assert sid == sid_of(sender, Dice(7)) != sid_of(sender, Dice(8))
    if prefix == "PN":
        assert sid != sid_of(sender, DICE, 1)


def test_a_channels_sender_has_the_sid_that_its_callbacks_name() -> None:
    """`ChannelInstallSid`."""
    sender = f"whatsapp:{NUMBER}"
    assert sid_of(sender, DICE) == mint("XE", DICE.of("channel-install", sender))


def test_the_same_name_is_replaced() -> None:
    """The later one counts, whole."""
    tables, _, _ = furnished(
        Given(numbers=(GivenNumber(NUMBER, mms=False),)), Given(numbers=(GivenNumber(NUMBER),))
    )
    assert tables.numbers == {NUMBER: number(NUMBER)}


def test_recipients() -> None:
    """Verified callers and opt-outs are added to those before."""
    one = Given(verified_callers=(NUMBER,), opt_outs=(OptOut(SERVICE, NUMBER),))
    two = Given(verified_callers=("+14155550124",), opt_outs=(OptOut("+1 415 5550124", NUMBER),))
    tables, _, _ = furnished(one, two)
    assert list(tables.verified_callers) == [NUMBER, "+14155550124"]
    caller = tables.verified_callers[NUMBER]
    assert (caller.account_sid, caller.phone_number, caller.created_at) == (HOME, NUMBER, 0)
    assert is_sid(caller.sid, "PN")
    assert list(tables.opt_outs) == [OptOut(SERVICE, NUMBER), OptOut("+14155550124", NUMBER)]


def test_content_templates() -> None:
    """The own account's unless they say whose they are; approved unless said otherwise."""
    types = {"twilio/text": {"body": "Hi {{1}}"}}
    theirs = GivenTemplate("HX2", types, OTHER, "Hello", "fr", {"1": "x"}, "pending")
    tables, _, unit = furnished(Given(content=(GivenTemplate("HX1", types), theirs)))
    assert tables.content == {
        "HX1": ContentTemplate("HX1", HOME, types, approval="approved"),
        "HX2": ContentTemplate("HX2", OTHER, types, "Hello", "fr", {"1": "x"}, "pending"),
    }
    assert unit.rows[-1] == ("content", "HX2", tables.content["HX2"])


def test_all_of_it_goes_to_the_store() -> None:
    """A row for each thing."""
    given = Given(
        accounts=(GivenAccount(), GivenAccount(OTHER)),
        numbers=(GivenNumber(NUMBER),),
        services=(GivenService(SERVICE),),
        verified_callers=(NUMBER,),
        opt_outs=(OptOut(SERVICE, NUMBER),),
    )
    _, _, unit = furnished(given)
    assert [(table, key) for table, key, _ in unit.rows] == [
        ("accounts", HOME),
        ("accounts", OTHER),
        ("numbers", NUMBER),
        ("services", SERVICE),
        ("verified_callers", NUMBER),
        ("opt_outs", f"{SERVICE} {NUMBER}"),
    ]
