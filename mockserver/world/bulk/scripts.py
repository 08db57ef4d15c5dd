"""Compiles the content of a request: text and media, modules, or a template."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from mockserver.domain.bulk.records import Send
from mockserver.domain.json_faults import Fault
from mockserver.domain.message import SECOND
from mockserver.domain.personalising.message import Personal, compile_message
from mockserver.domain.personalising.template import Variables
from mockserver.world.bulk.writing import Script, Written

EVERYWHERE: Final = frozenset({"SMS", "RCS", "WHATSAPP"})


class TextScript(msgspec.Struct, frozen=True):
    """Text and media, the same on every channel."""

    personal: Personal
    channels: frozenset[str] = EVERYWHERE
    free_text: bool = True

    def prefix(self, channel: str) -> str:
        """`MM` with media."""
        return "MM" if self.personal.media else "SM"

    def write(self, channel: str, variables: Variables) -> Written | Fault:
        """The message, or what is wrong with it."""
        found = self.personal.render(variables)
        return found[0] if isinstance(found, list) else Written(found.text, found.media)

    def tags(self, variables: Variables) -> Mapping[str, str]:
        """The tags of one recipient's message."""
        found = self.personal.render(variables)
        if isinstance(found, list):
            return {}
        return dict(zip(found.tags[::2], found.tags[1::2], strict=True))

    def content(self, channel: str, variables: Variables) -> dict[str, object]:
        """`content` of a Message."""
        found = self.write(channel, variables)
        if isinstance(found, Fault):
            return {}
        media = {"media": [{"url": url} for url in found.media]} if found.media else {}
        return {**({"text": found.text} if found.text else {}), **media}


def script_of(send: Send, at: int) -> Script | list[Fault]:
    """The compiled content of a request, or all that is wrong with it; `at` is `'now'`."""
    content = send.content
    moment = datetime.fromtimestamp(at // SECOND, UTC)
    personal = compile_message(content.text, content.media, dict(send.tags), moment)
    return personal if isinstance(personal, list) else TextScript(personal)
