"""`--twilio-weather`: each test that uses the fixture, once for each seed. PYTEST_DONT_REWRITE

A test is parametrised with a `Turn` for its `twilio_mock`, so that a seed is part of its node id,
which is what xdist, `-k` and `--lf` go by. The scenario of the test's own marker stays in force:
its rules go first, the weather's are about what is left.
"""

import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from mockserver.domain.faults import SECTIONS
from mockserver.world.scenarios import Library, ScenarioError
from mockserver.world.scenarios.library import SUFFIXES
from mockserver.world.scenarios.parameters import spelt
from mockserver.world.schema_files import folder

FIXTURE: Final = "twilio_mock_turn"
MANY: Final = 20
"""Seeds of a sweep that does not say how many."""

_LABEL: Final = re.compile(r"(?P<before>[\[-])twilio-seed(?P<seed>[0-9]+)(?P<after>[\]-])")


class Turn(NamedTuple):
    """One run of a test."""

    scenario: str | Mapping[str, Any]
    """A name, or a document."""
    seed: int


def read_seeds(text: str) -> tuple[int, ...]:
    """`20`: the seeds 1 to 20; `7,12`: these. Raise `UsageError` for anything else."""
    try:
        if "," not in text:
            return tuple(range(1, _positive(text) + 1))
        return tuple(dict.fromkeys(_positive(each) for each in text.split(",") if each.strip()))
    except ValueError:
        wanted = "how many (20), or which (7,12)"
        raise pytest.UsageError(f"--twilio-seeds={text}: say {wanted}") from None


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def over(weather: str | Mapping[str, Any], own: object) -> str | Mapping[str, Any]:
    """The weather upon what a test's own marker says; a name or a document, as both are."""
    if own is None or own == weather:
        return weather
    document = dict(own) if isinstance(own, Mapping) else {"extends": [own]}
    bases = document.get("extends", [])
    if isinstance(weather, str):
        named = [bases] if isinstance(bases, (str, Mapping)) else list(bases)
        return {**document, "extends": [*named, weather]}
    return _beside(_flat(document) if bases else document, weather)


def _flat(document: Mapping[str, Any]) -> dict[str, Any]:
    """Without `extends`, so that all its rules stand before others; raise `UsageError`."""
    try:
        return _unnumbered(_library().read(document).document())
    except ScenarioError as wrong:
        raise pytest.UsageError(
            f"the weather of a file cannot go upon a test's scenario: {wrong}; write it as "
            "`extends` into the file, or put that into a folder of the server's --scenarios"
        ) from None


def _unnumbered(document: Mapping[str, Any]) -> dict[str, Any]:
    """Rules get their numbers again, beside others, unless steps go by them."""
    steps = document.get("steps", ())
    spoken_of = {each for step in steps for side in ("on", "off") for each in step.get(side, ())}
    found = dict(document)
    for section in SECTIONS:
        numbered = re.compile(rf"{section}-[0-9]+").fullmatch
        for place, rule in enumerate(rules := list(found.get(section, ()))):
            if numbered(rule["id"]) and rule["id"] not in spoken_of:
                rules[place] = {key: value for key, value in rule.items() if key != "id"}
        if rules:
            found[section] = rules
    return found


def _library() -> Library:
    """The scenarios of this package."""
    return Library([Path(folder("scenarios"))])


def _beside(own: Mapping[str, Any], weather: Mapping[str, Any]) -> dict[str, Any]:
    """Two documents as one; of what both say, lists are joined, and the own word counts."""
    joined = {**weather, **own}
    for key in weather.keys() & own.keys():
        near, far = own[key], weather[key]
        if isinstance(near, list) and isinstance(far, list):
            joined[key] = [*near, *far]
        elif isinstance(near, Mapping) and isinstance(far, Mapping):
            joined[key] = _beside(near, far)
    return joined


class Sweep:
    """A plugin of a run with `--twilio-weather`."""

    def __init__(self, weather: str, seeds: tuple[int, ...], url: str) -> None:
        """Raise `UsageError` for a scenario that is not there, or that is broken."""
        self.named, self.seeds = weather, seeds
        self._weather = found(weather, url)

    def pytest_report_header(self) -> str:
        """What is swept."""
        shown = ", ".join(map(str, self.seeds[:5])) + (", …" if len(self.seeds) > 5 else "")
        return f"twilio weather: {self.named}, seeds {shown} ({len(self.seeds)} of them)"

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Each test that uses the fixture, under each seed."""
        if FIXTURE in metafunc.fixturenames and wanted(metafunc.definition):
            turns = [Turn(self._weather, seed) for seed in self.seeds]
            labels = [f"twilio-seed{seed}" for seed in self.seeds]
            metafunc.parametrize(FIXTURE, turns, ids=labels)

    def again(self, nodeid: str, seed: int) -> str:
        """What to type to run a test once more under one seed."""
        words = shlex.join(["pytest", nodeid, f"--twilio-weather={self.named}"])
        return f"{words} --twilio-seeds={seed},"

    def first(self) -> Turn:
        """For tests that cannot be parametrised, as those of `unittest`: the first seed alone."""
        return Turn(self._weather, self.seeds[0])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Which tests failed, under which seeds."""
        ran = _by_test(terminalreporter.stats)
        failed = {name: seeds for name, seeds in ran.items() if any(seeds.values())}
        if failed:
            terminalreporter.section(f"twilio weather: {self.named}")
        for name, seeds in failed.items():
            bad = sorted(seed for seed, broke in seeds.items() if broke)
            listed = ", ".join(map(str, bad))
            terminalreporter.line(f"{name}: {len(bad)} of {len(seeds)} seeds failed ({listed})")


def _by_test(stats: Mapping[str, Iterable[Any]]) -> dict[str, dict[int, bool]]:
    """For each test, without its seed: the seeds it ran under, and whether it failed."""
    ran: dict[str, dict[int, bool]] = defaultdict(dict)
    for outcome in ("passed", "failed", "error"):
        for report in stats.get(outcome, ()):
            label = _LABEL.search(getattr(report, "nodeid", ""))
            if label is not None:
                seeds, seed = ran[unlabelled(report.nodeid)], int(label["seed"])
                seeds[seed] = seeds.get(seed, False) or outcome != "passed"
    return ran


def unlabelled(nodeid: str) -> str:
    """The node id that a test would have without a sweep."""

    def without(label: re.Match[str]) -> str:
        before, after = label["before"], label["after"]
        if before == "[" and after == "]":
            return ""
        return "-" if before == after else before if after == "-" else after

    return _LABEL.sub(without, nodeid, count=1)


def wanted(node: pytest.Item | pytest.Function) -> bool:
    """Whether no marker `twilio(weather=False)` keeps a test out."""
    said: Iterator[bool] = (
        bool(marker.kwargs["weather"])
        for marker in node.iter_markers("twilio")
        if "weather" in marker.kwargs
    )
    return next(said, True)


def found(weather: str, url: str) -> str | Mapping[str, Any]:
    """The scenario of a sweep: of a file its document, else its name; raise `UsageError`.

    A name that this package does not know may be one of the running server's at `url`.
    """
    try:
        scenario = _library().find(weather)
    except ScenarioError as wrong:
        if url and _is_name(weather) and weather in _theirs(url):
            return weather
        raise pytest.UsageError(f"--twilio-weather={weather}: {wrong}") from None
    return weather if _is_name(weather) else _unnumbered(scenario.document())


def _is_name(text: str) -> bool:
    """Whether it names a scenario, and chooses no parameters."""
    path = Path(text)
    return path.suffix not in SUFFIXES and path.name == text and not spelt(text)[1]


def _theirs(url: str) -> list[str]:
    """The names of a running server's scenarios."""
    from mockserver.handles.connection import ControlClient, Pool

    pool = Pool(url)
    try:
        listed = ControlClient(pool).call("GET", "/scenarios")["scenarios"]
    finally:
        pool.close()
    return [each["name"] for each in listed]
