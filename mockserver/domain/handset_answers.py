"""What handsets write back: the text, and the record of an answer that is still to come."""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from mockserver.domain.addresses import Address, BadAddress, parse_from, parse_to
from mockserver.domain.comparing import expression, searching

_GROUP: Final = re.compile(r"\\(?:g<([0-9A-Za-z_]+)>|([0-9]{1,2}))")
"""As in Python's `re.sub`; any other backslash is one."""


class HandsetAnswer(msgspec.Struct, frozen=True, gc=False):
    """What a handset is about to send."""

    at: int
    """When, in microseconds."""
    from_: str
    """The handset, as the channel has it: `+1…`, `whatsapp:+1…`."""
    to: str
    body: str

    @property
    def ends(self) -> tuple[Address, Address]:
        """Handset and number; raise `BadAddress` where one of them is none."""
        return parse_to(self.from_), parse_from(self.to)

    @property
    def possible(self) -> bool:
        """Whether a handset could write there."""
        try:
            handset, number = self.ends
        except BadAddress:
            return False
        return handset.channel == number.channel and number.kind not in ("alphanumeric", "service")


def answer_text(reply: str, patterns: Iterable[str], body: str) -> str:
    """`reply` with the groups of the first of `patterns` that is found in `body`.

    A group that had no part in it is empty.
    """
    if "\\" not in reply:
        return reply
    found = next(filter(None, (searching(pattern)(body) for pattern in patterns)), None)
    return reply if found is None else _GROUP.sub(lambda at: found[_name(at)] or "", reply)


def check_answer(reply: str, patterns: tuple[str, ...]) -> None:
    """Raise `ValueError` where `reply` names a group that one of `patterns` does not have."""
    for named in _GROUP.finditer(reply):
        if not patterns:
            raise ValueError(f"`{named[0]}` stands for a group of `body_regex`: add one to `when`")
        for pattern in patterns:
            found, name = expression(pattern), _name(named)
            there = name in found.groupindex if isinstance(name, str) else name <= found.groups
            if not there:
                raise ValueError(f"`{named[0]}` is in the reply, but {pattern!r} has no such group")


def _name(at: re.Match[str]) -> int | str:
    """Number or name of the group that a place in a reply stands for; 0 is all that was found."""
    named: str = at[1] or at[2]
    return int(named) if named.isdecimal() else named
