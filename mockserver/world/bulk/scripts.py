"""Compiles the content of a request: text and media, modules, or a template."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.bulk.records import Content, Module, Send
from mockserver.domain.content import ContentTemplate
from mockserver.domain.errors import INVALID_CONTENT_SID
from mockserver.domain.json_faults import Fault, fault
from mockserver.domain.message import SECOND
from mockserver.domain.personalising.placeholders import compile_placeholders
from mockserver.domain.personalising.shapes import Kinds, compiled
from mockserver.domain.personalising.template import MEDIA_URL, TAG, TEXT, Kind, fixed
from mockserver.world.bulk import cards
from mockserver.world.bulk.sayings import CONTENT_ID, Compiled, Labels, Saying
from mockserver.world.bulk.writing import CHANNELS, Script

PLAIN: Final[Kinds] = {"url": MEDIA_URL}
"""What is no text in text and media."""

FindTemplate = Callable[[str], ContentTemplate | None]
"""The account's template with a SID, if it has it."""


def templates_of(account_sid: str, kept: Mapping[str, ContentTemplate]) -> FindTemplate:
    """Finds an account's templates among those of all."""

    def find(sid: str) -> ContentTemplate | None:
        found = kept.get(sid)
        return found if found is not None and found.account_sid == account_sid else None

    return find


def script_of(
    send: Send, at: int, find_template: FindTemplate = lambda sid: None
) -> Script | list[Fault]:
    """The compiled content of a request, or all that is wrong with it; `at` is `'now'`.

    Raises `LiquidNotInstalled`.
    """
    work = _Work(datetime.fromtimestamp(at // SECOND, UTC))
    script = work.script(send, find_template)
    return work.faults or script


class _Work:
    """One content under compilation."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self.faults: list[Fault] = []
        """What is wrong with it; if anything is, what was compiled is of no use."""

    def script(self, send: Send, find: FindTemplate) -> Compiled:
        """All of it."""
        content = send.content
        template = self._template(content.template, find) if content.template else None
        shape, sayings = self._said(content, template)
        self._examine(sayings)
        labels: Labels = tuple(
            (name, self._compiled(value, "$.tags", kind=TAG)) for name, value in send.tags
        )
        settled = {id(saying): saying.settled(labels) for saying in sayings.values()}
        return Compiled(
            {channel: settled[id(saying)] for channel, saying in sayings.items()},
            shape,
            labels,
            template,
            frozenset(sayings),
            _same(labels),
        )

    def _said(
        self, content: Content, template: ContentTemplate | None
    ) -> tuple[dict[str, Any], dict[str, Saying]]:
        if content.template:
            return {"contentId": content.template}, _of_template(template)
        if not content.modules:
            shape = self._compiled(_plain(content), "$.content", PLAIN)
            return shape, dict.fromkeys(CHANNELS, _of_plain(shape, "$.content"))
        modules = [self._module(place, module) for place, module in enumerate(content.modules)]
        sayings: dict[str, Saying] = {
            module.channel: saying
            for module, (_, saying) in zip(content.modules, modules, strict=True)
        }
        return {"modules": [shape for shape, _ in modules]}, sayings

    def _template(self, sid: str, find: FindTemplate) -> ContentTemplate | None:
        found = find(sid)
        if found is None:
            self.faults.append(fault(INVALID_CONTENT_SID, CONTENT_ID))
        return found

    def _module(self, place: int, module: Module) -> tuple[dict[str, Any], Saying]:
        name = module.channel.lower()
        path = f"$.content.modules[{place}].{name}"
        if module.channel == "RCS":
            shape = self._compiled(msgspec.json.decode(module.rich), path, cards.KINDS)
            return {name: shape}, cards.saying(shape, path)
        shape = self._compiled(_plain(module), path, PLAIN)
        return {name: shape}, _of_plain(shape, path)

    def _compiled(self, value: Any, path: str, kinds: Kinds = PLAIN, kind: Kind = TEXT) -> Any:
        return compiled(value, path, self._at, self.faults, kinds, kind)

    def _examine(self, sayings: Mapping[str, Saying]) -> None:
        """What nobody fills in is right or wrong for everybody."""
        for saying in sayings.values():
            for text in (saying.text, *saying.media):
                found = text.render({}) if text.constant else ""
                known = {fault.context for fault in self.faults}
                if isinstance(found, Fault) and found.context not in known:
                    self.faults.append(found)


def _plain(content: Content | Module) -> dict[str, Any]:
    """Text and media as the request has them."""
    text = {"text": content.text} if content.text else {}
    media = {"media": [{"url": url} for url in content.media]} if content.media else {}
    return {**text, **media}


def _of_plain(shape: Mapping[str, Any], path: str) -> Saying:
    text = fixed(shape.get("text", ""), f"{path}.text", TEXT)
    media = tuple(
        fixed(one["url"], f"{path}.media[{place}].url", MEDIA_URL)
        for place, one in enumerate(shape.get("media", ()))
    )
    return Saying(text, media, prefix="MM" if media else "SM")


def _of_template(template: ContentTemplate | None) -> dict[str, Saying]:
    """By channel, the richest of its types that the channel can show."""
    if template is None:
        return {}
    kinds = {channel: template.type_for(channel.lower()) for channel in CHANNELS}
    said = {kind: _of_type(template, kind) for kind in kinds.values() if kind}
    found = {channel: said[kind] for channel, kind in kinds.items() if kind}
    if kind := kinds["WHATSAPP"]:
        found["WHATSAPP"] = replace(said[kind], prefix="MM", unfilled=template.unfilled(kind))
    return found


def _of_type(template: ContentTemplate, kind: str) -> Saying:
    """WhatsApp alone minds a placeholder for which there is nothing, and gives an `MM` to each."""
    values = template.variables
    text = compile_placeholders(template.words(kind), CONTENT_ID, values)
    media = tuple(
        compile_placeholders(url, CONTENT_ID, values, MEDIA_URL) for url in template.media(kind)
    )
    return Saying(text, media, prefix="MM" if media else "SM")


def _same(labels: Labels) -> dict[str, str] | None:
    """The tags, where nothing is filled in."""
    plain = {name: label for name, label in labels if isinstance(label, str)}
    return plain if len(plain) == len(labels) else None
