"""`/v1/Subscriptions`: what goes to a sink; routes, handlers and rendering."""

from typing import Final

from mockserver.domain.events.subscriptions import Subscription, read_types
from mockserver.edge.events.shared import FOLDER, Document, ask, date, listed, read, reply
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.world.events.subscriptions import Subscriptions


async def create(call: Call) -> Reply:
    """Subscribe an active sink to some types."""
    form = read(call, "CreateSubscription")
    types = read_types(form.get("Types", ()))
    subscriptions = Subscriptions(call.sandbox)
    made = await subscriptions.create(call.account, form["SinkSid"], types, form["Description"])
    return reply(201, render(call, made))


async def list_(call: Call) -> Reply:
    """The account's subscriptions, newest first; or those of one sink."""
    asked = ask(call, "ListSubscription")
    only = asked.filters.get("SinkSid")
    subscriptions = Subscriptions(call.sandbox)
    found = subscriptions.page(call.account, asked.page, lambda each: only in (None, each.sink_sid))
    return listed(call, ROOT, "subscriptions", asked, found, render)


async def fetch(call: Call) -> Reply:
    """One subscription."""
    return reply(200, render(call, find(call)))


FIELDS: Final = {"Description": "description", "SinkSid": "sink_sid"}
"""Parameters of an update, and what each sets. The second is of older clients."""


async def update(call: Call) -> Reply:
    """Describe it otherwise, or lead it to another sink."""
    subscription = find(call)
    changes = {FIELDS[name]: each for name, each in read(call, "UpdateSubscription").items()}
    subscriptions = Subscriptions(call.sandbox)
    return reply(200, render(call, await subscriptions.update(call.account, subscription, changes)))


async def delete(call: Call) -> Reply:
    """Forget one; its sink stays."""
    await Subscriptions(call.sandbox).delete(find(call))
    return Reply(204)


ROOT: Final = "/v1/Subscriptions"
ONE: Final = f"{ROOT}/{{Sid}}"
SCHEMA: Final = f"{FOLDER}/Subscription"

ROUTES: Final = (
    Route("POST", ROOT, "CreateSubscription", create, schema=SCHEMA),
    Route("GET", ROOT, "ListSubscription", list_, schema=SCHEMA),
    Route("GET", ONE, "FetchSubscription", fetch, schema=SCHEMA),
    Route("POST", ONE, "UpdateSubscription", update, schema=SCHEMA),
    Route("DELETE", ONE, "DeleteSubscription", delete),
)


def find(call: Call) -> Subscription:
    """The subscription that the path names; raise `TwilioError` 91102."""
    return Subscriptions(call.sandbox).one(call.account, call.params["Sid"])


def render(call: Call, subscription: Subscription) -> Document:
    """A subscription in the key order of the published description's example."""
    url = f"{call.base_url}{ROOT}/{subscription.sid}"
    return {
        "account_sid": subscription.account_sid,
        "date_created": date(subscription.created_at),
        "date_updated": date(subscription.updated_at),
        "sid": subscription.sid,
        "sink_sid": subscription.sink_sid,
        "description": subscription.description,
        "url": url,
        "links": {"subscribed_events": f"{url}/SubscribedEvents"},
    }
