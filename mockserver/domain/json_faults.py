"""Refusals of the hosts that read JSON: all faults of a request at once, each with its place.

Source: the errors of the Communications API's reference.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from mockserver.domain.errors import Problem, TwilioError

NOWHERE: Final = "null"
"""The context where no field is at fault: the word, as samples show it."""

INVALID: Final = Problem(20001, 400, "Invalid parameter: {what}")
"""What most faults are. The code follows Twilio's newer APIs; their reference names none."""
GONE: Final = Problem(20404, 404, "The resource was not found.")
UNKNOWN: Final = Problem(20404, 400, "The resource was not found.")
"""Named in a body, as a sender of a pool is; in a path, it is `GONE`."""
TAKEN: Final = Problem(20409, 409, "Conflict: {what}")
NOT_A_NUMBER: Final = Problem(
    21614, 400, "The address specified in the request is not a valid phone number."
)
NOT_OWNED: Final = Problem(21606, 400, "The sender {address} is not one of your account's.")
NOT_OWNED_CHANNEL: Final = Problem(63007, 400, "The sender {address} is not one of your account's.")


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong with a request."""

    code: int
    message: str
    context: str = NOWHERE
    """JSON path of the field, `$.to[0].address`."""
    status: int = 400
    """HTTP status, were it the only one."""


def fault(problem: Problem, context: str = NOWHERE, **values: object) -> Fault:
    """A fault with the problem's text, `values` filled in."""
    return Fault(problem.code, problem.rendered(**values), context, problem.status)


class Refused(TwilioError):
    """A request is refused for one or more faults; code and status are those of the first.

    Faults of different statuses together are a 400.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        first = faults[0]
        status = first.status if len({each.status for each in faults}) == 1 else 400
        text = first.message.replace("{", "{{").replace("}", "}}")
        super().__init__(Problem(first.code, status, text))
        self.faults = tuple(faults)


def refuse(faults: Sequence[Fault]) -> None:
    """Raise `Refused` where there is any fault."""
    if faults:
        raise Refused(faults)


def path(parts: Sequence[str | int]) -> str:
    """`$.to[0].address`; the word for nowhere for the document itself."""
    said = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return f"${said}" if said else NOWHERE
