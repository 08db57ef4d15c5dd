"""`/notifications`: what Notify was asked to send, and how far that has come."""

from typing import TYPE_CHECKING, Any, Final

from mockserver.domain.matching import NOTIFICATION_FIELDS
from mockserver.edge.control import filters
from mockserver.edge.control.ask import Answer, Ask, Route
from mockserver.edge.control.refusals import Refusal
from mockserver.world.clock import iso
from mockserver.world.queries import in_parts, still
from mockserver.world.sandbox import Sandbox

if TYPE_CHECKING:  # loaded with the first notification
    from mockserver.domain.notify.notifications import Notification

SHOWN: Final = 100
"""Addresses of `ToBinding` that are shown of each notification."""


async def list_(ask: Ask) -> Answer:
    """A page of the notifications that match."""
    from mockserver.world.notify.inspection import find_notifications

    cut, matcher = filters.cut(ask), filters.matcher(ask, NOTIFICATION_FIELDS)
    tables = ask.sandbox.tables
    found = await find_notifications(ask.sandbox, matcher, cut)
    documents: list[dict[str, Any]] = []
    async for part in in_parts(found.items):
        still(ask.sandbox, tables)
        documents += (document(ask.sandbox, each) for each in part)
    return Answer(200, filters.page("notifications", documents, found, cut))


async def fetch(ask: Ask) -> Answer:
    """One notification as it is now."""
    ask.sandbox.engine.catch_up()
    told = ask.sandbox.tables.notify.notifications.get(ask.params["sid"])
    if told is None:
        sid, sandbox = ask.params["sid"], ask.sandbox.id
        raise Refusal("not_found", f"there is no notification {sid} in sandbox {sandbox}")
    return Answer(200, document(ask.sandbox, told))


def document(sandbox: Sandbox, told: "Notification") -> dict[str, Any]:
    """A notification with its counts."""
    asked, progress = told.ask, sandbox.tables.notify.progress[told.sid]
    return {
        "sid": told.sid,
        "account_sid": told.account_sid,
        "service_sid": told.service.sid,
        "sandbox": sandbox.id,
        "created_at": iso(told.created_at),
        "identities": list(asked.identities),
        "tags": list(asked.tags),
        "segments": list(asked.segments),
        "to_binding": [
            {"binding_type": each.binding_type, "address": each.address}
            for each in asked.recipients[:SHOWN]
        ],
        "title": asked.title or None,
        "body": asked.body or None,
        "sound": asked.sound or None,
        "action": asked.action or None,
        "data": asked.data,
        "priority": asked.priority,
        "ttl": asked.ttl,
        **{name: getattr(asked, name) for name in OVERRIDES},
        "delivery_callback_url": told.callback_url or None,
        "log_enabled": told.service.log_enabled,
        "recipients": progress.recipients,
        "sent": progress.sent,
        "failed": progress.failed,
        "under_way": not progress.over,
    }


OVERRIDES: Final = ("apn", "fcm", "gcm", "sms", "facebook_messenger", "alexa")

ROUTES: Final = (
    Route(
        "GET",
        "/notifications",
        list_,
        "The notifications that match, a page at a time.",
        answer="Notifications",
        query=filters.NOTIFICATIONS,
    ),
    Route(
        "GET",
        "/notifications/{sid}",
        fetch,
        "One notification as it is now.",
        answer="Notification",
    ),
)
