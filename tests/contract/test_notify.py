"""Notify as programs use it: the quickstarts, pages, old libraries, and what is refused."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from twilio.base.exceptions import TwilioRestException

if TYPE_CHECKING:
    from twilio.rest import Client


def test_a_device_registers_twice(client: "Client") -> None:
    """The quickstart: its endpoint is kept and sent again when the token is a new one."""
    service = client.notify.v1.services.create(friendly_name="quickstart")
    register = service.bindings.create
    first = register(identity="Bob", binding_type="apn", address="old", tag=["device"])
    again = register(
        identity="Bob", binding_type="apn", address="new", endpoint=first.endpoint, tag=["device"]
    )
    assert again.sid == first.sid
    [binding] = service.bindings.list()
    assert (binding.address, binding.tags) == ("new", ["device"])


def test_the_library_turns_pages(client: "Client") -> None:
    """Following the addresses in answers, with the filters; a limit ends it."""
    bindings = client.notify.v1.services.create().bindings
    made = [
        bindings.create(identity=f"{number}", binding_type="fcm", address="t", tag=["a b", "é"])
        for number in range(7)
    ]
    sids = [each.sid for each in reversed(made)]
    found = bindings.list(tag=["a b", "é"], page_size=2)
    assert [each.sid for each in found] == sids
    assert [each.sid for each in bindings.stream(limit=3)] == sids[:3]
    page = bindings.page(page_size=3).next_page()
    assert [each.sid for each in page] == sids[3:6]
    assert [each.sid for each in page.previous_page()] == sids[:3]


def test_a_refusal(client: "Client") -> None:
    """Is the library's exception, with Twilio's words."""
    service = client.notify.v1.services.create()
    with pytest.raises(TwilioRestException) as refused:
        service.bindings.create(identity="Bob", binding_type="fax", address="1")
    assert (refused.value.status, refused.value.code) == (400, 20001)
    assert refused.value.msg.endswith("Parameter 'BindingType' is invalid")


def test_users_and_segments_of_old_programs(client: "Client") -> None:
    """As the library of early 2018 asked for them."""
    service = client.notify.v1.services.create()
    users = service.links["users"]

    def asked(method: str, url: str, **data: Any) -> Any:
        answer = client.request(method, url, data=data)
        assert answer.status_code < 300
        return json.loads(answer.text) if answer.text else None

    user = asked("POST", users, Identity="bob@example.com", Segment=["VIP"])
    asked("POST", user["links"]["bindings"], BindingType="sms", Address="+14155552671")
    membership = asked("POST", user["links"]["segment_memberships"], Segment="new user")
    assert asked("GET", membership["url"])["segment"] == "new user"
    assert asked("GET", user["url"])["segments"] == ["VIP", "new user"]
    names = [each["unique_name"] for each in asked("GET", service.links["segments"])["segments"]]
    assert names == ["new user", "VIP"]
    [binding] = service.bindings.list(identity="bob@example.com")
    assert binding.links == {"user": user["url"]}
    asked("DELETE", membership["url"])
    assert binding.delete() is True
    asked("DELETE", user["url"])
    assert asked("GET", users)["users"] == []
