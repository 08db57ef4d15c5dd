"""The checks of the create call, without a server: which one wins, and what the texts name."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain import errors
from mockserver.domain.accounts import Account
from mockserver.domain.applications import Application
from mockserver.domain.content import ContentTemplate
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

    def template(self, account: Account, sid: str) -> ContentTemplate | None:
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


CONTENT = "HX" + "a" * 32


class OneTemplate(Nothing):
    """A sandbox with a template, and with a service that has senders."""

    def __init__(self, types: Mapping[str, Any], *senders: str) -> None:
        self.made = ContentTemplate(CONTENT, ACCOUNT.sid, dict(types), variables={"2": "two"})
        self.senders = senders

    def template(self, account: Account, sid: str) -> ContentTemplate | None:
        return self.made if (account.sid, sid) == (ACCOUNT.sid, CONTENT) else None

    def service(self, sid: str) -> Service | None:
        return Service(sid, ACCOUNT.sid, self.senders)


TEXT = {"twilio/text": {"body": "Hi {{1}}, {{2}}"}}
CARD = {"twilio/card": {"title": "Hats", "subtitle": "{{1}}"}}


def from_template(types: Mapping[str, Any], *senders: str, **changes: str) -> Draft | int:
    """What examining makes of it, or the code that it answers with."""
    form = {"To": GOOD["To"], "From": GOOD["From"], "ContentSid": CONTENT, **changes}
    made = Draft(form, ACCOUNT, OneTemplate(types, *senders), USUAL, NOW)
    try:
        examine(made, ())
    except TwilioError as refused:
        return refused.code
    return made


def test_a_template_is_filled_in() -> None:
    """With what the message says, else with what the template has; `Body` is of no use to it."""
    for more in ({}, {"Body": "-", "MediaUrl": ""}):
        made = from_template(TEXT, ContentVariables='{"1": "Ada"}', **more)
        assert isinstance(made, Draft)
        assert made.content is not None
        assert (made.content.body, made.content.missing, made.media) == ("Hi Ada, two", (), False)


def test_a_template_that_the_account_does_not_have() -> None:
    """21655, whatever else is wrong with it."""
    form = {**GOOD, "ContentSid": CONTENT, "ContentVariables": "["}
    assert code(form) == 21655
    assert from_template(TEXT, ContentSid="HX" + "b" * 32) == 21655


@pytest.mark.parametrize(
    "variables",
    [
        "[" * 100_000,
        "no",
        "[]",
        "7",
        '{"1": 7}',
        '{"1": ""}',
        '{"1": null}',
        '{"1": "a\\nb"}',
        '{"1": "a     b"}',
        '{"1": "\\ud800"}',
        '{"\\ud800": "a"}',
        '{"1": NaN}',
        '{"' + "k" * 17 + '": "a"}',
        '{"1": "' + "a" * 1_601 + '"}',
    ],
)
def test_variables_that_are_none(variables: str) -> None:
    """21656, however deeply nested or long."""
    assert from_template(TEXT, ContentVariables=variables) == 21656


def test_the_limits_of_variables() -> None:
    """Four blanks in a row, 16 characters of a key; extra keys are of no matter."""
    fine = '{"1": "a    b", "' + "k" * 16 + '": "é"}'
    assert isinstance(from_template(TEXT, ContentVariables=fine), Draft)
    assert isinstance(from_template({"twilio/text": {"body": "Hi"}}, ContentVariables=""), int)


@pytest.mark.parametrize("body", ["{{x}", "{{}}", "{{id name}}", "Hi {{1}} {{1 | upcase}}"])
def test_a_placeholder_that_is_none(body: str) -> None:
    """21656, though the variables are fine."""
    assert from_template({"twilio/text": {"body": body}}) == 21656


def test_what_a_template_makes_must_be_a_message() -> None:
    """As long as a text may be, its files at URLs."""
    assert from_template(TEXT, ContentVariables='{"1": "' + "a" * 1_600 + '"}') == 21617
    media = {"twilio/media": {"media": ["https://{{1}}/a.png"]}}
    assert from_template(media, ContentVariables='{"1": "a b"}') == 21620
    made = from_template(media, ContentVariables='{"1": "example.com"}')
    assert isinstance(made, Draft)
    assert made.media


def test_a_channel_that_cannot_show_it() -> None:
    """216602; through a service with an RCS sender, a number may do RCS."""
    assert from_template(CARD) == 216602
    whatsapp = {"To": "whatsapp:+14155552671", "From": "whatsapp:+15017122661"}
    assert isinstance(from_template(CARD, **whatsapp), Draft)
    assert from_template(CARD, From=SERVICE) == 216602
    assert isinstance(from_template(CARD, "rcs:acme", From=SERVICE), Draft)
    location = {"twilio/location": {"latitude": 1, "longitude": 2}}
    assert from_template(location, "rcs:acme", From=SERVICE) == 216602


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
