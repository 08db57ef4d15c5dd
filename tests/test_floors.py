"""The house stands: who may import whom, read the clock or roll dice, and how long things are."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import pytest

PACKAGE: Final = Path(__file__).parents[1] / "mockserver"
FLOORS: Final[Mapping[str, int]] = {"domain": 0, "world": 1, "edge": 2}
DOORS: Final = 3

DOMAIN_LIBRARIES: Final = {
    *("msgspec", "phonenumbers", "defusedxml", "liquid", "dateutil", "regex", "jwt", "_typeshed"),
}
IO: Final = {
    *("asyncio", "io", "multiprocessing", "os", "pathlib", "selectors", "shutil", "signal"),
    *("socket", "ssl", "subprocess", "tempfile", "threading", "concurrent"),
}
HTTP: Final = {"aiohttp", "http", "socket", "socketserver", "ssl", "urllib.request", "yarl"}

CLOCK: Final = {
    *("time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter"),
    *("time.perf_counter_ns", "time.process_time", "time.localtime", "time.ctime", "time.sleep"),
    *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today"),
    "datetime.date.today",
}
CLOCK_READERS: Final = {
    "mockserver.world.clock",
    *("mockserver.handle", "mockserver.pytest_plugin"),  # their own patience with the server
}
CHANCE: Final = {"random", "secrets", "os.urandom", "uuid.uuid1", "uuid.uuid4"}

LONGEST_FILE: Final = 500
LONGEST_FUNCTION: Final = 50


@dataclass(frozen=True, slots=True)
class Module:
    """One file of the package, parsed."""

    name: str
    tree: ast.Module
    lines: int
    package: bool

    @property
    def floor(self) -> int:
        return FLOORS.get([*self.name.split("."), ""][1], DOORS)

    @property
    def room(self) -> str:
        """The folder under `edge/` that it belongs to; "" for everything else."""
        parts = self.name.split(".")
        inside = parts[1:2] == ["edge"] and len(parts) > 2
        return parts[2] if inside and (PACKAGE / "edge" / parts[2]).is_dir() else ""


def modules() -> dict[str, Module]:
    """Every module of the package by its dotted name."""
    found = (_module(path) for path in sorted(PACKAGE.rglob("*.py")))
    return {module.name: module for module in found}


def _module(path: Path) -> Module:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    package = parts[-1] == "__init__"
    text = path.read_text(encoding="utf-8")
    name = ".".join(parts[:-1] if package else parts)
    return Module(name, ast.parse(text), len(text.splitlines()), package)


HOUSE: Final = modules()


def imported(module: Module) -> Iterator[str]:
    """Dotted names that it imports anywhere: at the top, inside functions, for types only."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(module, node)
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def _origin(module: Module, node: ast.ImportFrom) -> str:
    """What `from …` names, relative dots resolved."""
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    base = parts[: len(parts) - node.level + module.package]
    return ".".join([*base, *([node.module] if node.module else [])])


def neighbours(module: Module) -> set[str]:
    """The modules of ours that it imports."""
    found = set()
    for name in imported(module):
        if name.split(".")[0] == "mockserver":
            found.add(name if name in HOUSE else name.rpartition(".")[0])
    return found


def known(module: Module) -> set[str]:
    """Those of them that are there."""
    return neighbours(module) & HOUSE.keys()


def outside(module: Module) -> set[str]:
    """What it imports that is not ours, with every prefix: `a.b.c` is also `a.b` and `a`."""
    found = set()
    for name in imported(module):
        parts = name.split(".")
        if parts[0] != "mockserver":
            found |= {".".join(parts[: end + 1]) for end in range(len(parts))}
    return found


def used(module: Module) -> set[str]:
    """Dotted names outside the package that its code mentions, import aliases resolved."""
    aliases: dict[str, str] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                short = alias.asname or alias.name.split(".")[0]
                aliases[short] = alias.name if alias.asname else short
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                aliases[alias.asname or alias.name] = f"{_origin(module, node)}.{alias.name}"
    chains = (_chain(node) for node in ast.walk(module.tree))
    return {
        ".".join([aliases[head], *rest]) for head, *rest in filter(None, chains) if head in aliases
    }


def _chain(node: ast.AST) -> list[str]:
    """`a.b.c` as ["a", "b", "c"]; [] for what is no plain name."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute) and (before := _chain(node.value)):
        return [*before, node.attr]
    return []


def functions(module: Module) -> Iterator[tuple[str, int]]:
    """Every function with its length in lines."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{module.name}.{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.fixture(params=sorted(HOUSE), name="module")
def _each_module(request: pytest.FixtureRequest) -> Module:
    return HOUSE[request.param]


def test_there_is_a_house() -> None:
    """The reader of this file finds the modules, so an empty folder cannot pass."""
    assert {"mockserver", "mockserver.config", "mockserver.domain.message"} <= set(HOUSE)


def test_imports_name_what_is_there(module: Module) -> None:
    """An import of ours resolves to a file: a typo would hide from the tests below."""
    assert neighbours(module) <= set(HOUSE)


def test_imports_go_down_or_stay(module: Module) -> None:
    """Domain knows nobody, world knows domain, edge knows both; the doors know all."""
    up = {name for name in known(module) if HOUSE[name].floor > module.floor}
    assert not up


def test_there_are_no_cycles() -> None:
    """No module imports itself through others, neither lazily nor for types.

    The package's own `__init__` is left out: it is a shop window that loads `handle` when a user
    asks for it (PEP 562).
    """
    graph = {name: neighbours(module) for name, module in HOUSE.items() if name != "mockserver"}
    while leaves := [name for name in graph if not graph[name] & (graph.keys() - {name})]:
        for name in leaves:
            del graph[name]
    assert not graph


def test_a_room_of_the_edge_does_not_know_its_neighbours(module: Module) -> None:
    """Rooms import themselves and the HTTP kit; only files beside them know them all."""
    if not module.room:
        return
    at_the_edge = [HOUSE[name] for name in known(module) if HOUSE[name].floor == FLOORS["edge"]]
    rooms = {other.room for other in at_the_edge} - {module.room}
    assert rooms <= ({"http"} if module.room != "http" else set())


def test_the_domain_is_pure(module: Module) -> None:
    """No event loop, files, sockets or threads, and of libraries only the few that are pure too."""
    if module.floor == 0:
        libraries = {name for name in outside(module) if "." not in name}
        foreign = libraries - DOMAIN_LIBRARIES - _standard_library()
        assert not foreign
        assert not libraries & IO


def _standard_library() -> frozenset[str]:
    import sys

    return sys.stdlib_module_names


def test_domain_and_world_know_no_http(module: Module) -> None:
    """HTTP starts at the edge."""
    if module.floor < FLOORS["edge"]:
        assert not outside(module) & HTTP


def test_aiohttp_lives_at_the_edge(module: Module) -> None:
    """Above the edge only `server.py`, which starts it, imports aiohttp."""
    if module.floor != FLOORS["edge"] and module.name != "mockserver.server":
        assert "aiohttp" not in outside(module)


def test_the_client_library_is_the_handles_business(module: Module) -> None:
    """`twilio` is needed only to hand out a client, and is not installed for most users."""
    if not module.name.startswith("mockserver.handles."):
        assert "twilio" not in outside(module)


def test_only_the_clock_reads_the_wall_clock(module: Module) -> None:
    """Time is handed in; the handle and the plugin may time their own patience."""
    if module.name not in CLOCK_READERS and not module.name.startswith("mockserver.cli"):
        assert not used(module) & CLOCK


def test_only_the_dice_roll(module: Module) -> None:
    """Chance is addressed through `world/dice.py`, so a seed decides all of it."""
    if module.name != "mockserver.world.dice":
        assert not (used(module) | outside(module)) & CHANCE


def test_nothing_is_too_long(module: Module) -> None:
    """A file has at most 500 lines, a function at most 50."""
    assert module.lines <= LONGEST_FILE
    assert not [name for name, lines in functions(module) if lines > LONGEST_FUNCTION]


def test_functions_are_short() -> None:
    """Half of them have at most 6 lines, nine in ten at most 20."""
    lengths = sorted(length for module in HOUSE.values() for _, length in functions(module))
    assert median(lengths) <= 6
    assert lengths[len(lengths) * 9 // 10] <= 20


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import time\ntime.monotonic()", {"time.monotonic"}),
        ("from time import time as now\nnow()", {"time.time"}),
        ("from datetime import datetime\ndatetime.now()", {"datetime.datetime.now"}),
        ("import datetime as dt\ndt.date.today()", {"datetime.date.today"}),
        ("def f():\n    from os import urandom\n    return urandom(8)", {"os.urandom"}),
        ("import uuid\nmake = uuid.uuid4", {"uuid.uuid4"}),
    ],
)
def test_every_spelling_is_recognised(source: str, names: set[str]) -> None:
    """Aliases, `from` imports and imports inside functions hide nothing."""
    assert names <= used(Module("mockserver.x", ast.parse(source), 1, False))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from mockserver.domain import message", {"mockserver.domain.message"}),
        ("from mockserver.domain.message import Message", {"mockserver.domain.message"}),
        ("import mockserver.domain.message", {"mockserver.domain.message"}),
        ("from ..domain import message", {"mockserver.domain.message"}),
        (
            "import typing\nif typing.TYPE_CHECKING:\n    from mockserver import config",
            {"mockserver.config"},
        ),
    ],
)
def test_every_kind_of_import_counts(source: str, found: set[str]) -> None:
    """Absolute, relative, lazy and for types only."""
    assert neighbours(Module("mockserver.world.x", ast.parse(source), 1, False)) == found
