"""Building what is right of a document, and collecting what is wrong."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from mockserver.world.scenarios.faults import Complaint, Misfit, Path

T = TypeVar("T")


def tried(
    build: Callable[[Any], T], value: Any, path: Path, complaints: list[Complaint]
) -> T | None:
    """What `build` makes of a value; nothing, and a complaint, when it raises `Misfit`."""
    try:
        return build(value)
    except Misfit as misfit:
        complaints.append(misfit.under(path))
        return None


def each(
    build: Callable[[Any], T], items: Iterable[Any], path: Path, complaints: list[Complaint]
) -> tuple[T, ...]:
    """What could be built of a list, so that one complaint does not hide the next."""
    built = (tried(build, item, (*path, place), complaints) for place, item in enumerate(items))
    return tuple(item for item in built if item is not None)
