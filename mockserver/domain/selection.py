"""Which sender of its pool a Messaging Service uses for a recipient.

Sources: Twilio's docs on Messaging Services and RCS; help articles on sticky sender, area code
geomatch, short codes and the US fallback.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from mockserver.domain.addresses import country
from mockserver.domain.numbers import Number, Service
from mockserver.domain.rates import TOLL_FREE

AREA_OVERLAYS: Final = (
    frozenset({"212", "646", "332", "917"}),
    frozenset({"718", "347", "929", "917"}),
    frozenset({"213", "323", "738"}),
    frozenset({"310", "424"}),
    frozenset({"415", "628"}),
    frozenset({"408", "669"}),
    frozenset({"510", "341"}),
    frozenset({"312", "872"}),
    frozenset({"773", "872"}),
    frozenset({"214", "469", "972", "945"}),
    frozenset({"713", "281", "832", "346"}),
    frozenset({"305", "786", "645"}),
    frozenset({"404", "678", "470", "943"}),
    frozenset({"617", "857"}),
    frozenset({"215", "267", "445"}),
    frozenset({"202", "771"}),
    frozenset({"206", "564"}),
    frozenset({"602", "480", "623"}),
    frozenset({"416", "647", "437"}),
    frozenset({"604", "778", "236", "672"}),
    frozenset({"514", "438", "263"}),
)
"""Area codes that share a place. Source: the North American Numbering Plan Administration."""


class Need(msgspec.Struct, frozen=True):
    """What a message asks of its sender; recipients of one kind ask the same."""

    country: str
    """ISO 3166 code of the recipient's country."""
    area: str = ""
    """Area code, in the US and Canada."""
    channel: str = "sms"
    media: bool = False
    rcs: bool = False
    """Whether the recipient's device does RCS."""

    @classmethod
    def of(cls, to: str, channel: str, *, media: bool = False, rcs: bool = False) -> "Need":
        """What the recipient `to` asks: in E.164, or an address on a channel."""
        number = to.rpartition(":")[2] if ":" in to else to
        return _need(number[:5], channel, media, rcs)


@lru_cache(4096)
def _need(start: str, channel: str, media: bool, rcs: bool) -> Need:
    """By the beginning of a number, which says country and area."""
    where = country(start)
    text = "sms" if channel == "mms" else channel
    return Need(where, start[2:] if where in _NEAR else "", text, media, rcs)


class Ranking(msgspec.Struct, frozen=True):
    """What a pool has to offer for one kind of recipient."""

    best: tuple[str, ...] = ()
    """Equals among which the load is spread; none where no sender gets there."""
    usable: frozenset[str] = frozenset()
    domestic: frozenset[str] = frozenset()
    """Those of the recipient's own country."""

    def keep(self, last: str) -> str:
        """What sticks; "" where it has left, or is foreign while there is a domestic one."""
        stays = last in self.usable and (last in self.domestic or not self.domestic)
        return last if stays else ""


class Candidate(msgspec.Struct, frozen=True):
    """A sender of the pool."""

    sender: str
    country: str = ""
    """ISO 3166 code; of an alphanumeric one, the only country it is for, "" for any."""
    mms: bool = True
    sms: bool = True

    @property
    def short(self) -> bool:
        return self.sender.isdigit()

    @property
    def long(self) -> bool:
        return self.sender.startswith("+")

    @property
    def alphanumeric(self) -> bool:
        return not (self.short or self.long or ":" in self.sender)


def candidate(sender: str, number: Number | None, only: str = "") -> Candidate:
    """A pool's sender with what is known about it; `only` is an alphanumeric one's country."""
    if ":" in sender or not (sender.startswith("+") or sender.isdigit()):
        return Candidate(sender, only, mms=False)
    if sender.isdigit():
        return Candidate(sender, number.home if number else "US", number is None or number.mms)
    known = number or Number(sender, "")
    return Candidate(sender, country(sender), known.mms, known.sms)


def rank(
    service: Service, pool: Sequence[Candidate], need: Need, no_alphanumeric: Sequence[str]
) -> Ranking:
    """What the pool offers; `no_alphanumeric` are countries that take no alphanumeric sender."""
    rich = need.channel if need.channel not in ("sms", "mms") else "rcs" if need.rcs else ""
    if rich:
        found = tuple(one.sender for one in pool if one.sender.startswith(f"{rich}:"))
        if found or need.channel == rich:
            return Ranking(found, frozenset(found))
    usable = [one for one in pool if _reaches(one, need, no_alphanumeric)]
    tiers = ([one for one in usable if rule(one, need)] for rule in _RULES)
    best = next((tier for tier in tiers if tier), [])
    if best and best[0].long and service.area_code_geomatch:
        best = _nearest(best, need.area)
    return Ranking(
        tuple(one.sender for one in best),
        frozenset(one.sender for one in usable),
        frozenset(one.sender for one in usable if _domestic(one, need)),
    )


def _reaches(one: Candidate, need: Need, no_alphanumeric: Sequence[str]) -> bool:
    """Whether a message gets there from this sender at all. Source: help articles on reach."""
    to = need.country
    if ":" in one.sender or not (one.mms if need.media else one.sms):
        return False
    if one.alphanumeric:
        return to not in no_alphanumeric and one.country in ("", to)
    if one.short:
        return one.country == to
    if one.sender.startswith(TOLL_FREE) or need.media:
        return to in _NEAR and one.country in _NEAR
    return to not in _NEAR or one.country in _NEAR


def _domestic(one: Candidate, need: Need) -> bool:
    return not one.alphanumeric and one.country == need.country


_NEAR: Final = ("US", "CA")

_RULES: Final[tuple[Callable[[Candidate, Need], bool], ...]] = (
    lambda one, need: one.short,
    lambda one, need: one.long and _domestic(one, need),
    lambda one, need: one.alphanumeric and bool(one.country),
    lambda one, need: one.alphanumeric,
    lambda one, need: one.country == "US",
    lambda one, need: one.country == "CA",
    lambda one, need: True,
)
"""Kinds of sender that get there, in the order in which they are taken.

A short code (of the recipient's country), a number of the country, an alphanumeric sender (one for
that country first), a number of the US, one of Canada, any other.
"""


def _nearest(found: Sequence[Candidate], area: str) -> list[Candidate]:
    """By area code: the recipient's own, those that share its place, else all."""
    same = [one for one in found if area and one.sender[2:5] == area]
    overlays = frozenset[str]().union(*(codes for codes in AREA_OVERLAYS if area in codes))
    shared = [one for one in found if one.sender[2:5] in overlays]
    return same or shared or list(found)
