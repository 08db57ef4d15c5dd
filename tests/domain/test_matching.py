"""One matcher: what fits, what differs, which is nearest, and which filters are refused."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.matching import (
    CALLBACK_FIELDS,
    MESSAGE_FIELDS,
    REQUEST_FIELDS,
    BadFilter,
    Difference,
    FieldKind,
    Matcher,
    nearest,
)

MESSAGE = {
    "sid": "SM1",
    "to": "+14155552671",
    "from": "ACME",
    "body": "Your code is 123456",
    "status": "delivered",
    "timeline": ("queued", 0, 0, "sent", 200_000, 0, "delivered", 500_000, 0),
    "direction": "outbound-api",
    "channel": "sms",
    "origin": "messages",
    "created_at": 1_796_083_200_000_000,
    "error_code": 0,
    "tags": '{"campaign": "spring"}',
    "account_sid": "AC1",
}


def matches(filters: Mapping[str, object], subject: Mapping[str, object] = MESSAGE) -> bool:
    """Whether a message fits, having seen that `differences` says the same."""
    matcher = Matcher.compile(filters, fields=MESSAGE_FIELDS)
    assert matcher.matches(subject) == (not matcher.differences(subject))
    assert matcher.distance(subject) == len(matcher.differences(subject))
    return matcher.matches(subject)


def test_no_filters_match_everything() -> None:
    """Nothing asked for is nothing missed."""
    assert matches({})
    assert matches({}, {})


@pytest.mark.parametrize(
    "to",
    [
        "+14155552671",
        "(415) 555-2671",
        "+1 415 555 2671",
        "+1415555*",
        "+1 (415) 555-*",
        "*2671",
        "*",
        "+1*26*",
        ["+491701234567", "+14155552671"],
        ["+49*", "+1415*"],
        ("+14155552671",),
    ],
)
def test_addresses_fit_after_normalisation(to: object) -> None:
    """As people write them, exact or with `*`, one or any of a list."""
    assert matches({"to": to})


@pytest.mark.parametrize("to", ["+14155552672", "+1415555", "whatsapp:+14155552671", "+1*9", "*0*"])
def test_other_addresses_do_not_fit(to: str) -> None:
    """A part of a number is not the number; a channel belongs to the address."""
    assert not matches({"to": to})


def test_the_subjects_address_is_normalised_too() -> None:
    """A request's `To` may be written as people write it."""
    assert matches({"to": "+14155552671"}, {"to": "(415) 555-2671"})
    assert matches({"to": "+1415*"}, {"to": "415-555-2671"})


def test_channels_and_names_are_addresses() -> None:
    """`whatsapp:` is kept, and alphanumeric senders fit with their spaces and by `*`."""
    assert matches({"to": "whatsapp:+1415*"}, {"to": "whatsapp:+14155552671"})
    assert not matches({"to": "+1415*"}, {"to": "whatsapp:+14155552671"})
    assert matches({"from": "My Sh*"}, {"from": "My Shop"})
    assert not matches({"from": "acme"})


@pytest.mark.parametrize("subject", [{}, {"to": None}, {"to": ["+14155552671", "+1"]}, {"to": 5}])
def test_a_subject_without_an_address_does_not_fit(subject: dict[str, object]) -> None:
    """What is missing, or repeated in the request, is no match and no failure."""
    assert not matches({"to": "+14155552671"}, subject)


def test_star_fits_a_missing_address() -> None:
    """A message whose sender is not chosen yet is from anybody."""
    assert matches({"from": "*"}, {"from": ""})


def test_bodies_fit_by_part_and_by_expression() -> None:
    """`body` is a substring with its case; `body_regex` is searched for."""
    assert matches({"body": "code is"})
    assert matches({"body": ["nothing", "123"]})
    assert not matches({"body": "Code is"})
    assert matches({"body_regex": r"\b[0-9]{6}\b"})
    assert matches({"body_regex": ["^x", "(?i)CODE"]})
    assert not matches({"body_regex": r"^[0-9]+$"})
    assert not matches({"body": "x", "body_regex": "x"}, {"body": None})


def test_status_is_the_present_one_and_reached_any() -> None:
    """`reached` looks at the timeline, flat or statuses alone."""
    assert matches({"status": "delivered"})
    assert not matches({"status": "sent"})
    assert matches({"reached": "sent"})
    assert matches({"reached": ["failed", "sent"]})
    assert not matches({"reached": "failed"})
    assert matches({"reached": "sent"}, {"timeline": ["queued", "sent"]})
    assert not matches({"reached": "sent"}, {})


def test_status_can_mean_reached() -> None:
    """In `wait` and `assert_sent` a status is fulfilled once it was passed."""
    matcher = Matcher.compile({"status": "sent"}, fields=MESSAGE_FIELDS, status_means_reached=True)
    assert matcher.matches(MESSAGE)
    queued = {"status": "queued", "timeline": ("queued", 0, 0)}
    assert matcher.differences(queued) == {"status": Difference("sent", ["queued"])}


@pytest.mark.parametrize(
    ("since", "fits"),
    [
        ("2026-12-01T00:00:00Z", True),
        ("2026-12-01T01:00:00+01:00", True),
        ("2026-12-01", True),
        ("2026-12-01T00:00:00.000001Z", False),
        ("2027-01-01T00:00:00", False),
    ],
)
def test_since_compares_the_time_of_creation(since: str, fits: bool) -> None:
    """To the microsecond, from that moment on; without a zone it is UTC."""
    assert matches({"since": since}) is fits


def test_error_codes_are_numbers_or_their_text() -> None:
    """A query string has only text; 0 and null ask for messages without an error."""
    failed = {**MESSAGE, "error_code": 30003}
    assert matches({"error_code": 30003}, failed)
    assert matches({"error_code": "30003"}, failed)
    assert matches({"error_code": [30003, 30007]}, failed)
    assert not matches({"error_code": None}, failed)
    assert matches({"error_code": None})
    assert matches({"error_code": 0}, {"error_code": None})


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        ({"operation": "api.v2010.CreateMessage", "method": "POST"}, True),
        ({"operation": "api.v2010.*"}, True),
        ({"operation": "messaging.*"}, False),
        ({"path": "/2010-04-01/Accounts/*/Messages.json"}, True),
        ({"path": "/2010-04-01/Accounts"}, False),
        ({"host": ["api.*", "notify.*"], "status": 201}, True),
        ({"to": "+14155552671", "body": "oy"}, True),
        ({"error": 20429}, False),
    ],
)
def test_requests_fit_by_call_and_by_parameters(filters: dict[str, object], fits: bool) -> None:
    """Operation, host and path may hold `*`; `to`, `from` and `body` are the parameters."""
    request = {
        "operation": "api.v2010.CreateMessage",
        "method": "POST",
        "host": "api.twilio.com",
        "path": "/2010-04-01/Accounts/AC1/Messages.json",
        "status": 201,
        "to": "415 555 2671",
        "body": "Ahoy",
    }
    assert Matcher.compile(filters, fields=REQUEST_FIELDS).matches(request) is fits


def test_callbacks_fit() -> None:
    """By kind, URL, message, and what came back."""
    callback = {"kind": "status", "url": "http://x/y", "status": "sent", "response_status": 200}
    fields = CALLBACK_FIELDS
    assert Matcher.compile({"kind": "status", "url": "*/y"}, fields=fields).matches(callback)
    assert Matcher.compile(
        {"status": "sent", "response_status": [200, 204]}, fields=fields
    ).matches(callback)
    assert not Matcher.compile({"kind": "inbound"}, fields=fields).matches(callback)


def test_differences_show_both_sides() -> None:
    """Field by field, under the filter's own name; times and timelines as people read them."""
    filters = {
        "to": "+1206*",
        "body_regex": "^order",
        "reached": "failed",
        "since": "2027-01-01",
        "channel": "sms",
    }
    matcher = Matcher.compile(filters, fields=MESSAGE_FIELDS)
    assert matcher.differences(MESSAGE) == {
        "to": Difference("+1206*", "+14155552671"),
        "body_regex": Difference("^order", "Your code is 123456"),
        "reached": Difference("failed", ["queued", "sent", "delivered"]),
        "since": Difference("2027-01-01", "2026-12-01T00:00:00+00:00"),
    }


@pytest.mark.parametrize(
    ("filters", "field", "reason", "hint"),
    [
        ({"bodi": "x"}, "bodi", "there is no such filter", "body"),
        ({"xyzzy": "x"}, "xyzzy", "there is no such filter", ""),
        ({"body_regex": "("}, "body_regex", "'(' is not a regular expression", ""),
        ({"status": "deliverd"}, "status", "'deliverd' is none of", "delivered"),
        ({"reached": ["sent", "snt"]}, "reached", "'snt' is none of", "sent"),
        ({"channel": "pigeon"}, "channel", "'pigeon' is none of sms, mms", ""),
        ({"since": "yesterday"}, "since", "'yesterday' is not a time: use ISO 8601", ""),
        ({"to": None}, "to", "must be text or a list of such, not None", ""),
        ({"to": 14155552671}, "to", "must be text or a list of such, not 14155552671", ""),
        ({"to": {"a": 1}}, "to", "must be text", ""),
        ({"to": [["+1"]]}, "to", "must be text", ""),
        ({"to": []}, "to", "is an empty list, which nothing can match", ""),
        ({"error_code": "abc"}, "error_code", "'abc' is not a whole number", ""),
        ({"error_code": True}, "error_code", "must be a whole number", ""),
        ({"error_code": 1.5}, "error_code", "must be a whole number", ""),
    ],
)
def test_bad_filters_are_refused(
    filters: dict[str, object], field: str, reason: str, hint: str
) -> None:
    """With the field, the reason, and what was probably meant."""
    with pytest.raises(BadFilter) as caught:
        Matcher.compile(filters, fields=MESSAGE_FIELDS)
    assert caught.value.field == field
    assert caught.value.reason.startswith(reason)
    assert caught.value.hint == hint


def test_a_bad_filter_reads_as_a_sentence() -> None:
    """Its text is what a user sees."""
    with pytest.raises(BadFilter, match=r"^bodi: there is no such filter; did you mean 'body'\?$"):
        Matcher.compile({"bodi": "x"}, fields=MESSAGE_FIELDS)


def test_lower_case_methods_are_refused_with_the_right_one() -> None:
    """A filter that could never match is not taken."""
    with pytest.raises(BadFilter, match="'post' is none of GET, POST"):
        Matcher.compile({"method": "post"}, fields=REQUEST_FIELDS)


def test_matchers_of_equal_filters_are_equal() -> None:
    """So that rules and scenarios can be compared."""
    first, second = (Matcher.compile({"to": "+1*"}, fields=MESSAGE_FIELDS) for _ in range(2))
    assert first == second
    assert first != Matcher.compile({"to": "+2*"}, fields=MESSAGE_FIELDS)


def test_what_has_several_names_fits_by_any() -> None:
    """A host as it was sent, and as Twilio has it; a single one need be in no tuple."""
    matcher = Matcher.compile({"host": "notify.*"}, fields=REQUEST_FIELDS)
    assert matcher.matches({"host": ("localhost", "notify.twilio.com")})
    assert matcher.matches({"host": "notify.twilio.com"})
    assert not matcher.matches({"host": ("localhost", "api.twilio.com")})
    assert not matcher.matches({"host": ()})


def test_the_nearest_differ_least_and_came_last() -> None:
    """Fewest differences first, later ones first among equals; what matches is left out."""
    filters = {"to": "+1", "body": "a", "channel": "sms"}
    matcher = Matcher.compile(filters, fields=MESSAGE_FIELDS)
    subjects = [
        {"n": 0, "to": "+2", "body": "b", "channel": "mms"},
        {"n": 1, "to": "+1", "body": "b", "channel": "sms"},
        {"n": 2, "to": "+2", "body": "a", "channel": "sms"},
        {"n": 3, "to": "+1", "body": "a", "channel": "sms"},
        {"n": 4, "to": "+2", "body": "b", "channel": "sms"},
    ]
    found = nearest(matcher, subjects, limit=3)
    assert [subject["n"] for subject, _ in found] == [2, 1, 4]
    assert found[0][1] == {"to": Difference("+1", "+2")}
    assert [list(differences) for _, differences in found] == [["to"], ["body"], ["to", "body"]]


def test_nearest_takes_a_stream_and_its_limit() -> None:
    """Any iterable is read once; there may be fewer than asked for."""
    matcher = Matcher.compile({"body": "x"}, fields=MESSAGE_FIELDS)
    stream = ({"body": str(number)} for number in range(10_000))
    assert [subject["body"] for subject, _ in nearest(matcher, stream, 2)] == ["9999", "9998"]
    assert nearest(matcher, []) == []


@given(st.text(alphabet="+0123456789ab*: ", max_size=12), st.text(alphabet="+0123456789ab: "))
def test_stars_mean_any_run_of_characters(pattern: str, text: str) -> None:
    """Every pattern fits each text made from it by filling in the stars."""
    field = {"path": FieldKind("wildcard")}
    filled = pattern.replace("*", text)
    matcher = Matcher.compile({"path": pattern}, fields=field)
    assert matcher.matches({"path": filled})
    assert ("*" in pattern) or not matcher.matches({"path": filled + "!"})
