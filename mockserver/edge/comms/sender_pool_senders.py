"""`/SenderPools/{id}/Senders`: who is in a pool."""

from typing import Final

from mockserver.domain.sender_pools import SenderPool
from mockserver.edge.comms.answers import accepted, changed, gone
from mockserver.edge.comms.asking import checked_body
from mockserver.edge.comms.listing import ask_query
from mockserver.edge.comms.senders import SCHEMA, page
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.world.sender_pools import SenderPools


async def list_(call: Call) -> Reply:
    """Its senders, a page at a time; one that the account has no more is not among them."""
    pools, pool = _named(call)
    return page(call, ask_query(call, "ListSenderPoolSenders"), pools.members(pool))


async def add(call: Call) -> Reply:
    """Put senders in: an array of them, or one alone."""
    pools, pool = _named(call)
    asked = checked_body(call, "AddSenderPoolSenders")
    alone = isinstance(asked, dict)
    named = [each["senderId"] for each in ([asked] if alone else asked)]
    places = ["$.senderId"] if alone else [f"$[{place}].senderId" for place in range(len(named))]
    operation = await pools.add(pool, named, places)
    return accepted(call, operation.id, "SenderPools", pool.id, "Senders", "Operations")


async def remove(call: Call) -> Reply:
    """Take one out; the answer names the sender, which stays."""
    pools, pool = _named(call)
    sender = call.params["SenderId"]
    if sender not in pool.senders:
        raise gone()
    await pools.remove(pool, sender)
    return changed(call, sender, "Senders")


def _named(call: Call) -> tuple[SenderPools, SenderPool]:
    """The account's pools, and the one in the path; raise `Refused` 20404."""
    pools = SenderPools(call.sandbox, call.account)
    pool = pools.find(call.params["SenderPoolId"])
    if pool is None:
        raise gone()
    return pools, pool


ROOT: Final = "/v1/SenderPools/{SenderPoolId}/Senders"

ROUTES: Final = (
    Route("GET", ROOT, "ListSenderPoolSenders", list_, schema=SCHEMA),
    Route("POST", ROOT, "AddSenderPoolSenders", add, schema="comms/v1/OperationReference"),
    Route(
        "DELETE",
        f"{ROOT}/{{SenderId}}",
        "RemoveSenderPoolSender",
        remove,
        schema="comms/v1/ResourceReference",
    ),
)
