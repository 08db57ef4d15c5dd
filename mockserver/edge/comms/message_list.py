"""`/Messages`: what became of messages, and what handsets sent; sending them is elsewhere."""

from typing import Final

from msgspec.structs import replace

from mockserver.domain.json_faults import INVALID, Refused, fault
from mockserver.domain.sids import is_sid
from mockserver.edge.comms.answers import answered, gone, location
from mockserver.edge.comms.listing import Ask, ask_query, behind_id, gathered
from mockserver.edge.comms.message_rendering import Renderer
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.world.bulk.arrivals import find, is_shown, message_id
from mockserver.world.bulk.finding import Row, Wanted, newest_first
from mockserver.world.bulk.views import Seen, seen


async def list_(call: Call) -> Reply:
    """The account's, newest first, a page at a time; without content and attempts."""
    ask = ask_query(call, "ListMessages")
    wanted = _wanted(ask)
    if (unseen := call.asked.unseen) is not None:  # by a fault
        wanted = replace(wanted, end=min(wanted.end, unseen.since))
    call.sandbox.engine.catch_up()
    rows = newest_first(call.sandbox, call.account, wanted, ask.size + 1)
    return await gathered(call.sandbox, ask, "messages", rows, Renderer(call).metadata)


async def fetch(call: Call) -> Reply:
    """One, with its attempts and what it says."""
    return answered(Renderer(call).whole(_named(call)))


async def seek(call: Call) -> Reply:
    """301, to the message that has a classic SID among its attempts."""
    sid = call.params["Identifier"]
    if not is_sid(sid, "SM", "MM"):
        said = "the identifier must be SM or MM and 32 hexadecimal digits"
        raise Refused([fault(INVALID, "$.identifier", what=said)])
    call.sandbox.engine.catch_up()
    where = location(call, "Messages", _behind(call, sid))
    return Reply(301, headers=(("Location", where),))


async def list_receipts(call: Call) -> Reply:
    """How each recipient stands: there is one; what a handset sent has none."""
    row, ask = _named(call), ask_query(call, "ListMessageReceipts")
    first_page = not behind_id(ask)
    rows = [row] if isinstance(row, Seen) and row.person.ends and first_page else []
    return await gathered(call.sandbox, ask, "receipts", rows, Renderer(call).receipt)


def _wanted(ask: Ask) -> Wanted:
    asked = ask.filters
    pairs = [each.partition(":") for each in asked.get("tags", "").split(";") if each]
    return Wanted(
        ask.first,
        ask.end,
        behind_id(ask),
        asked.get("operationId", ""),
        asked.get("sessionId", ""),
        asked.get("profile", ""),
        asked.get("channel", ""),
        asked.get("status", ""),
        tuple((name, value) for name, _, value in pairs),
    )


def _named(call: Call) -> Row:
    """The message in the path; raise `Refused` 20404."""
    call.sandbox.engine.catch_up()
    id_, bulk = call.params["MessageId"], call.sandbox.bulk
    if (found := bulk.find_message(call.account, id_)) is not None:
        return seen(*found)
    arrival = find(call.sandbox.tables.messages, call.account.sid, bulk.since, id_)
    if arrival is None:
        raise gone()
    return arrival


def _behind(call: Call, sid: str) -> str:
    """The id of the message; raise `Refused` 20404."""
    bulk, own = call.sandbox.bulk, call.account.sid
    message = call.sandbox.tables.messages.get(sid)
    if message is None or message.account_sid != own:
        raise gone()
    if message.operation_id:
        operation, place = bulk.behind(message)
        if bulk.find(call.account, operation.id) is not None:
            return operation.ids.message(place)
    elif is_shown(message, own, bulk.since):
        return message_id(message)
    raise gone()


ROOT: Final = "/v1/Messages"
ONE: Final = f"{ROOT}/{{MessageId}}"

ROUTES: Final = (
    Route("GET", ROOT, "ListMessages", list_, schema="comms/v1/MessageMetadata"),
    Route("GET", f"{ROOT}/Seek/{{Identifier}}", "SeekMessage", seek),
    Route("GET", ONE, "FetchMessage", fetch, schema="comms/v1/Message"),
    Route(
        "GET",
        f"{ONE}/Receipts",
        "ListMessageReceipts",
        list_receipts,
        schema="comms/v1/MessageReceipt",
    ),
)
