"""How an answer is spoilt on its way: what it says, how it is written, what the journal keeps."""

from typing import Final

from msgspec.structs import replace

from mockserver.domain.faults.headers import Headers
from mockserver.domain.faults.keep_alive import KeepAliveFault
from mockserver.domain.faults.kinds import Single
from mockserver.domain.faults.malformed import MalformedFault
from mockserver.domain.faults.refuse import RefuseFault
from mockserver.domain.faults.reset import ResetFault
from mockserver.domain.faults.slow_body import SlowBodyFault
from mockserver.domain.faults.truncate import TruncateFault
from mockserver.domain.faults.wrong_type import WrongTypeFault
from mockserver.edge.http.call import Reply
from mockserver.edge.http.reply import Written
from mockserver.edge.misbehaving.writing import Reset, Trickled
from mockserver.world.gates import Unseen
from mockserver.world.journal import BODY_KEPT, RequestEntry

SECOND: Final = 1_000_000

WHOLE: Final = 1.0
MIDDLE: Final = 0.5


class Spoiled:
    """What the faults of one rule do to one answer."""

    def __init__(self, rule_id: str, faults: tuple[Single, ...]) -> None:
        self._rule_id, self._faults = rule_id, faults
        self._part = min(map(_part, faults))
        self.headers: Headers = ()
        """Beside those of the answer, in place of those of the same name."""
        self.unseen: Unseen | None = None
        """What a list must not show."""

    @property
    def unprocessed(self) -> bool:
        """Whether the connection ends before the call is processed."""
        return any(
            isinstance(fault, RefuseFault)
            or (isinstance(fault, ResetFault) and fault.reset == "before")
            for fault in self._faults
        )

    @property
    def silent(self) -> bool:
        """Whether nothing is written."""
        return self.unprocessed or ResetFault("after") in self._faults

    def dress(self, reply: Reply) -> None:
        """Change what the answer says."""
        named = {name.lower() for name, _ in self.headers}
        kept = [pair for pair in reply.headers if pair[0].lower() not in named]
        reply.headers = (*kept, *self.headers)
        for fault in self._faults:
            if isinstance(fault, MalformedFault):
                reply.body = reply.body[: len(reply.body) // 2]
            elif isinstance(fault, WrongTypeFault):
                reply.content_type = fault.wrong_type

    def told(self, entry: RequestEntry) -> RequestEntry:
        """What the journal keeps: what was written, and what was not."""
        if self.silent:
            made = f"the answer {entry.status} was never written" if entry.status else "unprocessed"
            said = f"fault {self._rule_id!r} reset the connection: {made}"
            return replace(
                entry, status=0, unwritten=entry.status, warnings=[*entry.warnings, said]
            )
        if self._part == WHOLE:
            return entry
        length = int(entry.reply_length * self._part)
        part = f"{self._part * 100:.6g}%"
        said = f"fault {self._rule_id!r} ended the connection after {part} of the body"
        return replace(
            entry,
            reply_body=entry.reply_body[: min(length, BODY_KEPT)],
            warnings=[*entry.warnings, said],
        )

    def written(self, head: str, body: bytes, status: int, keep_alive: bool) -> Written:
        """The answer, for aiohttp to write."""
        if self.silent:
            return Reset("", b"", status)
        head = self._without_doubles(head)
        comes = body[: int(len(body) * self._part)]
        for fault in self._faults:
            if isinstance(fault, ResetFault):
                beginning = head if body else head[: len(head) // 2]
                return Reset(beginning, comes, status)
            if isinstance(fault, (TruncateFault, KeepAliveFault)):
                return Written(head, comes, status=status, keep_alive=False)
            if isinstance(fault, SlowBodyFault):
                return Trickled(head, body, status, keep_alive, fault.slow_body / SECOND)
        return Written(head, body, status=status, keep_alive=keep_alive)

    def _without_doubles(self, head: str) -> str:
        """Without the usual headers in whose place others stand, at the end."""
        own = len(self.headers)
        if not own:
            return head
        named = {name.lower() for name, _ in self.headers}
        *lines, _, __ = head.split("\r\n")
        usual = [line for line in lines[:-own] if line.partition(":")[0].lower() not in named]
        return "\r\n".join([*usual, *lines[-own:], "", ""])


def _part(fault: Single) -> float:
    """The part of the body that comes."""
    if isinstance(fault, TruncateFault):
        return fault.truncate
    return MIDDLE if fault == ResetFault("during") else WHOLE
