"""People who are made up: by faker, from a count and a seed.

faker makes some hundreds of names and towns; a million people are combinations of these, found by
arithmetic. So the same count and seed give the same people, and each has a number of their own.
"""

from functools import lru_cache
from math import gcd
from typing import Any, Final, NamedTuple

import msgspec

from mockserver.domain.audiences.profiles import Profile
from mockserver.world.audiences.filling import ROWS, Filling, Steps, TooMany
from mockserver.world.audiences.stores import MOST

NUMBERS: Final = 792 * 10_000
"""Numbers behind +1 415: 792 exchanges, those that end in 11 left out, of 10,000 lines."""

_MADE: Final = 400
"""How often faker is asked for a name or a town; it repeats itself."""

_SCATTER: Final = 0x9E3779B97F4A7C15
"""Odd and large: neighbours have little in common in what multiplying by it gives."""


class Material(NamedTuple):
    """What people are combined of."""

    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    cities: tuple[str, ...]


@lru_cache(8)
def material(seed: int) -> Material:
    """Made by faker in a tenth of a second: whoever has an event loop asks in a thread."""
    from faker import Faker  # seldom wanted, and slow to load

    fake = Faker("en_US")
    fake.seed_instance(seed)
    made = ([ask() for _ in range(_MADE)] for ask in (fake.first_name, fake.last_name, fake.city))
    return Material(*(tuple(dict.fromkeys(each)) for each in made))


def of_fakes(count: int, seed: int, *, whatsapp: bool = False) -> Steps:
    """So many people; `whatsapp` says whether they have that too. Raise `TooMany`."""
    if count > MOST:
        raise TooMany(count)
    made, filling = material(seed), Filling()
    step, first = _step(seed), seed * 7_919 % NUMBERS
    for place in range(count):
        number = _number((first + place * step) % NUMBERS)
        filling.add(_profile(made, place + seed, number, whatsapp=whatsapp))
        if not place % ROWS:
            yield
    return filling.batch()


def _step(seed: int) -> int:
    """How far apart the numbers of neighbours are; by such a step nobody's comes twice."""
    step = 1_000_003 + seed * 2_654_435_761 % NUMBERS
    while gcd(step, NUMBERS) > 1:
        step += 1
    return step


def _number(place: int) -> str:
    """+1 415, an exchange from 200 to 999 that does not end in 11, and four digits."""
    hundred, rest = divmod(place // 10_000, 99)
    exchange = (hundred + 2) * 100 + rest + (rest >= 11)
    return f"+1415{exchange}{place % 10_000:04d}"


def _profile(made: Material, key: int, number: str, *, whatsapp: bool) -> Profile:
    chance = key * _SCATTER
    first = (chance >> 44) % len(made.first_names)
    last = (chance >> 24) % len(made.last_names)
    city = (chance >> 4) % len(made.cities)
    traits: dict[str, Any] = {
        "contact": {"phone": number, **({"whatsapp": number} if whatsapp else {})},
        "firstName": made.first_names[first],
        "lastName": made.last_names[last],
        "city": made.cities[city],
    }
    return Profile(msgspec.json.encode(traits), number, number if whatsapp else "")
