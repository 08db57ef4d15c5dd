"""`/v1/Services`: Messaging Services; routes, handlers and rendering."""

from typing import Any, Final

from mockserver.domain.errors import MISSING_PARAMETER, TwilioError
from mockserver.domain.numbers import Service
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.messaging.shared import FOLDER, ask, date, listed, read_all, reply
from mockserver.world.filings import registered


async def create(call: Call) -> Reply:
    """Make a service; it has no senders yet."""
    reading = read_all(call, "CreateService")
    if "FriendlyName" not in reading.values:
        raise TwilioError(MISSING_PARAMETER, parameter="FriendlyName")
    service = await call.sandbox.services.create(call.account, reading)
    return reply(201, render(call, service))


async def fetch(call: Call) -> Reply:
    """One service, whoever set it up."""
    return reply(200, render(call, find(call)))


async def update(call: Call) -> Reply:
    """Change what is given; the rest stays."""
    service = find(call)
    reading = read_all(call, "UpdateService")
    return reply(200, render(call, await call.sandbox.services.update(service, reading)))


async def delete(call: Call) -> Reply:
    """Forget a service."""
    await call.sandbox.services.delete(find(call))
    return Reply(204)


async def list_(call: Call) -> Reply:
    """The account's services, newest first, a page at a time.

    The order is ours: Twilio says nothing about it.
    """
    asked = ask(call, "ListService")
    found = call.sandbox.services.page(call.account, asked.page)
    return listed(call, ROOT, "services", asked, found, render)


ROOT: Final = "/v1/Services"
SCHEMA: Final = f"{FOLDER}/Service"

ROUTES: Final = (
    Route("POST", ROOT, "CreateService", create, schema=SCHEMA),
    Route("GET", ROOT, "ListService", list_, schema=SCHEMA),
    Route("GET", f"{ROOT}/{{Sid}}", "FetchService", fetch, schema=SCHEMA),
    Route("POST", f"{ROOT}/{{Sid}}", "UpdateService", update, schema=SCHEMA),
    Route("DELETE", f"{ROOT}/{{Sid}}", "DeleteService", delete),
)


def find(call: Call) -> Service:
    """The service that the path names, or 20404."""
    service = call.sandbox.services.find(call.account, call.params["Sid"])
    if service is None:
        raise call.missing()
    return service


# Rendering

SUBRESOURCES: Final = {
    "phone_numbers": "PhoneNumbers",
    "short_codes": "ShortCodes",
    "alpha_senders": "AlphaSenders",
    "messages": "Messages",
    "us_app_to_person": "Compliance/Usa2p",
    "us_app_to_person_usecases": "Compliance/Usa2p/Usecases",
    "channel_senders": "ChannelSenders",
    "destination_alpha_senders": "DestinationAlphaSenders",
}


def render(call: Call, service: Service) -> dict[str, Any]:
    """A service field for field as Twilio renders it."""
    url = f"{call.base_url}{ROOT}/{service.sid}"
    sandbox = call.sandbox
    return {
        "account_sid": service.account_sid,
        "friendly_name": service.friendly_name or None,
        "sid": service.sid,
        "date_created": date(call, service.created_at),
        "date_updated": date(call, service.updated_at),
        "sticky_sender": service.sticky_sender,
        "mms_converter": service.mms_converter,
        "smart_encoding": service.smart_encoding,
        "fallback_to_long_code": service.fallback_to_long_code,
        "area_code_geomatch": service.area_code_geomatch,
        "validity_period": service.validity_period,
        "scan_message_content": service.scan_message_content,
        "synchronous_validation": service.synchronous_validation,
        "inbound_request_url": service.inbound_request_url or None,
        "inbound_method": service.inbound_method,
        "fallback_url": service.fallback_url or None,
        "fallback_method": service.fallback_method,
        "status_callback": service.status_callback or None,
        "usecase": service.usecase,
        "us_app_to_person_registered": registered(sandbox.tables, service, sandbox.clock.now()),
        "use_inbound_webhook_on_number": service.use_inbound_webhook_on_number,
        "links": {name: f"{url}/{path}" for name, path in SUBRESOURCES.items()},
        "url": url,
    }
