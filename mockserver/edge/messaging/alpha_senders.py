"""`/v1/Services/{Sid}/AlphaSenders`: the alphanumeric sender of a service, for all countries.

`DestinationAlphaSenders` shows it as well, and those that are for one country only.
"""

from typing import Final

from mockserver.domain.pools import Member
from mockserver.edge.http.call import Call
from mockserver.edge.messaging.members import Document, Resource, common, routes
from mockserver.edge.messaging.shared import read
from mockserver.world.pools import Pool


async def _add(call: Call, pool: Pool) -> Member:
    sender = read(call, "CreateAlphaSender")["AlphaSender"]
    return await pool.add_alpha(sender, "", trial=call.account.trial)


def _render(call: Call, member: Member) -> Document:
    return {
        **common(call, member),
        "alpha_sender": member.sender,
        "capabilities": ["SMS"],
        "url": RESOURCE.url(call, member),
    }


def _for_all(member: Member) -> bool:
    return member.kind == "alphanumeric" and not member.country


RESOURCE: Final = Resource("AlphaSender", "alpha_senders", _for_all, _add, _render)
ROUTES: Final = routes(RESOURCE)
