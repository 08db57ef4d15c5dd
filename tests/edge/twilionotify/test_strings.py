"""`murano_strict_strings`: results of the types that the module's tables name."""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.edge.twilionotify.conftest import Module

DATE = "Tue, 01 Dec 2026 00:00:00 +0000"


async def test_bindings(module: "Module") -> None:
    """Every member is text or null: tags as JSON, dates as in mail; so in lists."""
    await module.options(murano_strict_strings=True)
    binding = await module.bind(Tag=["a", "b é"])
    assert json.loads(binding["tags"]) == ["a", "b é"]
    assert (binding["date_created"], binding["date_updated"]) == (DATE, DATE)
    assert binding["credential_sid"] is None
    assert all(value is None or isinstance(value, str) for value in binding.values())
    found = await module.done("listBinding")
    assert found["bindings"] == [binding]
    assert (found["meta"]["page"], found["meta"]["page_size"]) == (0, 50)
    assert (await module.bind("Eve"))["tags"] == "[]"


async def test_notifications(module: "Module") -> None:
    """The lifetime too, and payloads as JSON without blanks."""
    await module.options(murano_strict_strings=True)
    sms = {"from": "+15017122661", "media_url": "http://x"}
    made = await module.done("send", Identity="Bob", Ttl=60, Body="Hi", Sms=sms)
    assert (made["ttl"], made["identities"], made["tags"]) == ("60", '["Bob"]', "[]")
    assert made["sms"] == '{"from":"+15017122661","media_url":"http://x"}'
    assert (made["apn"], made["date_created"]) == (None, DATE)
    assert all(value is None or isinstance(value, str) for value in made.values())


async def test_what_stays(module: "Module") -> None:
    """Errors have a number for their status, and nil is nil."""
    await module.options(murano_strict_strings=True)
    binding = await module.bind()
    answer = await module("deleteBinding", BindingSid=binding["sid"])
    assert answer.body == b"null"
    assert (await module("getBinding", BindingSid=binding["sid"])).json["status"] == 404


async def test_without_it(module: "Module") -> None:
    """JSON's own types, as Notify answers, and ISO 8601."""
    binding = await module.bind(Tag="a")
    assert (binding["tags"], binding["date_created"]) == (["a"], "2026-12-01T00:00:00Z")
