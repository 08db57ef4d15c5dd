"""`send`: a notification."""

import asyncio
from typing import Final

from mockserver.domain.notify.ask import read_ask
from mockserver.domain.notify.notifications import Notification
from mockserver.edge.http.call import Call, Reply
from mockserver.edge.twilionotify.answers import (
    Document,
    answered,
    date,
    find_service,
    operation,
)
from mockserver.edge.twilionotify.arguments import Arguments, read_by_notify
from mockserver.world.notify import sending


async def send(call: Call, arguments: Arguments) -> Reply:
    """Accept a notification; whom it means is written to after the answer.

    Others have their turn between the steps that ten thousand recipients take.
    """
    find_service(call, arguments, "Notifications")
    await asyncio.sleep(0)
    reading = read_by_notify(arguments, "CreateNotification")
    await asyncio.sleep(0)
    ask = read_ask(reading.values, reading.wrong, reading.breaches)
    service = find_service(call, arguments, "Notifications")  # may have been deleted meanwhile
    notification = await sending.send(call.sandbox, call.account, service, ask)
    reply = answered(call, render(call, notification))
    reply.release = notification.sid
    return reply


ROUTES: Final = (operation("send", send, "Notification"),)


# Rendering


def render(call: Call, notification: Notification) -> Document:
    """The members of the module's table, in its order."""
    ask = notification.ask
    return {
        "apn": ask.apn,
        "fcm": ask.fcm,
        "gcm": ask.gcm,
        "sid": notification.sid,
        "sms": ask.sms,
        "ttl": ask.ttl,
        "body": ask.body or None,
        "data": ask.data,
        "tags": list(ask.tags),
        "sound": ask.sound or None,
        "title": ask.title or None,
        "action": ask.action or None,
        "priority": ask.priority,
        "identities": list(ask.identities),
        "account_sid": notification.account_sid,
        "service_sid": notification.service.sid,
        "date_created": date(call, notification.created_at),
        "facebook_messenger": ask.facebook_messenger,
    }
