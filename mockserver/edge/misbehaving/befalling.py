"""What befalls a call before it is processed: it waits, it is answered by somebody else."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from mockserver.domain.errors import NOT_FOUND, TwilioError
from mockserver.domain.faults.error import ErrorFault
from mockserver.domain.faults.headers import with_retry
from mockserver.domain.faults.kinds import parts
from mockserver.domain.faults.latency import LatencyFault
from mockserver.domain.faults.rate_limit import RateLimitFault
from mockserver.domain.faults.refuse import RefuseFault
from mockserver.domain.faults.stale import StaleFault
from mockserver.domain.faults.status import StatusFault
from mockserver.edge.http.call import Reply
from mockserver.edge.http.visit import Visit
from mockserver.edge.misbehaving.spoiling import Spoiled
from mockserver.world.gates import Mishap

SECOND: Final = 1_000_000

TOO_MANY: Final = 429
"""The status of what is over a limit, whatever its code says elsewhere."""

NOTHING: Final = 0
"""The status of an answer of which nothing is written."""

Parameters = Callable[[], Mapping[str, str]]


async def befall(
    visit: Visit, mishap: Mishap, parameters: Parameters, shut: Callable[[float], None]
) -> Reply | None:
    """The answer in place of the API's; `None` where the call is processed as any other.

    How the answer is written is then up to `visit.spoiled`. `shut` is told for how many seconds
    nobody may connect.
    """
    visit.fault = mishap.rule.id
    faults = parts(mishap.rule.then)
    for fault in faults:
        if isinstance(fault, LatencyFault):
            await asyncio.sleep(fault.latency.at(mishap.roll()) / SECOND)
    spoiled = visit.spoiled = Spoiled(mishap.rule.id, faults)
    for fault in faults:
        if isinstance(fault, RefuseFault):
            shut(fault.refuse / SECOND)
        answer = _ANSWERS.get(type(fault))
        if answer and (said := answer(fault, visit, mishap, parameters, spoiled)) is not None:
            return said
    return Reply(NOTHING) if spoiled.unprocessed else None


def _error(
    fault: ErrorFault, visit: Visit, _: Mishap, parameters: Parameters, spoiled: Spoiled
) -> Reply:
    spoiled.headers = fault.more
    return visit.refused(fault.refusal(**{**parameters(), "path": visit.resource}))


def _status(fault: StatusFault, visit: Visit, _: Mishap, __: Parameters, spoiled: Spoiled) -> Reply:
    spoiled.headers, visit.as_told = fault.more, True
    return Reply(fault.status, fault.content, content_type=fault.kind)


def _limited(
    fault: RateLimitFault, visit: Visit, mishap: Mishap, _: Parameters, spoiled: Spoiled
) -> Reply:
    spoiled.headers = with_retry({}, max(mishap.wait, SECOND))
    limited = ErrorFault(fault.rate_limit.code, status=TOO_MANY)
    return visit.refused(limited.refusal())


def _stale(
    _: StaleFault, visit: Visit, mishap: Mishap, __: Parameters, spoiled: Spoiled
) -> Reply | None:
    """A list is answered by the API, less what it does not know of yet."""
    spoiled.unseen = mishap.unseen
    if mishap.unseen is not None:
        return None
    return visit.refused(TwilioError(NOT_FOUND, path=visit.resource))


_ANSWERS: Final[Mapping[type, Callable[..., Reply | None]]] = {
    ErrorFault: _error,
    StatusFault: _status,
    RateLimitFault: _limited,
    StaleFault: _stale,
}
