"""`…/Bindings`: make, replace, fetch, delete."""

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.domain.message import SECOND
from mockserver.world.schema_files import load

if TYPE_CHECKING:
    from tests.edge.notify.conftest import Service

CR = "CR" + "a" * 32
CONVERT = "Can not convert incoming parameters to Binding object: Parameter '{}' is invalid"


async def test_a_binding(service: "Service") -> None:
    """With every parameter, as create, fetch and list show it."""
    form = {
        "BindingType": "apn",
        "Address": "a7c6",
        "Tag": ["premium", "preferred device", "premium"],
        "NotificationProtocolVersion": "2",
        "CredentialSid": CR,
        "Endpoint": "26607274",
    }
    binding = await service.bind("24987039", **form)
    url = f"https://notify.twilio.com{service.path}"
    assert binding == {
        "account_sid": DEFAULT_SID,
        "address": "a7c6",
        "binding_type": "apn",
        "credential_sid": CR,
        "date_created": "2026-12-01T00:00:00Z",
        "date_updated": "2026-12-01T00:00:00Z",
        "endpoint": "26607274",
        "identity": "24987039",
        "notification_protocol_version": "2",
        "service_sid": service.sid,
        "sid": binding["sid"],
        "tags": ["premium", "preferred device"],
        "links": {"user": f"{url}/Users/24987039"},
        "url": f"{url}/Bindings/{binding['sid']}",
    }
    assert list(binding) == load("notify/v1/Binding")["required"]
    fetched = await service.caller.get(f"{service.path}/Bindings/{binding['sid']}")
    assert (fetched.status, fetched.json) == (200, binding)
    assert (await service.listed())["bindings"] == [binding]


@pytest.mark.parametrize("channel", ["apn", "gcm", "sms", "fcm", "facebook-messenger", "alexa"])
async def test_every_channel(service: "Service", channel: str) -> None:
    """An endpoint is made up where none is given; text channels have no version."""
    binding = await service.bind(BindingType=channel, Address="anything at all")
    text = channel in ("sms", "facebook-messenger")
    assert binding["notification_protocol_version"] == ("default" if text else "3")
    assert binding["credential_sid"] is None
    assert len(binding["endpoint"]) == 32


@pytest.mark.parametrize("identity", ["bob@example.com", "a/b c?d#e%41", "é✓", "..", "a.json.b"])
async def test_identities_are_any_text(service: "Service", identity: str) -> None:
    """In addresses they are percent-encoded, and such an address leads back."""
    binding = await service.bind(identity)
    assert binding["identity"] == identity
    user = binding["links"]["user"]
    assert user.endswith(f"{service.path}/Users/{quote(identity, safe='')}")
    answer = await service.caller.get(user.removeprefix("https://notify.twilio.com"))
    assert answer.json["identity"] == identity


async def test_a_new_token_replaces_the_old_one(service: "Service") -> None:
    """As the quickstarts do it: with the endpoint that the first answer had."""
    caller = service.caller
    before = await service.bind(Address="old", Tag=["a"])
    engine = caller.sandbox.engine
    await engine.advance(engine.clock.now() + 5 * SECOND)
    after = await service.bind(Address="new", Endpoint=before["endpoint"])
    changes = {"address": "new", "tags": [], "date_updated": "2026-12-01T00:00:05Z"}
    assert after == {**before, **changes}
    assert (await service.listed())["bindings"] == [after]


@pytest.mark.parametrize("missing", ["Identity", "BindingType", "Address"])
async def test_what_must_be_given(service: "Service", missing: str) -> None:
    """Empty is as good as missing."""
    form = {"Identity": "Bob", "BindingType": "sms", "Address": "+14155552671"}
    left = {name: value for name, value in form.items() if name != missing}
    for asked in (left, {**form, missing: ""}):
        answer = await service.caller.post(asked, f"{service.path}/Bindings")
        answer.refused(400, 20001, f"Missing required parameter {missing} in the post body")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("BindingType", bad) for bad in ("APN", "fax", "messenger")),
        ("CredentialSid", "CR1"),
        ("Tag", [f"t{number}" for number in range(21)]),
        ("Tag", ["good", ""]),
        ("Tag", ["x" * 256]),
    ],
)
async def test_what_is_refused(service: "Service", name: str, value: Any) -> None:
    """By its name; nothing is made."""
    form = {"Identity": "Bob", "BindingType": "apn", "Address": "t"}
    pairs = [(each, text) for each, text in form.items() if each != name]
    pairs += [(name, text) for text in ([value] if isinstance(value, str) else value)]
    answer = await service.caller.post(pairs, f"{service.path}/Bindings")
    answer.refused(400, 20001, CONVERT.format(name))
    assert (await service.listed())["bindings"] == []
    assert (await service.listed("Users"))["users"] == []


async def test_twenty_tags(service: "Service") -> None:
    """Are the most, in the order given."""
    tags = [f"t{number}" for number in range(20)]
    assert (await service.bind(Tag=tags))["tags"] == tags


async def test_twenty_bindings(service: "Service") -> None:
    """Of one identity; the next is refused, another identity's is not."""
    for number in range(20):
        await service.bind(Address=f"{number}")
    form = {"Identity": "Bob", "BindingType": "apn", "Address": "20"}
    answer = await service.caller.post(form, f"{service.path}/Bindings")
    answer.refused(400, 20001, "Maximum number of bindings per identity (20) exceeded")
    await service.bind("Eve")


async def test_delete(service: "Service") -> None:
    """204, then it is unknown; its user is there still."""
    binding = await service.bind()
    path = f"{service.path}/Bindings/{binding['sid']}"
    answer = await service.caller.call("DELETE", path)
    assert (answer.status, answer.body) == (204, b"")
    for method in ("GET", "DELETE"):
        (await service.caller.call(method, path)).refused(404, 20404)
    assert [each["identity"] for each in (await service.listed("Users"))["users"]] == ["Bob"]
