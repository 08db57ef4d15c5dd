"""Notify's switches hold for the module too: what Notify refuses, it refuses in its own form."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.edge.twilionotify.conftest import Failed, Module

WRONG = "Can not convert incoming parameters to {} object: Parameter '{}' is invalid"


async def test_tags(module: "Module", failed: "Failed") -> None:
    """Of a notification and of a filter."""
    await module.options(notify_tags=5)
    five, six = (list("abcdef"[:count]) for count in (5, 6))
    for operation, kind in (("send", "Notification"), ("listBinding", "Binding")):
        await module.done(operation, Tag=five)
        answer = await module(operation, Tag=six)
        failed(answer, "TwilioError", 400, WRONG.format(kind, "Tag"))
    assert (await module.bind(Tag=six))["tags"] == six


async def test_notifications_within_a_second(module: "Module", failed: "Failed") -> None:
    """The one past the limit is told when to come again."""
    await module.options(notify_per_second=1)
    await module.done("send", Identity="Bob")
    answer = await module("send", Identity="Bob")
    failed(answer, "TwilioError", 429, "Too Many Requests")
    assert answer.header("Retry-After") == "1"


async def test_addresses(module: "Module", failed: "Failed") -> None:
    """A bad one is refused at once where that is asked for."""
    await module.bind(BindingType="sms", Address="12")
    await module.options(notify_address_check="at_once")
    answer = await module("createBinding", Identity="Bob", BindingType="sms", Address="12")
    failed(answer, "TwilioError", 400, WRONG.format("Binding", "Address"))
