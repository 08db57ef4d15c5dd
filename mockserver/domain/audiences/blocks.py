"""Profiles in columns, up to a thousand in a block: some 20 bytes each, and their traits.

Addresses stand in fields of fixed width, traits one behind the other as a JSON array. So one of
them is found without a look at the others, and all are read at once.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from mockserver.domain.audiences.profiles import Profile
from mockserver.domain.bulk.ways import End

MOST: Final = 1_000
"""Profiles in a block."""

WIDTH: Final = 16
"""Characters of an address: a plus and 15 digits, which E.164 has at most."""

_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode
_decode_all: Final = msgspec.json.Decoder(list[dict[str, Any]]).decode


class Block(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Profiles that follow each other."""

    phones: bytes
    """`WIDTH` characters each, blank where there is none."""
    whatsapp: bytes
    """The same of WhatsApp; nothing where nobody has it."""
    traits: bytes
    """A JSON array of objects."""
    stops: bytes
    """For each, behind which byte of `traits` its object ends: numbers of 32 bits."""
    ids: tuple[str, ...] = ()
    """Those that were given, "" for others; nothing where none was."""

    @property
    def count(self) -> int:
        return len(self.phones) // WIDTH

    def ends(self, place: int) -> tuple[End, ...]:
        """Channels and addresses of one."""
        field = slice(place * WIDTH, (place + 1) * WIDTH)
        phone, whatsapp = self.phones[field].rstrip(), self.whatsapp[field].rstrip()
        return _ends(phone.decode(), whatsapp.decode())

    def all_ends(self) -> list[tuple[End, ...]]:
        """Of all, in order."""
        phones = _fields(self.phones)
        if not self.whatsapp:
            return [(("PHONE", phone),) if phone else () for phone in phones]
        return list(map(_ends, phones, _fields(self.whatsapp)))

    def traits_of(self, place: int) -> dict[str, Any]:
        """Of one; for who looks at somebody."""
        return _decode(self.written(place))

    def written(self, place: int) -> bytes:
        """The traits of one as JSON."""
        stops = memoryview(self.stops).cast("I")
        start = stops[place - 1] if place else 0
        return self.traits[start + 1 : stops[place]]

    def all_traits(self) -> list[dict[str, Any]]:
        """Of all, in order; for who goes through the block."""
        return _decode_all(self.traits)

    def id(self, place: int) -> str:
        """The one that was given."""
        return self.ids[place] if self.ids else ""

    def at(self, address: str) -> Iterator[int]:
        """The places of those who have an address on whatever channel."""
        field = address.encode().ljust(WIDTH)
        if len(field) == WIDTH and (field in self.phones or field in self.whatsapp):
            for place in range(self.count):
                if any(address == each for _, each in self.ends(place)):
                    yield place


_NOBODY: Final[Mapping[str, int]] = MappingProxyType({})


class Batch(msgspec.Struct, frozen=True):
    """Profiles that came together; whoever wants them has the same ones."""

    blocks: tuple[Block, ...] = ()
    index: Mapping[str, int] = _NOBODY
    """Places among them by the ids that were given."""

    @property
    def count(self) -> int:
        return sum(block.count for block in self.blocks)

    def rows(self) -> Iterator[dict[str, Any]]:
        """As `profiles.read` reads them."""
        for block in self.blocks:
            for place, traits in enumerate(block.all_traits()):
                id_ = block.id(place)
                yield {**({"id": id_} if id_ else {}), "traits": traits}


def _fields(column: bytes) -> list[str]:
    text = column.decode()
    return [text[at : at + WIDTH].rstrip() for at in range(0, len(text), WIDTH)]


def _ends(phone: str, whatsapp: str) -> tuple[End, ...]:
    if not whatsapp:
        return (("PHONE", phone),) if phone else ()
    own = (("WHATSAPP", whatsapp),)
    return (("PHONE", phone), *own) if phone else own


class Columns:
    """A block that is being filled."""

    __slots__ = ("_ids", "_phones", "_stops", "_traits", "_whatsapp")

    def __init__(self) -> None:
        self._phones: list[str] = []
        self._whatsapp: list[str] = []
        self._traits = bytearray(b"[")
        self._stops = array("I")
        self._ids: list[str] = []

    def __len__(self) -> int:
        return len(self._phones)

    def add(self, profile: Profile) -> None:
        """One more."""
        self._phones.append(profile.phone)
        self._whatsapp.append(profile.whatsapp)
        self._ids.append(profile.id)
        self._traits += profile.traits
        self._stops.append(len(self._traits))
        self._traits += b","

    def block(self) -> Block:
        """What is in it now; raise `ValueError` where nobody is."""
        if not self._phones:
            raise ValueError("a block has somebody in it")
        return Block(
            _column(self._phones),
            _column(self._whatsapp) if any(self._whatsapp) else b"",
            bytes(self._traits[:-1]) + b"]",
            self._stops.tobytes(),
            tuple(self._ids) if any(self._ids) else (),
        )


def _column(texts: Iterable[str]) -> bytes:
    return "".join([text.ljust(WIDTH) for text in texts]).encode()


def joined(first: Block, second: Block) -> Block:
    """One block of two."""
    shift = len(first.traits) - 1
    stops = array("I", [shift + stop for stop in memoryview(second.stops).cast("I")])
    has_whatsapp, has_ids = first.whatsapp or second.whatsapp, first.ids or second.ids
    return Block(
        first.phones + second.phones,
        _padded(first) + _padded(second) if has_whatsapp else b"",
        first.traits[:-1] + b"," + second.traits[1:],
        first.stops + stops.tobytes(),
        _all_ids(first) + _all_ids(second) if has_ids else (),
    )


def _padded(block: Block) -> bytes:
    return block.whatsapp or b" " * len(block.phones)


def _all_ids(block: Block) -> tuple[str, ...]:
    return block.ids or ("",) * block.count
