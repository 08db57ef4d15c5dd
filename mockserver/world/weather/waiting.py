"""What weather has in the tables: callbacks that it holds back, and what it decided beforehand."""

import re
from collections.abc import Mapping, Set
from typing import Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.faults.weather import Signature
from mockserver.world.ports import Posting

_LINE: Final = re.compile(r"[^\x00-\x1f\x7f]*").fullmatch
"""What may stand in the first line, or in a header, of a request."""

_METHODS: Final = ("GET", "POST")


class Copy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A callback that is to go out, and how much later the very same does again, if it does."""

    posting: Posting
    replay: int = 0
    """Microseconds; 0: never."""
    forged: Signature = ""
    """What is wrong with its signature."""


Train = tuple[Copy, ...]
"""What goes out one after the other."""


class Late(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Callbacks of one message, or notification, that are held back together."""

    chain: str
    """What they go in order with."""
    due: int
    """When they go, in microseconds; 0: behind the next callback of their chain."""
    train: Train

    def renamed(self, names: Mapping[str, str]) -> "Late":
        """The same under another name of its account, for whoever has that to sign."""
        return replace(self, train=tuple(_renamed(copy, names) for copy in self.train))

    def fits(self, accounts: Set[str], latest: int) -> bool:
        """Whether it can be of one of these accounts, and be posted by then."""
        times = [self.due, *(time for copy in self.train for time in _times(copy))]
        sound = all(_is_sound(copy.posting, accounts) for copy in self.train)
        return bool(self.chain and self.train) and sound and 0 <= min(times) <= max(times) <= latest


class Foreseen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was decided about a message's callbacks before they came."""

    rules: dict[str, str] = {}
    """The id of the rule that each falls under, by status; "" for none."""
    hurried: str = ""
    """The status that was told before those that lead to it."""

    def __bool__(self) -> bool:
        return bool(self.rules or self.hurried)


def _times(copy: Copy) -> tuple[int, ...]:
    return copy.posting.due, copy.replay, copy.posting.due + copy.replay


def _renamed(copy: Copy, names: Mapping[str, str]) -> Copy:
    """Unsigned: the signature was made with the token of the account that it had."""
    posting, parcel = copy.posting, copy.posting.parcel
    sid = names.get(parcel.account_sid, parcel.account_sid)
    params = tuple((name, sid if name == "AccountSid" else value) for name, value in parcel.params)
    parcel = replace(parcel, account_sid=sid, params=params, signature="")
    return replace(copy, posting=replace(posting, parcel=parcel))


def _is_sound(posting: Posting, accounts: Set[str]) -> bool:
    """Whether it can be posted as it stands."""
    parcel = posting.parcel
    lines = (parcel.url, parcel.idempotency_token, parcel.signature, parcel.cookie)
    return (
        parcel.account_sid in accounts
        and parcel.method in _METHODS
        and parcel.url.startswith(("http://", "https://"))
        and all(map(_LINE, lines))
        and posting.attempt >= 1
    )
