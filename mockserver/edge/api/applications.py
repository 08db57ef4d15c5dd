"""`…/Applications`: TwiML applications; routes, handlers and rendering."""

import json
from functools import partial
from typing import Final

from mockserver.domain.applications import Application
from mockserver.domain.dates import rfc2822
from mockserver.edge.api.messages import ACCOUNT
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.resource import listed, read_ask, read_form
from mockserver.world.applications import Applications

FOLDER: Final = "api/2010-04-01"


async def create(call: Call) -> Reply:
    """Make an application; nothing is required of it."""
    form = read_form(call, f"{FOLDER}/CreateApplication")
    made = await Applications(call.sandbox).create(call.account, form)
    return Reply(201, render(made))


async def fetch(call: Call) -> Reply:
    """One application."""
    return Reply(200, render(_find(call)))


async def update(call: Call) -> Reply:
    """Change what is given; the rest stays."""
    application = _find(call)
    form = read_form(call, f"{FOLDER}/UpdateApplication")
    return Reply(200, render(await Applications(call.sandbox).update(application, form)))


async def delete(call: Call) -> Reply:
    """Forget an application, and have numbers forget it."""
    await Applications(call.sandbox).delete(_find(call))
    return Reply(204)


async def list_(call: Call) -> Reply:
    """The account's applications, newest first, a page at a time."""
    ask = read_ask(call, f"{FOLDER}/ListApplication")
    name = ask.filters.get("FriendlyName")
    found = Applications(call.sandbox).page(
        call.account, ask.page, lambda each: name in (None, each.friendly_name)
    )
    return listed(call, "applications", ask, found, render)


APPLICATIONS: Final = f"{ACCOUNT}/Applications"
ONE: Final = f"{APPLICATIONS}/{{Sid}}"
routed = partial(Route, schema=f"{FOLDER}/Application")

ROUTES: Final = (
    routed("POST", APPLICATIONS, "CreateApplication", create),
    routed("GET", APPLICATIONS, "ListApplication", list_),
    routed("GET", ONE, "FetchApplication", fetch),
    routed("POST", ONE, "UpdateApplication", update),
    Route("DELETE", ONE, "DeleteApplication", delete),
)


def _find(call: Call) -> Application:
    """The application that the path names, or 20404."""
    application = Applications(call.sandbox).find(call.account, call.params["Sid"])
    if application is None:
        raise call.missing()
    return application


def render(application: Application) -> bytes:
    """An application field for field as Twilio renders it."""
    base = f"/2010-04-01/Accounts/{application.account_sid}"
    document = {
        "account_sid": application.account_sid,
        "api_version": application.api_version,
        "date_created": rfc2822(application.created_at),
        "date_updated": rfc2822(application.updated_at),
        "friendly_name": application.friendly_name or None,
        "message_status_callback": application.message_status_callback or None,
        "sid": application.sid,
        "sms_fallback_method": application.sms_fallback_method,
        "sms_fallback_url": application.sms_fallback_url or None,
        "sms_method": application.sms_method,
        "sms_status_callback": application.sms_status_callback or None,
        "sms_url": application.sms_url or None,
        "status_callback": application.status_callback or None,
        "status_callback_method": application.status_callback_method,
        "uri": f"{base}/Applications/{application.sid}.json",
        "voice_caller_id_lookup": application.voice_caller_id_lookup,
        "voice_fallback_method": application.voice_fallback_method,
        "voice_fallback_url": application.voice_fallback_url or None,
        "voice_method": application.voice_method,
        "voice_url": application.voice_url or None,
        "public_application_connect_enabled": application.public_application_connect_enabled,
    }
    return json.dumps(document).encode()
