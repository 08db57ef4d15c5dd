"""Notifications and deliveries, found and verified."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.matching import (
    MESSAGE_FIELDS,
    NOTIFICATION_FIELDS,
    PUSH_FIELDS,
    FieldKind,
    Matcher,
)
from mockserver.world.notify import inspection
from mockserver.world.queries import SLICE, Cut, SandboxGone

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from tests.world.notify.conftest import MakeSending, Sending

YOU = "+14155552671"


@pytest.fixture
async def notify(sending: "MakeSending") -> "Sending":
    """Two notifications: one direct, one to a binding."""
    notify = await sending()
    await notify.send(("apn", "a-1"), ("fcm", "invalid"), ("sms", "bad"), ("sms", YOU), title="T")
    await notify.bind("apn", "b-1", Tag=["x"])
    await notify.send(identities=("Bob", "Eve"), tags=("x",), body="Other", data={"k": "v"})
    return notify


def matcher(fields: "Mapping[str, FieldKind]", **filters: Any) -> Matcher:
    return Matcher.compile(filters, fields=fields)


@pytest.mark.parametrize(
    ("filters", "bodies"),
    [
        ({}, ["Ahoy", "Other"]),
        ({"body": "Oth"}, ["Other"]),
        ({"body_regex": "^A"}, ["Ahoy"]),
        ({"title": "T"}, ["Ahoy"]),
        ({"identity": "Eve"}, ["Other"]),
        ({"identity": "Ev"}, []),
        ({"tag": ["y", "x"]}, ["Other"]),
        ({"segment": "VIP"}, []),
        ({"to": YOU}, ["Ahoy"]),
        ({"to": "b-1"}, []),
        ({"since": "2026-12-01T00:00:00Z"}, ["Ahoy", "Other"]),
        ({"since": "2026-12-02"}, []),
        ({"service_sid": "IS1"}, []),
    ],
)
async def test_notifications(notify: "Sending", filters: dict[str, Any], bodies: list[str]) -> None:
    """By what was asked for; of several identities, tags or addresses one is enough."""
    asked = matcher(NOTIFICATION_FIELDS, **filters)
    found = await inspection.find_notifications(notify.world.sandbox, asked, Cut())
    assert [each.ask.body for each in found.items] == bodies
    assert found.total == len(bodies)


@pytest.mark.parametrize(
    ("filters", "addresses"),
    [
        ({}, ["a-1", "invalid", "bad", "b-1"]),
        ({"channel": "apn"}, ["a-1", "b-1"]),
        ({"channel": "sms"}, ["bad"]),
        ({"to": "*-1"}, ["a-1", "b-1"]),
        ({"to": "a-1", "body": "Ahoy"}, ["a-1"]),
        ({"status": "FAILED"}, ["invalid", "bad"]),
        ({"error_code": [52102, 0]}, ["a-1", "invalid", "b-1"]),
        ({"identity": "Bob"}, ["b-1"]),
        ({"title": "T", "channel": "fcm"}, ["invalid"]),
        ({"payload": '"k":"v"'}, ["b-1"]),
        ({"payload": '"twi_body":"Ahoy"'}, ["invalid"]),
        ({"notification_sid": "NT1"}, []),
    ],
)
async def test_deliveries(notify: "Sending", filters: dict[str, Any], addresses: list[str]) -> None:
    """By themselves, by their notification, by what the provider would have got."""
    asked = matcher(PUSH_FIELDS, **filters)
    found = await inspection.find_deliveries(notify.world.sandbox, asked, Cut())
    assert [each.made.address for each in found.items] == addresses


async def test_pages(notify: "Sending") -> None:
    """Oldest first, or turned; the next page begins where this one ended."""
    sandbox, asked = notify.world.sandbox, matcher(PUSH_FIELDS)
    first = await inspection.find_deliveries(sandbox, asked, Cut(limit=3))
    assert (first.total, len(first.items)) == (4, 3)
    rest = await inspection.find_deliveries(sandbox, asked, Cut(limit=3, place=first.next))
    assert [each.made.address for each in rest.items] == ["b-1"]
    assert rest.next is None
    latest = await inspection.find_notifications(
        sandbox, matcher(NOTIFICATION_FIELDS), Cut("desc", 1)
    )
    assert [each.ask.body for each in latest.items] == ["Other"]


async def test_what_the_provider_would_have_got(notify: "Sending") -> None:
    """With its address; of what failed, too."""
    found = await inspection.find_deliveries(notify.world.sandbox, matcher(PUSH_FIELDS), Cut())
    payloads = [each.payload[0] for each in found.items]
    assert payloads[0] == {"aps": {"alert": {"title": "T", "body": "Ahoy"}}}
    assert payloads[1]["to"] == "invalid"
    assert payloads[2]["To"] == "bad"
    assert payloads[3] == {"aps": {"alert": {"body": "Other"}}, "k": "v"}
    assert found.items[0].payload[1]["apns-priority"] == "10"


async def test_in_the_shape_of_messages(notify: "Sending") -> None:
    """By the filters of these."""
    asked = matcher(MESSAGE_FIELDS, channel=["apn", "fcm"], origin="notify", status="sent")
    found = await inspection.find_as_messages(notify.world.sandbox, asked, Cut())
    assert [message.to for message, _ in found.items] == ["a-1", "b-1"]
    lost = matcher(MESSAGE_FIELDS, channel="fcm")
    [(message, delivery)] = (
        await inspection.find_as_messages(notify.world.sandbox, lost, Cut())
    ).items
    assert (message.body, message.direction) == ("Ahoy", "outbound-api")
    assert (delivery.status, delivery.error_code) == ("failed", 52102)


@pytest.mark.parametrize(
    ("count", "filters", "ok"),
    [
        ({"exactly": 2}, {"channel": "apn"}, True),
        ({"exactly": 1}, {"channel": "apn"}, False),
        ({"at_least": 3}, {"channel": "apn"}, False),
        ({"at_most": 1, "at_least": 1}, {"channel": "fcm"}, True),
        ({"exactly": 0}, {"body": "Nothing"}, True),
    ],
)
async def test_verifying(
    notify: "Sending", count: dict[str, int], filters: dict[str, Any], ok: bool
) -> None:
    """As many as there should be."""
    asked = matcher(PUSH_FIELDS, **filters)
    assert (await inspection.verify(notify.world.sandbox, asked, count)).ok is ok


async def test_why_not(notify: "Sending") -> None:
    """A sentence, and the deliveries that come nearest, the likest first among equals."""
    asked = matcher(PUSH_FIELDS, channel="apn", body="Ahoi")
    verdict = await inspection.verify(notify.world.sandbox, asked, {"exactly": 1})
    assert verdict.explanation == (
        "Expected exactly 1 push delivery with channel 'apn' and body 'Ahoi', but none matched."
    )
    assert [each.address for each, _ in verdict.misses] == ["a-1", "b-1", "bad"]
    _, differences = verdict.misses[0]
    assert {name: each.actual for name, each in differences.items()} == {"body": "Ahoy"}


@pytest.mark.parametrize("look", ["deliveries", "messages", "verify"])
async def test_a_reset_in_the_middle(notify: "Sending", look: str) -> None:
    """Who looks through many deliveries is refused to go on: those are taken apart."""
    sandbox = notify.world.sandbox
    notify.deliveries.extend(notify.deliveries * SLICE)
    lookings: dict[str, Callable[[], Coroutine[Any, Any, object]]] = {
        "deliveries": lambda: inspection.find_deliveries(sandbox, matcher(PUSH_FIELDS), Cut()),
        "messages": lambda: inspection.find_as_messages(sandbox, matcher(MESSAGE_FIELDS), Cut()),
        "verify": lambda: inspection.verify(sandbox, matcher(PUSH_FIELDS), {"exactly": 1}),
    }
    looking = asyncio.create_task(lookings[look]())
    await asyncio.sleep(0)
    assert not looking.done()
    sandbox.reset()
    with pytest.raises(SandboxGone):
        await looking
