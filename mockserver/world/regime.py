"""The scenario in force, and what the parts of a sandbox make of it."""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mockserver.domain.accounts import Account
from mockserver.domain.faults import Scenario
from mockserver.world.parts import Parts
from mockserver.world.seed import furnish
from mockserver.world.tables import Unit

if TYPE_CHECKING:  # loaded with the first snapshot
    from mockserver.world.snapshot_form import KeptCourse


class Regime:
    """Brings what the rules say to the parts that act by them."""

    def __init__(self, parts: Parts, account: Account) -> None:
        """`account` is the sandbox's own as it was set up."""
        self._parts, self._account = parts, account
        parts.rules.on_changed = self.heed_weather

    def put(self, scenario: Scenario, unit: Unit, course: "KeptCourse | None" = None) -> None:
        """Put a scenario in force: rules, counters and switches are replaced, `given` is added.

        What the one before made of the sandbox's own account, Trial or test, goes with it. Where
        there is a `course`, it has come as far as that.
        """
        parts = self._parts
        before, own = parts.rules.scenario.given.accounts[0], parts.accounts.first
        kind = self._account.type if before.type == own.type else own.type
        mode = self._account.mode if before.mode == own.mode else own.mode
        if (kind, mode) != (own.type, own.mode):
            parts.accounts.set_up(replace(own, type=kind, mode=mode), unit)
        parts.rules.put(scenario)
        if course is not None:
            course.resume(parts.tables.course)
        self.heed_rules()
        furnish(scenario.given, parts.tables, parts.accounts, parts.dice, unit)

    def heed_rules(self) -> None:
        """Go on by the rules in force, and from as far as they have come by the tables."""
        parts = self._parts
        parts.rules.refresh()
        parts.heed_switches()
        if parts.rules.scenario.steps or "steps" in parts.__dict__:
            parts.steps.begin()

    def heed_weather(self) -> None:
        """Other rules are in force."""
        parts = self._parts
        if parts.rules.weather or "storm" in parts.__dict__:
            parts.messages.storm = parts.storm
            parts.engine.heed(parts.storm.sift)
        parts.messages.haste = None
        if any(rule.then.early for rule in parts.rules.weather):
            from mockserver.world.weather.haste import Haste

            visits = parts.outbox.visits
            parts.messages.haste = Haste(
                parts.marking, parts.storm, parts.engine, parts.postman, visits
            )

    def resume_weather(self) -> None:
        """Have wait again what the tables say that weather holds back."""
        if self._parts.tables.late or self._parts.tables.foreseen:
            self._parts.storm.resume()
            self.heed_weather()
