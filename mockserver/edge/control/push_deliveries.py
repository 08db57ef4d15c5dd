"""`/push_deliveries`: what Notify handed to push services, Messenger and Alexa, and what failed.

Text messages that went out are in `/messages` alone, with the origin `notify`; those of Messenger
are there too, and here is what its Send API would have got.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from mockserver.domain.matching import PUSH_FIELDS, Matcher
from mockserver.domain.titles import TITLES
from mockserver.edge.control import filters
from mockserver.edge.control.ask import Answer, Ask, Route
from mockserver.world.clock import iso
from mockserver.world.queries import in_parts
from mockserver.world.sandbox import Sandbox

if TYPE_CHECKING:  # loaded with the first notification
    from mockserver.world.notify.inspection import DeliverySubject, Miss


async def list_(ask: Ask) -> Answer:
    """A page of the deliveries that match."""
    from mockserver.world.notify.inspection import find_deliveries

    cut, matcher = filters.cut(ask), filters.matcher(ask, PUSH_FIELDS)
    found = await find_deliveries(ask.sandbox, matcher, cut)
    documents: list[dict[str, Any]] = []
    async for part in in_parts(found.items):
        documents += (document(ask.sandbox, each) for each in part)
    return Answer(200, filters.page("push_deliveries", documents, found, cut))


def document(sandbox: Sandbox, found: "DeliverySubject") -> dict[str, Any]:
    """A delivery with what its provider would have got."""
    told, made = found.told, found.made
    payload, headers = found.payload
    return {
        "sid": made.sid or None,
        "notification_sid": made.notification_sid,
        "account_sid": told.account_sid,
        "service_sid": told.service.sid,
        "sandbox": sandbox.id,
        "channel": made.channel,
        "address": made.address,
        "identity": made.identity or None,
        "binding_sid": made.binding_sid or None,
        "credential_sid": made.credential_sid or None,
        "title": told.ask.title or None,
        "body": told.ask.body or None,
        "payload": payload,
        "headers": dict(headers),
        "priority": told.ask.priority,
        "ttl": told.ask.ttl,
        "status": made.status,
        "error_code": made.error_code or None,
        "error_message": TITLES.get(made.error_code),
        "created_at": iso(made.at),
    }


async def verify(ask: Ask) -> Answer:
    """Whether as many deliveries match as should."""
    from mockserver.world.notify.inspection import verify

    matcher = Matcher.compile(ask.body.get("where", {}), fields=PUSH_FIELDS)
    count: Mapping[str, int] = {
        how: int(number) for how, number in ask.body.get("count", {"at_least": 1}).items()
    }
    verdict = await verify(ask.sandbox, matcher, count)
    return Answer(
        200,
        {
            "ok": verdict.ok,
            "matched": verdict.matched,
            "explanation": verdict.explanation,
            "near_misses": [_miss(each) for each in verdict.misses],
        },
    )


def _miss(miss: "Miss") -> dict[str, Any]:
    made, differences = miss
    return {
        "sid": made.sid or None,
        "channel": made.channel,
        "address": made.address,
        "differences": {
            name: {"expected": each.expected, "actual": each.actual}
            for name, each in differences.items()
        },
    }


ROUTES: Final = (
    Route(
        "GET",
        "/push_deliveries",
        list_,
        "What Notify handed to other channels than text messages, or could not, a page at a time.",
        answer="PushDeliveries",
        query=filters.PUSH_DELIVERIES,
    ),
    Route(
        "POST",
        "/push_deliveries/verify",
        verify,
        "Whether as many of these match as should, and if not, why.",
        body="control/VerifyPush",
        answer="PushVerdict",
    ),
)
