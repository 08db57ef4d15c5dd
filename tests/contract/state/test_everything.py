"""Whatever other tests do to a server comes back from its file."""

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
HOME = HERE.parents[2]

DRIVERS = (
    "tests/contract/test_numbers.py",
    "tests/contract/test_published.py",
    "tests/contract/messaging/test_pools.py",
    "tests/contract/comms",
    "tests/contract/notify",
    "tests/edge/content/test_approvals.py",
    "tests/edge/events/test_sources.py",
)
"""Which drive all products, with the official library where it can."""


def test_what_is_done_to_any_product_comes_back() -> None:
    """Every sandbox of these tests, when its server ends; `kept_everywhere.py` says how."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "kept_everywhere", *DRIVERS],
        cwd=HOME,
        env=os.environ | {"PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5_000:]
    found = re.search(r"([0-9]+) sandboxes came back", done.stdout)
    assert found is not None
    assert int(found[1]) > 20
