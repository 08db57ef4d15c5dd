"""What the pytest plugin, unused, adds to a run of an empty test file.

    python benchmarks/plugin_cost.py [PAIRS]

Each pair is one run with the plugin and one without it, in turns, so that what slows the machine
slows both; printed is the median of the differences. Other installed plugins stay out of both: they
take most of the time, and what they import would not be counted as ours.
"""

import subprocess
import sys
import tempfile
import time
from importlib.metadata import entry_points
from pathlib import Path
from statistics import median
from typing import Final

PAIRS: Final = 40
GOAL: Final = 15.0
"""Milliseconds that the plugin may add."""

OURS: Final = "twilio-mockserver"
WITHOUT: Final = ("-p", f"no:{OURS}")


def strangers() -> list[str]:
    """The names of the other pytest plugins that are installed."""
    return [entry.name for entry in entry_points(group="pytest11") if entry.name != OURS]


def run(directory: Path, *options: str) -> float:
    """Milliseconds that pytest takes for the file in `directory`."""
    blocked = [word for name in strangers() for word in ("-p", f"no:{name}")]
    command = [sys.executable, "-m", "pytest", "-q", *blocked, "-p", "no:cacheprovider", *options]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    taken = (time.perf_counter() - started) * 1_000
    if done.returncode:
        raise SystemExit(f"pytest failed:\n{done.stdout}{done.stderr}")
    return taken


def cost(directory: Path, pairs: int) -> tuple[float, float]:
    """Medians in milliseconds: of a run without the plugin, and of what it adds."""
    (directory / "test_empty.py").write_text("def test_nothing() -> None:\n    pass\n")
    run(directory), run(directory, *WITHOUT)  # the first runs write bytecode
    bare: list[float] = []
    added: list[float] = []
    for number in range(pairs):
        if number % 2:
            without, with_it = run(directory, *WITHOUT), run(directory)
        else:
            with_it, without = run(directory), run(directory, *WITHOUT)
        bare.append(without)
        added.append(with_it - without)
    return median(bare), median(added)


def main() -> None:
    """Print one line."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS
    with tempfile.TemporaryDirectory() as directory:
        bare, added = cost(Path(directory), pairs)
    verdict = "ok" if added <= GOAL else "MISS"
    print(
        f"pytest plugin, unused: {added:+.1f} ms on {bare:.0f} ms "
        f"(median of {pairs} pairs, goal {GOAL:.0f} ms) {verdict}"
    )


if __name__ == "__main__":
    main()
