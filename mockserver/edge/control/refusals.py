"""What the control API refuses, and how that reads: `{"error": {"type", "message", "details"}}`."""

from collections.abc import Mapping
from typing import Any, Final

from mockserver.domain.comparing import TooSlow
from mockserver.domain.matching import BadFilter
from mockserver.world.driver import Advancing
from mockserver.world.outside import NotIdle
from mockserver.world.queries import SandboxGone
from mockserver.world.sandboxes import AccountTaken, TooManyAccounts
from mockserver.world.scenarios import ScenarioError, UnknownScenario
from mockserver.world.snapshot import BadSnapshot
from mockserver.world.store import NotKept
from mockserver.world.visits import Stopped

STATUS: Final[Mapping[str, int]] = {
    "bad_json": 400,
    "bad_body": 400,
    "bad_check": 400,
    "bad_filter": 400,
    "bad_parameter": 400,
    "bad_scenario": 400,
    "bad_snapshot": 400,
    "not_found": 404,
    "unknown_path": 404,
    "unknown_sandbox": 404,
    "unknown_scenario": 404,
    "not_served": 404,
    "method_not_allowed": 405,
    "timeout": 408,
    "account_taken": 409,
    "advancing": 409,
    "already_there": 409,
    "changed": 409,
    "default_sandbox": 409,
    "illegal_status": 409,
    "not_idle": 409,
    "sandbox_gone": 409,
    "too_many_accounts": 409,
    "too_large": 413,
    "not_kept": 503,
}
"""HTTP status by type."""


class Refusal(Exception):
    """An answer with a status of 400 or more."""

    def __init__(
        self,
        kind: str,
        message: str,
        details: object = None,
        *,
        beside: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`kind` is a key of `STATUS`; `beside` stands next to `error` in the answer."""
        super().__init__(message)
        self.status = STATUS[kind]
        self.headers = dict(headers or {})
        error = {"type": kind, "message": message, "details": details if details else {}}
        self.document: dict[str, Any] = {"error": error, **(beside or {})}


_TYPES: Final[Mapping[type[Exception], str]] = {
    AccountTaken: "account_taken",
    TooManyAccounts: "too_many_accounts",
    Advancing: "advancing",
    NotIdle: "not_idle",
    SandboxGone: "sandbox_gone",
    Stopped: "sandbox_gone",
    BadSnapshot: "bad_snapshot",
    BadFilter: "bad_filter",
    TooSlow: "bad_filter",
    UnknownScenario: "unknown_scenario",
    ScenarioError: "bad_scenario",
    NotKept: "not_kept",
}
"""What the floors below refuse with, and its type here; the first that fits."""

WORLDLY: Final = tuple(_TYPES)


def translated(problem: Exception) -> Refusal:
    """One of `WORLDLY` in our own shape."""
    name = next(name for kind, name in _TYPES.items() if isinstance(problem, kind))
    return Refusal(name, str(problem), _details(problem))


def _details(problem: Exception) -> object:
    if isinstance(problem, AccountTaken):
        return {"account_sid": problem.sid, "sandbox": problem.holder}
    if isinstance(problem, BadFilter):
        return {"field": problem.field, "reason": problem.reason, "hint": problem.hint}
    if isinstance(problem, ScenarioError):
        faults = [{"path": x.path, "message": x.message, "hint": x.hint} for x in problem.faults]
        return {"faults": faults}
    return {}
