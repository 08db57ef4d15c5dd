"""What a sandbox begins with: its accounts, what it was forked from, the scenario."""

from typing import TYPE_CHECKING

from mockserver.world.house import Plan
from mockserver.world.parts import Parts
from mockserver.world.regime import Regime
from mockserver.world.tables import Unit

if TYPE_CHECKING:  # loaded with the first snapshot
    from mockserver.world.snapshot import Snapshot


def fill(parts: Parts, regime: Regime, plan: Plan) -> None:
    """What is in the tables from the start, and the steps of its messages on the clock."""
    unit = Unit()
    for account in plan.others:
        parts.accounts.set_up(account, unit)
    if plan.origin is not None:
        from mockserver.world.snapshot import load

        load(plan.origin, parts.tables, parts.accounts, parts.engine, lambda: parts.bulk)
        regime.resume_weather()


def furnish(parts: Parts, regime: Regime, plan: Plan) -> None:
    """What goes on from there, and the scenario."""
    origin = plan.origin
    if origin is None:
        regime.put(plan.scenario, Unit())
        return
    resume(parts)
    regime.put(plan.scenario, Unit(), origin.course)
    parts.tables.counters.update(origin.counters)
    parts.tables.calls.update(origin.calls)
    if parts.tables.subscriptions:
        parts.streams.refresh()
    if origin.retries:
        _try_again(parts, origin)


def resume(parts: Parts) -> None:
    """What the tables say is under way beside single messages."""
    if parts.tables.content:
        parts.templates.resume()
    if parts.tables.notify.notifications:
        parts.notifying.resume()
    if parts.tables.answers:
        parts.answering.resume()


def _try_again(parts: Parts, origin: "Snapshot") -> None:
    """Have wait again what failed and waits for another attempt."""
    from mockserver.world.second_attempts import resume as wait
    from mockserver.world.snapshot import names_in

    names = names_in(origin, parts.accounts.first_sid)
    wait(origin.retries, names, parts.outbox.queues, parts.marking)
