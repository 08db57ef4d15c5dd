"""`scenarios`: the ready-made ones and your own, listed, shown and checked."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from mockserver.cli.options import Failure, Parser, UsageError, rows
from mockserver.config_readers import did_you_mean

USAGE: Final = "scenarios [list | show NAME | check FILE…] [options]"
ABOUT: Final = "List the scenarios there are, show one, or check files."


def run(words: Sequence[str]) -> int:
    """`list` (also without a word), `show NAME`, or `check FILE…`."""
    parser = Parser(USAGE, ABOUT, rows("config", "scenarios"))
    parser.add_argument("action", nargs="?", default="list", metavar="list | show | check")
    parser.add_argument("names", nargs="*", metavar="NAME | FILE")
    loaded, given = parser.read(words)
    if given.action not in ACTIONS:
        hint = did_you_mean(given.action, list(ACTIONS))
        raise UsageError(f"scenarios cannot {given.action!r}: take {', '.join(ACTIONS)}{hint}")
    ACTIONS[given.action](_folders(loaded.settings.scenarios), given.names)
    return 0


def _list(folders: Sequence[Path], names: Sequence[str]) -> None:
    from mockserver.world.scenarios import Library

    if names:
        raise UsageError("`scenarios list` takes no names; `scenarios show NAME` shows one")
    for name, summary in Library(folders).summaries():
        print(f"{name:<24} {summary}".rstrip())


def _show(folders: Sequence[Path], names: Sequence[str]) -> None:
    from mockserver.world.scenarios import Library, ScenarioError
    from mockserver.world.scenarios.library import SUFFIXES
    from mockserver.world.scenarios.parameters import spelt

    if len(names) != 1:
        raise UsageError("`scenarios show` takes one name; `scenarios list` lists them")
    name, chosen = spelt(names[0])
    try:
        Library(folders).get(name, chosen)
    except ScenarioError as error:
        raise Failure(str(error)) from error
    paths = [folder / (name + suffix) for folder in folders for suffix in SUFFIXES]
    print([path for path in paths if path.is_file()][-1].read_text("utf-8"), end="")


def _check(folders: Sequence[Path], names: Sequence[str]) -> None:
    """What is named, or else all in the folders, and the files of people that they name.

    Raises `Failure` with every error.
    """
    from mockserver.world.scenarios import Library, ScenarioError
    from mockserver.world.seed import peopled

    library, errors = Library(folders), []
    for name in names or library.names():
        try:
            peopled(library.find(name))
        except ScenarioError as error:
            errors.append(error)
    if errors:
        raise Failure("\n".join(str(error) for error in errors))
    print("nothing wrong with " + (", ".join(names) or "any scenario"))


def _folders(own: str) -> tuple[Path, ...]:
    """The ready-made scenarios and the user's, which win."""
    from mockserver.world.schema_files import folder

    return (folder("scenarios"), *([Path(own)] if own else []))


ACTIONS: Final[Mapping[str, Callable[[Sequence[Path], Sequence[str]], None]]] = {
    "list": _list,
    "show": _show,
    "check": _check,
}
