"""Scenarios of files: read where they are named, and sent as documents. PYTEST_DONT_REWRITE"""

from collections.abc import Mapping
from os import PathLike, fspath
from typing import Any, Final

Scenario = str | PathLike[str] | Mapping[str, Any]
"""A name, a document, or a file: a `Path`, or text that ends as one of `SUFFIXES`."""

SUFFIXES: Final = (".yaml", ".yml", ".json")


def is_file(scenario: object) -> bool:
    """Whether it names a file."""
    return isinstance(scenario, PathLike) or (
        isinstance(scenario, str) and scenario.endswith(SUFFIXES)
    )


def unfiled(
    scenario: Any, chosen: Mapping[str, Any]
) -> tuple[str | Mapping[str, Any], Mapping[str, Any]]:
    """The name or the document of a scenario, and the parameters that are still to be filled in.

    Raise `ValueError`, with the lines at fault, for a file that cannot be used.
    """
    return (_document(fspath(scenario), chosen), {}) if is_file(scenario) else (scenario, chosen)


def _document(file: str, chosen: Mapping[str, Any]) -> dict[str, Any]:
    from pathlib import Path

    from mockserver.world.scenarios import read_file
    from mockserver.world.schema_files import folder

    return read_file(Path(file), chosen, [Path(folder("scenarios"))]).document()
