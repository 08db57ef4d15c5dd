"""RCS modules: text, one medium, a card or several, with suggestions to tap.

A classic message has room for a text and media. So it gets the text, or title and description of
the card, of several cards the first; and the files of all. Source: how the Content API's cards
become a body; the rest is our choice.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mockserver.domain.personalising.shapes import templates
from mockserver.domain.personalising.template import MEDIA_URL, TEXT, Kind, Template, fixed, lines
from mockserver.world.bulk.sayings import Saying

KINDS: Final[Mapping[str, Kind]] = {"fileUrl": MEDIA_URL, "thumbnailUrl": MEDIA_URL}
"""Texts of a module that are the addresses of files."""

Shape = Mapping[str, Any]
"""A module with templates in it."""


def saying(shape: Shape, path: str) -> Saying:
    """What a module sends, of which `path` is the JSON path."""
    text = _text(shape, path)
    media = tuple(fixed(url, f"{path}{where}", MEDIA_URL) for where, url in _files(shape))
    return Saying(text, media, tuple(_rest(shape, (text, *media))), "MM" if media else "SM")


def _text(shape: Shape, path: str) -> Template:
    if "text" in shape:
        return fixed(shape["text"], f"{path}.text", TEXT)
    for where, card in _cards(shape):
        parts = [fixed(card[name], f"{path}{where}", TEXT) for name in _SHOWN if name in card]
        return parts[0] if len(parts) == 1 else lines(parts, f"{path}{where}")
    return fixed("", path, TEXT)


_SHOWN: Final = ("title", "description")


def _cards(shape: Shape) -> Iterator[tuple[str, Shape]]:
    """The contents of its cards, each with its path."""
    rich = shape.get("richCard", {})
    if "standaloneCard" in rich:
        yield ".richCard.standaloneCard.cardContent", rich["standaloneCard"]["cardContent"]
    if "carouselCard" in rich:
        for place, card in enumerate(rich["carouselCard"]["cardContents"]):
            yield f".richCard.carouselCard.cardContents[{place}]", card


def _files(shape: Shape) -> Iterator[tuple[str, Template | str]]:
    """Their addresses, each with its path."""
    for where, owner in (("", shape), *_cards(shape)):
        if "media" in owner:
            yield f"{where}.media.contentInfo.fileUrl", owner["media"]["contentInfo"]["fileUrl"]


def _rest(shape: Shape, sent: tuple[Template, ...]) -> Iterator[Template]:
    """Texts of a module that the classic message has not."""
    known = {id(each) for each in sent}
    return (each for each in templates(shape) if id(each) not in known)
