"""The catalogue of refusals: codes, statuses, texts, and which one wins."""

import re

import pytest

from mockserver.domain import errors
from mockserver.domain.errors import (
    CATALOGUE,
    VALIDATION_ORDER,
    Problem,
    TwilioError,
    UnknownCode,
    masked,
    problem,
    rank,
)
from mockserver.domain.titles import TITLES

ROWS = [value for value in vars(errors).values() if isinstance(value, Problem)]

CAPTURED = [
    (errors.AUTHENTICATE, 20003, 401, "Authenticate"),
    (errors.NO_CREDENTIALS, 20003, 401, "Authentication Error - No credentials provided"),
    (errors.INVALID_USERNAME, 20003, 401, "Authentication Error - invalid username"),
    (errors.TEST_CREDENTIALS, 20008, 403, "Resource not accessible with Test Account Credentials"),
    (errors.METHOD_NOT_ALLOWED, 20004, 405, "Method not allowed"),
    (errors.TOO_MANY_REQUESTS, 20429, 429, "Too Many Requests"),
    (errors.MISSING_TO, 21604, 400, "A 'To' phone number is required."),
    (errors.MISSING_SENDER, 21603, 400, "A 'From' phone number is required."),
    (errors.MISSING_BODY, 21602, 400, "Message body is required."),
    (errors.UNVERIFIED_TO, 21219, 400, "'To' phone number not verified"),
    (errors.UNSUBSCRIBED, 21610, 400, "Attempt to send to unsubscribed recipient"),
    (errors.UNSUBSCRIBED_TEST, 21610, 400, "The message From/To pair violates a blacklist rule."),
    (errors.QUEUE_FULL, 21611, 429, "SMS queue is full."),
    (
        errors.BODY_TOO_LONG,
        21617,
        400,
        "The concatenated message body exceeds the 1600 character limit.",
    ),
    (errors.SERVICE_NOT_FOUND, 21701, 404, "The Messaging Service does not exist"),
    (errors.INVALID_UPDATE, 30400, 400, "Parameters are not valid"),
    (errors.NOT_CANCELABLE, 30409, 409, "This message cannot be canceled"),
    (errors.PAGE_TOKEN_REQUIRED, 20001, 400, "PageToken is required for paging."),
    (errors.PAGE_SIZE_TOO_LARGE, 20007, 400, "Page size must be no greater than 1000"),
    (errors.INVALID_PAGE_TOKEN, 21481, 400, "Invalid PageToken"),
]


@pytest.mark.parametrize(("row", "code", "status", "text"), CAPTURED)
def test_refusals_are_worded_as_twilio_words_them(
    row: Problem, code: int, status: int, text: str
) -> None:
    """Code, HTTP status and text are those of the API."""
    refusal = TwilioError(row)
    assert (refusal.code, refusal.status, refusal.message) == (code, status, text)
    assert str(refusal) == text


def test_values_fill_the_text() -> None:
    """A whole form may be handed in: the text takes what it names."""
    form = {"To": "+15005550002", "From": "+15005550006", "Body": "{To}", "via": "SMS"}
    assert TwilioError(errors.NO_ROUTE, **form).message == (
        "The 'To' phone number: +15005550002, is not currently reachable using the 'From' phone "
        "number: +15005550006 via SMS."
    )


def test_values_are_not_templates() -> None:
    """Braces in what a stranger sent stay as they are."""
    assert "{code} {0} {x.__class__}" in (
        TwilioError(errors.INVALID_FROM, From="{code} {0} {x.__class__}").message
    )


def test_numbers_are_masked() -> None:
    """Twilio hides the last four digits of a number that it refuses; short ones it does not."""
    assert masked("+14155552671") == "+1415555XXXX"
    assert masked("123") == "123"
    assert masked("whatsapp:") == "whatsapp:"
    refusal = TwilioError(errors.INVALID_TO, To_masked=masked("+15555555555"))
    assert refusal.message == "Invalid 'To' Phone Number: +1555555XXXX"


def test_a_wrong_token_has_a_detail_and_a_page() -> None:
    """The 401 says more than the usual four fields; other refusals do not."""
    refusal = TwilioError(errors.AUTHENTICATE)
    assert refusal.detail == "Your AccountSid or AuthToken was incorrect."
    assert refusal.more_info == "https://www.twilio.com/docs/errors/20003"
    assert TwilioError(errors.MISSING_TO).detail == ""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.code}: {row.text[:20]}")
def test_every_row_reads_well_without_values(row: Problem) -> None:
    """A fault rule has no values to give: a text with gaps gives way to the title."""
    text = row.rendered()
    assert text
    assert "{" not in text
    assert 400 <= row.status < 600


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.code}: {row.text[:20]}")
def test_every_field_is_filled_by_its_name(row: Problem) -> None:
    """With all its values, the captured text is used, not the title."""
    fields = re.findall(r"{(\w+)}", row.text)
    text = row.rendered(**dict.fromkeys(fields, "value"))
    assert text == re.sub(r"{\w+}", "value", row.text)


@pytest.mark.parametrize(
    ("code", "status"),
    [(20404, 404), (20429, 429), (21611, 429), (63038, 429), (30003, 400), (20503, 503)],
)
def test_a_fault_may_name_any_code(code: int, status: int) -> None:
    """Codes of the catalogue and of the rest of the dictionary have a status and a text."""
    row = problem(code)
    assert (row.code, row.status) == (code, status)
    assert row.rendered()


def test_the_whole_dictionary_is_known() -> None:
    """Every title can be answered with."""
    assert all(400 <= problem(code).status < 600 for code in TITLES)
    assert problem(30003).text == "Unreachable destination handset"


def test_a_code_with_several_texts_has_the_usual_one() -> None:
    """The first row of a code is its default."""
    assert problem(20003) is errors.AUTHENTICATE
    assert problem(21610) is errors.UNSUBSCRIBED
    assert problem(21211) is errors.INVALID_TO


def test_an_unknown_code_is_named() -> None:
    """A typing error in a fault rule is told, not answered with."""
    with pytest.raises(UnknownCode, match="99999") as caught:
        problem(99999)
    assert isinstance(caught.value, KeyError)


def test_the_order_of_validation() -> None:
    """What is missing wins over form, form over permission, permission over limits."""
    winners = [21604, 21603, 21602, 21617, 35111, 21212, 21211, 21265, 21606, 21701, 21219, 21408]
    winners += [21610, 21612, 20429]
    assert sorted(winners, key=rank) == winners


def test_the_order_names_each_code_once() -> None:
    """The table is a ranking, and all of it can be answered with."""
    assert len(set(VALIDATION_ORDER)) == len(VALIDATION_ORDER)
    assert all(problem(code) for code in VALIDATION_ORDER)


def test_a_code_outside_the_order_comes_last() -> None:
    """Nothing that the order does not know may hide a refusal that it knows."""
    assert 20500 in CATALOGUE
    assert rank(20500) == len(VALIDATION_ORDER) > rank(VALIDATION_ORDER[-1])
