"""Fields that nobody knows: ignored, as the service does, and told in the journal."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from mockserver.domain.bulk.gate import resolved
from mockserver.domain.matching import near

MOST: Final = 20
"""Fields of one request that are named; ours."""

_CONNECTED: Final = frozenset({"address", "channel"})
"""What each of several addresses has; others are looked at closely."""

_SHOWN: Final = 100
"""Characters of a name that are shown."""


class Notes:
    """Collects the unknown fields of one request; a name in ten thousand recipients counts once."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._recipient = schema["$defs"]["recipient"]
        self._known = frozenset(self._recipient["properties"])
        self._unknown: dict[tuple[str, str], str] = {}

    def head(self, document: dict[str, Any]) -> None:
        """Look at everything but the recipients."""
        without = {name: value for name, value in document.items() if name != "to"}
        self._keep(self._strange(self._schema, without, "$"))

    def recipients(self, items: Iterable[Any]) -> None:
        """Look at some recipients; what has but known fields costs little."""
        objects = [item for item in items if isinstance(item, dict)]
        shapes = set(map(tuple, objects))
        if all(self._known.issuperset(shape) and "addresses" not in shape for shape in shapes):
            return  # nearly always
        for item in objects:
            if not self._is_known(item):
                self._keep(self._strange(self._recipient, item, "$.to[]"))

    def _is_known(self, item: dict[str, Any]) -> bool:
        if not item.keys() <= self._known:
            return False
        several = item.get("addresses", ())
        return not isinstance(several, list) or all(
            isinstance(one, dict) and one.keys() <= _CONNECTED for one in several
        )

    def said(self) -> tuple[str, ...]:
        """A sentence for each."""
        said = [_sentence(*key, meant) for key, meant in self._unknown.items()]
        more = len(said) - MOST
        return (*said[:MOST], f"and {more} more") if more > 0 else tuple(said)

    def _keep(self, strange: Iterable[tuple[str, str, Iterable[str]]]) -> None:
        for path, name, known in strange:
            if (path, name) not in self._unknown:
                few = len(self._unknown) < MOST
                self._unknown[path, name] = _meant(name, known) if few else ""

    def _strange(
        self, part: Mapping[str, Any], value: Any, path: str
    ) -> Iterator[tuple[str, str, Iterable[str]]]:
        """Path, name and the names that are known there. The schema bounds how deep that is."""
        part = resolved(self._schema, part)
        if isinstance(value, list) and "items" in part:
            for one in value:
                yield from self._strange(part["items"], one, f"{path}[]")
        properties = part.get("properties")
        if not isinstance(value, dict) or properties is None:
            return
        for name, one in value.items():
            if name in properties:
                yield from self._strange(properties[name], one, f"{path}.{name}")
            else:
                yield path, name[:_SHOWN], properties


def _meant(name: str, known: Iterable[str]) -> str:
    same = next((other for other in known if other.lower() == name.lower()), "")
    return same or near(name, known)


def _sentence(path: str, name: str, meant: str) -> str:
    hint = f": did you mean `{meant}`?" if meant else ""
    return f"`{path}.{name}` is not a field of this call and was ignored{hint}"
