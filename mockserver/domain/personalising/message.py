"""All texts of one message at once: its text, its media and its tags."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import msgspec

from mockserver.domain.json_faults import Fault
from mockserver.domain.personalising.compiling import compile_text
from mockserver.domain.personalising.template import MEDIA_URL, TAG, TEXT, Template, Variables


class Rendered(msgspec.Struct, frozen=True):
    """A message as one recipient gets it."""

    text: str
    media: tuple[str, ...]
    """Media URLs."""
    tags: tuple[str, ...]
    """Name, value, name, value, …"""


class Personal(msgspec.Struct, frozen=True):
    """A message's templates, compiled once for all recipients of an operation."""

    text: Template
    media: tuple[Template, ...]
    tags: tuple[tuple[str, Template], ...]
    same: Rendered | None = None
    """What everybody gets, where nothing differs."""

    def templates(self) -> Iterator[Template]:
        """All of them: what `default_faults` asks for."""
        yield self.text
        yield from self.media
        yield from (template for _, template in self.tags)

    def render(self, variables: Variables) -> Rendered | list[Fault]:
        """The message for one recipient, or everything that is wrong with it. Never raises."""
        if self.same is not None:
            return self.same
        text = self.text.render(variables)
        media = [template.render(variables) for template in self.media]
        tags = [each for name, tag in self.tags for each in (name, tag.render(variables))]
        faults = [one for one in (text, *media, *tags) if isinstance(one, Fault)]
        if faults or isinstance(text, Fault):
            return faults
        return Rendered(text, _texts(media), _texts(tags))


def _texts(rendered: Iterable[str | Fault]) -> tuple[str, ...]:
    return tuple(one for one in rendered if isinstance(one, str))


def compile_message(
    text: str,
    media: Iterable[str],
    tags: Mapping[str, str],
    at: datetime,
    content: str = "$.content",
) -> Personal | list[Fault]:
    """The templates of a message, or all that is wrong with them.

    `text` is "" where there is only media; `at` is what Liquid's `'now'` stands for; `content` is
    the JSON path of what holds text and media. The names of tags are no templates. Raises
    `LiquidNotInstalled`.
    """
    found = compile_text(text, f"{content}.text", at, TEXT)
    links = [
        compile_text(url, f"{content}.media[{place}].url", at, MEDIA_URL)
        for place, url in enumerate(media)
    ]
    labels = {name: compile_text(value, "$.tags", at, TAG) for name, value in tags.items()}
    faults = [one for one in (found, *links, *labels.values()) if isinstance(one, Fault)]
    if faults or isinstance(found, Fault):
        return faults
    media_ = tuple(one for one in links if isinstance(one, Template))
    tags_ = tuple((name, one) for name, one in labels.items() if isinstance(one, Template))
    return _settled(Personal(found, media_, tags_))


def _settled(personal: Personal) -> Personal | list[Fault]:
    """Rendered right away where it is the same for all."""
    if not all(template.constant for template in personal.templates()):
        return personal
    same = personal.render({})
    return same if isinstance(same, list) else msgspec.structs.replace(personal, same=same)
