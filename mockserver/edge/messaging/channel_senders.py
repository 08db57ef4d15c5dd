"""`/v1/Services/{Sid}/ChannelSenders`: WhatsApp, Messenger and RCS senders of a service.

Those there are: the addresses on channels that were set up as numbers of the account. Their SIDs
are the `ChannelInstallSid` of status callbacks.
"""

from typing import Final

from mockserver.domain.pools import SENDER_TYPES, Member
from mockserver.edge.http.call import Call
from mockserver.edge.messaging.members import Document, Resource, routes
from mockserver.edge.messaging.shared import date, no_such, read
from mockserver.world.pools import Pool


async def _add(call: Call, pool: Pool) -> Member:
    sid = read(call, "CreateChannelSender")["Sid"]
    number = pool.of_account(sid)
    if number is None or ":" not in number.phone_number:
        raise no_such("ChannelSenders", sid)
    return await pool.add_number(number)


def _render(call: Call, member: Member) -> Document:
    """Key order: the sample in the published description."""
    return {
        "account_sid": member.account_sid,
        "messaging_service_sid": member.service_sid,
        "sid": member.sid,
        "sender": member.sender,
        "sender_type": SENDER_TYPES[member.sender.partition(":")[0]],
        "country_code": member.home,
        "date_created": date(call, member.created_at),
        "date_updated": date(call, member.updated_at),
        "url": RESOURCE.url(call, member),
    }


RESOURCE: Final = Resource(
    "ChannelSender", "senders", lambda member: member.kind == "channel", _add, _render
)
ROUTES: Final = routes(RESOURCE)
