"""The parameters of the Messages that a notification makes."""

from typing import Any

import pytest

from mockserver.domain.notify.sms import fits_sms, message_form

MG = "MG" + "a" * 32


def test_the_service_sends() -> None:
    """Unless a sender is named; nobody sends where there is neither."""
    assert message_form("Ahoy", {}, MG) == {"Body": "Ahoy", "MessagingServiceSid": MG}
    assert message_form("Ahoy", {"from": "+1"}, MG) == {"Body": "Ahoy", "From": "+1"}
    assert message_form("Ahoy", {}, "") == {"Body": "Ahoy"}


def test_every_attribute() -> None:
    """Old and new ones; the body overrides, media of both kinds are sent together."""
    sms = {
        "body": "Other",
        "media_urls": ["http://a.b/1", "http://a.b/2"],
        "media_url": "http://a.b/3",
        "status_callback": "http://a.b/status",
        "max_price": 0.5,
        "from": "+1",
        "validity_period": 5,
    }
    assert fits_sms(sms)
    assert message_form("Ahoy", sms, MG) == {
        "Body": "Other",
        "StatusCallback": "http://a.b/status",
        "MaxPrice": "0.5",
        "From": "+1",
        "MediaUrl": ["http://a.b/1", "http://a.b/2", "http://a.b/3"],
    }


def test_null_is_nothing() -> None:
    """An override does not take away what the generic payload says."""
    nulls = dict.fromkeys(("body", "media_urls", "media_url", "from", "max_price"))
    assert fits_sms(nulls)
    assert message_form("Ahoy", nulls, MG) == message_form("Ahoy", {}, MG)


@pytest.mark.parametrize(
    "sms",
    [{"body": []}, {"from": 1}, {"media_urls": {}}, {"media_urls": [None]}, {"max_price": False}],
)
def test_what_does_not_fit(sms: dict[str, Any]) -> None:
    """A Message could not take it."""
    assert not fits_sms(sms)
