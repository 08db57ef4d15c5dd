"""What messages show that were made from content templates."""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.content import CHANNELS
from mockserver.domain.content.rendering import Shown, render
from mockserver.domain.message import Message
from mockserver.domain.text import measure
from mockserver.world.tables import Tables, Unit

NOT_ON_RCS: Final = 63036
"""On a message that only RCS can show, to who is not reached so. Source: Twilio's dictionary."""


def shown_of(tables: Tables, message: Message) -> Shown | None:
    """What a handset shows of a message from a template; nothing for any other."""
    kept = tables.shown.get(message.sid)
    if kept is not None or not message.operation_id:
        return kept
    operation = tables.operations[message.operation_id]
    template = operation.script.template
    kind = template.type_for(_base(message.channel)) if template is not None else ""
    if template is None or not kind:
        return None
    place = operation.attempts.place[operation.ids.number(message.sid)]
    return render(template, kind, operation.people.person(place).variables).shown


def with_button(tables: Tables, from_: str, to: str, title: str) -> tuple[Message, str] | None:
    """The latest message between two ends with a quick reply that says so, and what that tells."""
    for message in _latest(tables, from_, to):
        shown = shown_of(tables, message)
        if shown is not None and title in shown.buttons:
            return message, shown.buttons[title]
    return None


def _latest(tables: Tables, from_: str, to: str) -> Iterator[Message]:
    """Messages between two ends, each account's newest first."""
    for account_sid in tables.accounts:
        yield from tables.messages.lists.newest_first(account_sid, None, to, from_)


def on_channel(message: Message, tables: Tables, unit: Unit) -> tuple[Message, int]:
    """A template's message whose sender is known now: on RCS the richest that RCS can show.

    With 63036 where its sender cannot show it at all.
    """
    shown = tables.shown[message.sid]
    if message.channel != "rcs":
        return message, 0 if _base(message.channel) in CHANNELS[shown.type] else NOT_ON_RCS
    template = tables.content.get(shown.content_sid)
    kind = template.type_for("rcs") if template is not None else ""
    if template is None or kind in ("", shown.type):
        return message, 0
    content = render(template, kind, msgspec.json.decode(shown.variables, type=dict[str, str]))
    tables.shown[message.sid] = content.shown
    unit.put("shown", message.sid, content.shown)
    media, encoding = content.media, measure(content.body).encoding
    return replace(
        message, body=content.body, media_urls=media, num_media=len(media), encoding=encoding
    ), 0


def _base(channel: str) -> str:
    """An MMS goes to who gets SMS."""
    return "sms" if channel == "mms" else channel
