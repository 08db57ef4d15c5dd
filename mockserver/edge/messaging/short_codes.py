"""`/v1/Services/{Sid}/ShortCodes`: short codes in the pool of a Messaging Service."""

from typing import Final

from mockserver.domain.numbers import Number
from mockserver.domain.pools import Member, capabilities
from mockserver.edge.http.call import Call
from mockserver.edge.messaging.members import Document, Resource, common, routes
from mockserver.edge.messaging.shared import no_such, read
from mockserver.world.pools import Pool


async def _add(call: Call, pool: Pool) -> Member:
    sid = read(call, "CreateShortCode")["ShortCodeSid"]
    number = pool.of_account(sid)
    if number is None or not number.is_short_code:
        raise no_such("ShortCodes", sid)
    return await pool.add_number(number)


def _render(call: Call, member: Member) -> Document:
    known = call.sandbox.tables.numbers.get(member.sender)
    number = known or Number(member.sender, member.account_sid)
    return {
        **common(call, member),
        "short_code": member.sender,
        "country_code": number.home,
        "capabilities": capabilities(number),
        "url": RESOURCE.url(call, member),
    }


RESOURCE: Final = Resource(
    "ShortCode", "short_codes", lambda member: member.kind == "short_code", _add, _render
)
ROUTES: Final = routes(RESOURCE)
