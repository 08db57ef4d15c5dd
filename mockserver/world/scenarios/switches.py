"""A scenario's switches, and its steps, which set them at their times."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from mockserver.domain.durations import microseconds
from mockserver.domain.faults import SWITCHES, Step
from mockserver.domain.matching import near
from mockserver.domain.rates import Rates
from mockserver.world.scenarios.faults import Misfit

Document = Mapping[str, Any]


_SECONDS: Final = (
    *("send_at_min", "send_at_max", "whatsapp_session"),
    *("comms_retention", "comms_horizon"),
)
"""Options that are written as durations."""


def options(item: Document) -> Document:
    """Options as `domain.options` has them; raise `Misfit`."""
    found = dict(item)
    for name in _SECONDS:
        if name in item:
            found[name] = _whole_seconds(item[name], name)
    if "template_review" in item:
        found["template_review"] = _microseconds(item["template_review"], "template_review")
    if "no_alphanumeric" in item:
        found["no_alphanumeric"] = tuple(item["no_alphanumeric"])
    if "prices" in item:
        found["prices"] = {
            row.get("to", ""): round(row["per_segment"] * 100_000) for row in item["prices"]
        }
    return found


def _whole_seconds(value: object, name: str) -> int:
    return -(-_microseconds(value, name) // 1_000_000)


def _microseconds(value: object, name: str) -> int:
    try:
        return microseconds(value)
    except ValueError as wrong:
        raise Misfit((name,), str(wrong)) from None


# Steps.


def step_of(known: frozenset[str]) -> Callable[[Document], Step]:
    """What builds a step, or raises `Misfit`; `known` are the ids of the scenario's rules."""

    def build(item: Document) -> Step:
        on, off = tuple(item.get("on", ())), tuple(item.get("off", ()))
        _check("on", on, known)
        _check("off", off, known)
        if both := [place for place, rule_id in enumerate(off) if rule_id in on]:
            told = f"{off[both[0]]!r} is switched on by the same step: leave it out of one"
            raise Misfit(("off", both[0]), told)
        spelt = {name: item[name] for name in (*SWITCHES, "options") if name in item}
        return Step(_microseconds(item["at"], "at"), on, off, _switched(spelt), spelt)

    return build


def _check(name: str, ids: tuple[str, ...], known: frozenset[str]) -> None:
    for place, rule_id in enumerate(ids):
        if rule_id not in known:
            raise Misfit((name, place), f"there is no rule {rule_id!r}", near(rule_id, known))


def _switched(spelt: Document) -> Document:
    """Fields of `Options`."""
    said = {name: value for name, value in spelt.items() if name != "options"}
    if "rates" in said:
        said["rates"] = Rates(**said["rates"])
    try:
        return {**options(spelt.get("options", {})), **said}
    except Misfit as misfit:
        raise Misfit(("options", *misfit.path), misfit.message, misfit.hint) from None
