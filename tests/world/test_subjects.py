"""How the matcher sees messages, API calls and callbacks."""

from collections.abc import Mapping

import pytest

from mockserver.domain.matching import CALLBACK_FIELDS, MESSAGE_FIELDS, REQUEST_FIELDS, Matcher
from mockserver.domain.message import Delivery, Message
from mockserver.world.journal import CallbackEntry
from mockserver.world.subjects import CallbackSubject, CallSubject, MessageSubject

MESSAGE = Message(
    sid="SM" + "0" * 32,
    ordinal=0,
    account_sid="AC" + "1" * 32,
    direction="outbound-api",
    channel="sms",
    origin="messages",
    to="+14155552671",
    from_="+15017122661",
    body="Your code is 123456",
    encoding="GSM-7",
    num_segments=1,
    num_media=0,
    created_at=1_796_126_400_000_000,
    messaging_service_sid="MG" + "a" * 32,
    operation_id="comms_operation_1",
    tags='{"order": "7"}',
)
FAILED = Delivery("failed", 2, ("queued", 1, 0, "failed", 2, 30003), error_code=30003)


def matches(subject: MessageSubject, **filters: object) -> bool:
    return Matcher.compile(filters, fields=MESSAGE_FIELDS).matches(subject)


@pytest.mark.parametrize(
    ("filters", "wrong"),
    [
        ({"to": "+1415*"}, {"to": "+49*"}),
        ({"from": "+15017122661"}, {"from": "+15017122662"}),
        ({"body": "code"}, {"body": "word"}),
        ({"body_regex": "[0-9]{6}"}, {"body_regex": "^[0-9]{6}"}),
        ({"status": "failed"}, {"status": "queued"}),
        ({"reached": "queued"}, {"reached": "sent"}),
        ({"direction": "outbound-api"}, {"direction": "inbound"}),
        ({"channel": "sms"}, {"channel": "mms"}),
        ({"origin": "messages"}, {"origin": "notify"}),
        ({"messaging_service_sid": "MG" + "a" * 32}, {"messaging_service_sid": "MG" + "b" * 32}),
        ({"operation_id": "comms_operation_1"}, {"operation_id": "comms_operation_2"}),
        ({"since": "2026-12-01T12:00:00Z"}, {"since": "2026-12-01T12:00:01Z"}),
        ({"account_sid": "AC" + "1" * 32}, {"account_sid": "AC" + "2" * 32}),
        ({"sid": "SM" + "0" * 32}, {"sid": "SM" + "1" * 32}),
        ({"error_code": 30003}, {"error_code": None}),
        ({"tags": "order"}, {"tags": "parcel"}),
    ],
)
def test_every_filter_finds_its_value(
    filters: Mapping[str, object], wrong: Mapping[str, object]
) -> None:
    """Under the names of the control API."""
    subject = MessageSubject(MESSAGE, FAILED)
    assert matches(subject, **filters)
    assert not matches(subject, **wrong)


def test_all_filters_are_tried_above() -> None:
    """One that is added needs a line there."""
    tried = test_every_filter_finds_its_value.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {name for filters, _ in tried for name in filters} == set(MESSAGE_FIELDS)


def test_without_an_error_there_is_no_code() -> None:
    """Not zero but nothing."""
    fine = Delivery("queued", 1, ("queued", 1, 0))
    assert MessageSubject(MESSAGE, fine).get("error_code") is None
    assert matches(MessageSubject(MESSAGE, fine), error_code=None)


def test_before_its_creation_a_message_has_no_delivery() -> None:
    """Delivery rules look at it then."""
    subject = MessageSubject(MESSAGE, None)
    values = [subject.get(name) for name in ("status", "timeline", "error_code", "nonsense")]
    assert values == [None] * 4
    assert subject.get("to") == "+14155552671"


def test_a_calls_parameters_are_read_when_somebody_asks() -> None:
    """Once; what is a fact of the call itself never asks for them."""
    reads = []

    def read() -> Mapping[str, str]:
        reads.append(1)
        return {"To": "+14155552671", "Body": "Ahoy"}

    subject = CallSubject({"operation": "api.v2010.CreateMessage", "method": "POST"}, read)
    by_method = Matcher.compile({"method": "POST"}, fields=REQUEST_FIELDS)
    assert by_method.matches(subject)
    assert reads == []
    wanted = {"operation": "*.CreateMessage", "to": "+1415*", "body": "hoy"}
    assert Matcher.compile(wanted, fields=REQUEST_FIELDS).matches(subject)
    assert subject.get("from") is None
    assert reads == [1]


def test_a_callback() -> None:
    """Its `status` is the message's, as it reported it."""
    entry = CallbackEntry(
        id="cb-1",
        at=1,
        due=1,
        url="http://127.0.0.1:5000/status",
        method="POST",
        params=[],
        headers=[],
        signature="",
        response_status=500,
        duration=0.1,
        error="",
        error_code=11200,
        attempt=1,
        message_sid="SM1",
        account_sid="AC1",
        kind="status",
        status="delivered",
        idempotency_token="",
    )
    subject = CallbackSubject(entry)
    wanted = {
        "kind": "status",
        "url": "*/status",
        "message_sid": "SM1",
        "account_sid": "AC1",
        "response_status": 500,
        "status": "delivered",
    }
    assert set(wanted) == set(CALLBACK_FIELDS)
    for name, value in wanted.items():
        assert Matcher.compile({name: value}, fields=CALLBACK_FIELDS).matches(subject)
    assert subject.get("nonsense") is None
