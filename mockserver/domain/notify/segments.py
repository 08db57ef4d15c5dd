"""Segments of a Notify Service: names that users are gathered under."""

import msgspec


class Segment(msgspec.Struct, frozen=True):
    """One segment; the first user who joins makes it, and it stays when the last one leaves."""

    sid: str
    account_sid: str
    service_sid: str
    unique_name: str
    created_at: int = 0
    """Microseconds."""
    updated_at: int = 0

    @property
    def key(self) -> str:
        """What its table finds it by."""
        return f"{self.service_sid} {self.unique_name}"
