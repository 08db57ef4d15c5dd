"""What must be true of everything that happened, asserted at once. PYTEST_DONT_REWRITE"""

from collections.abc import Mapping
from typing import Any, Final, Unpack

from mockserver.handles.filters import CheckKeys, Invariants, MessageFilters, documented, wire
from mockserver.handles.looking import Looking

CEILINGS: Final = {
    "max_segments": "segments",
    "max_price": "price",
    "max_segments_each": "segments_each",
    "max_price_each": "price_each",
}
"""Limits that `invariants` takes, and their names in a check of costs."""


class Verifying(Looking):
    """Judges what happened."""

    def verify(self, *checks: Mapping[str, Any], **check: Unpack[CheckKeys]) -> None:
        """Raise `AssertionError`, telling each check that does not hold, and why.

        A check is a mapping, or the keywords: `verify(order=[{"to": "+1…"}, {"to": "+2…"}])`,
        `verify({"final": True}, {"cost": {"segments": 10}})`. docs/verification.md has all kinds.
        """
        __tracebackhide__ = True
        documents = [documented(each) for each in (*checks, check) if each]
        if not documents:
            raise TypeError("verify() needs a check: verify(final=True), verify(order=[…])")
        self._judge(documents[0] if len(documents) == 1 else {"checks": documents})

    def invariants(
        self, where: MessageFilters | None = None, **switches: Unpack[Invariants]
    ) -> None:
        """Raise one `AssertionError` that lists all invariants that are broken, and why.

        Every message reached a final status, its last callback was answered 2xx, nobody got the
        same twice within 60 s, nothing went to who had opted out; and no more was spent than the
        limits allow, if there are any. Each can be switched off. On the instant clock what is
        under way is waited for; raise `ControlError` (`not_idle`) where that comes to no end.
        """
        __tracebackhide__ = True
        if unknown := switches.keys() - Invariants.__annotations__.keys():
            known = ", ".join(Invariants.__annotations__)
            raise TypeError(
                f"there is no invariant {', '.join(sorted(unknown))}; there are {known}"
            )
        scope = {"where": wire(where)} if where else {}
        if (within := switches.get("within")) is not None:
            scope["within"] = documented(within)
        checks = [{**each, **scope} for each in _invariants(switches)]
        if not checks:
            raise TypeError("every invariant is switched off: nothing would be checked")
        if self._instant:
            self._control.call("POST", "/clock/advance", {"until": "idle"})
        self._judge({"checks": checks})

    @property
    def _instant(self) -> bool:
        return bool(self._control.call("GET", "/clock")["mode"] == "instant")


def _invariants(switches: Invariants) -> list[dict[str, Any]]:
    """Those that are wanted, as checks."""
    checks: list[dict[str, Any]] = []
    if switches.get("final", True):
        checks.append({"final": True, "scheduled": switches.get("scheduled", False)})
    if switches.get("acknowledged", True):
        checks.append({"acknowledged": True})
    if (repeats := switches.get("duplicates", True)) is not False:
        checks.append({"no_duplicates": True if repeats is True else {"within": repeats}})
    if switches.get("opt_outs", True):
        checks.append({"opt_outs_heeded": True})
    limits = {CEILINGS[name]: each for name, each in switches.items() if name in CEILINGS}
    if limits := {name: each for name, each in limits.items() if each is not None}:
        checks.append({"cost": limits})
    return [documented(each) for each in checks]
