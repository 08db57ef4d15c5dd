"""JSON in which any text may be Liquid: compiled as a whole, filled in as a whole.

What of it is the same for everybody stays as it is; a text with Liquid becomes a `Template` in its
place.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from mockserver.domain.json_faults import Fault
from mockserver.domain.personalising.compiling import compile_text
from mockserver.domain.personalising.template import TEXT, Kind, Template, Variables

Kinds = Mapping[str, Kind]
"""What texts are for, by the name of their field; the others are `TEXT`."""

NO_KINDS: Final[Kinds] = {}


def compiled(
    value: Any,
    path: str,
    at: datetime,
    faults: list[Fault],
    kinds: Kinds = NO_KINDS,
    kind: Kind = TEXT,
) -> Any:
    """The same with templates in it; what is wrong with its texts goes into `faults`.

    `path` is the value's JSON path, `kind` what it is for if it is text; names are no templates.
    Raises `LiquidNotInstalled`.
    """
    if isinstance(value, str):
        return _text(value, path, at, faults, kind)
    if isinstance(value, list):
        items = enumerate(value)
        return [compiled(one, f"{path}[{place}]", at, faults, kinds, kind) for place, one in items]
    if not isinstance(value, dict):
        return value
    return {
        name: compiled(one, f"{path}.{name}", at, faults, kinds, kinds.get(name, TEXT))
        for name, one in value.items()
    }


def _text(source: str, path: str, at: datetime, faults: list[Fault], kind: Kind) -> Template | str:
    found = compile_text(source, path, at, kind)
    if isinstance(found, Template) and not found.constant:
        return found
    verdict = found.render({}) if isinstance(found, Template) else found
    if isinstance(verdict, Fault):
        faults.append(verdict)
    return source


def templates(shape: Any) -> Iterator[Template]:
    """All templates in something that was compiled, in its order."""
    if isinstance(shape, Template):
        yield shape
    elif isinstance(shape, dict | list):
        for one in shape.values() if isinstance(shape, dict) else shape:
            yield from templates(one)


def filled(shape: Any, variables: Variables) -> Any:
    """What was compiled, for one recipient; a text that cannot be rendered is empty."""
    if isinstance(shape, Template):
        text = shape.render(variables)
        return text if isinstance(text, str) else ""
    if isinstance(shape, dict):
        return {name: filled(one, variables) for name, one in shape.items()}
    if isinstance(shape, list):
        return [filled(one, variables) for one in shape]
    return shape
