"""What it costs to keep everything in a file, and whether that is worth something."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks import report
from benchmarks.servers import ROOT, serving
from benchmarks.stage import Pair, Stage
from benchmarks.wire import Spoiled

CREATE_GOAL: Final = 0.5
CONNECTIONS: Final = (16, 64)

KILLS: Final = 200
FEW: Final = 10
"""Rounds of a quick run."""

TEST: Final = "tests/contract/state/test_kills.py"
"""Kills a server at random moments under load, and looks for all that it had acknowledged."""


def state(stage: Stage) -> Iterator[report.Row]:
    """Messages made per second with `--state`, against the same without."""
    mock = stage.settings.mock
    with tempfile.TemporaryDirectory() as folder:
        kept = (*mock, "--state", str(Path(folder) / "state.db"))
        with serving("kept", kept) as ours, serving("mock", mock) as theirs:
            pair = Pair(ours, theirs, [])
            for connections in CONNECTIONS:
                duel = pair.duel(lambda _: pair.caller.creates(), connections, stage.settings)
                yield duel.row(f"create with --state, {connections} connections", CREATE_GOAL)
            sizes = [each.stat().st_size for each in Path(folder).iterdir()]
            made = sum(sample.count for sample in duel.ours)
    yield report.Row("its file and log", f"{sum(sizes) / 1e6:,.1f} MB after {made:,} messages more")


def kills(stage: Stage) -> Iterator[report.Row]:
    """Of all that was answered with 2xx, nothing is lost."""
    rounds = KILLS if stage.settings.rounds > 2 else FEW
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", TEST],
        cwd=ROOT,
        env=os.environ | {"KILLS": f"{rounds}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Spoiled(f"{TEST} failed:\n{done.stdout[-3_000:]}")
    yield report.Row(f"kill -9 under load, {rounds} times", "nothing acknowledged is lost")
