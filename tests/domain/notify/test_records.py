"""Services, credentials, bindings and users: what a form makes of them."""

from typing import Any

import pytest

from mockserver.domain.notify import bindings, credentials, services
from mockserver.domain.notify.bindings import Binding, is_reachable, unreachable_text
from mockserver.domain.notify.credentials import Credential
from mockserver.domain.notify.segments import Segment
from mockserver.domain.notify.services import NotifyService
from mockserver.domain.notify.users import User, joined, left

AC, IS, CR = ("".join((prefix, "a" * 32)) for prefix in ("AC", "IS", "CR"))
SERVICE = NotifyService(
    IS,
    AC,
    default_apn_notification_protocol_version="2",
    default_alexa_notification_protocol_version="5",
)


def bound(**form: Any) -> Binding:
    """What a create makes, as a new binding at the time 7."""
    asked = {"Identity": "Bob", "BindingType": "apn", "Address": "token", **form}
    return bindings.changed(Binding("BS", AC, IS, endpoint="e", created_at=3), asked, SERVICE, 7)


def test_every_parameter_of_a_service_sets_a_field() -> None:
    """Each its own; the time is noted, and what is not given stays."""
    form = {name: f"new {name}" for name in services.FIELDS}
    service = services.changed(SERVICE, form, 9)
    assert [getattr(service, field) for field in services.FIELDS.values()] == list(form.values())
    assert (service.updated_at, service.created_at) == (9, 0)
    assert services.changed(SERVICE, {"LogEnabled": False}, 9).default_version("apn") == "2"


def test_a_credentials_secrets_are_forgotten() -> None:
    """Nothing of them is in the record."""
    form = {"Type": "apn", "FriendlyName": "x", "Sandbox": True}
    secrets = dict.fromkeys(credentials.SECRETS, "-----BEGIN-----")
    made = credentials.changed(Credential("CR", AC), {**form, **secrets}, 9)
    assert made == Credential("CR", AC, "apn", "x", True, 0, 9)


@pytest.mark.parametrize(
    ("channel", "version"),
    [
        *(("apn", "2"), ("fcm", "3"), ("gcm", "3"), ("alexa", "5")),
        *(("sms", "default"), ("facebook-messenger", "default")),
    ],
)
def test_the_version_of_a_binding(channel: str, version: str) -> None:
    """Is what its service says for the channel; text channels have none, whatever is given."""
    assert bound(BindingType=channel).notification_protocol_version == version
    given = bound(BindingType=channel, NotificationProtocolVersion="4")
    fixed = version == "default"
    assert given.notification_protocol_version == ("default" if fixed else "4")


def test_credentials_are_for_push() -> None:
    """Other channels have none."""
    assert bound(CredentialSid=CR).credential_sid == CR
    assert bound(CredentialSid=CR, BindingType="sms").credential_sid == ""
    assert bound(CredentialSid=CR, BindingType="alexa").credential_sid == ""


def test_a_replacement() -> None:
    """Keeps SID, endpoint and time of creation; a token that was used no more is used again."""
    before = Binding("BS", AC, IS, tags=("x",), endpoint="e", inactive=True, created_at=3)
    form = {"Identity": "Eve", "BindingType": "fcm", "Address": "t", "Tag": ["b", "a", "b"]}
    after = bindings.changed(before, form, SERVICE, 7)
    assert after == Binding("BS", AC, IS, "Eve", "fcm", "t", ("b", "a"), "3", "", "e", False, 3, 7)
    assert bindings.changed(before, {**form, "Endpoint": "f"}, SERVICE, 7).endpoint == "f"


def test_who_can_be_reached() -> None:
    """A text message needs a phone number, the others any address."""
    assert is_reachable("sms", "+14155552671")
    assert not is_reachable("sms", "4155552671")
    assert is_reachable("apn", "4155552671")
    assert not is_reachable("apn", "")


def test_what_is_said_of_others() -> None:
    """In the words of an alert, which had `null` for an address that came directly."""
    assert unreachable_text("sms", "+86") == (
        "Invalid sms binding with address '+86' sid 'null': "
        "Address of sms binding must be a valid phone number"
    )
    assert "sid 'BS1': Address of apn binding must be given" in unreachable_text("apn", "", "BS1")


def test_users_join_and_leave() -> None:
    """In the order of joining; the time is noted."""
    user = joined(joined(User("US", AC, IS, "Bob"), "one", 5), "two", 6)
    assert (user.segments, user.updated_at) == (("one", "two"), 6)
    assert left(user, "one", 7) == User("US", AC, IS, "Bob", ("two",), 0, 7)


def test_segments_of_two_services_are_two() -> None:
    """Whatever they are called."""
    keys = {Segment("SG", AC, sid, name).key for sid in (IS, CR) for name in ("a", "b")}
    assert len(keys) == 4
