"""Recipients: checked and put into columns, a block at a time."""

from collections.abc import Container, Iterator
from itertools import groupby, islice
from typing import Any, Final

import msgspec

from mockserver.domain.addresses import country, is_phone_number
from mockserver.domain.bulk.faults import GENERAL, MOST, Found
from mockserver.domain.bulk.gate import Gate
from mockserver.domain.bulk.records import (
    COHORT,
    PHONE,
    PROFILE,
    SEVERAL,
    WHATSAPP,
    RecipientBlock,
)

BLOCK: Final = 1_000
"""Recipients in a block; also what is checked before somebody else gets a turn."""

_LOOKED_AT: Final = 11
"""Addresses of one person that are looked at: one more than there may be, as `pruned` leaves."""

_FEW: Final = 50
"""Recipients whose faults are gathered at once."""


_BY_NAME: Final = {"PHONE": PHONE, "WHATSAPP": WHATSAPP}


class _Kinds(dict[str, int]):
    """Kind by channel, whatever its case."""

    def __missing__(self, channel: str) -> int:
        return _BY_NAME[channel.upper()]


_KINDS: Final = _Kinds(_BY_NAME)


def block(items: list[dict[str, Any]], start: int) -> RecipientBlock | None:
    """The block of recipients that fit the schema; nothing where a phone number is no number."""
    try:
        to = [item["address"] for item in items]
        kinds = bytes([_KINDS[item["channel"]] for item in items])
        good = all(map(is_phone_number, to))
    except KeyError:
        good = all(is_phone_number(text) for item in items for _, text in _phones(item))
        kinds, to = bytes(map(_kind, items)), list(map(_text, items))
    if not good:
        return None
    return RecipientBlock(start, tuple(to), kinds, *_variables(items))


def between(
    items: list[dict[str, Any]], start: int, bad: Container[int | str]
) -> Iterator[RecipientBlock]:
    """Blocks of those that are not bad, which fit; `start` is the number of the first item."""
    numbered = ((number, item) for number, item in enumerate(items, start) if number not in bad)
    for _, run in groupby(enumerate(numbered), lambda each: each[1][0] - each[0]):
        numbers, good = zip(*(each for _, each in run), strict=True)
        found = block(list(good), numbers[0])
        if found is not None:
            yield found


def _variables(items: list[dict[str, Any]]) -> tuple[bytes, tuple[str, ...]]:
    """All variables as JSON, and the names that everyone has."""
    variables = [item.get("variables") for item in items]
    if not any(variables):
        return b"", ()
    shapes = {tuple(one) if one else () for one in variables}
    common = set.intersection(*map(set, shapes))
    return msgspec.json.encode(variables), tuple(sorted(common))


def _kind(item: dict[str, Any]) -> int:
    if "address" in item:
        return _KINDS[item["channel"]]
    if "addresses" in item:
        return SEVERAL
    return COHORT if "cohortId" in item else PROFILE


def _text(item: dict[str, Any]) -> str:
    if "address" in item:
        return str(item["address"])
    if "addresses" in item:
        return " ".join(f"{_KINDS[one['channel']]}{one['address']}" for one in item["addresses"])
    if "cohortId" in item:
        return str(item["cohortId"])
    return f"{item['memoryStoreId']} {item['profileId']}"


def faults(gate: Gate, items: list[Any], start: int) -> Iterator[list[Found]]:
    """What is wrong with some recipients, number `start` first: a few at a time, not in order."""
    for first in range(0, len(items), _FEW):
        few, number = items[first : first + _FEW], start + first
        breaches: list[Found] = []
        if not gate.fits(few):
            breaches += gate.breaches(list(map(_without_values, few)), number)
            breaches += _bad_values(few, number)
        yield [*breaches, *_bad_phones(few, number)]


def _without_values(item: Any) -> Any:
    """A recipient whose variables are left to `_bad_values`, but for an empty name.

    For breaches lose much of a name, as `01` becomes 1, and a recipient may have any number.
    """
    variables = item.get("variables") if isinstance(item, dict) else None
    if not isinstance(variables, dict):
        return item
    return item | {"variables": {"": "any"} if "" in variables else {}}


def _bad_values(items: list[Any], start: int) -> Iterator[Found]:
    """Variables that the schema refuses: what is no text, or empty."""
    for number, item in enumerate(items, start):
        variables = item.get("variables") if isinstance(item, dict) else None
        if isinstance(variables, dict):
            bad = (name for name, value in variables.items() if not (value and type(value) is str))
            for name in islice(bad, MOST):
                said = "must not be empty" if variables[name] == "" else "must be a string"
                yield Found(("to", number, "variables", name), GENERAL, said)


def _bad_phones(items: list[Any], start: int) -> Iterator[Found]:
    for number, item in enumerate(items, start):
        for path, text in _phones(item):
            if not is_phone_number(text):
                yield Found(("to", number, *path), 21614)


def _phones(item: Any) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text that should be a phone number, whatever else is wrong."""
    if not isinstance(item, dict):
        return
    if isinstance(text := item.get("address"), str):
        yield ("address",), text
    if isinstance(several := item.get("addresses"), list):
        for place, one in enumerate(several[:_LOOKED_AT]):
            if isinstance(one, dict) and isinstance(text := one.get("address"), str):
                yield ("addresses", place, "address"), text


def countries(items: list[Any]) -> set[str]:
    """Where these recipients are, by the first phone number of each; "" for nobody knows."""
    prefixes = {_prefix(item) for item in items}
    return {country(prefix) for prefix in prefixes}


def _prefix(item: Any) -> str:
    """As much of a phone number as tells its country."""
    first = next((text for _, text in _phones(item)), "")
    return first[:5] if is_phone_number(first) else ""
