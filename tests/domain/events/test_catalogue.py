"""The types that can be subscribed to."""

import re

import pytest

from mockserver.domain.events.catalogue import (
    COMMS,
    INBOUND,
    LOGGED,
    MESSAGE,
    NOTIFIED,
    TEST,
    TYPES,
    place,
)
from mockserver.domain.events.schemas import SCHEMAS
from mockserver.domain.sids import is_sid


def test_they_are_in_ascending_order() -> None:
    """As Twilio lists them; each under its own name."""
    assert list(TYPES) == sorted(TYPES)
    assert [each.name for each in TYPES.values()] == list(TYPES)


@pytest.mark.parametrize(
    ("name", "schema_id"),
    [
        *(
            (f"{MESSAGE}.{status}", "Messaging.MessageStatus")
            for status in ("queued", "sent", "delivered", "undelivered", "failed", "read")
        ),
        (INBOUND, "Messaging.InboundMessageV1"),
        ("com.twilio.messaging.template.approval.updated", "Messaging.ApprovalUpdated"),
        (NOTIFIED, "Notification.Delivered"),
        (LOGGED, "ErrorLogs.Error"),
        (f"{COMMS}.operation.scheduled", "CommsApi.OperationScheduled"),
        (f"{COMMS}.operation.processing", "CommsApi.OperationProcessing"),
        (f"{COMMS}.operation.completed", "CommsApi.OperationCompleted"),
        *(
            (f"{COMMS}.message.{status}", f"CommsApi.Message{status.title()}")
            for status in ("queued", "sent", "delivered", "undelivered", "failed", "read")
        ),
        (f"{COMMS}.message.inbound-received", "CommsApi.MessageInbound"),
    ],
)
def test_the_types_of_messaging(name: str, schema_id: str) -> None:
    """Each with the schema of its data, which there is."""
    assert TYPES[name].schema_id == schema_id
    assert schema_id in SCHEMAS


def test_ten_are_of_the_communications_api() -> None:
    """These and no others, Twilio says; all in all there are twenty."""
    assert len([name for name in TYPES if name.startswith(f"{COMMS}.")]) == 10
    assert len(TYPES) == 20


def test_what_tests_a_sink_is_not_listed() -> None:
    """It comes without a subscription."""
    assert TEST not in TYPES


def test_every_type_can_be_shown() -> None:
    """A description, and a page or none."""
    for each in TYPES.values():
        assert re.fullmatch(r"com\.twilio(\.[a-z-]+)+", each.name)
        assert each.description
        url = each.documentation_url
        assert url is None or url.startswith("https://www.twilio.com/docs/")
    assert TYPES[NOTIFIED].documentation_url is None


def test_page_tokens_can_name_them() -> None:
    """By what looks like a SID; no two have the same."""
    sids = {each.sid for each in TYPES.values()}
    assert len(sids) == len(TYPES)
    assert all(map(is_sid, sids))
    assert place("a") == place("a") != place("b")
