"""What decides what becomes of messages, calls and webhooks. PYTEST_DONT_REWRITE"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, Self, Unpack

from mockserver.domain.durations import microseconds
from mockserver.handles.connection import ControlClient
from mockserver.handles.filters import DeliveryFilters, wire
from mockserver.handles.scenario_files import Scenario, unfiled
from mockserver.handles.standing import Standing

Outcome = Literal["delivered", "undelivered", "failed", "sent", "read"]
After = str | float | Mapping[str, str | float]
Ids = str | Iterable[str]

SECTIONS: Final = ("delivery", "faults", "weather", "handsets")


class Scene:
    """A scenario in force; as a context manager it restores afterwards what was before."""

    def __init__(
        self,
        control: ControlClient,
        scenario: Scenario,
        parameters: Mapping[str, Any],
    ) -> None:
        """Put it in force; raise `ControlError`, or `ValueError` of a file, that cannot be used."""
        wanted = named(*unfiled(scenario, parameters))
        self._control = control
        self._before = _in_force(control)
        control.call("PUT", "/scenario", wanted)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.restore()

    def restore(self) -> None:
        """Put in force what was before, the rules that were added one by one included.

        It goes on from where it was; but a rule with `every` begins to count anew.
        """
        scenario, added = self._before
        self._control.call("PUT", "/scenario", {"scenario": scenario})
        for kind, rule in added:
            self._control.call("POST", f"/{kind}", rule)


def _in_force(control: ControlClient) -> tuple[dict[str, Any], list[tuple[str, dict[str, Any]]]]:
    """The scenario, and the rules that were added, in the order in which to add them again.

    What the scenario gave is there to stay, so it is not given again.
    """
    present = control.call("GET", "/scenario")
    scenario = {name: part for name, part in present["scenario"].items() if name != "given"}
    known = {each["id"]: each for each in present["rules"]}
    elapsed = round(present["elapsed_s"] * 1_000_000)
    for kind in SECTIONS:
        if kind in scenario:
            scenario[kind] = _left(scenario[kind], known, elapsed)
    left = {rule["id"] for kind in SECTIONS for rule in scenario.get(kind, ())}
    if "steps" in scenario:
        scenario["steps"] = [_step(step, left, elapsed) for step in scenario["steps"]]
    added = []
    for kind in SECTIONS:
        rules = _left(present["added"][kind], known, elapsed)
        added += [(kind, rule) for rule in (rules if kind == "faults" else reversed(rules))]
    return scenario, added


def _left(
    rules: Iterable[Mapping[str, Any]], known: Mapping[str, Any], elapsed: int
) -> list[dict[str, Any]]:
    """Rules as they go on from here, with counters at zero; those that are over are left out."""
    found = []
    for rule in rules:
        now = known[rule["id"]]
        when, rest = dict(rule.get("when", {})), {**rule, "enabled": now["enabled"]}
        if "nth" in when and "per" not in when:
            when["nth"] -= now["matched"]
        if "times" in rest:
            rest["times"] -= now["fired"]
        for edge in ("after", "before"):
            if edge in when:
                when[edge] = max(0, microseconds(when[edge]) - elapsed) / 1_000_000
        if when.get("nth", 1) > 0 and rest.get("times", 1) > 0 and when.get("before", 1) > 0:
            found.append({**rest, **({"when": when} if when else {})})
    return found


def _step(step: Mapping[str, Any], left: set[str], elapsed: int) -> dict[str, Any]:
    """A step as it goes on from here; of one that was taken, rules are switched already."""
    at = microseconds(step["at"]) - elapsed
    found = {**step, "at": max(0, at) / 1_000_000}
    for side in ("on", "off"):
        ids = [each for each in found.pop(side, ()) if each in left and at > 0]
        if ids:
            found[side] = ids
    return found


def named(
    scenario: str | Mapping[str, Any], parameters: Mapping[str, Any]
) -> dict[str, dict[str, Any] | str]:
    """A scenario as `PUT /_mock/scenario` takes it."""
    chosen = {"parameters": dict(parameters)} if parameters else {}
    if isinstance(scenario, str):
        return {"name": scenario, **chosen}
    return {"scenario": dict(scenario), **chosen}


class Ruling(Standing):
    """Decides what becomes of things."""

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

    def fault(
        self,
        *,
        when: Mapping[str, Any] | None = None,
        times: int | None = None,
        id: str | None = None,  # noqa: A002 - as the rule has it
        enabled: bool = True,
        **then: Any,
    ) -> str:
        """Have the API misbehave: `fault(latency="2s", when={"operation": …})`; the rule's id.

        Two of these wait for each other. One that is not `enabled` waits for `switch`.
        """
        return self._rule("faults", id, enabled, when=when, times=times, then=then)

    def weather(
        self,
        *,
        when: Mapping[str, Any] | None = None,
        times: int | None = None,
        id: str | None = None,  # noqa: A002 - as the rule has it
        enabled: bool = True,
        **then: Any,
    ) -> str:
        """Have webhooks misbehave: `weather(duplicate=1, when={"status": "delivered"})`.

        The rule's id comes back; that of the latest call goes first.
        """
        return self._rule("weather", id, enabled, when=when, times=times, then=then)

    def handset(
        self,
        *,
        reply: str,
        delay: str | float | None = None,
        times: int | None = None,
        id: str | None = None,  # noqa: A002 - as the rule has it
        enabled: bool = True,
        **when: Unpack[DeliveryFilters],
    ) -> str:
        """Have handsets write back to the messages that reach them and match; the rule's id.

        In `reply`, `\\1` and `\\g<name>` stand for groups of `body_regex`. The rule of the latest
        call goes first.
        """
        what = {"reply": reply, "delay": delay}
        return self._rule("handsets", id, enabled, when=wire(when) or None, times=times, **what)

    def switch(self, *, on: Ids = (), off: Ids = ()) -> None:
        """Put rules, by id, in force or out of it; raise `ControlError` for one there is not."""
        sides = {"on": on, "off": off}
        ids = {
            side: [each] if isinstance(each, str) else list(each) for side, each in sides.items()
        }
        self._control.call("POST", "/scenario/switch", ids)

    def scenario(self, scenario: Scenario, **parameters: Any) -> Scene:
        """Put a scenario (name, file, document) in force; with `with`, only for the block.

        `parameters` are what it lets one choose.
        """
        return Scene(self._control, scenario, parameters)

    def _rule(self, section: str, rule_id: str | None, enabled: bool, **parts: Any) -> str:
        said = {"id": rule_id, "enabled": None if enabled else False, **parts}
        if isinstance(said["when"], Mapping):
            said["when"] = wire(said["when"])
        rule = {name: value for name, value in said.items() if value is not None}
        return str(self._control.call("POST", f"/{section}", rule)["id"])
