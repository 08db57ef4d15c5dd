"""What shall happen in a sandbox. PYTEST_DONT_REWRITE"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, Self, Unpack

from mockserver.handles.connection import ControlClient
from mockserver.handles.filters import DeliveryFilters, wire
from mockserver.handles.records import Inbound, Message, OptOut, read
from mockserver.handles.standing import Standing
from mockserver.handles.texting import Texting, document

Outcome = Literal["delivered", "undelivered", "failed", "sent", "read"]
After = str | float | Mapping[str, str | float]

INBOUND_PATIENCE: Final = 200.0
"""Seconds of wall time: a webhook may take 15, and so may each of the ten it redirects to."""


class Scene:
    """A scenario in force; as a context manager it restores afterwards what was before."""

    def __init__(self, control: ControlClient, scenario: str | Mapping[str, Any]) -> None:
        """Put it in force; raise `ControlError` for one that cannot be used."""
        self._control = control
        self._before = _in_force(control)
        control.call("PUT", "/scenario", named(scenario))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.restore()

    def restore(self) -> None:
        """Put in force what was before, the rules that were added one by one included."""
        scenario, added = self._before
        self._control.call("PUT", "/scenario", {"scenario": scenario})
        for kind, rule in added:
            self._control.call("POST", f"/{kind}", rule)


def _in_force(control: ControlClient) -> tuple[dict[str, Any], list[tuple[str, dict[str, Any]]]]:
    """The scenario, and the rules that were added, in the order in which to add them again.

    What the scenario gave is there to stay, so it is not given again.
    """
    present = control.call("GET", "/scenario")
    counts = present["counts"]
    scenario = {name: part for name, part in present["scenario"].items() if name != "given"}
    for kind in ("delivery", "faults"):
        if kind in scenario:
            scenario[kind] = _left(scenario[kind], counts)
    faults = [("faults", rule) for rule in _left(present["added"]["faults"], counts)]
    delivery = [("delivery", rule) for rule in _left(present["added"]["delivery"], counts)]
    return scenario, [*faults, *reversed(delivery)]


def _left(rules: Iterable[Mapping[str, Any]], counts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rules as they go on from here, with counters at zero; those that are used up are left out."""
    found = []
    for rule in rules:
        counted = counts.get(rule.get("id", ""), {"matched": 0, "fired": 0})
        when, rest = dict(rule.get("when", {})), dict(rule)
        if "nth" in when:
            when["nth"] -= counted["matched"]
        if "times" in rest:
            rest["times"] -= counted["fired"]
        if when.get("nth", 1) > 0 and rest.get("times", 1) > 0:
            found.append({**rest, **({"when": when} if when else {})})
    return found


def named(scenario: str | Mapping[str, Any]) -> dict[str, Any]:
    """A scenario as `PUT /_mock/scenario` takes it."""
    return {"name": scenario} if isinstance(scenario, str) else {"scenario": dict(scenario)}


class Arranging(Standing):
    """Arranges what the sandbox does."""

    def receive(self, *, from_: str, to: str, body: str = "", **more: Unpack[Texting]) -> Inbound:
        """A handset texts the account; back come the webhook's last attempt and the replies.

        It takes as long as the application's webhook does. Files may be attached (`media`,
        `media_urls`), buttons pressed, places sent: `Texting` says what there is.
        """
        text = document(from_, to, body, more)
        answer = self._control.call("POST", "/inbound", text, timeout=INBOUND_PATIENCE)
        return read(Inbound, answer)

    def fail_next(
        self, operation: str, *, code: int | None = None, status: int | None = None, times: int = 1
    ) -> str:
        """Have the next `times` calls of an operation refused; the rule's id.

        `code` is Twilio's error, answered with its own HTTP status unless `status` gives another;
        `status` alone answers with that and no error document. Two of these wait for each other.
        """
        if code is None and status is None:
            raise TypeError("fail_next() needs code= (Twilio's, such as 20429) or status= (HTTP's)")
        answers = {"error": code, "status": status}
        then = {name: value for name, value in answers.items() if value is not None}
        rule = {"when": {"operation": operation}, "then": then, "times": times}
        return str(self._control.call("POST", "/faults", rule)["id"])

    def deliver(
        self,
        *,
        outcome: Outcome | None = None,
        error_code: int | None = None,
        after: After | None = None,
        times: int | None = None,
        **when: Unpack[DeliveryFilters],
    ) -> str:
        """Decide how the messages end that are sent from now on and match; the rule's id.

        `after` is when the end comes, counted from the create: `"4s"`, or seconds, or by step
        (`{"sent": "1s", "final": "4s"}`). The rule of the latest call goes first.
        """
        timing = after if isinstance(after, Mapping | None) else {"final": after}
        parts = {
            "when": wire(when) or None,
            "outcome": outcome,
            "error_code": error_code,
            "after": dict(timing) if timing else None,
            "times": times,
        }
        rule = {name: value for name, value in parts.items() if value is not None}
        return str(self._control.call("POST", "/delivery", rule)["id"])

    def set_status(self, sid: str, status: str, error_code: int | None = None) -> Message:
        """Force the next step of a message under way; raise `ControlError` if it cannot be."""
        step = {"status": status, "error_code": error_code}
        asked = {name: value for name, value in step.items() if value is not None}
        return read(Message, self._control.call("POST", f"/messages/{sid}/status", asked))

    def opt_out(self, *, from_: str, to: str) -> OptOut:
        """As if `to` had written STOP to `from_`: a number, or a Messaging Service by its SID.

        Sending fails with 21610 from now on.
        """
        answer = self._control.call("POST", "/opt_outs", {"from": from_, "to": to})
        return read(OptOut, answer)

    def opt_in(self, *, from_: str, to: str) -> None:
        """Take an opt-out back, if there is one; `from_` is what `opt_outs()` shows."""
        self._control.call("DELETE", "/opt_outs", query={"from": from_, "to": to})

    def scenario(self, scenario: str | Mapping[str, Any]) -> Scene:
        """Put a scenario in force, by name or as a document; with `with`, only for the block."""
        return Scene(self._control, scenario)

    def given(self, **furniture: Any) -> None:
        """Set up accounts, numbers, verified callers, services, opt-outs: a scenario's `given`."""
        self._control.call("POST", "/seed", furniture)

    def reset(self) -> None:
        """The sandbox as it was made: same account and scenario, clock and dice from the start."""
        self._control.call("POST", "/reset")
