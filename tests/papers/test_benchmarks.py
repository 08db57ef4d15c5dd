"""The benchmarks run and print their table; what they measure is not judged here."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TINY = ("--rounds", "1", "--seconds", "0.02", "--kept", "200")


def bench(*words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run the benchmarks as `make bench` does."""
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *words],
        cwd=ROOT,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("options", [(), ("--calibrate",)], ids=["mock", "bare"])
def test_a_part_prints_rates_ratios_and_goals(options: tuple[str, ...]) -> None:
    """One row for each number of connections, both rates in it, and the count of goals at last."""
    done = bench("create", *TINY, *options)
    assert done.returncode == 0, done.stderr
    head, *lines, last = done.stdout.splitlines()
    assert head.split() == ["what", "mock", "reference", "ratio", "goal"]
    for row in ("create, 1 connection ", "create, 16 connections ", "create, 64 connections "):
        [line] = [line for line in lines if line.startswith(row)]
        rates = [int(rate.replace(",", "")) for rate in re.findall(r"([0-9,]+)/s ", line)]
        assert len(rates) == 2
        assert min(rates) > 0
    assert any(line.endswith(("ok", "MISS")) for line in lines)
    assert re.fullmatch(r"figures: [0-9] of 3 met", last)


@pytest.mark.skipif(sys.platform != "linux", reason="needs all of 127.0.0.0/8")
def test_slow_and_hanging_receivers() -> None:
    """Callbacks a second to a slow one, and what others notice of some that hang."""
    done = bench("slow", "receivers", "--quick", "--rounds", "1")
    assert done.returncode == 0, done.stderr
    slow, hanging = done.stdout.splitlines()[2:4]
    assert re.search(r"100 ms, real clock +[0-9,]+/s +≥ 2000/s", slow)
    assert re.search(r"95 receivers, .* ms while 5 others hang .* ms while none does", hanging)


def test_tunnels_through_the_proxy(tmp_path: Path) -> None:
    """Messages a second through them and without them, and what two hundred leave behind."""
    done = bench("proxy", "tunnels", "--quick", "--rounds", "1", XDG_DATA_HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    through, many = done.stdout.splitlines()[2:4]
    assert re.search(r"16 tunnels +[0-9,]+/s +[0-9,]+/s directly +[0-9.]+ +≥ 0.5", through)
    assert re.search(r"2,000 requests, 200 tunnels .* 0 sockets left behind", many)


def test_what_it_costs_to_keep_everything() -> None:
    """Messages a second with a state file and without one, and how large it grows."""
    done = bench("state", *TINY)
    assert done.returncode == 0, done.stderr
    few, many, size = done.stdout.splitlines()[2:5]
    assert re.search(r"--state, 16 connections +[0-9,]+/s .* [0-9,]+/s .* ≥ 0.5", few)
    assert re.search(r"--state, 64 connections +[0-9,]+/s", many)
    assert re.search(r"its file and log +[0-9.]+ MB after [0-9,]+ messages", size)


def test_an_unknown_part_is_refused_by_name() -> None:
    """The error names the parts there are."""
    done = bench("speed")
    assert done.returncode == 2
    assert "no part 'speed'; there are create, fetch, list" in done.stderr


def test_a_server_that_does_not_start_is_an_error_with_its_own_words() -> None:
    """Nothing is measured, the exit status says so, and the server's complaint is shown."""
    done = bench("memory", MOCKSERVER_SEED="seven")
    assert done.returncode == 1
    assert not done.stdout
    assert re.search(r"mock did not start: .*MOCKSERVER_SEED", done.stderr, re.DOTALL)
