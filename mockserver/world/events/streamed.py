"""An event of which somebody is told, as the list of all events holds it."""

from typing import Any

import msgspec

from mockserver.domain.events.envelope import Event, envelope


class Streamed(msgspec.Struct, frozen=True):
    """One event of another product than the Communications API, which has a form of its own."""

    event: Event
    account_sid: str
    version: int
    """Of its schema: the latest that somebody has subscribed to."""
    message_sid: str = ""

    def document(self) -> dict[str, Any]:
        """The CloudEvent."""
        return envelope(self.event, self.version)
