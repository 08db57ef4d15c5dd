"""How the API may misbehave: one class a kind, whose fields are its YAML, under a name.

A new kind is a file beside `error.py`, a row here, its keys in `schemas/scenario.json`, and who
carries it out in `edge/misbehaving/`. Loaded with the first rule.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from mockserver.domain.durations import microseconds, written
from mockserver.domain.faults import documents
from mockserver.domain.faults.certificate import CertificateFault
from mockserver.domain.faults.error import ErrorFault
from mockserver.domain.faults.keep_alive import KeepAliveFault
from mockserver.domain.faults.latency import LatencyFault
from mockserver.domain.faults.malformed import MalformedFault
from mockserver.domain.faults.rate_limit import RateLimit, RateLimitFault
from mockserver.domain.faults.refuse import RefuseFault
from mockserver.domain.faults.reset import ResetFault
from mockserver.domain.faults.slow_body import SlowBodyFault
from mockserver.domain.faults.spread import read_spread
from mockserver.domain.faults.stale import Stale, StaleFault
from mockserver.domain.faults.status import StatusFault
from mockserver.domain.faults.truncate import TruncateFault
from mockserver.domain.faults.wrong_type import WrongTypeFault

Answering = ErrorFault | StatusFault | RateLimitFault | StaleFault
"""Answer in the place of the API."""

Single = (
    Answering
    | LatencyFault
    | MalformedFault
    | WrongTypeFault
    | SlowBodyFault
    | TruncateFault
    | ResetFault
    | KeepAliveFault
    | RefuseFault
    | CertificateFault
)


class Together(msgspec.Struct, frozen=True):
    """Several kinds in one `then`, each at its own time."""

    faults: tuple[Single, ...]
    """In the order of `KINDS`."""


Fault = Single | Together


class Kind(NamedTuple):
    """A row of `KINDS`."""

    made: type[Single]
    time: str
    """When it has its part; of two kinds with the same time, a rule can have one."""


KINDS: Final[Mapping[str, Kind]] = {
    "error": Kind(ErrorFault, "answer"),
    "status": Kind(StatusFault, "answer"),
    "rate_limit": Kind(RateLimitFault, "answer"),
    "stale": Kind(StaleFault, "answer"),
    "latency": Kind(LatencyFault, "wait"),
    "malformed": Kind(MalformedFault, "body"),
    "wrong_type": Kind(WrongTypeFault, "type"),
    "slow_body": Kind(SlowBodyFault, "wire"),
    "truncate": Kind(TruncateFault, "wire"),
    "reset": Kind(ResetFault, "wire"),
    "keep_alive": Kind(KeepAliveFault, "wire"),
    "refuse": Kind(RefuseFault, "wire"),
    "certificate": Kind(CertificateFault, "alone"),
}
"""By the key that names the kind."""

_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "latency": read_spread,
    "slow_body": microseconds,
    "refuse": microseconds,
    "retry_after": microseconds,
    "rate_limit": lambda value: RateLimit(**value),
    "stale": lambda value: Stale(microseconds(value.get("for", 0)), value.get("reads", 0)),
}
"""What is made of a key's value; others are taken as they are."""

_WRITTEN: Final[Mapping[str, Callable[[Any], object]]] = {
    "latency": lambda spread: spread.document(),
    "slow_body": written,
    "refuse": written,
    "retry_after": written,
    "stale": lambda stale: {"for": written(stale.for_)} if stale.for_ else {"reads": stale.reads},
}
"""The way back."""


def read_fault(then: Mapping[str, Any]) -> Fault:
    """The fault that a rule's `then` describes; raise `ValueError` with a sentence if none."""
    names = [name for name in KINDS if name in then]
    if "error" in names and "status" in names:
        names.remove("status")  # there it is the error's
    if not names:
        raise ValueError(f"says nothing to do: use one of {', '.join(KINDS)}")
    _check_times(names, then)
    fields = {name: KINDS[name].made.__struct_fields__ for name in names}
    for key in then:
        if not any(key in known for known in fields.values()):
            raise ValueError(f"`{key}` does not go with `{names[0]}`")
    values = documents.each_read(then, _READ)
    made = tuple(
        _made(name, {key: values[key] for key in fields[name] if key in values}) for name in names
    )
    return made[0] if len(made) == 1 else Together(made)


def _made(name: str, values: Mapping[str, Any]) -> Single:
    make: Callable[..., Single] = KINDS[name].made
    return make(**values)


def parts(fault: Fault) -> tuple[Single, ...]:
    """The kinds that a `then` is made of."""
    return fault.faults if isinstance(fault, Together) else (fault,)


def fault_document(fault: Fault) -> dict[str, object]:
    """As in a scenario."""
    found: dict[str, object] = {}
    for part in parts(fault):
        found |= documents.document(part)
        for key in found.keys() & _WRITTEN.keys() & set(part.__struct_fields__):
            found[key] = _WRITTEN[key](getattr(part, key))
    return found


def check_when(fault: Fault, said: Iterable[str]) -> None:
    """Raise `ValueError` where a rule's `when` says what its `then` can know nothing of."""
    if isinstance(fault, CertificateFault) and (strange := [key for key in said if key != "host"]):
        raise ValueError(
            f"`{strange[0]}` is not known yet when the certificate is shown: only `host` is"
        )


def _check_times(names: list[str], then: Mapping[str, Any]) -> None:
    """Raise `ValueError` where two kinds contradict each other."""
    taken: dict[str, str] = {}
    for name in names:
        if (other := taken.setdefault(KINDS[name].time, name)) != name:
            raise ValueError(f"`{other}` and `{name}` contradict each other: make two rules")
    mute = next((name for name in names if _is_mute(name, then[name])), "")
    beside = [name for name in names if mute and name not in (mute, "latency")]
    if beside:
        raise ValueError(f"`{beside[0]}` and `{mute}` contradict each other: nothing is answered")
    if "certificate" in names and len(names) > 1:
        raise ValueError("`certificate` goes with nothing else: there is no request yet")


def _is_mute(name: str, value: object) -> bool:
    return name in ("refuse", "certificate") or (name == "reset" and value != "during")
