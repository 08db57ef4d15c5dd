"""`/v1/Services/{Sid}/PhoneNumbers`: numbers in the pool of a Messaging Service."""

from typing import Final

from mockserver.domain.numbers import Number
from mockserver.domain.pools import Member, capabilities
from mockserver.edge.http.call import Call
from mockserver.edge.messaging.members import Document, Resource, common, routes
from mockserver.edge.messaging.shared import no_such, read
from mockserver.world.pools import Pool


async def _add(call: Call, pool: Pool) -> Member:
    sid = read(call, "CreatePhoneNumber")["PhoneNumberSid"]
    number = pool.of_account(sid)
    if number is None or not number.is_phone:
        raise no_such("PhoneNumbers", sid)
    return await pool.add_number(number)


def _render(call: Call, member: Member) -> Document:
    number = call.sandbox.tables.numbers.get(member.sender)
    return {
        **common(call, member),
        "phone_number": member.sender,
        "country_code": member.home,
        "capabilities": capabilities(number or Number(member.sender, member.account_sid)),
        "url": RESOURCE.url(call, member),
    }


RESOURCE: Final = Resource(
    "PhoneNumber", "phone_numbers", lambda member: member.kind == "phone", _add, _render
)
ROUTES: Final = routes(RESOURCE)
