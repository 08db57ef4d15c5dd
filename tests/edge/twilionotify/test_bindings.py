"""`createBinding`, `getBinding`, `listBinding`, `deleteBinding`: the store is that of Notify."""

from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.domain.message import SECOND
from mockserver.world.schema_files import load

if TYPE_CHECKING:
    from tests.edge.conftest import Answer
    from tests.edge.twilionotify.conftest import Failed, Module

CR = "CR" + "a" * 32
BS = "BS" + "0" * 32
DAY = 86_400 * SECOND
HOST = {"Host": "notify.twilio.com"}
CONVERT = "Can not convert incoming parameters to Binding object: Parameter '{}' is invalid"


def home(module: "Module") -> str:
    """Where Notify has the service."""
    return f"http://localhost/notify/v1/Services/{module.service}"


async def at_notify(module: "Module", method: str, path: str = "") -> "Answer":
    """What Notify itself says of the service's bindings."""
    where = f"/v1/Services/{module.service}/Bindings{path}"
    return await module.caller.call(method, where, None, HOST)


async def test_a_binding(module: "Module") -> None:
    """With every argument: the members of the module's table, in its order, and no links."""
    binding = await module.bind(
        "24987039",
        Address="a7c6",
        Tag=["premium", "preferred device", "premium"],
        NotificationProtocolVersion="2",
        CredentialSid=CR,
        Endpoint="26607274",
    )
    assert binding == {
        "sid": binding["sid"],
        "url": f"{home(module)}/Bindings/{binding['sid']}",
        "tags": ["premium", "preferred device"],
        "address": "a7c6",
        "endpoint": "26607274",
        "identity": "24987039",
        "account_sid": DEFAULT_SID,
        "service_sid": module.service,
        "binding_type": "apn",
        "date_created": "2026-12-01T00:00:00Z",
        "date_updated": "2026-12-01T00:00:00Z",
        "credential_sid": CR,
        "notification_protocol_version": "2",
    }
    assert list(binding) == load("twilionotify/Binding")["required"]
    assert await module.done("getBinding", BindingSid=binding["sid"]) == binding


async def test_the_journal(module: "Module") -> None:
    """An operation is called after the module, and its account is that of the call."""
    await module.bind()
    entry = module.caller.journal[-1]
    assert (entry.operation, entry.account_sid) == ("twilionotify.createBinding", DEFAULT_SID)
    assert entry.served


@pytest.mark.parametrize("channel", ["apn", "gcm", "sms", "fcm", "facebook-messenger", "alexa"])
async def test_every_channel(module: "Module", channel: str) -> None:
    """An endpoint is made up where none is given; text channels have no version."""
    binding = await module.bind(BindingType=channel, Address="anything at all")
    text = channel in ("sms", "facebook-messenger")
    assert binding["notification_protocol_version"] == ("default" if text else "3")
    assert binding["credential_sid"] is None
    assert (binding["tags"], len(binding["endpoint"])) == ([], 32)


async def test_notify_sees_it_and_the_other_way_round(module: "Module") -> None:
    """One store: made here, shown there under the same SID; deleted there, gone here."""
    binding = await module.bind(Tag="a")
    shown = (await at_notify(module, "GET", f"/{binding['sid']}")).json
    assert {name: shown[name] for name in binding if name != "url"} == {
        name: value for name, value in binding.items() if name != "url"
    }
    path = binding["url"].removeprefix("http://localhost")
    answer = await module.caller.call("GET", path, None, {"Host": "localhost"})
    assert answer.json["sid"] == binding["sid"]
    assert (await at_notify(module, "DELETE", f"/{binding['sid']}")).status == 204
    assert (await module("getBinding", BindingSid=binding["sid"])).status == 404


async def test_a_binding_is_replaced(module: "Module") -> None:
    """As at Notify: with the endpoint of the first answer, and with the same address."""
    first = await module.bind(Address="old")
    again = await module.bind(Address="new", Endpoint=first["endpoint"])
    assert (again["sid"], again["address"]) == (first["sid"], "new")
    assert (await module.bind(Address="new", Tag="x"))["sid"] == first["sid"]


async def test_delete(module: "Module") -> None:
    """Nil, and it is gone."""
    binding = await module.bind()
    answer = await module("deleteBinding", BindingSid=binding["sid"])
    assert (answer.status, answer.body) == (200, b"null")
    assert (await at_notify(module, "GET", f"/{binding['sid']}")).status == 404
    assert (await module.done("listBinding"))["bindings"] == []


@pytest.mark.parametrize("operation", ["getBinding", "deleteBinding"])
async def test_a_binding_that_is_not_there(
    module: "Module", failed: "Failed", operation: str
) -> None:
    """Notify's 404, in its words, for a binding and for a service."""
    text = "The requested resource /Services/{}/Bindings/{} was not found"
    answer = await module(operation, BindingSid=BS)
    failed(answer, "TwilioError", 404, text.format(module.service, BS))
    answer = await module(operation, BindingSid=BS, ServiceSid="IS0")
    failed(answer, "TwilioError", 404, text.format("IS0", BS))


@pytest.mark.parametrize("operation", ["createBinding", "listBinding"])
async def test_a_service_that_is_not_there(
    module: "Module", failed: "Failed", operation: str
) -> None:
    """The same before anything is read that Notify would check."""
    asked = {"Identity": "Bob", "Address": "1", "BindingType": "fax", "StartDate": "never"}
    answer = await module(operation, **asked, ServiceSid="IS0")
    failed(
        answer, "TwilioError", 404, "The requested resource /Services/IS0/Bindings was not found"
    )


async def test_what_notify_refuses(module: "Module", failed: "Failed") -> None:
    """In its words: channels, tags, credentials, empty values."""
    for argument, value in (
        ("BindingType", "fax"),
        ("Tag", [f"{n}" for n in range(21)]),
        ("Tag", ""),
        ("CredentialSid", "CR1"),
    ):
        asked = {"Identity": "Bob", "Address": "1", "BindingType": "sms", argument: value}
        failed(await module("createBinding", **asked), "TwilioError", 400, CONVERT.format(argument))
    answer = await module("createBinding", Identity="", Address="1", BindingType="sms")
    failed(answer, "TwilioError", 400, "Missing required parameter Identity in the post body")
    assert (await module.done("listBinding"))["bindings"] == []


async def test_the_twenty_first_binding(module: "Module", failed: "Failed") -> None:
    """An identity has twenty; tags are twenty as well."""
    for number in range(20):
        await module.bind(Address=f"{number}", Tag=[f"{n}" for n in range(20)])
    answer = await module("createBinding", Identity="dev00001", Address="x", BindingType="apn")
    failed(answer, "TwilioError", 400, "Maximum number of bindings per identity (20) exceeded")


# -- lists -----------------------------------------------------------------------------------------


def addresses(found: dict[str, Any]) -> list[str]:
    return [each["address"] for each in found["bindings"]]


async def test_a_list(module: "Module") -> None:
    """All of the service's, newest first, each as it is alone; `meta` as Notify has it."""
    first, second = await module.bind(Address="1"), await module.bind(Address="2")
    found = await module.done("listBinding")
    assert found["bindings"] == [second, first]
    url = f"{home(module)}/Bindings?PageSize=50&Page=0"
    assert found["meta"] == {
        "page": 0,
        "page_size": 50,
        "first_page_url": url,
        "previous_page_url": None,
        "next_page_url": None,
        "key": "bindings",
        "url": url,
    }


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"Identity": "Bob"}, ["1"]),
        ({"Identity": ["Bob", "Eve", "Nobody"]}, ["3", "2", "1"]),
        ({"Identity": "Bob,Eve"}, []),
        ({"Tag": "b"}, ["2", "1"]),
        ({"Tag": ["a", "b"]}, ["1"]),
        ({"Tag": ["all"]}, ["3", "2", "1"]),
        ({"Tag": "fcm"}, ["3"]),
        ({"Tag": "a", "Identity": "Eve"}, ["3"]),
        ({"StartDate": "2026-12-01", "EndDate": "2026-12-01"}, ["3", "2", "1"]),
        ({"StartDate": "2026-12-02"}, []),
        ({"EndDate": "2026-11-30"}, []),
        ({"Identity": None, "Tag": None, "StartDate": None, "EndDate": None}, ["3", "2", "1"]),
        ({"Identity": [], "Tag": []}, ["3", "2", "1"]),
    ],
)
async def test_filters(module: "Module", filters: dict[str, Any], expected: list[str]) -> None:
    """Any of the identities, all of the tags, whole days; text is one value; nil is nothing."""
    await module.bind("Bob", Address="1", Tag=["a", "b"])
    await module.bind("Eve", Address="2", Tag=["b"])
    await module.bind("Eve", Address="3", BindingType="fcm", Tag=["a"])
    assert addresses(await module.done("listBinding", **filters)) == expected


async def test_pages(module: "Module") -> None:
    """What leads on are Notify's addresses, with the filters; the module takes their parts too."""
    for number in range(5):
        await module.bind(Address=f"{number}", Tag=["x y"])
    found = await module.done("listBinding", Tag="x y", PageSize=2)
    assert (addresses(found), found["meta"]["page_size"]) == (["4", "3"], 2)
    following = found["meta"]["next_page_url"]
    assert following.startswith(f"{home(module)}/Bindings?Tag=x%20y&PageSize=2&Page=1&PageToken=")
    path = following.removeprefix("http://localhost")
    there = await module.caller.call("GET", path, None, {"Host": "localhost"})
    token = following.rpartition("=")[2]
    here = await module.done("listBinding", Tag="x y", PageSize="2", Page=1.0, PageToken=token)
    assert addresses(there.json) == addresses(here) == ["2", "1"]
    assert here["meta"] == there.json["meta"]


@pytest.mark.parametrize(
    ("filters", "text"),
    [
        ({"StartDate": "yesterday"}, CONVERT.format("StartDate")),
        ({"EndDate": "2026-02-30"}, CONVERT.format("EndDate")),
        ({"Tag": [f"{n}" for n in range(21)]}, CONVERT.format("Tag")),
        ({"PageSize": 0}, CONVERT.format("PageSize")),
        ({"PageSize": 1001}, "Page size must be no greater than 1000"),
        ({"PageToken": "nonsense"}, "Invalid PageToken"),
    ],
)
async def test_filters_that_notify_refuses(
    module: "Module", failed: "Failed", filters: dict[str, Any], text: str
) -> None:
    """In its words."""
    failed(await module("listBinding", **filters), "TwilioError", 400, text)
