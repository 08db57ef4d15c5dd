"""The checks of the create call, without a server: which one wins, and what the texts name."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain import errors
from mockserver.domain.accounts import Account
from mockserver.domain.applications import Application
from mockserver.domain.creation import EARLY, LATE, Draft, examine
from mockserver.domain.errors import Problem, TwilioError
from mockserver.domain.numbers import Number, Service
from mockserver.domain.options import USUAL, Options

NOW = 1_796_083_200_000_000
ACCOUNT = Account("AC" + "a" * 32)
GOOD = {"To": "+14155552671", "From": "+15017122661", "Body": "Ahoy"}
SERVICE = "MG" + "a" * 32


class Nothing:
    """A sandbox that was told nothing."""

    def number(self, phone_number: str) -> Number | None:
        return None

    def service(self, sid: str) -> Service | None:
        return None

    def verified(self, account: Account, to: str) -> bool:
        return False

    def application(self, sid: str) -> Application | None:
        return None

    def was_service(self, sid: str) -> bool:
        return False

    def opted_out(self, from_: str, to: str) -> bool:
        return False

    def landline(self, to: str) -> bool:
        return False

    def closed_countries(self, account: Account) -> tuple[str, ...]:
        return ()

    def sent(self, account_sid: str, since: int) -> int:
        return 0

    def scheduled(self, account_sid: str, limit: int) -> int:
        return 0


def draft(form: Mapping[str, Any], account: Account = ACCOUNT, options: Options = USUAL) -> Draft:
    return Draft(form, account, Nothing(), options, NOW)


def code(form: Mapping[str, Any], *breaches: Problem, account: Account = ACCOUNT) -> int:
    """What examining answers with; 0: nothing."""
    try:
        examine(draft(form, account), breaches)
    except TwilioError as refused:
        return refused.code
    return 0


def test_a_good_form() -> None:
    """It passes, and both addresses are parsed."""
    made = draft(GOOD)
    examine(made, ())
    assert (made.to.value, made.sender.value, made.service_sid) == (GOOD["To"], GOOD["From"], "")


@pytest.mark.parametrize(
    "form",
    [
        {**GOOD, "MessagingServiceSid": SERVICE},
        {"To": GOOD["To"], "Body": "Ahoy", "MessagingServiceSid": SERVICE},
        {**GOOD, "From": SERVICE},
    ],
)
def test_a_service_by_either_parameter(form: dict[str, str]) -> None:
    """`From` may hold it."""
    made = draft(form)
    examine(made, ())
    assert made.service_sid == SERVICE


def test_breaches_and_checks_compete() -> None:
    """By rank, wherever they were found."""
    late = errors.INVALID_ADDRESS_RETENTION
    early = errors.INVALID_STATUS_CALLBACK
    assert code({**GOOD, "Body": "a" * 1601}, late, early) == 21617
    assert code(GOOD, late, early) == 21609
    assert code({"To": "x", "Body": "y"}, early) == 21603
    assert code({**GOOD, "To": "x"}, late) == 30030


def test_the_limit_of_the_body() -> None:
    """1600 UTF-16 code units."""
    assert code({**GOOD, "Body": "😀" * 800}) == 0
    assert code({**GOOD, "Body": "😀" * 800 + "a"}) == 21617
    assert code({**GOOD, "Body": "é" * 1600}) == 0


class OneApplication(Nothing):
    """A sandbox with an application, somebody else's or the account's."""

    def __init__(self, owner: str) -> None:
        self.owner = owner

    def application(self, sid: str) -> Application | None:
        return Application(sid, self.owner)


def test_an_application_must_be_the_accounts() -> None:
    """One that is not known passes, unless senders are strict."""
    form, strict = {**GOOD, "ApplicationSid": "AP" + "a" * 32}, Options(senders="strict")
    assert code(form) == 0
    examine(Draft(form, ACCOUNT, OneApplication(ACCOUNT.sid), USUAL, NOW), ())
    for known, options in ((OneApplication("AC" + "b" * 32), USUAL), (Nothing(), strict)):
        with pytest.raises(TwilioError) as refused:
            examine(Draft(form, ACCOUNT, known, options, NOW), ())
        assert refused.value.code == 21218


@pytest.mark.parametrize(
    "url",
    ["http://a b/c.png", "http://[::1/c.png", "http://x:99999/", "http://x:0/", "http://x/a\nb"],
)
def test_media_that_is_no_url(url: str) -> None:
    """What begins like one, but names no place."""
    assert code({**GOOD, "MediaUrl": ["http://x:80/a.png"]}) == 0
    assert code({**GOOD, "MediaUrl": ["http://x/a.png", url]}) == 21620


def test_deep_variables() -> None:
    """However deeply nested, they are only invalid."""
    form = {**GOOD, "ContentSid": "HX" + "a" * 32, "ContentVariables": "[" * 100_000}
    assert code(form) == 21656


def test_late_checks_follow_the_order_of_codes() -> None:
    """Each check's codes rank after those of the check before, where both are in the table."""
    assert len(set(EARLY) | set(LATE)) == len(EARLY) + len(LATE)
    names = [row.check.__qualname__ for row in LATE]
    order = ["fits", "sender_form", "recipient_form", "owned", "verified", "subscribed", "within"]
    assert [name for name in names if name in order] == order


FIELDS = st.dictionaries(
    st.sampled_from(["To", "From", "Body", "MessagingServiceSid", "SendAt", "ScheduleType"]),
    st.text() | st.sampled_from([*GOOD.values(), SERVICE, "fixed", "whatsapp:+14155552671"]),
).map(lambda form: {"To": "", **form})
ACCOUNTS = st.builds(
    Account,
    st.just(ACCOUNT.sid),
    type=st.sampled_from(["Full", "Trial"]),
    mode=st.sampled_from(["live", "test"]),
)


OPTIONS = st.builds(
    Options, senders=st.sampled_from(["any", "strict"]), numbers=st.sampled_from(["any", "strict"])
)


@given(FIELDS, ACCOUNTS, OPTIONS)
def test_any_form(form: dict[str, str], account: Account, options: Options) -> None:
    """A refusal of the catalogue, or none."""
    problem = _refusal(form, account, options)
    assert problem is None or problem in vars(errors).values()


def _refusal(form: dict[str, str], account: Account, options: Options) -> Problem | None:
    try:
        examine(draft(form, account, options), ())
    except TwilioError as refused:
        return refused.problem
    return None
