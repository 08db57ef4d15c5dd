"""`/v1/Services/{Sid}/DestinationAlphaSenders`: alphanumeric senders of a service by country.

The one without a country is for all others; `AlphaSenders` shows it too.
"""

from typing import Final

from mockserver.domain.pools import Member
from mockserver.edge.http.call import Call
from mockserver.edge.messaging.members import Document, Resource, common, routes
from mockserver.edge.messaging.shared import read
from mockserver.world.pools import Pool


async def _add(call: Call, pool: Pool) -> Member:
    form = read(call, "CreateDestinationAlphaSender")
    only = form.get("IsoCountryCode", "").upper()
    return await pool.add_alpha(form["AlphaSender"], only, trial=call.account.trial)


def _render(call: Call, member: Member) -> Document:
    return {
        **common(call, member),
        "alpha_sender": member.sender,
        "capabilities": ["SMS"],
        "iso_country_code": member.country or None,
        "url": RESOURCE.url(call, member),
    }


RESOURCE: Final = Resource(
    "DestinationAlphaSender",
    "alpha_senders",
    lambda member: member.kind == "alphanumeric",
    _add,
    _render,
)
ROUTES: Final = routes(RESOURCE)
