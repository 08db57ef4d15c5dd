"""How this host answers: its errors, its references, its dates."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from mockserver.domain.errors import TwilioError, problem
from mockserver.domain.json_faults import GONE, NOWHERE, Fault, Refused, fault
from mockserver.domain.message import SECOND
from mockserver.edge.http.call import Call, Reply
from mockserver.edge.http.refusals import flat, reply

INFO: Final = "https://www.twilio.com/docs/api/errors/"

WORDS: Final[Mapping[int, str]] = {
    20404: GONE.text,
    20429: "Too many requests. Please retry according to the Retry-After response header.",
    20500: "Internal Server Error",
    20503: "Service Unavailable",
}
"""What this host says where others say something else. Source: samples of the reference."""

GATEWAY: Final = (401, 403)
"""Statuses that what stands before every host answers with, in the form of all hosts."""

RETRIED: Final = (429, 503)
"""Statuses with a `Retry-After`, in seconds."""

OPERATION_HEADERS: Final = ("operationId", "operation-id")
LOCATION_HEADERS: Final = ("operationLocation", "operation-location")
"""Each is promised by one of Twilio's pages, so all are sent."""


def refusal(error: TwilioError, found: bool) -> Reply:
    """The faults of a request, each with its place.

    Who is not admitted, or asks for what is not there, gets the body of all hosts besides.
    """
    faults = error.faults if isinstance(error, Refused) else (_fault(error),)
    errors = {"errors": [_error(each) for each in faults]}
    common = error.status in GATEWAY or not found
    more = (("Retry-After", "1"),) if error.status in RETRIED else ()
    return reply(error, {**flat(error), **errors} if common else errors, *more)


def _fault(error: TwilioError) -> Fault:
    usual = error.code in WORDS and error.problem.text == problem(error.code).text
    return Fault(error.code, WORDS[error.code] if usual else error.message)


def _error(each: Fault) -> dict[str, Any]:
    return {
        "code": each.code,
        "message": each.message,
        "infoUrl": f"{INFO}{each.code}",
        "context": each.context,
    }


def gone() -> Refused:
    """404 for what the path names."""
    return Refused([fault(GONE, NOWHERE)])


def answered(document: object, status: int = 200) -> Reply:
    """A document as it goes over the wire."""
    return Reply(status, orjson.dumps(document))


def location(call: Call, *segments: str) -> str:
    """An absolute address, with the version that the request used: v1, or preview."""
    prefix = call.base_url[len(call.origin) :]
    version = call.path[len(prefix) + 1 :].partition("/")[0]
    return "/".join((call.base_url, version.lower(), *segments))


def accepted(call: Call, operation_id: str, *segments: str) -> Reply:
    """202: the operation, which is to be found below `segments`."""
    where = location(call, *segments, operation_id)
    answer = answered({"operationId": operation_id, "operationLocation": where}, 202)
    answer.headers = (
        *((name, operation_id) for name in OPERATION_HEADERS),
        *((name, where) for name in LOCATION_HEADERS),
    )
    return answer


def changed(call: Call, resource_id: str, *segments: str) -> Reply:
    """202: what was changed, which is to be found below `segments`."""
    where = location(call, *segments, resource_id)
    return answered({"resourceId": resource_id, "resourceLocation": where}, 202)


def date(call: Call, at: int) -> str:
    """In seconds, as all samples show it; what was set up is as old as the first account."""
    at = at or call.sandbox.accounts.first.created_at
    return f"{datetime.fromtimestamp(at // SECOND, UTC):%Y-%m-%dT%H:%M:%SZ}"
