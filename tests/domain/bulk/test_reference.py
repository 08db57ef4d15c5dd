"""The quick way agrees with a slow and obvious one, which knows neither schema nor blocks."""

import re
from collections.abc import Iterator
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from mockserver.domain.addresses import BadAddress, parse_to
from mockserver.domain.bulk.examine import Refusal, examine, finish
from mockserver.domain.bulk.gate import Gate
from mockserver.domain.bulk.records import COHORT, PHONE, PROFILE, SEVERAL, WHATSAPP, Send, Terms

ID: Final = "01h9krwprkeee8fzqspvwy6nq8"
NUMBERS: Final = ("+14155552671", "+447700900123", "+15555551234", "4155552671", "", 5, None)
CHANNELS: Final = ("PHONE", "phone", "WhatsApp", "SMS", None)

# -- requests, of which many are right -------------------------------------------------------------

ADDRESS: Final = st.fixed_dictionaries(
    {},
    optional={
        "address": st.sampled_from(NUMBERS[:2]) | st.sampled_from(NUMBERS),
        "channel": st.sampled_from(CHANNELS[:3]) | st.sampled_from(CHANNELS),
    },
)
GOOD_ADDRESS: Final = st.fixed_dictionaries(
    {"address": st.sampled_from(NUMBERS[:2]), "channel": st.sampled_from(CHANNELS[:3])}
)
KEYS: Final = st.text(max_size=3) | st.text("01+", max_size=2)
VARIABLES: Final = st.dictionaries(KEYS, st.text(max_size=3), max_size=3)
WORSE: Final = st.dictionaries(KEYS, st.none() | st.text(max_size=2)) | st.text()
IDS: Final = {
    "memoryStoreId": st.sampled_from([f"mem_store_{ID}", f"mem_service_{ID}", "mem_store_x"]),
    "profileId": st.sampled_from([f"mem_profile_{ID}", "mem_profile_x"]),
    "cohortId": st.sampled_from([f"cmp_cohort_{ID}", 7]),
}
GOOD: Final = st.one_of(
    GOOD_ADDRESS,
    st.fixed_dictionaries({"addresses": st.lists(GOOD_ADDRESS, min_size=1, max_size=3)}),
    st.just({"cohortId": f"cmp_cohort_{ID}"}),
    st.just({"memoryStoreId": f"mem_store_{ID}", "profileId": f"mem_profile_{ID}"}),
)
NAMED: Final = st.dictionaries(
    st.sampled_from(["firstName", "city", "1"]), st.text(min_size=1, max_size=5), max_size=3
)
GOOD_WITH: Final = st.builds(
    lambda item, variables: item if variables is None else item | {"variables": variables},
    GOOD,
    st.none() | NAMED,
)
ODD: Final = st.one_of(
    ADDRESS,
    st.builds(lambda one, variables: one | {"variables": variables}, GOOD, VARIABLES | WORSE),
    st.fixed_dictionaries({}, optional=IDS),
    st.builds(lambda one, other: one | other, GOOD, st.fixed_dictionaries({}, optional=IDS)),
    st.fixed_dictionaries({"addresses": st.lists(ADDRESS, max_size=12) | st.none()}),
    st.sampled_from([None, 5, "+14155552671", []]),
)

# -- the slow way ----------------------------------------------------------------------------------

Faults = Iterator[tuple[int, str]]


def is_phone(value: object) -> bool:
    """As everywhere in the mock, with nothing to normalise."""
    try:
        return isinstance(value, str) and parse_to(value).number == value != ""
    except BadAddress:
        return False


def address_faults(item: dict[str, Any], path: str) -> Faults:
    """Of an address with its channel."""
    if "address" not in item:
        yield 20001, f"{path}.address"
    elif not is_phone(item["address"]):
        yield 21614, f"{path}.address"
    if str(item.get("channel")).upper() not in ("PHONE", "WHATSAPP"):
        yield 20001, f"{path}.channel"


def variable_faults(variables: object, path: str) -> Faults:
    """Texts by names, none empty."""
    if not isinstance(variables, dict):
        yield 20001, path
        return
    if "" in variables:
        yield 20001, path
    for name, value in variables.items():
        if not isinstance(value, str) or not value:
            plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)
            escaped = name.replace("\\", "\\\\").replace("'", "\\'")
            yield 20001, f"{path}.{name}" if plain else f"{path}['{escaped}']"


PATTERNS: Final = {
    "memoryStoreId": r"mem_(store|service)_[0-7][0-9a-z]{25}",
    "profileId": r"mem_profile_[0-7][0-9a-z]{25,34}",
    "cohortId": r"cmp_cohort_[0-9a-z]{26,35}",
}


def recipient_faults(item: Any, path: str) -> Faults:
    """Of one item of `to`."""
    if not isinstance(item, dict):
        yield 20001, path
        return
    profile = "memoryStoreId" in item or "profileId" in item
    if ("address" in item) + ("addresses" in item) + profile + ("cohortId" in item) != 1:
        yield 20001, path
    if "address" in item:
        yield from address_faults(item, path)
    elif "channel" in item:
        yield from (one for one in address_faults(item, path) if one[1].endswith("channel"))
    if "addresses" in item:
        several = item["addresses"]
        if not isinstance(several, list) or not 1 <= len(several) <= 10:
            yield 20001, f"{path}.addresses"
        for place, one in enumerate(several[:11] if isinstance(several, list) else ()):
            yield from address_faults(one, f"{path}.addresses[{place}]")
    for name, pattern in PATTERNS.items():
        value = item.get(name)
        missing = profile and name != "cohortId" and name not in item
        if missing or (name in item and not re.fullmatch(pattern, str(value))):
            yield 20001, f"{path}.{name}"
    if "variables" in item:
        yield from variable_faults(item["variables"], f"{path}.variables")


# -- they agree ------------------------------------------------------------------------------------


@given(to=st.lists(st.one_of(GOOD_WITH, ODD), min_size=1, max_size=8))
def test_the_same_faults(to: list[Any], gate: Gate, terms: Terms) -> None:
    """Codes and places of every wrong recipient, and of no other."""
    expected = [
        one for place, item in enumerate(to) for one in recipient_faults(item, f"$.to[{place}]")
    ]
    verdict = finish(examine({"to": to, "content": {"text": "Ahoy"}}, gate, terms))
    told = verdict.faults if isinstance(verdict, Refusal) else ()
    assert {(one.code, one.context) for one in told} == set(expected)


def obvious(item: dict[str, Any]) -> tuple[Any, ...]:
    """Kind, addresses, channels, ids and variables of a recipient without fault."""
    variables = item.get("variables", {})
    if "cohortId" in item:
        return COHORT, (), (), "", "", item["cohortId"], variables
    if "profileId" in item:
        return PROFILE, (), (), item["memoryStoreId"], item["profileId"], "", variables
    several = item.get("addresses", [item])
    addresses = tuple(one["address"] for one in several)
    channels = tuple(one["channel"].upper() for one in several)
    single = PHONE if channels[0] == "PHONE" else WHATSAPP
    return SEVERAL if "addresses" in item else single, addresses, channels, "", "", "", variables


@given(to=st.lists(GOOD_WITH, min_size=1, max_size=8), times=st.sampled_from([1, 300]))
def test_the_same_reading(to: list[dict[str, Any]], times: int, gate: Gate, terms: Terms) -> None:
    """What goes into the columns comes out of them, in order and in blocks of a thousand."""
    to = to * times
    send = finish(examine({"to": to, "content": {"text": "Ahoy"}}, gate, terms))
    assert isinstance(send, Send)
    assert [block.start for block in send.blocks] == list(range(0, len(to), 1_000))
    assert send.count == len(to)
    for block in send.blocks:
        items = to[block.start : block.start + 1_000]
        assert len(block.to) == len(block.kinds) == len(items)
        assert [variables or {} for variables in block.all_variables()] == [
            item.get("variables", {}) for item in items
        ]
        shared = set.intersection(*(set(item.get("variables", {})) for item in items))
        assert block.everyone_has == tuple(sorted(shared))
        for place in {0, len(items) // 2, len(items) - 1}:
            one = block.recipient(place)
            ids = one.store_id, one.profile_id, one.cohort_id
            read = one.kind, one.addresses, one.channels, *ids, block.variables_of(place)
            assert read == obvious(items[place])
