"""A notification's own facts, and what delivery callbacks say of its deliveries."""

import json

import pytest
from msgspec.structs import replace

from mockserver.domain.notify.ask import Ask
from mockserver.domain.notify.callbacks import callback_params, state
from mockserver.domain.notify.magic import built_in
from mockserver.domain.notify.notifications import FAILED, Notification, NotifyDelivery
from mockserver.domain.notify.services import NotifyService

AC, IS, NT, SM = (f"{prefix}{'a' * 32}" for prefix in ("AC", "IS", "NT", "SM"))
OWN, SERVICES = "https://example.com/own", "https://example.com/service"
TOLD = Notification(NT, AC, NotifyService(IS, AC), Ask(), 5)


@pytest.mark.parametrize(
    ("own", "enabled", "called"),
    [("", False, ""), ("", True, SERVICES), (OWN, True, OWN), (OWN, False, OWN)],
)
def test_where_deliveries_are_reported(own: str, enabled: bool, called: str) -> None:
    """To the notification's own address, else to the service's where that is switched on."""
    service = NotifyService(
        IS, AC, delivery_callback_url=SERVICES, delivery_callback_enabled=enabled
    )
    told = replace(TOLD, service=service, ask=Ask(delivery_callback_url=own))
    assert told.callback_url == called


@pytest.mark.parametrize(
    ("channel", "status", "is_kept"),
    [
        ("sms", "SENT", False),
        ("sms", "FAILED", True),
        ("apn", "SENT", True),
        ("facebook-messenger", "SENT", True),
    ],
)
def test_what_is_kept(channel: str, status: str, is_kept: bool) -> None:
    """All but a text message that could be made, since the Message says all of it."""
    assert NotifyDelivery(NT, channel, "1", status).is_kept is is_kept


def test_a_callback() -> None:
    """Each delivery is a parameter of its own, in JSON; the numbers are of the callback."""
    made = NotifyDelivery(NT, "sms", "+1", sid=SM, identity="Bob", binding_sid="BS1")
    lost = NotifyDelivery(NT, "fcm", 't"é', FAILED, 52102)
    params = callback_params(TOLD, [made, lost], 3, final=False)
    assert params[:6] == (
        ("NotificationSid", NT),
        ("AccountSid", AC),
        ("ServiceSid", IS),
        ("Count", "2"),
        ("SequenceId", "3"),
        ("IsFinal", "false"),
    )
    assert [name for name, _ in params[6:]] == ["DeliveryState"] * 2
    assert json.loads(params[6][1]) == {
        "sid": SM,
        "id": SM,
        "type": "sms",
        "identity": "Bob",
        "binding_sid": "BS1",
        "address": "+1",
        "status": "SENT",
    }
    assert json.loads(params[7][1]) == {
        "sid": None,
        "id": None,
        "type": "fcm",
        "identity": None,
        "binding_sid": None,
        "address": 't"é',
        "status": "FAILED",
        "error_code": 52102,
        "error_message": "Invalid GCM/FCM registration token",
    }


def test_an_error_without_a_title_has_an_empty_text() -> None:
    """So that the member is there whenever the code is."""
    assert state(NotifyDelivery(NT, "apn", "1", FAILED, 99_999))["error_message"] == ""


def test_nobody_was_chosen() -> None:
    """The callback says so, and is the last one."""
    params = callback_params(TOLD, [], 0, final=True)
    assert params[3:] == (("Count", "0"), ("SequenceId", "0"), ("IsFinal", "true"))


@pytest.mark.parametrize(
    ("channel", "address", "code"),
    [
        ("fcm", "token", 0),
        ("fcm", "unregistered", 52103),
        ("gcm", "my-unregistered-phone", 52103),
        ("apn", "unregistered", 52141),
        ("alexa", "unregistered", 0),
        ("fcm", "invalid", 52102),
        ("gcm", "invalid", 52102),
        ("apn", "invalid", 52134),
        ("alexa", "invalid", 52213),
        ("facebook-messenger", "invalid", 0),
        ("facebook-messenger", "fail-52201", 52201),
        ("apn", "token fail-52143 unregistered", 52143),
        ("apn", "fail-521430", 0),
        ("apn", "fail-5214", 0),
    ],
)
def test_addresses_that_fail(channel: str, address: str, code: int) -> None:
    """By a code that they name, else by a word, each with the code of its channel."""
    assert built_in(channel, address) == code
