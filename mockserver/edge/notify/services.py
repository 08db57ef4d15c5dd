"""`/v1/Services`: Notify Services; routes, handlers and rendering."""

from typing import Final

from mockserver.domain.notify.services import NotifyService
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.notify.shared import (
    FOLDER,
    SERVICE,
    SERVICES,
    Document,
    ask,
    date,
    find_service,
    listed,
    read,
    reply,
)
from mockserver.world.notify.services import NotifyServices

KIND: Final = "Service"


async def create(call: Call) -> Reply:
    """Make a service."""
    form = read(call, "CreateService", KIND)
    return reply(201, render(call, await NotifyServices(call.sandbox).create(call.account, form)))


async def list_(call: Call) -> Reply:
    """The account's services, newest first, a page at a time."""
    asked = ask(call, "ListService", KIND)
    name = asked.filters.get("FriendlyName")
    services = NotifyServices(call.sandbox)
    found = services.page(call.account, asked.page, lambda e: name in (None, e.friendly_name))
    return listed(call, SERVICES, "services", asked, found, render)


async def fetch(call: Call) -> Reply:
    """One service."""
    return reply(200, render(call, find_service(call)))


async def update(call: Call) -> Reply:
    """Change what is given; an empty value takes away what there was."""
    service = find_service(call)
    form = read(call, "UpdateService", KIND)
    return reply(200, render(call, await NotifyServices(call.sandbox).update(service, form)))


async def delete(call: Call) -> Reply:
    """Forget a service with its bindings, users and segments."""
    await NotifyServices(call.sandbox).delete(find_service(call))
    return Reply(204)


SCHEMA: Final = f"{FOLDER}/Service"

ROUTES: Final = (
    Route("POST", SERVICES, "CreateService", create, schema=SCHEMA),
    Route("GET", SERVICES, "ListService", list_, schema=SCHEMA),
    Route("GET", SERVICE, "FetchService", fetch, schema=SCHEMA),
    Route("POST", SERVICE, "UpdateService", update, schema=SCHEMA),
    Route("DELETE", SERVICE, "DeleteService", delete),
)


# Rendering

SUBRESOURCES: Final = {
    "bindings": "Bindings",
    "notifications": "Notifications",
    "segments": "Segments",
    "users": "Users",
}


def render(call: Call, service: NotifyService) -> Document:
    """A service in the key order of the published description's example."""
    url = f"{call.base_url}{SERVICES}/{service.sid}"
    return {
        "sid": service.sid,
        "account_sid": service.account_sid,
        "friendly_name": service.friendly_name or None,
        "date_created": date(service.created_at),
        "date_updated": date(service.updated_at),
        "apn_credential_sid": service.apn_credential_sid or None,
        "gcm_credential_sid": service.gcm_credential_sid or None,
        "fcm_credential_sid": service.fcm_credential_sid or None,
        "messaging_service_sid": service.messaging_service_sid or None,
        "facebook_messenger_page_id": service.facebook_messenger_page_id or None,
        "alexa_skill_id": service.alexa_skill_id or None,
        **{
            f"default_{channel}_notification_protocol_version": service.default_version(channel)
            for channel in ("apn", "gcm", "fcm", "alexa")
        },
        "log_enabled": service.log_enabled,
        "delivery_callback_url": service.delivery_callback_url or None,
        "delivery_callback_enabled": service.delivery_callback_enabled,
        "url": url,
        "links": {name: f"{url}/{path}" for name, path in SUBRESOURCES.items()},
    }
