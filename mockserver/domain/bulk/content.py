"""`content`: what no schema says of it, and its reading."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from mockserver.domain.bulk.faults import GENERAL, Found, Path
from mockserver.domain.bulk.gate import Gate, pruned
from mockserver.domain.bulk.records import Content, Module, SenderChannel

NOTHING: Final = 21619
BAD_URL: Final = 21620

_LOOKED_AT: Final = 12
"""Items of a list that are looked at: what has more has too many, and that is its fault."""

_MODULES: Final[dict[str, SenderChannel]] = {"sms": "SMS", "rcs": "RCS", "whatsapp": "WHATSAPP"}


def is_empty(content: Any) -> bool:
    """Whether it is text and media, and has neither; such a content has this fault alone."""
    if not isinstance(content, dict) or "contentId" in content or "modules" in content:
        return False
    if content and not content.keys() & {"text", "media"}:
        return False  # no variant at all
    return bool(content.get("text", "") == "" and content.get("media", []) == [])


def faults(content: Any) -> Iterator[Found]:
    """Media that are no URL, a channel with two modules, events that end before they start."""
    if not isinstance(content, dict):
        return
    yield from _bad_media(content, ("content",))
    modules = content.get("modules")
    if not isinstance(modules, list):
        return
    some = [one for one in modules[:_LOOKED_AT] if isinstance(one, dict)]
    kinds = [name for one in some for name in _MODULES if name in one]
    if len(kinds) > len(set(kinds)):
        yield Found(("content", "modules"), GENERAL, "must have one module for a channel")
    for place, module in enumerate(islice(modules, _LOOKED_AT)):
        yield from _module_faults(module, ("content", "modules", place))


def _module_faults(module: Any, path: Path) -> Iterator[Found]:
    if not isinstance(module, dict):
        return
    for name in ("sms", "whatsapp"):
        yield from _bad_media(module.get(name), (*path, name))
    yield from _bad_events(module.get("rcs"), (*path, "rcs"))


def _bad_media(owner: Any, path: Path) -> Iterator[Found]:
    media = owner.get("media") if isinstance(owner, dict) else None
    if not isinstance(media, list):
        return
    for place, one in enumerate(islice(media, _LOOKED_AT)):
        url = one.get("url") if isinstance(one, dict) else None
        if isinstance(url, str) and not is_media_url(url):
            yield Found((*path, "media", place, "url"), BAD_URL)


def is_media_url(text: str) -> bool:
    """Whether it is an absolute web address, or Liquid that may become one."""
    if "{{" in text or "{%" in text:
        return True
    try:
        split = urlsplit(text)
        named = bool(split.hostname) and split.port != 0
    except ValueError:
        return False
    return named and split.scheme in ("http", "https") and not any(map(str.isspace, text))


def _bad_events(rcs: Any, path: Path) -> Iterator[Found]:
    """Calendar events in the suggestions of an RCS module and of its cards."""
    for place, owner in _with_suggestions(rcs, path):
        suggestions = owner.get("suggestions")
        some = suggestions[:_LOOKED_AT] if isinstance(suggestions, list) else ()
        for number, one in enumerate(some):
            action = _inside(one, "action")
            event = _inside(action, "createCalendarEventAction")
            if isinstance(event, dict):
                where = ("suggestions", number, "action", "createCalendarEventAction")
                yield from _bad_times(event, (*place, *where))


def _with_suggestions(rcs: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The module and the contents of its cards."""
    card = _inside(rcs, "richCard")
    single = _inside(_inside(card, "standaloneCard"), "cardContent")
    several = _inside(_inside(card, "carouselCard"), "cardContents")
    found: list[tuple[Path, Any]] = [
        (path, rcs),
        ((*path, "richCard", "standaloneCard", "cardContent"), single),
    ]
    if isinstance(several, list):
        where = (*path, "richCard", "carouselCard", "cardContents")
        found += [((*where, place), one) for place, one in enumerate(several[:_LOOKED_AT])]
    return ((place, owner) for place, owner in found if isinstance(owner, dict))


def _inside(owner: Any, name: str) -> Any:
    return owner.get(name) if isinstance(owner, dict) else None


def _bad_times(event: dict[str, Any], path: Path) -> Iterator[Found]:
    given = {name: event.get(name) for name in ("startTime", "endTime")}
    moments = {name: _moment(text) for name, text in given.items() if isinstance(text, str)}
    for name, moment in moments.items():
        if moment is None:
            yield Found((*path, name), GENERAL, "must be an RFC 3339 date-time")
    start, end = moments.get("startTime"), moments.get("endTime")
    if start is not None and end is not None and end <= start:
        yield Found((*path, "endTime"), GENERAL, "must be after startTime")


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def read(content: dict[str, Any], gate: Gate) -> Content:
    """Of a content without fault."""
    modules = tuple(_module(one, gate) for one in content.get("modules", ()))
    return Content(content.get("text", ""), _urls(content), content.get("contentId", ""), modules)


def _urls(owner: dict[str, Any]) -> tuple[str, ...]:
    return tuple(one["url"] for one in owner.get("media", ()))


def _module(module: dict[str, Any], gate: Gate) -> Module:
    name = next(name for name in _MODULES if name in module)
    inside = module[name]
    if name == "rcs":
        known = pruned(gate.schema, {"$ref": "#/$defs/rcs"}, inside)
        return Module("RCS", rich=msgspec.json.encode(known))
    return Module(_MODULES[name], inside.get("text", ""), _urls(inside))
