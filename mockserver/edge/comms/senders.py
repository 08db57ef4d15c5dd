"""`/Senders`: what the account can send from, and who of it reaches whom."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from mockserver.domain.json_faults import (
    GONE,
    INVALID,
    NOT_A_NUMBER,
    NOT_OWNED,
    NOT_OWNED_CHANNEL,
    Fault,
    Refused,
    fault,
    refuse,
)
from mockserver.domain.sender_pools import Pair, Sender, is_reachable, resolve
from mockserver.edge.comms.answers import answered, date, gone
from mockserver.edge.comms.asking import read_body
from mockserver.edge.comms.listing import Ask, ask_body, ask_query, listed
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.world.comms_senders import Senders
from mockserver.world.sender_pools import SenderPools


async def list_(call: Call) -> Reply:
    """All of the account's, a page at a time."""
    ask = ask_query(call, "ListSenders")
    return page(call, ask, Senders(call.sandbox, call.account).all())


async def fetch(call: Call) -> Reply:
    """One of them."""
    sender = Senders(call.sandbox, call.account).find(call.params["SenderId"])
    if sender is None:
        raise gone()
    return answered(render(call, sender))


async def search(call: Call) -> Reply:
    """Those with an address, one at most: a POST, since addresses are kept out of URLs."""
    ask = ask_body(call, "SearchSenders")
    asked = ask.filters
    found = await Senders(call.sandbox, call.account).at(asked["channel"], asked["address"])
    return page(call, ask, [found] if found is not None else [])


async def best(call: Call) -> Reply:
    """The pairs of senders and one person's addresses, best first."""
    asked, faults = read_body(call, "ResolveSenders")
    if isinstance(asked, dict):
        faults += _misread(asked)
    refuse(faults)
    senders = await _candidates(call, asked)
    pairs = resolve(senders, asked["recipientAddresses"], asked.get("channels", {}))
    return answered({"results": [_match(pair) for pair in pairs]})


def _misread(asked: Mapping[str, Any]) -> list[Fault]:
    """What no schema can say."""
    faults = [
        fault(NOT_A_NUMBER, f"$.recipientAddresses[{place}].address")
        for place, to in enumerate(_objects(asked.get("recipientAddresses")))
        if to.get("channel") in ("PHONE", "WHATSAPP")
        and isinstance(to.get("address"), str)
        and not is_reachable(to["channel"], to["address"])
    ]
    if "senderPoolId" in asked and "senderAddresses" in asked:
        said = "$.senderAddresses must not be there beside $.senderPoolId"
        faults.append(fault(INVALID, "$.senderAddresses", what=said))
    controls = asked.get("channels")
    named = _objects(controls.get("priority") if isinstance(controls, dict) else ())
    channels = [str(each.get("channel")) for each in named]
    if len(set(channels)) < len(channels):
        said = "$.channels.priority must not name a channel twice"
        faults.append(fault(INVALID, "$.channels.priority", what=said))
    return faults


def _objects(value: object) -> Sequence[Mapping[str, Any]]:
    """The objects of a list, an empty one in place of each that is none."""
    items = value if isinstance(value, list) else []
    return [each if isinstance(each, dict) else {} for each in items]


async def _candidates(call: Call, asked: Mapping[str, Any]) -> Iterable[Sender]:
    """The senders to choose from; raise `Refused` for a pool or addresses that there are not."""
    if "senderPoolId" in asked:
        pools = SenderPools(call.sandbox, call.account)
        pool = pools.find(asked["senderPoolId"])
        if pool is None:
            raise Refused([fault(GONE, "$.senderPoolId")])
        return pools.members(pool)
    senders = Senders(call.sandbox, call.account)
    if "senderAddresses" not in asked:
        return senders.all()
    # email and push, which have no channel, have no senders here
    named = {at: each for at, each in enumerate(asked["senderAddresses"]) if "channel" in each}
    refuse([_not_owned(at, each) for at, each in named.items() if not senders.has(*_place(each))])
    found = [await senders.at(*_place(each)) for each in named.values()]
    return {each.id: each for each in found if each is not None}.values()


def _place(each: Mapping[str, str]) -> tuple[str, str]:
    return each["channel"], each["address"]


def _not_owned(at: int, each: Mapping[str, str]) -> Fault:
    row = NOT_OWNED if each["channel"] == "SMS" else NOT_OWNED_CHANNEL
    return fault(row, f"$.senderAddresses[{at}].address", address=each["address"])


ROOT: Final = "/v1/Senders"
SCHEMA: Final = "comms/v1/Sender"

ROUTES: Final = (
    Route("GET", ROOT, "ListSenders", list_, schema=SCHEMA),
    Route("POST", f"{ROOT}/Search", "SearchSenders", search, schema=SCHEMA),
    Route("POST", f"{ROOT}/Resolve", "ResolveSenders", best, schema="comms/v1/SenderMatch"),
    Route("GET", f"{ROOT}/{{SenderId}}", "FetchSender", fetch, schema=SCHEMA),
)


# Rendering


def page(call: Call, ask: Ask, senders: Iterable[Sender]) -> Reply:
    """A page of senders, by their filters; also of a pool's."""
    channel, status = ask.filters.get("channel"), ask.filters.get("status")
    return listed(
        ask,
        "senders",
        senders,
        lambda each: channel in (None, each.channel) and status in (None, each.status),
        lambda each: render(call, each),
    )


def render(call: Call, sender: Sender) -> dict[str, Any]:
    """As the reference shows a sender; nothing puts tags on one."""
    return {
        "id": sender.id,
        "displayName": sender.display_name or None,
        "address": sender.address,
        "channel": sender.channel,
        "status": sender.status,
        "tags": {},
        "createdAt": date(call, sender.created_at),
        "updatedAt": date(call, sender.updated_at),
    }


def _match(pair: Pair) -> dict[str, Any]:
    sender = pair.sender
    return {
        "from": {
            "senderId": sender.id,
            "displayName": sender.display_name or None,
            "channel": sender.channel,
            "address": sender.address,
        },
        "to": {"address": pair.address, "channel": pair.channel},
        "priority": pair.priority,
    }
