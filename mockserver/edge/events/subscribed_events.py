"""`/v1/Subscriptions/{Sid}/SubscribedEvents`: the types of one subscription, one by one."""

from typing import Final

from mockserver.domain.errors import TwilioError
from mockserver.domain.events.catalogue import TYPES, EventType
from mockserver.domain.events.pages import cut
from mockserver.domain.events.problems import UNKNOWN_TYPE
from mockserver.domain.events.subscriptions import Subscription, versioned
from mockserver.edge.events import subscriptions
from mockserver.edge.events.shared import FOLDER, Document, ask, listed, read, reply
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.world.events.subscriptions import Subscriptions


async def create(call: Call) -> Reply:
    """Subscribe to one more type; 200 where it is there already."""
    subscription = subscriptions.find(call)
    form = read(call, "CreateSubscribedEvent")
    name, version = form["Type"], form.get("SchemaVersion")
    there = name in subscription.types
    if there and version is None:
        return reply(200, render(call, subscription, name))
    number = versioned(name, version)
    after = await Subscriptions(call.sandbox).subscribe(subscription, name, number)
    return reply(200 if there else 201, render(call, after, name))


async def list_(call: Call) -> Reply:
    """What it is subscribed to, by name."""
    subscription, asked = subscriptions.find(call), ask(call, "ListSubscribedEvent")
    found = cut([*TYPES.values()], asked.page, lambda each: each.name in subscription.types)
    path = f"{subscriptions.ROOT}/{subscription.sid}/SubscribedEvents"

    def rendered(call: Call, type_: EventType) -> Document:
        return render(call, subscription, type_.name)

    return listed(call, path, "types", asked, found, rendered)


async def fetch(call: Call) -> Reply:
    """One of them."""
    subscription = subscriptions.find(call)
    return reply(200, render(call, subscription, _name(call, subscription)))


async def update(call: Call) -> Reply:
    """Take it in another version of its schema."""
    subscription = subscriptions.find(call)
    name = _name(call, subscription)
    form = read(call, "UpdateSubscribedEvent")
    version = versioned(name, form.get("SchemaVersion", subscription.types[name]))
    after = await Subscriptions(call.sandbox).subscribe(subscription, name, version)
    return reply(200, render(call, after, name))


async def delete(call: Call) -> Reply:
    """Subscribe to it no longer."""
    await Subscriptions(call.sandbox).unsubscribe(subscriptions.find(call), call.params["Type"])
    return Reply(204)


EVERY: Final = f"{subscriptions.ONE}/SubscribedEvents"
ONE: Final = f"{EVERY}/{{Type}}"
SCHEMA: Final = f"{FOLDER}/SubscribedEvent"

ROUTES: Final = (
    Route("POST", EVERY, "CreateSubscribedEvent", create, schema=SCHEMA),
    Route("GET", EVERY, "ListSubscribedEvent", list_, schema=SCHEMA),
    Route("GET", ONE, "FetchSubscribedEvent", fetch, schema=SCHEMA),
    Route("POST", ONE, "UpdateSubscribedEvent", update, schema=SCHEMA),
    Route("DELETE", ONE, "DeleteSubscribedEvent", delete),
)


def _name(call: Call, subscription: Subscription) -> str:
    """The type that the path names, which must be subscribed to, or 91104."""
    name = call.params["Type"]
    if name not in subscription.types:
        raise TwilioError(UNKNOWN_TYPE)
    return name


def render(call: Call, subscription: Subscription, name: str) -> Document:
    """A type of a subscription in the key order of the published description's example."""
    url = f"{call.base_url}{subscriptions.ROOT}/{subscription.sid}/SubscribedEvents/{name}"
    return {
        "account_sid": subscription.account_sid,
        "subscription_sid": subscription.sid,
        "type": name,
        "schema_version": subscription.types[name],
        "url": url,
    }
