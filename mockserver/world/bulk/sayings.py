"""Compiled content at work: what each channel sends, and the `Script` that all of it makes."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.content import ContentTemplate
from mockserver.domain.json_faults import Fault
from mockserver.domain.personalising.shapes import filled
from mockserver.domain.personalising.template import Template, Variables
from mockserver.domain.titles import TITLES
from mockserver.world.bulk.writing import Written

CONTENT_ID: Final = "$.content.contentId"

UNFILLED: Final = 63028
"""What becomes of a template on WhatsApp for which parameters are missing, once it was sent."""

Labels = tuple[tuple[str, Template | str], ...]
"""Tags; those in which something is filled in as templates."""


class Saying(msgspec.Struct, frozen=True):
    """What is sent on one channel."""

    text: Template
    media: tuple[Template, ...] = ()
    beside: tuple[Template, ...] = ()
    """Texts that only the handset shows, and tags: there is no message without them either."""
    prefix: str = "SM"
    unfilled: tuple[str, ...] = ()
    """Variables without which the message fails."""
    same: Written | None = None
    """What everybody gets, where nothing differs."""

    def write(self, variables: Variables) -> Written | Fault:
        """The message, or the first thing that is wrong with it."""
        if self.same is not None:
            return self.same
        text = self.text.render(variables)
        if isinstance(text, Fault):
            return text
        return Written(text) if not self._more else self._whole(text, variables)

    def _whole(self, text: str, variables: Variables) -> Written | Fault:
        """With all that there is besides its text."""
        for name in self.unfilled:
            if name not in variables:
                return Fault(UNFILLED, f"{TITLES[UNFILLED]} ({name} is missing)", CONTENT_ID)
        for template in self.beside:
            if isinstance(found := template.render(variables), Fault):
                return found
        urls = []
        for template in self.media:
            if isinstance(url := template.render(variables), Fault):
                return url
            urls.append(url)
        return Written(text, tuple(urls))

    @property
    def _more(self) -> bool:
        return bool(self.media or self.beside or self.unfilled)

    def settled(self, labels: Labels) -> "Saying":
        """With the tags that differ, and written at once where nothing does."""
        tags = [label for _, label in labels if isinstance(label, Template)]
        whole = replace(self, beside=(*self.beside, *tags))
        if whole.unfilled or any(not each.constant for each in whole.templates):
            return whole
        same = whole.write({})
        return whole if isinstance(same, Fault) else replace(whole, same=same)

    @property
    def templates(self) -> tuple[Template, ...]:
        """All of them."""
        return (self.text, *self.media, *self.beside)


class Compiled(msgspec.Struct, frozen=True):
    """A `Script` of any content."""

    sayings: Mapping[str, Saying]
    """By channel."""
    shape: Mapping[str, Any]
    """`content` with templates in it."""
    labels: Labels = ()
    template: ContentTemplate | None = None
    channels: frozenset[str] = frozenset()
    plain: Mapping[str, str] | None = None
    """The tags, where they are the same for all."""

    @property
    def free_text(self) -> bool:
        """Whatever is no template is; so is one that WhatsApp did not approve."""
        return self.template is None or self.template.free

    @property
    def templates(self) -> tuple[Template, ...]:
        """Once each, though several channels may have them."""
        every = (each for saying in self.sayings.values() for each in saying.templates)
        return tuple({id(each): each for each in every if not each.constant}.values())

    def prefix(self, channel: str) -> str:
        """What SIDs begin with."""
        return self.sayings[channel].prefix

    def write(self, channel: str, variables: Variables) -> Written | Fault:
        """The message on a channel."""
        return self.sayings[channel].write(variables)

    def tags(self, variables: Variables) -> Mapping[str, str]:
        """All or none."""
        if self.plain is not None:
            return self.plain
        found = {}
        for name, label in self.labels:
            value = label if isinstance(label, str) else label.render(variables)
            if isinstance(value, Fault):
                return {}
            found[name] = value
        return found

    def content(self, channel: str, variables: Variables) -> dict[str, object]:
        """A template is shown by its id alone, as it was asked for: the reference knows no more."""
        modules = [one for one in self.shape.get("modules", ()) if channel.lower() in one]
        whole: dict[str, object] = filled(
            {"modules": modules} if modules else self.shape, variables
        )
        return whole
