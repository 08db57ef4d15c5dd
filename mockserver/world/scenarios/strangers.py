"""Keys that no schema knows in their place: what was meant, and where they belong."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from mockserver.domain.faults.when import SETTLED_LATER
from mockserver.domain.matching import near
from mockserver.world.scenarios.faults import Complaint, Path

Schema = Mapping[str, Any]

FEW: Final = 12
"""Keys that are all told to somebody who knows none of them; ours."""


def unknown_keys(path: Path, value: Any, owners: Sequence[Schema]) -> Iterator[Complaint]:
    """`owners` are the schemas of the mappings around them, the innermost last."""
    known = owners[-1]["properties"]
    for key in value:
        if key not in known:
            told, hint = _told(key, path, owners)
            yield Complaint((*path, key), told, hint, at_key=True)


def _told(key: str, path: Path, owners: Sequence[Schema]) -> tuple[str, str]:
    """What to say of an unknown key, and what was probably meant."""
    known = owners[-1]["properties"]
    if meant := next((word for word in WORDS.get(key, ()) if word in known), ""):
        return "unknown key", meant
    if place := _place(key, path, owners):
        return f"unknown key: it belongs {place}", ""
    if path[-1:] == ("when",) and key in SETTLED_LATER:
        return "unknown key: nobody knows it yet when a rule decides", ""
    hint = near(key, known)
    few = f"; there are {', '.join(known)}" if len(known) <= FEW and not hint else ""
    return f"unknown key{few}", hint


WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("if", "match", "where", "filter"), ("when",)),
    **dict.fromkeys(("action", "response", "respond", "do"), ("then",)),
    **dict.fromkeys(("answer", "text", "message"), ("reply", "body")),
    **dict.fromkeys(("wait", "sleep", "timeout"), ("delay", "latency")),
    **dict.fromkeys(("enable", "switch_on", "start", "begin"), ("on",)),
    **dict.fromkeys(("disable", "switch_off", "stop", "end"), ("off",)),
    **dict.fromkeys(("time", "when", "after"), ("at",)),
    **dict.fromkeys(("probability", "percent", "chance", "rate"), ("share",)),
    **dict.fromkeys(("code", "errorCode", "error"), ("error_code", "error")),
    **dict.fromkeys(("status_code", "http_status"), ("status",)),
    **dict.fromkeys(("limit", "max", "count"), ("times",)),
    "result": ("outcome",),
    "parameters": ("with",),
    "endpoint": ("operation",),
    "description": ("summary",),
}
"""Keys that people write, and those that are meant: the first that is known in that place."""


def _place(key: str, path: Path, owners: Sequence[Schema]) -> str:
    """Where a key stands that is known, but not here; "" for one that is not known there either."""
    *_, outer, node = [_NOBODY, *owners]
    if inside := owner_of(key, node):
        return f"inside `{inside}`"
    match path:
        case (*_, str(name)) if key in outer["properties"]:
            return f"beside `{name}`, not inside"
        case (*_, str()) if inside := owner_of(key, outer):
            return f"inside `{inside}`"
        case (*_, str(name), int()) if inside := owner_of(name, outer):
            namesake = outer["properties"][inside]["properties"][name].get("items", _NOBODY)
            return f"to the `{name}` inside `{inside}`" if key in namesake["properties"] else ""
    return ""


_NOBODY: Final[Schema] = {"properties": {}}


def owner_of(key: str, node: Schema) -> str:
    """The mapping beside a key in which it has its place, or ""."""
    inner = node["properties"].items()
    return next((name for name, each in inner if key in each.get("properties", ())), "")
