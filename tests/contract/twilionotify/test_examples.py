"""The Lua examples of the module's description as HTTP, each after its example.

A program of that platform writes `Twilionotify.send({…})`; here it posts the same arguments.
"""

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.contract.conftest import MakeStage, Stage

FROM, DEVICE = "+123456789", "+14155552671"


class Module:
    """`Twilionotify` of one account, configured with its credentials."""

    def __init__(self, on: "Stage", friendly_name: str = "devices") -> None:
        self.on = on
        self.service = on.client.notify.v1.services.create(friendly_name=friendly_name)

    def __call__(self, operation: str, **arguments: Any) -> Any:
        """What the call returns, an error too."""
        answer = self.on.http.session.post(
            f"{self.on.http.base_url}/twilionotify/{operation}",
            json={"ServiceSid": self.service.sid, **arguments},
            auth=(self.on.client.username, self.on.client.password),
            timeout=20,
        )
        document = answer.json()
        if answer.status_code != 200:
            assert list(document) == ["type", "error", "status"]
            assert document["status"] == answer.status_code
        return document


@pytest.fixture
def twilionotify(stage: "MakeStage") -> Module:
    """The module on a clock that stands still."""
    return Module(stage(seed=7))


def test_create_binding(twilionotify: Module) -> None:
    """`Twilionotify.createBinding({ServiceSid, Identity = "dev00001", BindingType = "apn", …})`."""
    binding = twilionotify(
        "createBinding",
        Identity="dev00001",
        BindingType="apn",
        Address="f00d",
        Endpoint="endpoint1",
        Tag="preferred device",
    )
    assert (binding["identity"], binding["binding_type"]) == ("dev00001", "apn")
    assert (binding["endpoint"], binding["tags"]) == ("endpoint1", ["preferred device"])
    [shown] = twilionotify.service.bindings.list(identity="dev00001")
    assert (shown.sid, shown.address) == (binding["sid"], "f00d")


def test_get_binding(twilionotify: Module) -> None:
    """`Twilionotify.getBinding({ServiceSid, BindingSid})`: one that Notify made does as well."""
    made = twilionotify.service.bindings.create("dev00001", "apn", "f00d", tag=["a"])
    binding = twilionotify("getBinding", BindingSid=made.sid)
    assert binding["sid"] == made.sid
    assert (binding["address"], binding["tags"]) == ("f00d", ["a"])
    assert "links" not in binding


def test_list_binding(twilionotify: Module) -> None:
    """`Twilionotify.listBinding({ServiceSid})`: nothing else is passed."""
    made = [
        twilionotify("createBinding", Identity=f"dev0000{n}", BindingType="apn", Address="f00d")
        for n in range(3)
    ]
    found = twilionotify("listBinding")
    assert found["bindings"] == made[::-1]
    meta = found["meta"]
    assert (meta["key"], meta["page"], meta["page_size"]) == ("bindings", 0, 50)
    assert (meta["next_page_url"], meta["previous_page_url"]) == (None, None)
    assert meta["url"] == meta["first_page_url"]
    tags = twilionotify("listBinding", Tag="apn", Identity=["dev00000", "dev00002"])
    assert [each["identity"] for each in tags["bindings"]] == ["dev00002", "dev00000"]


def test_delete_binding(twilionotify: Module) -> None:
    """`Twilionotify.deleteBinding({ServiceSid, BindingSid})` returns nil."""
    made = twilionotify("createBinding", Identity="dev00001", BindingType="apn", Address="f00d")
    assert twilionotify("deleteBinding", BindingSid=made["sid"]) is None
    assert twilionotify.service.bindings.list() == []


def test_send(twilionotify: Module) -> None:
    """`Twilionotify.send({ServiceSid, Identity, Body, Sms = "{\\"from\\": \\"+123456789\\"}"})`.

    The override is a JSON text; what it says is in the answer as an object. The example's sender
    is a digit short of a number, so that it is accepted and then not delivered.
    """
    asked = {"Identity": "dev00001", "BindingType": "sms", "Address": DEVICE}
    twilionotify("createBinding", **asked)
    sent = twilionotify("send", Identity="dev00001", Body="Hello", Sms=json.dumps({"from": FROM}))
    assert (sent["identities"], sent["tags"]) == (["dev00001"], [])
    assert (sent["body"], sent["sms"], sent["ttl"]) == ("Hello", {"from": FROM}, 2_419_200)
    twilionotify.on.advance(until="idle")
    assert twilionotify.on.client.messages.list() == []
    [alert] = twilionotify.on.control("GET", "/alerts")["alerts"]
    assert alert["error_code"] == 21212
    real = "+15017122661"
    twilionotify("send", Identity="dev00001", Body="Hello", Sms=json.dumps({"from": real}))
    twilionotify.on.advance(until="idle")
    [message] = twilionotify.on.client.messages.list(to=DEVICE)
    assert (message.body, message.from_, message.status) == ("Hello", real, "delivered")


def test_an_error(twilionotify: Module) -> None:
    """`if result.error then`: a type, a sentence and a status."""
    result = twilionotify("getBinding", BindingSid="BS" + "0" * 32)
    assert result == {
        "type": "TwilioError",
        "error": f"The requested resource /Services/{twilionotify.service.sid}/Bindings/"
        f"BS{'0' * 32} was not found",
        "status": 404,
    }
    result = twilionotify("createBinding", Identity="dev00001", BindingType="apn")
    assert (result["type"], result["status"]) == ("ArgumentError", 400)
    result = twilionotify("send", Tag="all", Data={"twi_x": 1})
    assert (result["type"], result["status"]) == ("TwilioError", 400)


def test_configured_in_the_call(stage: "MakeStage") -> None:
    """An older edition has `AccountSid` and `AuthToken` among the arguments of each call."""
    on = stage()
    service = on.client.notify.v1.services.create()
    asked = {
        "AccountSid": on.account_sid,
        "AuthToken": on.client.password,
        "ServiceSid": service.sid,
    }
    url = f"{on.http.base_url}/twilionotify/listBinding"
    assert on.http.session.post(url, json=asked, timeout=20).json()["bindings"] == []
    [entry] = on.control("GET", "/requests?operation=twilionotify.listBinding")["requests"]
    assert entry["account_sid"] == on.account_sid
    assert on.client.password not in json.dumps(entry)


def test_the_same_journal_from_the_same_seed(stage: "MakeStage") -> None:
    """Two runs of the module, one after the other, with one seed."""

    def run() -> Any:
        module = Module(stage(seed=11))
        asked = {"Identity": "dev00001", "BindingType": "sms", "Address": DEVICE}
        binding = module("createBinding", **asked)
        module("send", Identity="dev00001", Body="Hello", Sms={"from": FROM})
        module("deleteBinding", BindingSid=binding["sid"])
        module.on.advance(until="idle")
        return module.on.control("GET", "/journal?canonical=1")

    assert run() == run()
