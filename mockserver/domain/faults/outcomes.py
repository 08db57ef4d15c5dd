"""How a message can end: the status that belongs to an error code, and when each step happens."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import msgspec

from mockserver.domain.durations import written
from mockserver.domain.lifecycle import Fate, Profile

_UNDELIVERED: Final = (
    *(30003, 30004, 30005, 30006, 30007, 30008, 30011, 30017, 30019, 30022, 30023, 30024, 30027),
    *(30032, 30033, 30034, 30035, 30040, 30041, 30042, 30043, 30046),
    *(63003, 63005, 63013, 63014, 63015, 63016, 63018, 63021, 63024, 63032, 63033, 63036, 63049),
)
_WARNED: Final = (30018, 30025, 30026, 30045, 63037)
_FAILED: Final = (
    *(11200, 11751, 12300, 14107, 21610, 21612, 21703, 21704),
    *(30001, 30002, 30009, 30010, 30012, 30013, 30014, 30015, 30016, 30020, 30021),
    *(30036, 30037, 30038, 30039, 30044, 30410, 30450, 30453, 30454, 30485, 30500),
    *(30610, 30615, 30620, 30630, 30640),
    *(63009, 63010, 63012, 63017, 63019, 63020, 63027, 63028, 63031, 63034, 63040, 63041, 63042),
)

FINAL_STATUS: Final[Mapping[int, str]] = {
    **dict.fromkeys(_UNDELIVERED, "undelivered"),
    **dict.fromkeys(_FAILED, "failed"),
    **dict.fromkeys(_WARNED, "delivered"),
}
"""The final status of a message that ends with an error code.

Twilio's own trouble before the hand-over is `failed`, a negative receipt `undelivered`; a warning
does not keep a message from being delivered. Source: the status definitions and Twilio's error
dictionary; captures for the best-known codes (30003 to 30008, 30032, 30034, 63016, 21610, 21703),
by the same rule inferred for the others. Not here: what is refused when the message is created.
"""

NOTIFY: Final = range(52_000, 53_000)
"""Codes of Notify's deliveries, each of which says that one has failed."""

ERROR_CODE: Final[Mapping[str, int]] = {"undelivered": 30003, "failed": 30001}
"""What an outcome carries when a rule names no code. Our choice among the documented pairs:

an unreachable handset, the commonest negative receipt, and a queue overflow, which lies with Twilio
and not with the recipient.
"""


def settled(outcome: str, error_code: int) -> tuple[str, int]:
    """Outcome and code where a rule names one or neither ("" and 0); raise `ValueError` when open.

    What was asked for stands, also where Twilio would pair them otherwise.
    """
    of_notify = error_code in NOTIFY
    if not outcome and error_code and error_code not in FINAL_STATUS and not of_notify:
        raise ValueError(f"no final status is known to go with {error_code}: add an `outcome`")
    outcome = outcome or FINAL_STATUS.get(error_code, "failed" if of_notify else "delivered")
    return outcome, error_code or ERROR_CODE.get(outcome, 0)


class After(msgspec.Struct, frozen=True):
    """When a message's steps happen, in microseconds after the create; `None`: not said.

    A step of which nothing is said keeps its usual distance from the one before. `final` is the
    time of `delivered`, `undelivered` and `failed`.
    """

    sending: int | None = None
    sent: int | None = None
    final: int | None = None
    read: int | None = None

    def __post_init__(self) -> None:
        """Raise `ValueError` when a step is said to come before an earlier one."""
        for (earlier, at), (later, then) in pairwise(self._said()):
            if then < at:
                raise ValueError(f"`{later}` comes before `{earlier}`")

    def fate(self, outcome: str, error_code: int) -> Fate:
        """The fate with these times. What fails was never sent: it ends at `final`, if said."""
        usual = Profile()
        start = usual.sending if self.sending is None else self.sending
        sent = _at(self.sent, start + usual.sent - usual.sending, self.final, self.read)
        final = _at(self.final, sent + usual.final - usual.sent, self.read)
        read = _at(self.read, final + usual.read - usual.final)
        if outcome == "failed" and self.final is not None:
            sent = final
        return Fate(outcome, error_code, Profile(usual.queued, min(start, sent), sent, final, read))

    def document(self) -> dict[str, object]:
        """As in a scenario."""
        return {name: written(at) for name, at in self._said()}

    def _said(self) -> list[tuple[str, int]]:
        steps = (
            ("sending", self.sending),
            ("sent", self.sent),
            ("final", self.final),
            ("read", self.read),
        )
        return [(name, at) for name, at in steps if at is not None]


def _at(said: int | None, usual: int, *later: int | None) -> int:
    """When a step happens: as said, else as usual but not after what was said of later ones."""
    return min([usual, *(at for at in later if at is not None)]) if said is None else said
