"""From a document that fits its schema to records, with the rules that no schema can state."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Final, TypeVar

from msgspec.structs import replace

from mockserver.domain.addresses import BadAddress, normalise, parse_from, parse_to
from mockserver.domain.consent import BadSettings, OptOutSettings, read_settings
from mockserver.domain.faults import (
    SECTIONS,
    SWITCHES,
    Given,
    GivenAccount,
    GivenHandset,
    GivenNumber,
    GivenService,
    GivenTemplate,
    Scenario,
)
from mockserver.domain.numbers import OptOut
from mockserver.domain.pools import is_alpha
from mockserver.domain.rates import Rates
from mockserver.world.clock import Mode
from mockserver.world.scenarios import extending, rules
from mockserver.world.scenarios.collecting import each, tried
from mockserver.world.scenarios.faults import Complaint, Misfit, Path
from mockserver.world.scenarios.switches import options, step_of

if TYPE_CHECKING:
    from mockserver.domain.audiences.given import GivenCohort, GivenStore

Document = Mapping[str, Any]
T = TypeVar("T")


_PLAIN: Final = ("summary", *(key for key in SWITCHES if key != "rates"))
"""Keys whose values are taken as they are."""


def scenario(
    document: Document,
    name: str,
    complaints: list[Complaint],
    files: FilePath | None,
    bases: extending.Bases,
) -> Scenario:
    """The scenario; what is wrong goes into `complaints`, and the result is then of no use.

    `files` is where files that it names are looked for; None: it may name none.
    """
    own = _alone(document, name, complaints, files)
    found = extending.found(document, bases, complaints)
    complaints += extending.clashes(own, found)
    merged = extending.upon(own, found, complaints)
    known = frozenset(rule.id for section in SECTIONS for rule in merged.rules(section))
    steps = each(step_of(known), document.get("steps", ()), ("steps",), complaints)
    return replace(merged, steps=extending.in_order((*merged.steps, *steps)))


def _alone(
    document: Document, name: str, complaints: list[Complaint], files: FilePath | None
) -> Scenario:
    """What it says by itself, but for its steps."""
    complaints += rules.repeated_ids(document)
    ruled: dict[str, Any] = {
        section: rules.section(section, document, complaints) for section in SECTIONS
    }
    return Scenario(
        name=document.get("name", name),
        given=given(document.get("given", {}), ("given",), complaints, files),
        clock=tried(_clock, document.get("clock"), ("clock",), complaints),
        **ruled,
        options=tried(options, document.get("options", {}), ("options",), complaints) or {},
        rates=Rates(**document["rates"]) if "rates" in document else None,
        **{key: document[key] for key in _PLAIN if key in document},
    )


def _clock(text: str | None) -> str | None:
    try:
        return Mode.parse(text).name if text is not None else None
    except ValueError as wrong:
        raise Misfit((), str(wrong)) from None


# Given.


def given(
    document: Document, path: Path, complaints: list[Complaint], files: FilePath | None = None
) -> Given:
    """What is there before the first request; SIDs and numbers may occur once each."""

    def part(key: str, build: Callable[[Any], T]) -> tuple[T, ...]:
        return each(build, document.get(key, ()), (*path, key), complaints)

    own = _account(document.get("account", {}))
    result = Given(
        accounts=(own, *part("accounts", _account)),
        numbers=part("numbers", _number),
        verified_callers=part("verified_callers", _recipient),
        services=part("services", _service),
        opt_outs=part("opt_outs", _opt_out),
        handsets=part("handsets", _handset),
        content=part("content", _template),
        stores=part("stores", partial(_store, files=files)),
        cohorts=part("cohorts", partial(_cohort, files=files)),
    )
    for key, field in _NAMES:
        names = [_name(item, field) for item in document.get(key, ())]
        complaints += _twice(names, (*path, key))
    for key, people in (("stores", result.stores), ("cohorts", result.cohorts)):
        complaints += _twice((one.id or one.name for one in people), (*path, key))
    return result


_NAMES: Final = (
    ("accounts", "sid"),
    ("services", "sid"),
    ("numbers", "phone_number"),
    ("handsets", "phone_number"),
    ("content", "sid"),
)
"""What a list's items may be called once each, and the field that says it."""


def _name(item: Any, field: str) -> str:
    return normalise(item if isinstance(item, str) else item[field])


def _twice(names: Iterable[str], path: Path) -> list[Complaint]:
    """A complaint for each name that was there before."""
    seen: set[str] = set()
    found = []
    for place, name in enumerate(names):
        if name in seen:
            found.append(Complaint((*path, place), f"{name} is here twice"))
        seen.add(name)
    return found


def _recipient(text: str, *path: str) -> str:
    try:
        return parse_to(text).value
    except BadAddress:
        raise Misfit(path, f"{text!r} is not a phone number") from None


def _sender(text: str, *path: str | int) -> str:
    try:
        return parse_from(text).value
    except BadAddress:
        raise Misfit(path, f"{text!r} is not a sender") from None


def _own_sender(text: str, *path: str | int) -> str:
    sender = _sender(text, *path)
    if sender.startswith("MG") and parse_from(sender).kind == "service":
        raise Misfit(path, f"{text} is a service: list it under `services`")
    return sender


def _number(item: str | Document) -> GivenNumber:
    if isinstance(item, str):
        return GivenNumber(_own_sender(item))
    number = _own_sender(item["phone_number"], "phone_number")
    if "sid" in item and item["sid"][:2] != ("SC" if number.isdigit() else "PN"):
        raise Misfit(("sid",), f"{item['sid']} is not for {number}: short codes have SC, others PN")
    return GivenNumber(**{**item, "phone_number": number})


def _handset(item: Document) -> GivenHandset:
    return GivenHandset(
        **{**item, "phone_number": _recipient(item["phone_number"], "phone_number")}
    )


def _template(item: Document) -> GivenTemplate:
    from mockserver.domain.content.template import is_deep  # few seeds have any

    if is_deep(item["types"]):
        raise Misfit(("types",), "is nested too deeply")
    return GivenTemplate(**item)


def _store(item: Document, files: FilePath | None) -> "GivenStore":
    from mockserver.world.scenarios import audiences  # few scenarios have any

    return audiences.store(item, files)


def _cohort(item: Document, files: FilePath | None) -> "GivenCohort":
    from mockserver.world.scenarios import audiences

    return audiences.cohort(item, files)


def _account(item: Document) -> GivenAccount:
    closed = tuple(item.get("geo_permissions_off", ()))
    return GivenAccount(**{**item, "geo_permissions_off": closed})


def _service(item: Document) -> GivenService:
    senders = enumerate(item.get("senders", ()))
    pool = tuple(_own_sender(sender, "senders", place) for place, sender in senders)
    destinations = item.get("destination_alpha_senders", {})
    for country, sender in destinations.items():
        if not is_alpha(sender):
            path = ("destination_alpha_senders", country)
            raise Misfit(path, f"{sender!r} is not an alphanumeric sender")
    settings = _opt_out_settings(item.get("opt_out", {}), "opt_out")
    return GivenService(**{**item, "senders": pool, "opt_out": settings})


def _opt_out_settings(item: Document, *path: str) -> OptOutSettings:
    """What a service does about opt-out words; raise `Misfit`."""
    try:
        return read_settings(item)
    except BadSettings as bad:
        raise Misfit((*path, bad.field), str(bad)) from None


def _opt_out(item: Document) -> OptOut:
    return OptOut(_sender(item["from"], "from"), _recipient(item["to"], "to"))
