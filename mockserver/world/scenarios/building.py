"""From a document that fits its schema to records, with the rules that no schema can state."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Final, TypeVar

from mockserver.domain.addresses import BadAddress, normalise, parse_from, parse_to
from mockserver.domain.consent import BadSettings, OptOutSettings, read_settings
from mockserver.domain.durations import microseconds
from mockserver.domain.faults import (
    DELIVERY_FIELDS,
    FAULT_FIELDS,
    SWITCHES,
    After,
    DeliveryRule,
    FaultRule,
    Given,
    GivenAccount,
    GivenHandset,
    GivenNumber,
    GivenService,
    GivenTemplate,
    Scenario,
    When,
    read_fault,
    settled,
)
from mockserver.domain.matching import BadFilter, FieldKind, Matcher
from mockserver.domain.numbers import OptOut
from mockserver.domain.pools import is_alpha
from mockserver.domain.rates import Rates
from mockserver.world.clock import Mode
from mockserver.world.scenarios.faults import Complaint, Misfit, Path, dotted

if TYPE_CHECKING:
    from mockserver.domain.audiences.given import GivenCohort, GivenStore

Document = Mapping[str, Any]
T = TypeVar("T")


_PLAIN: Final = ("summary", *(key for key in SWITCHES if key != "rates"))
"""Keys whose values are taken as they are."""


def scenario(
    document: Document, name: str, complaints: list[Complaint], files: FilePath | None = None
) -> Scenario:
    """The scenario; what is wrong goes into `complaints`, and the result is then of no use.

    `files` is where files that it names are looked for; None: it may name none.
    """
    complaints += _repeated_ids(document)
    return Scenario(
        name=document.get("name", name),
        given=given(document.get("given", {}), ("given",), complaints, files),
        clock=_tried(_clock, document.get("clock"), ("clock",), complaints),
        delivery=_rules("delivery", document, delivery_rule, complaints),
        faults=_rules("faults", document, fault_rule, complaints),
        options=_tried(_options, document.get("options", {}), ("options",), complaints) or {},
        rates=Rates(**document["rates"]) if "rates" in document else None,
        **{key: document[key] for key in _PLAIN if key in document},
    )


def _tried(
    build: Callable[[Any], T], value: Any, path: Path, complaints: list[Complaint]
) -> T | None:
    try:
        return build(value)
    except Misfit as misfit:
        complaints.append(misfit.under(path))
        return None


def _each(
    build: Callable[[Any], T], items: Iterable[Any], path: Path, complaints: list[Complaint]
) -> tuple[T, ...]:
    """What could be built of a list, so that one complaint does not hide the next."""
    built = (_tried(build, item, (*path, place), complaints) for place, item in enumerate(items))
    return tuple(item for item in built if item is not None)


def _clock(text: str | None) -> str | None:
    try:
        return Mode.parse(text).name if text is not None else None
    except ValueError as wrong:
        raise Misfit((), str(wrong)) from None


# Switches.


_SECONDS: Final = (
    *("send_at_min", "send_at_max", "whatsapp_session"),
    *("comms_retention", "comms_horizon"),
)
"""Options that are written as durations."""


def _options(item: Document) -> Document:
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


# Given.


def given(
    document: Document, path: Path, complaints: list[Complaint], files: FilePath | None = None
) -> Given:
    """What is there before the first request; SIDs and numbers may occur once each."""

    def part(key: str, build: Callable[[Any], T]) -> tuple[T, ...]:
        return _each(build, document.get(key, ()), (*path, key), complaints)

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
        complaints += _twice((each.id or each.name for each in people), (*path, key))
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


# Rules.


SECTIONS: Final = ("delivery", "faults")
"""All rules of a scenario are counted in one table, so their ids differ across sections."""


def _rules(
    section: str,
    document: Document,
    build: Callable[[Document, str], T],
    complaints: list[Complaint],
) -> tuple[T, ...]:
    """A section's rules; those without an id are `delivery-1`, `delivery-2` and so on."""
    items = document.get(section, ())
    taken = set(_given_ids(document))
    pairs = []
    for number, item in enumerate(items, 1):
        rule_id = item.get("id") or free_id(section, number, taken)
        taken.add(rule_id)
        pairs.append((item, rule_id))
    return _each(lambda pair: build(*pair), pairs, (section,), complaints)


def _given_ids(document: Document) -> dict[str, Path]:
    """Ids that rules have, and where each stands first."""
    found: dict[str, Path] = {}
    for path, rule_id in _spelt_ids(document):
        found.setdefault(rule_id, path)
    return found


def _spelt_ids(document: Document) -> list[tuple[Path, str]]:
    return [
        ((section, place, "id"), item["id"])
        for section in SECTIONS
        for place, item in enumerate(document.get(section, ()))
        if "id" in item
    ]


def _repeated_ids(document: Document) -> list[Complaint]:
    first = _given_ids(document)
    return [
        Complaint(path, f"the rule at {dotted(first[rule_id][:-1])} has this id already")
        for path, rule_id in _spelt_ids(document)
        if first[rule_id] != path
    ]


def free_id(section: str, number: int, taken: Iterable[str]) -> str:
    """`SECTION-NUMBER`, or with the next number that is free."""
    known = frozenset(taken)
    while f"{section}-{number}" in known:
        number += 1
    return f"{section}-{number}"


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
        after=_after(item.get("after", {})),
        times=item.get("times"),
    )


def fault_rule(item: Document, rule_id: str) -> FaultRule:
    """One rule for how the API misbehaves; raise `Misfit`."""
    when = _when(item.get("when", {}), FAULT_FIELDS)
    try:
        then = read_fault(item["then"])
    except ValueError as wrong:
        raise Misfit(("then",), str(wrong)) from None
    return FaultRule(rule_id, when, then, item.get("times"))


def _after(item: Document) -> After:
    times = {name: _duration(value, name) for name, value in item.items()}
    try:
        return After(**times)
    except ValueError as wrong:
        raise Misfit(("after",), str(wrong)) from None


def _duration(value: object, name: str) -> int:
    try:
        return microseconds(value)
    except ValueError as wrong:
        raise Misfit(("after", name), str(wrong)) from None


_OWN: Final = frozenset({"country", "share", "nth"})


def _when(item: Document, fields: Mapping[str, FieldKind]) -> When:
    filters = {name: value for name, value in item.items() if name not in _OWN}
    try:
        matcher = Matcher.compile(filters, fields=fields)
    except BadFilter as bad:
        raise Misfit(("when", bad.field), bad.reason, bad.hint) from None
    countries = item.get("country", ())
    countries = (countries,) if isinstance(countries, str) else tuple(countries)
    return When(matcher, countries, item.get("share"), item.get("nth"))
