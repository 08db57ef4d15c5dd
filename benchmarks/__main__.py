"""Measure everything, or the parts that are named, and print one table.

    python -m benchmarks [--quick] [--calibrate] [create fetch list …]

Ends with status 0 whether or not the goals are met, and with another when it could not measure.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Final

from benchmarks import (
    bulk,
    callbacks,
    client,
    comms,
    footprint,
    notify,
    proxy,
    rates,
    receivers,
    report,
    sandboxes,
    scenario,
    snapshot,
    state,
    throughput,
)
from benchmarks.servers import BARE, MOCK, take_client_core
from benchmarks.stage import FULL, QUICK, Settings, Stage
from benchmarks.wire import Spoiled

Part = Callable[[Stage], Iterator[report.Row]]

PARTS: Final[Mapping[str, Part]] = {
    "create": throughput.create,
    "fetch": throughput.fetch,
    "list": throughput.list_50,
    "filter": throughput.filtered,
    "rates": rates.rates,
    "start": footprint.start,
    "memory": footprint.memory,
    "bytes": footprint.message_bytes,
    "sandboxes": sandboxes.sandboxes,
    "scenario": scenario.scenario,
    "callbacks": callbacks.callbacks,
    "slow": callbacks.slow,
    "receivers": receivers.receivers,
    "client": client.client,
    "comms-check": comms.comms_check,
    "comms-accept": bulk.comms_accept,
    "comms-deliver": bulk.comms_deliver,
    "comms-million": bulk.comms_million,
    "notify-accept": notify.notify_accept,
    "notify-deliver": notify.notify_deliver,
    "proxy": proxy.through,
    "tunnels": proxy.many,
    "snapshot": snapshot.snapshot,
    "state": state.state,
    "snapshot-kept": snapshot.snapshot_kept,
    "kills": state.kills,
}

NEED_CONTROL: Final = frozenset(
    {
        *("sandboxes", "scenario", "callbacks", "slow", "receivers", "rates"),
        *("comms-check", "comms-accept", "comms-deliver", "comms-million"),
        *("notify-accept", "notify-deliver", "proxy", "tunnels"),
        "snapshot",
        *("state", "snapshot-kept", "kills"),
    }
)
"""Parts that the reference cannot stand in for: it has no control API, and checks no schema."""


def main() -> None:
    """Run the parts in the table's order."""
    options = _options()
    settings = _settings(options)
    wanted = [name for name in PARTS if name in (options.parts or PARTS)]
    if options.calibrate:
        wanted = [name for name in wanted if name not in NEED_CONTROL]
    take_client_core()
    rows, spoiled = _measure(wanted, settings)
    if rows:
        print(report.table(rows))
    raise SystemExit(1 if spoiled else 0)


def _measure(names: list[str], settings: Settings) -> tuple[list[report.Row], int]:
    """The rows of these parts, and how many parts failed; says on standard error how far it is."""
    rows: list[report.Row] = []
    spoiled = 0
    with ExitStack() as exits:
        stage = Stage(settings, exits)
        for name in names:
            started = time.perf_counter()
            try:
                rows += PARTS[name](stage)
            except Spoiled as error:
                spoiled += 1
                print(f"{name}: {error}", file=sys.stderr)
            print(f"{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
        if caution := stage.caution():
            print(f"caution: {caution}", file=sys.stderr)
    return rows, spoiled


def _settings(options: argparse.Namespace) -> Settings:
    """Those of a full or a quick run, with what was given in their place."""
    settings = QUICK if options.quick else FULL
    given = {name: getattr(options, name) for name in ("rounds", "seconds", "kept")}
    given["mock"] = BARE if options.calibrate else MOCK
    return replace(settings, **{name: value for name, value in given.items() if value})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m benchmarks", description="The mock against a bare aiohttp handler."
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="a glance, too short to judge by")
    parser.add_argument(
        "--calibrate",
        action="store_true",
        help="put the reference in the mock's place: how far ratios are from 1 is noise",
    )
    parser.add_argument("--rounds", type=int, help=f"{FULL.rounds} by default")
    parser.add_argument("--seconds", type=float, help=f"of a round, {FULL.seconds} by default")
    parser.add_argument("--kept", type=int, help=f"messages, {FULL.kept:,} by default")
    options = parser.parse_args()
    if unknown := [name for name in options.parts if name not in PARTS]:
        parser.error(f"no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    return options


if __name__ == "__main__":
    main()
