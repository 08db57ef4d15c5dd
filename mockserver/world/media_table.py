"""The media of a sandbox's messages, and their contents, each kept once."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from mockserver.world.paper import Paper, loose

if TYPE_CHECKING:  # loaded with the first message that has media
    from mockserver.domain.media import Media

CONTENT_KEPT: Final = 256 * 1024 * 1024
"""Bytes of content that one sandbox keeps; the oldest goes first, its metadata stays. Ours."""


class Writes(Protocol):
    """The unit of writes, which takes rows."""

    def put(self, table: str, key: str, record: object) -> None: ...


class MediaTable:
    """Media by SID and by message; contents by digest, oldest first."""

    __slots__ = ("_by_message", "_contents", "_media", "_most", "_size", "_used")

    def __init__(self, most: int = CONTENT_KEPT, paper: Paper = loose) -> None:
        """`most`: bytes of content that are kept."""
        self._media: dict[str, Media] = paper("media")
        self._by_message: dict[str, tuple[str, ...]] = paper("media_places")
        """SIDs in the order of the message's URLs; those of deleted media stay, as places."""
        self._contents: dict[str, bytes] = paper("media_contents")
        self._used: dict[str, int] = {}
        """How many media have a digest."""
        self._size, self._most = 0, most

    def __len__(self) -> int:
        return len(self._media)

    def __iter__(self) -> "Iterator[Media]":
        """In order of creation."""
        return iter(self._media.values())

    def get(self, sid: str) -> "Media | None":
        return self._media.get(sid)

    def of(self, message_sid: str) -> "list[Media]":
        """A message's media, in the order of its URLs."""
        found = map(self._media.get, self.places(message_sid))
        return [media for media in found if media is not None]

    def places(self, message_sid: str) -> tuple[str, ...]:
        """The SIDs of a message's media, deleted ones among them."""
        return self._by_message.get(message_sid, ())

    def content(self, media: "Media") -> bytes | None:
        """Its bytes; nothing for a stand-in, and where they had to make room."""
        return self._contents.get(media.digest)

    @property
    def contents(self) -> Mapping[str, bytes]:
        """By digest, oldest first."""
        return MappingProxyType(self._contents)

    def copied(self) -> "MediaTable":
        """As it is now, for a snapshot: without the indexes."""
        copy = MediaTable(self._most)
        copy._media, copy._contents = dict(self._media), dict(self._contents)
        return copy

    def add(self, media: "Media", content: bytes | None, unit: Writes) -> None:
        """Keep one more of its message, and its content, where that is not there yet."""
        self._media[media.sid] = media
        self._by_message[media.message_sid] = (*self.places(media.message_sid), media.sid)
        unit.put("media", media.sid, media)
        if media.digest:
            self._used[media.digest] = self._used.get(media.digest, 0) + 1
            if content is not None:
                self.keep(media.digest, content, unit)

    def keep(self, digest: str, content: bytes, unit: Writes) -> None:
        """Keep a content, now the youngest; the oldest go where it takes too much room."""
        self._forget(digest)
        self._contents[digest] = content
        self._size += len(content)
        unit.put("media_contents", digest, content)
        while self._size > self._most:
            oldest = next(iter(self._contents))
            self._forget(oldest)
            unit.put("media_contents", oldest, None)

    def _forget(self, digest: str) -> None:
        self._size -= len(self._contents.pop(digest, b""))

    def leave_places(self, places: Mapping[str, tuple[str, ...]]) -> None:
        """What `places` says of messages some of whose media were deleted elsewhere."""
        self._by_message.update(places)

    def delete(self, sid: str, unit: Writes) -> None:
        """Forget one; its content goes with the last that has it."""
        media = self._media.pop(sid)
        unit.put("media", sid, None)
        if not media.digest:
            return
        self._used[media.digest] -= 1
        if not self._used[media.digest]:
            del self._used[media.digest]
            self._forget(media.digest)
            unit.put("media_contents", media.digest, None)

    def drop(self, message_sid: str, unit: Writes) -> None:
        """A message was deleted, and all its media with it."""
        for media in self.of(message_sid):
            self.delete(media.sid, unit)
        self._by_message.pop(message_sid, None)

    def shed(self, count: int) -> bool:
        """Free some records of a table that nobody uses any more; whether any are left."""
        parts = (self._media, self._by_message, self._contents, self._used)
        for part in parts:
            while part and count:
                part.popitem()
                count -= 1
        return any(parts)
