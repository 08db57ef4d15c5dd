"""Whether somebody took the callbacks that told how messages ended."""

from collections.abc import Mapping

import msgspec

from mockserver.domain.lifecycle import FINAL
from mockserver.domain.message import Delivery, Message
from mockserver.world.journal import CallbackEntry
from mockserver.world.queries import in_parts
from mockserver.world.sandbox import Sandbox
from mockserver.world.subjects import MessageSubject
from mockserver.world.verifying.sight import Finding, Firsts, Look, Scope, Sight, counted

Heard = Mapping[str, str]
"""What became of a status callback, by message and status: its last attempt; "" once taken.

One that weather lost counts as taken: the program cannot have answered it."""

Missed = tuple[int, str, str]
"""A message's place, its status, and what became of the callback that told so."""


class Acknowledged(msgspec.Struct, frozen=True):
    """The callback of each message's final status was answered 2xx, sooner or later.

    Attempts of which the journal has forgotten the details are known all the same.
    """

    scope: Scope

    async def judge(self, sight: Sight) -> Finding:
        """Look for those that were not."""
        heard = await _heard(sight)
        number, missed = 0, Firsts[Missed](lambda each: each[0])
        async for part in sight.matching(self.scope):
            for place, look in part:
                if told := _told(sight, look):
                    number += 1
                    if why := _lacking(sight, heard, *told):
                        missed.add((place, told[1].status, why))
        wanted = f"Expected the final status callback of every message{self.scope} to be answered"
        if not missed.count:
            fine = f"{wanted} 2xx: all {counted(number, 'callback')} were."
            return Finding("acknowledged", True, number, fine)
        said = [
            f"that of {sight.named(place)} ({status}) was not: {why}"
            for place, status, why in missed.told
        ]
        near = [sight.near(place, callback=("answered 2xx", why)) for place, _, why in missed.told]
        explanation = f"{wanted} 2xx, but {missed.list(said)}."
        sids = sight.sids([place for place, _, _ in missed.first])
        return Finding("acknowledged", False, number, explanation, near, sids)


def _told(sight: Sight, look: Look) -> tuple[Message, Delivery] | None:
    """A message whose end is announced to somebody, since the journal began."""
    if not isinstance(look, MessageSubject) or look.delivery is None:
        return None  # on a shelf nothing is announced but by events
    message, delivery = look.message, look.delivery
    announced = delivery.status in FINAL and delivery.status in sight.sandbox.engine.announced
    if not message.status_callback or message.test or not announced:
        return None
    began = sight.sandbox.clock.began + (sight.sandbox.plan.origin is not None)
    return (message, delivery) if delivery.updated_at >= began else None


def _lacking(sight: Sight, heard: Heard, message: Message, delivery: Delivery) -> str:
    """What became of its last callback instead; "" where it was taken."""
    key, sandbox = f"{message.sid}/{delivery.status}", sight.sandbox
    if (attempt := heard.get(key)) is not None:
        return attempt
    if failed := sandbox.journal.unanswered.get(key):
        return f"{counted(failed, 'attempt')} failed"
    if _waits(sandbox, message.sid):
        return "it is still under way, until the clock has run until idle"
    if not sandbox.journal.callbacks.first:
        return "it was not posted"
    return ""


def _waits(sandbox: Sandbox, sid: str) -> bool:
    """Whether a callback of a message is still under way."""
    outbox, storm = sandbox.outbox, sandbox.messages.storm
    held = sid in outbox.held or (storm is not None and storm.holds(sid))
    return held or sid in outbox.queues.under_way


async def _heard(sight: Sight) -> Heard:
    """Out of what the journal holds."""
    found: dict[str, str] = {}
    async for part in in_parts(sight.sandbox.journal.callbacks):
        for entry in part:
            if entry.kind == "status":
                _add(found, entry)
    return found


def _add(found: dict[str, str], entry: CallbackEntry) -> None:
    key = f"{entry.message_sid}/{entry.status}"
    before = found.get(key)
    if before == "" or entry.dropped or 200 <= entry.response_status < 300:
        found[key] = ""
        return
    answer = entry.error or f"answered {entry.response_status}"
    found[key] = f"attempt {entry.attempt} at {entry.url}: {answer.rstrip('.')}"
