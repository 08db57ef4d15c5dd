"""What messages cost: segments, and the price as the API shows it."""

from functools import lru_cache
from typing import Any, Final, Literal

import msgspec

from mockserver.world.verifying.sight import (
    Finding,
    Firsts,
    Near,
    Scope,
    Sight,
    counted,
    outgoing,
)

CENT_PARTS: Final = 100_000
"""Prices are whole hundred-thousandths of a dollar."""

Name = Literal["segments", "price"]


class Ceiling(msgspec.Struct, frozen=True):
    """What is the most, in segments and in hundred-thousandths of a dollar; nothing for no limit.

    The first two are of all messages together, the others of each.
    """

    segments: int | None = None
    price: int | None = None
    segments_each: int | None = None
    price_each: int | None = None

    @property
    def priced(self) -> bool:
        """Whether prices matter."""
        return self.price is not None or self.price_each is not None


class Sum:
    """Of one measure: the total, the dearest messages, and those that are too dear."""

    def __init__(self, each: int | None) -> None:
        self._each = each
        self.total = 0
        self.dearest: Firsts[tuple[int, int]] = Firsts(lambda item: (-item[0], item[1]))
        """What it costs, and the place."""
        self.over: Firsts[tuple[int, int]] = Firsts(lambda item: (-item[0], item[1]))

    def add(self, cost: int, place: int) -> None:
        """One more message."""
        self.total += cost
        self.dearest.add((cost, place))
        if self._each is not None and cost > self._each:
            self.over.add((cost, place))


class Cost(msgspec.Struct, frozen=True):
    """What the program sent costs no more than it may. What has no price yet, or none, is free."""

    scope: Scope
    ceiling: Ceiling

    async def judge(self, sight: Sight) -> Finding:
        """Add it up."""
        ceiling, number = self.ceiling, 0
        segments, price = Sum(ceiling.segments_each), Sum(ceiling.price_each)
        async for part in sight.matching(self.scope):
            for place, look in part:
                if not outgoing(look):
                    continue
                number += 1
                size: Any = look.get("num_segments")
                segments.add(int(size), place)
                if ceiling.priced:
                    price.add(_price(sight, place), place)
            await sight.breathe()
        return self._finding(sight, number, segments, price)

    def _finding(self, sight: Sight, number: int, segments: Sum, price: Sum) -> Finding:
        limits: tuple[tuple[Name, Sum, int | None, int | None], ...] = (
            ("segments", segments, self.ceiling.segments, self.ceiling.segments_each),
            ("price", price, self.ceiling.price, self.ceiling.price_each),
        )
        broken: list[str] = []
        near: list[Near] = []
        dear: list[int] = []
        for name, found, most, each in limits:
            if most is not None and found.total > most:
                broken.append(_in_all(sight, name, number, found, most))
                dear += [place for _, place in found.dearest.first]
            if each is not None and found.over.count:
                broken.append(_one_by_one(sight, name, found, each))
                near += [_near(sight, name, each, *item) for item in found.over.told]
                dear += [place for _, place in found.over.first]
        if broken:
            places = list(dict.fromkeys(dear))
            return Finding("cost", False, number, " ".join(broken), near, sight.sids(places))
        told = _spent("segments", number, segments.total)
        told += f" and {_spent('price', number, price.total)}" if self.ceiling.priced else ""
        return Finding("cost", True, number, f"{counted(number)}{self.scope} {told}.")


def _price(sight: Sight, place: int) -> int:
    delivery = sight.delivery(place)
    return amount(delivery.price) if delivery is not None and delivery.price else 0


@lru_cache(1024)
def amount(text: str) -> int:
    """Hundred-thousandths of a dollar, of `-0.00790` or `1.5`; raise `ValueError`."""
    from decimal import Decimal, InvalidOperation

    try:
        return round(abs(Decimal(text)) * CENT_PARTS)
    except (InvalidOperation, OverflowError, ValueError):
        raise ValueError(f"{text!r} is not an amount: use dollars, as 0.5 or '0.00790'") from None


def _amount(name: Name, number: int) -> str:
    if name == "segments":
        return counted(number, "segment")
    dollars, rest = divmod(number, CENT_PARTS)
    return f"${dollars:,}.{rest:05d}"


_VERBS: Final = {"segments": ("has", "have"), "price": ("costs", "cost")}
"""Of one message, and of any other number of them."""


def _spent(name: Name, messages: int, number: int) -> str:
    """`have 2 segments`, `costs $0.00790`."""
    return f"{_VERBS[name][messages != 1]} {_amount(name, number)}"


def _in_all(sight: Sight, name: Name, number: int, found: Sum, most: int) -> str:
    (cost, dearest), *_ = found.dearest.first
    spent = f"{counted(number)} {_spent(name, number, found.total)}"
    return (
        f"Expected at most {_amount(name, most)} in all, but {spent}, "
        f"most of all {sight.named(dearest)}: {_amount(name, cost)}."
    )


def _one_by_one(sight: Sight, name: Name, found: Sum, each: int) -> str:
    told = [f"{sight.named(place)} {_spent(name, 1, cost)}" for cost, place in found.over.told]
    return f"Expected at most {_amount(name, each)} a message, but {found.over.list(told)}."


def _near(sight: Sight, name: Name, each: int, cost: int, place: int) -> Near:
    field = "num_segments" if name == "segments" else "price"
    return sight.near(place, **{field: (f"at most {_amount(name, each)}", _amount(name, cost))})
