"""`…/AvailablePhoneNumbers`: countries, kinds of numbers, and the search for one to buy.

`NearNumber` means the same area code; otherwise every filter counts, those on places in the US and
Canada only. No answer has pages.
"""

import json
from functools import partial
from typing import Final

from mockserver.domain.errors import TwilioError, rank
from mockserver.domain.market import KINDS, MOST_OFFERS, Country, Offer, countries
from mockserver.domain.paging import read_page
from mockserver.edge.api.messages import ACCOUNT
from mockserver.edge.http.call import Call, Handler, Reply, Route
from mockserver.edge.http.hosts import API_ROOT
from mockserver.edge.http.resource import schema

FOLDER: Final = "api/2010-04-01"


async def list_countries(call: Call) -> Reply:
    """Every country in which numbers can be bought."""
    found = [_country(call, each) for each in countries().values()]
    return _reply({"uri": _uri(call), "countries": found})


async def fetch_country(call: Call) -> Reply:
    """One of them."""
    return _reply(_country(call, _find(call)))


async def search(call: Call, *, kind: str) -> Reply:
    """Up to thirty numbers of a kind; 404 where a country has none of the kind at all."""
    country = _find(call)
    if kind not in country.kinds:
        raise call.missing()
    reading = call.read_query(schema(f"{FOLDER}/ListAvailablePhoneNumber"))
    for breach in sorted(reading.breaches, key=lambda breach: rank(breach.code)):
        raise TwilioError(breach)
    asked = reading.values
    size = read_page(size=asked.get("PageSize", "")).size
    offers = call.sandbox.market.search(country, kind, asked, min(size, MOST_OFFERS))
    return _reply({"uri": _uri(call), "available_phone_numbers": list(map(_offer, offers))})


COUNTRIES: Final = f"{ACCOUNT}/AvailablePhoneNumbers"
COUNTRY: Final = f"{COUNTRIES}/{{CountryCode}}"
SCHEMA: Final = f"{FOLDER}/AvailablePhoneNumber"


def _search(kind: str) -> Route:
    handler: Handler = partial(search, kind=kind)
    name = f"ListAvailablePhoneNumber{kind}"
    return Route("GET", f"{COUNTRY}/{kind}", name, handler, schema=SCHEMA)


ROUTES: Final = (
    *map(_search, KINDS),
    Route(
        "GET",
        COUNTRIES,
        "ListAvailablePhoneNumberCountry",
        list_countries,
        schema=f"{SCHEMA}Country",
    ),
    Route(
        "GET", COUNTRY, "FetchAvailablePhoneNumberCountry", fetch_country, schema=f"{SCHEMA}Country"
    ),
)


def _find(call: Call) -> Country:
    """The country that the path names, or 20404."""
    country = countries().get(call.params["CountryCode"])
    if country is None:
        raise call.missing()
    return country


# Rendering


def _reply(document: object) -> Reply:
    return Reply(200, json.dumps(document).encode())


def _uri(call: Call) -> str:
    return call.path[call.path.index(API_ROOT) :]


def _country(call: Call, country: Country) -> dict[str, object]:
    base = f"/2010-04-01/Accounts/{call.account.sid}/AvailablePhoneNumbers/{country.code}"
    return {
        "beta": False,
        "country": country.name,
        "country_code": country.code,
        "subresource_uris": {KINDS[kind]: f"{base}/{kind}.json" for kind in country.kinds},
        "uri": f"{base}.json",
    }


def _offer(offer: Offer) -> dict[str, object]:
    can = offer.capabilities
    return {
        "address_requirements": offer.country.requirement,
        "beta": False,
        "capabilities": {"mms": can.mms, "sms": can.sms, "voice": can.voice},
        "friendly_name": offer.friendly_name,
        "iso_country": offer.country.code,
        "lata": offer.lata or None,
        "latitude": offer.latitude or None,
        "locality": offer.locality or None,
        "longitude": offer.longitude or None,
        "phone_number": offer.phone_number,
        "postal_code": offer.postal_code or None,
        "rate_center": offer.rate_center or None,
        "region": offer.region or None,
    }
