"""`/v1/Services/{IS}/Notifications`: routes, handlers and rendering."""

from typing import Final

from mockserver.domain.errors import ENTITY_TOO_LARGE, TwilioError
from mockserver.domain.notify.ask import read_ask
from mockserver.domain.notify.limits import ENTITY
from mockserver.domain.notify.notifications import Notification
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.forms import unpacked
from mockserver.edge.http.resource import schema
from mockserver.edge.notify.shared import FOLDER, SERVICE, Document, date, find_service, reply
from mockserver.world.notify.sending import send


async def create(call: Call) -> Reply:
    """Accept a notification; nobody was written to when this is answered.

    Raise `TwilioError` 20413 for a body that is larger than Notify takes.
    """
    find_service(call)
    call.body, call.content_encoding = unpacked(call.body, call.content_encoding), ""
    if len(call.body) > ENTITY:
        raise TwilioError(ENTITY_TOO_LARGE)
    reading = await call.read_large(schema(f"{FOLDER}/CreateNotification"))
    ask = read_ask(reading.values, reading.wrong, reading.breaches)
    service = find_service(call)  # others had their turn, and may have deleted it
    told = await send(call.sandbox, call.account, service, ask)
    made = reply(201, render(told))
    made.release = told.sid
    return made


SCHEMA: Final = f"{FOLDER}/Notification"

ROUTES: Final = (
    Route("POST", f"{SERVICE}/Notifications", "CreateNotification", create, schema=SCHEMA),
)


# Rendering


def render(told: Notification) -> Document:
    """A notification in the key order of the published description's example.

    Neither address nor links; what `ToBinding` named is not shown again.
    """
    ask = told.ask
    return {
        "sid": told.sid,
        "account_sid": told.account_sid,
        "service_sid": told.service.sid,
        "date_created": date(told.created_at),
        "identities": list(ask.identities),
        "tags": list(ask.tags),
        "segments": list(ask.segments),
        "priority": ask.priority,
        "ttl": ask.ttl,
        "title": ask.title or None,
        "body": ask.body or None,
        "sound": ask.sound or None,
        "action": ask.action or None,
        "data": ask.data,
        "apn": ask.apn,
        "fcm": ask.fcm,
        "gcm": ask.gcm,
        "sms": ask.sms,
        "facebook_messenger": ask.facebook_messenger,
        "alexa": ask.alexa,
    }
