"""Fields that nobody knows: ignored, as the service does, and told in the journal."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from mockserver.domain.bulk.faults import GENERAL, Found, Path
from mockserver.domain.bulk.gate import resolved
from mockserver.domain.json_faults import Fault
from mockserver.domain.matching import near

MOST: Final = 20
"""Fields of one request that are named; ours."""

_COUNTED: Final = 1_000
"""Fields that are told apart; with as many, there are simply many more. Ours."""

_SHOWN: Final = 100
"""Characters of a name that are shown."""

_TURN: Final = 500
"""Items after which others may have a turn."""

_SEVERAL: Final = 10
"""Addresses of one person that are looked at: as many as there may be."""


class Notes:
    """Collects the unknown fields of one request; a name in ten thousand recipients counts once."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._head = {**schema, "properties": {**schema["properties"], "to": {}}}
        defined = schema["$defs"]
        self._recipient = defined["recipient"]["properties"]
        self._address = defined["connectedAddress"]["properties"]
        self._unknown: dict[tuple[str, str], str] = {}

    def head(self, document: dict[str, Any]) -> None:
        """Look at everything but the recipients."""
        self._keep(self._strange(self._head, document, "$"))

    def recipients(self, items: Iterable[Any]) -> None:
        """Look at some recipients; those with the same fields count as one."""
        objects = [item for item in items if isinstance(item, dict)]
        shapes = dict.fromkeys(map(tuple, objects))
        self._keep(_outside(shapes, self._recipient, "$.to[]"))
        if any("addresses" in shape for shape in shapes):
            within = dict.fromkeys(map(tuple, _connected(objects)))
            self._keep(_outside(within, self._address, "$.to[].addresses[]"))

    def said(self) -> tuple[str, ...]:
        """A sentence for each."""
        said = [_sentence(*key, meant) for key, meant in islice(self._unknown.items(), MOST)]
        more = len(self._unknown) - MOST
        if more > 0:
            said.append("and many more" if len(self._unknown) == _COUNTED else f"and {more} more")
        return tuple(said)

    def _keep(self, strange: Iterable[tuple[str, str, Iterable[str]]]) -> None:
        for path, name, known in strange:
            if len(self._unknown) == _COUNTED:
                return
            if (path, name) not in self._unknown:
                few = len(self._unknown) < MOST
                self._unknown[path, name] = _meant(name, known) if few else ""

    def _strange(
        self, part: Mapping[str, Any], value: Any, path: str
    ) -> Iterator[tuple[str, str, Iterable[str]]]:
        """Path, name and the names that are known there. The schema bounds how deep that is."""
        part = resolved(self._schema, part)
        if isinstance(value, list) and "items" in part:
            for one in islice(value, part.get("maxItems")):
                yield from self._strange(part["items"], one, f"{path}[]")
        properties = part.get("properties")
        if not isinstance(value, dict) or properties is None:
            return
        for name, one in value.items():
            if name in properties:
                yield from self._strange(properties[name], one, f"{path}.{name}")
            else:
                yield path, name[:_SHOWN], properties


def strangers(schema: Mapping[str, Any], document: Any) -> Iterator[Path | None]:
    """Where each unknown field of a document is; None where others may have a turn.

    `schema` is one of an operation's.
    """
    yield from _strangers(schema, schema, document, ())


def not_a_field(path: Path) -> Fault:
    """What a field that is not known is, where that is asked for."""
    return Found(path, GENERAL, "is not a field of this call").fault()


def _strangers(
    schema: Mapping[str, Any], part: Mapping[str, Any], value: Any, path: Path
) -> Iterator[Path | None]:
    part = resolved(schema, part)
    if isinstance(value, list) and "items" in part:
        for place, one in enumerate(islice(value, part.get("maxItems"))):
            yield from _strangers(schema, part["items"], one, (*path, place))
            if place % _TURN == _TURN - 1:
                yield None
    properties = part.get("properties")
    if not isinstance(value, dict) or properties is None:
        return
    for name, one in value.items():
        if name in properties:
            yield from _strangers(schema, properties[name], one, (*path, name))
        else:
            yield (*path, name)


def _connected(objects: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every one of several addresses."""
    for item in objects:
        several = item.get("addresses")
        for one in several[:_SEVERAL] if isinstance(several, list) else ():
            if isinstance(one, dict):
                yield one


def _outside(
    shapes: Iterable[tuple[str, ...]], known: Mapping[str, Any], path: str
) -> Iterator[tuple[str, str, Iterable[str]]]:
    for shape in shapes:
        for name in shape:
            if name not in known:
                yield path, name[:_SHOWN], known


def _meant(name: str, known: Iterable[str]) -> str:
    same = next((other for other in known if other.lower() == name.lower()), "")
    return same or near(name, known)


def _sentence(path: str, name: str, meant: str) -> str:
    hint = f": did you mean `{meant}`?" if meant else ""
    return f"`{path}.{name}` is not a field of this call and was ignored{hint}"
