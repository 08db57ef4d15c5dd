"""Where the project's data files are: inside the installed package, or beside it in a checkout."""

import json
from pathlib import Path
from typing import Any, Final

_PACKAGE: Final = Path(__file__).parents[1]


def folder(name: str) -> Path:
    """The folder `schemas` or `scenarios`; raise `FileNotFoundError` when the package is damaged.

    A wheel has it in the package; a checkout and an editable install at the top level, so that what
    is edited there is in force at the next start.
    """
    places = (_PACKAGE / name, _PACKAGE.parent / name)
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"the installation is damaged: no folder {name} in {_PACKAGE}")


def load(name: str) -> dict[str, Any]:
    """The schema `name`, such as `scenario` or `api/2010-04-01/CreateMessage`, read afresh."""
    schema = json.loads((folder("schemas") / f"{name}.json").read_text("utf-8"))
    if not isinstance(schema, dict):
        raise TypeError(f"{name}.json is no schema: it must be an object")
    return schema
