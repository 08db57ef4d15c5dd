"""A scenario's rules: from documents that fit their schema to records."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from mockserver.domain.addresses import COUNTRIES
from mockserver.domain.durations import microseconds
from mockserver.domain.faults import (
    DELIVERY_FIELDS,
    FAULT_FIELDS,
    HANDSET_FIELDS,
    SECTIONS,
    WEATHER_FIELDS,
    After,
    DeliveryRule,
    FaultRule,
    HandsetRule,
    Rule,
    WeatherRule,
    When,
    read_weather,
    settled,
)
from mockserver.domain.faults.documents import WrongPart
from mockserver.domain.faults.kinds import check_when, read_fault
from mockserver.domain.matching import WILDCARD, BadFilter, FieldKind, Matcher, near
from mockserver.domain.operations import operations
from mockserver.world.scenarios.collecting import each
from mockserver.world.scenarios.faults import Complaint, Misfit, Path, dotted

Document = Mapping[str, Any]
T = TypeVar("T")


def section(name: str, document: Document, complaints: list[Complaint]) -> tuple[Rule, ...]:
    """A section's rules; those without an id are `delivery-1`, `delivery-2` and so on."""
    taken = set(_given_ids(document))
    pairs = []
    for number, item in enumerate(document.get(name, ()), 1):
        rule_id = item.get("id") or free_id(name, number, taken)
        taken.add(rule_id)
        pairs.append((item, rule_id))
    return each(lambda pair: BUILD[name](*pair), pairs, (name,), complaints)


def _given_ids(document: Document) -> dict[str, Path]:
    """Ids that rules have, and where each stands first."""
    found: dict[str, Path] = {}
    for path, rule_id in _spelt_ids(document):
        found.setdefault(rule_id, path)
    return found


def _spelt_ids(document: Document) -> list[tuple[Path, str]]:
    return [
        ((name, place, "id"), item["id"])
        for name in SECTIONS
        for place, item in enumerate(document.get(name, ()))
        if "id" in item
    ]


def repeated_ids(document: Document) -> list[Complaint]:
    """A complaint for each id that another rule has already, in whatever section."""
    first = _given_ids(document)
    return [
        Complaint(path, f"the rule at {dotted(first[rule_id][:-1])} has this id already")
        for path, rule_id in _spelt_ids(document)
        if first[rule_id] != path
    ]


def free_id(name: str, number: int, taken: Iterable[str]) -> str:
    """`SECTION-NUMBER`, or with the next number that is free."""
    known = frozenset(taken)
    while f"{name}-{number}" in known:
        number += 1
    return f"{name}-{number}"


def delivery_rule(item: Document, rule_id: str) -> DeliveryRule:
    """One rule for how messages end; raise `Misfit`."""
    try:
        outcome, error_code = settled(item.get("outcome", ""), item.get("error_code", 0))
    except ValueError as open_end:
        raise Misfit(("error_code",), str(open_end)) from None
    return DeliveryRule(
        id=rule_id,
        when=_when(item.get("when", {}), DELIVERY_FIELDS),
        outcome=outcome,
        error_code=error_code,
        after=_after(item.get("after", {}), outcome),
        **_life(item),
    )


def fault_rule(item: Document, rule_id: str) -> FaultRule:
    """One rule for how the API misbehaves; raise `Misfit`."""
    when = _when(item.get("when", {}), FAULT_FIELDS)
    _refuse_strangers(when.matcher.filters)
    then = _said(read_fault, item["then"], "then")
    _said(lambda said: check_when(then, said), item.get("when", {}), "when")
    return FaultRule(rule_id, when, then, **_life(item))


def weather_rule(item: Document, rule_id: str) -> WeatherRule:
    """One rule for how webhooks misbehave; raise `Misfit`."""
    when = _when(item.get("when", {}), WEATHER_FIELDS)
    _refuse_unreachable(when.matcher.filters)
    then = _said(read_weather, item["then"], "then")
    return _said(lambda said: WeatherRule(rule_id, when, said, **_life(item)), then, "then")


def handset_rule(item: Document, rule_id: str) -> HandsetRule:
    """One rule for what handsets write back; raise `Misfit`."""
    when = _when(item.get("when", {}), HANDSET_FIELDS)
    delay = _said(microseconds, item.get("delay", 0), "delay")

    def made(reply: str) -> HandsetRule:
        return HandsetRule(rule_id, when, reply, delay, **_life(item))

    return _said(made, item["reply"], "reply")


BUILD: Final[Mapping[str, Callable[[Document, str], Rule]]] = {
    "delivery": delivery_rule,
    "faults": fault_rule,
    "weather": weather_rule,
    "handsets": handset_rule,
}
"""By section."""


def _life(item: Document) -> dict[str, Any]:
    return {name: item[name] for name in ("times", "enabled") if name in item}


def _said(read: Callable[[Any], T], value: Any, *path: str) -> T:
    """What `read` makes of a value; raise `Misfit` with what it says is wrong."""
    try:
        return read(value)
    except WrongPart as wrong:
        raise Misfit((*path, wrong.key), str(wrong)) from None
    except ValueError as wrong:
        raise Misfit(path, str(wrong)) from None


_WITHOUT: Final[Mapping[str, str]] = {
    **dict.fromkeys(("delivered", "undelivered", "failed"), "read"),
    "sent": "final",
}
"""A step that the messages of an outcome never take: its time means nothing."""


def _after(item: Document, outcome: str) -> After:
    if (step := _WITHOUT.get(outcome)) in item:
        told = f"what ends {outcome} has no such time: leave it out, or name another `outcome`"
        raise Misfit(("after", str(step)), told)
    times = {name: _said(microseconds, value, "after", name) for name, value in item.items()}
    return _said(lambda said: After(**said), times, "after")


# When.


_OWN: Final = ("country", "share", "nth", "every", "per", "after", "before", "parameters")
_VALUE: Final[Mapping[str, FieldKind]] = {"value": WILDCARD}


def _when(item: Document, fields: Mapping[str, FieldKind]) -> When:
    filters = {name: value for name, value in item.items() if name not in _OWN}
    _refuse_unaddressed(filters)
    if "nth" in item and "every" in item:
        raise Misfit(("when", "every"), "does not go with `nth`: say which one, or each of them")
    per = _listed(item.get("per", ()))
    _check_per(per, item, fields)
    countries = _listed(item.get("country", ()))
    if strange := [code for code in countries if code not in COUNTRIES]:
        raise Misfit(("when", "country"), f"no number counts as one of {strange[0]!r}")
    after, before = (
        None if item.get(name) is None else _said(microseconds, item[name], "when", name)
        for name in ("after", "before")
    )
    if after is not None and before is not None and after >= before:
        told = f"ends before it begins: make it longer than `after`, {item['after']}"
        raise Misfit(("when", "before"), told)
    return When(
        _matcher(filters, fields, "when"),
        countries,
        item.get("share"),
        item.get("nth"),
        item.get("every"),
        after,
        before,
        {
            name: _matcher({"value": value}, _VALUE, "when", "parameters", name)
            for name, value in item.get("parameters", {}).items()
        },
        per,
    )


def _check_per(per: tuple[str, ...], item: Document, fields: Mapping[str, FieldKind]) -> None:
    """Raise `Misfit` for what nothing can be counted by."""
    known = [name for name, how in fields.items() if not how.source]
    for name in per:
        if name not in known:
            told = f"{name!r} is none of {', '.join(known)}"
            raise Misfit(("when", "per"), told, near(name, known))
    if per and "nth" not in item and "every" not in item:
        raise Misfit(("when", "per"), "goes with `nth` or `every`, which count by it")


def _refuse_strangers(filters: Mapping[str, Any]) -> None:
    """Raise `Misfit` for an operation, a path, or a host that no request can have."""
    for pattern in _listed(filters.get("operation", ())):
        known = operations()
        test = Matcher.compile({"operation": pattern}, fields=FAULT_FIELDS)
        if pattern not in known and not any(test.matches({"operation": each}) for each in known):
            told = f"no operation that is served is called {pattern!r}"
            raise Misfit(("when", "operation"), told, near(pattern, known))
    for pattern in _listed(filters.get("path", ())):
        if not pattern.startswith(("/", "*")):
            raise Misfit(("when", "path"), f"{pattern!r} is no path: begin it with `/` or `*`")
    for pattern in _listed(filters.get("host", ())):
        if "/" in pattern:
            told = f"{pattern!r} is no host: leave out the scheme and the path"
            raise Misfit(("when", "host"), told)


def _refuse_unreachable(filters: Mapping[str, Any]) -> None:
    """Raise `Misfit` for an address of a webhook that none can have."""
    for pattern in _listed(filters.get("url", ())):
        if not pattern.startswith(("http", "*")):
            told = f"{pattern!r} is no URL: begin it with `http://`, `https://` or `*`"
            raise Misfit(("when", "url"), told)


_TYPOGRAPHIC: Final = re.compile("[\u2018-\u201f\u00ab\u00bb]").search


def _refuse_unaddressed(filters: Mapping[str, Any]) -> None:
    """Raise `Misfit` for a recipient, or a sender, that no message can have."""
    for name in ("to", "from"):
        for text in _listed(filters.get(name, ())):
            if _TYPOGRAPHIC(text):
                raise Misfit(("when", name), f'{text!r} has typographic quotes: use " or none')


def _listed(said: Any) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


def _matcher(filters: Document, fields: Mapping[str, FieldKind], *path: str) -> Matcher:
    try:
        return Matcher.compile(filters, fields=fields)
    except BadFilter as bad:
        place = path if fields is _VALUE else (*path, bad.field)
        raise Misfit(place, bad.reason, bad.hint) from None
