"""Events that are not about classic messages: error logs, deliveries of Notify, tests of sinks,
approvals of templates.

Those of the Communications API are in `world/bulk/cloud_events.py`. Sources: Twilio's pages about
these event types; live tests of March 2026. `source` is published of none of them: ours are the
paths of the resources.
"""

from typing import Final

import msgspec

from mockserver.domain.alerts import level
from mockserver.domain.events.catalogue import APPROVAL, LOGGED, NOTIFIED, TEST
from mockserver.domain.events.envelope import Event, timestamp

MESSAGING: Final = "Programmable Messaging"
EVENT_STREAMS: Final = "Event Streams"
"""`product_name` of error logs. Source: the page's sample for the second; the first is ours."""


class Entry(msgspec.Struct, frozen=True):
    """What the Debugger shows."""

    sid: str
    account_sid: str
    at: int
    """Microseconds."""
    code: int
    text: str
    """What was wrong, in a sentence."""
    resource_sid: str = ""
    service_sid: str = ""
    request_sid: str = ""
    parent_sid: str = ""
    """The account's parent; "" where it has none."""
    product_name: str = MESSAGING


def logged(entry: Entry) -> Event:
    """Something went into the Debugger; the event has the entry's SID."""
    payload = {"error_code": entry.code, "message": entry.text}
    if entry.resource_sid:
        payload["resource_sid"] = entry.resource_sid
    data = {
        "sid": entry.sid,
        "account_sid": entry.account_sid,
        "date_created": timestamp(entry.at),
        "level": level(entry.code).upper(),
        "master_account_sid": entry.parent_sid or entry.account_sid,
        "product_name": entry.product_name,
        "error_code": str(entry.code),
        "payload": msgspec.json.encode(payload).decode(),
    }
    more = {"request_sid": entry.request_sid, "service_sid": entry.service_sid}
    data |= {name: value for name, value in more.items() if value}
    return Event(entry.sid, LOGGED, f"/v1/Alerts/{entry.sid}", entry.at, data)


class Handed(msgspec.Struct, frozen=True):
    """A delivery of a notification that the channel has taken."""

    id: str
    """What the channel calls it: the SID of a message, or a push service's id."""
    address: str
    type: str
    """`apn`, `fcm`, `sms` …"""
    status: str = "SENT"


def notified(
    id_: str, account_sid: str, service_sid: str, notification_sid: str, handed: Handed, at: int
) -> Event:
    """A notification reached a channel, at a time in microseconds."""
    data = {
        "notification_sid": notification_sid,
        "account_sid": account_sid,
        "service_sid": service_sid,
        "delivery_state": msgspec.to_builtins(handed),
    }
    source = f"/v1/Services/{service_sid}/Notifications/{notification_sid}"
    return Event(id_, NOTIFIED, source, at, data)


class Changed(msgspec.Struct, frozen=True, rename="camel"):
    """What has become of a template."""

    sid: str
    friendly_name: str
    external_template_name: str
    """As it was handed in."""
    language: str
    previous_value: str
    current_value: str


def approval(id_: str, account_sid: str, changed: Changed, at: int) -> Event:
    """WhatsApp has said something about a template, at a time in microseconds."""
    data = {
        "type": "status_update",
        "accountSid": account_sid,
        "dateUpdated": timestamp(at),
        "channel": "whatsapp",
        "template": msgspec.to_builtins(changed),
    }
    return Event(id_, APPROVAL, f"/v1/Content/{changed.sid}/ApprovalRequests", at, data)


def of_test(sink_sid: str, account_sid: str, test_id: str, at: int) -> Event:
    """A sink is being tested; the event has the account's SID."""
    return Event(account_sid, TEST, f"/v1/Sinks/{sink_sid}", at, {"test_id": test_id})
