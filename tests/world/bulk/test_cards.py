"""RCS modules as classic messages, and as they are shown."""

from typing import Any

import msgspec
import pytest

from mockserver.domain.bulk.records import Content, Module, Send
from mockserver.domain.json_faults import Fault
from mockserver.world.bulk.scripts import script_of
from mockserver.world.bulk.writing import Script, Written

PATH = "$.content.modules[0].rcs"
CARD = f"{PATH}.richCard.standaloneCard.cardContent"
URL = "https://example.com/{{ name }}.png"
ADA = {"name": "Ada"}


def compiled(rcs: dict[str, Any]) -> Script | list[Fault]:
    """What comes of one RCS module."""
    module = Module("RCS", rich=msgspec.json.encode(rcs))
    return script_of(Send(Content(modules=(module,)), (), 0), 0)


def script(rcs: dict[str, Any]) -> Script:
    """Where nothing is wrong."""
    found = compiled(rcs)
    assert not isinstance(found, list), found
    return found


def file(url: str = URL, **more: Any) -> dict[str, Any]:
    """A medium."""
    return {"contentInfo": {"fileUrl": url, **more}}


def card(**content: Any) -> dict[str, Any]:
    """A module of one card."""
    return {"richCard": {"standaloneCard": {"cardContent": content}}}


def carousel(*contents: dict[str, Any]) -> dict[str, Any]:
    """A module of several."""
    return {"richCard": {"carouselCard": {"cardWidth": "SMALL", "cardContents": [*contents]}}}


def reply(text: str) -> dict[str, Any]:
    """A suggestion."""
    return {"reply": {"text": text, "postbackData": "{{ name }}"}}


ADAS = "https://example.com/Ada.png"


@pytest.mark.parametrize(
    ("rcs", "written"),
    [
        ({"text": "Hi {{ name }}"}, Written("Hi Ada")),
        ({"media": file()}, Written("", (ADAS,))),
        (card(title="For {{ name }}", description="Hats"), Written("For Ada\n\nHats")),
        (card(description="Hats, {{ name }}", media=file()), Written("Hats, Ada", (ADAS,))),
        (card(title="{{ none | default: '' }}", description="Hats"), Written("Hats")),
        (card(media=file()), Written("", (ADAS,))),
        (card(), Written("")),
        (
            carousel({"title": "One", "media": file()}, {"title": "Two", "media": file(ADAS)}),
            Written("One", (ADAS, ADAS)),
        ),
    ],
)
def test_what_a_classic_message_has_of_it(rcs: dict[str, Any], written: Written) -> None:
    """The text, or title and description of the first card; the files of all."""
    made = script(rcs)
    assert made.write("RCS", ADA) == written
    assert made.prefix("RCS") == ("MM" if written.media else "SM")


def test_everything_is_filled_in() -> None:
    """Suggestions, thumbnails, labels; what is no text stays as it is."""
    location = {"latLong": {"latitude": 1.5, "longitude": 2}, "label": "{{ name }}'s"}
    action = {"text": "Go", "postbackData": "go", "viewLocationAction": location}
    rcs = {
        **card(title="{{ name }}", media=file(thumbnailUrl=URL, forceRefresh=True)),
        "suggestions": [reply("Hi {{ name }}"), {"action": action}],
    }
    filled = msgspec.json.decode(msgspec.json.encode(rcs).replace(b"{{ name }}", b"Ada"))
    assert script(rcs).content("RCS", ADA) == {"modules": [{"rcs": filled}]}


def test_every_text_is_looked_at() -> None:
    """Those that the classic message does not show as well: each by its own path."""
    rcs = {
        **card(title="{{ a }}", description="{{ b }}", media=file("https://{{ c }}")),
        "suggestions": [reply("{{ d }}")],
    }
    contexts = {template.context: template.bare for template in script(rcs).templates}
    assert contexts == {
        CARD: (),
        f"{CARD}.title": ("a",),
        f"{CARD}.description": ("b",),
        f"{CARD}.media.contentInfo.fileUrl": ("c",),
        f"{PATH}.suggestions[0].reply.text": ("d",),
        f"{PATH}.suggestions[0].reply.postbackData": ("name",),
    }


def test_a_suggestion_that_cannot_be_rendered_spoils_the_message() -> None:
    """The handset would show it."""
    made = script({"text": "Hi", "suggestions": [reply("{{ a | divided_by: b }}")]})
    assert made.write("RCS", {**ADA, "a": "4", "b": "2"}) == Written("Hi")
    fault = made.write("RCS", {**ADA, "a": "4", "b": "0"})
    assert isinstance(fault, Fault)
    assert (fault.context, fault.code) == (f"{PATH}.suggestions[0].reply.text", 20001)


def test_what_is_wrong_for_everybody() -> None:
    """Files without an address, texts that are no Liquid, a card that is too long as a whole."""
    found = compiled({**card(title="{{", media=file("nowhere", thumbnailUrl="nowhere"))})
    assert isinstance(found, list)
    assert {(fault.context, fault.code) for fault in found} == {
        (f"{CARD}.title", 20001),
        (f"{CARD}.media.contentInfo.fileUrl", 21620),
        (f"{CARD}.media.contentInfo.thumbnailUrl", 21620),
    }
    [fault] = compiled(card(title="x" * 1_000, description="y" * 1_000))  # type: ignore[misc]
    assert isinstance(fault, Fault)
    assert (fault.context, fault.code) == (CARD, 21617)
