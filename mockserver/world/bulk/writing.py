"""What an operation says: its content, compiled once, written for one recipient on one channel.

The request's content is text and media, modules for some channels each, or a template of the
Content API. Nothing that is written is kept: whoever looks writes it again.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

import msgspec

from mockserver.domain.content import ContentTemplate
from mockserver.domain.json_faults import Fault
from mockserver.domain.personalising.template import Template, Variables

CHANNELS: Final = ("RCS", "SMS", "WHATSAPP")


class Written(msgspec.Struct, frozen=True, gc=False):
    """One message as one recipient gets it on one channel: what a classic message has of it."""

    text: str
    media: tuple[str, ...] = ()
    """URLs."""


class Script(Protocol):
    """The compiled content of one operation, tags included. Pure: the same in, the same out."""

    @property
    def channels(self) -> frozenset[str]:
        """Channels for which there is something to send: `SMS`, `RCS`, `WHATSAPP`."""

    @property
    def free_text(self) -> bool:
        """Whether WhatsApp allows it in an open session only: it is no approved template."""

    @property
    def template(self) -> ContentTemplate | None:
        """What `contentId` named, as it was then; who keeps the operation keeps it too."""

    @property
    def templates(self) -> Iterable[Template]:
        """Every text of it in which something is filled in, on whatever channel."""

    def prefix(self, channel: str) -> str:
        """`MM` where messages on a channel have media or come from a WhatsApp template; `SM`."""

    def write(self, channel: str, variables: Variables) -> Written | Fault:
        """The message on a channel of `channels`, or what is wrong with it. Never raises."""

    def tags(self, variables: Variables) -> Mapping[str, str]:
        """The tags of one recipient's message; {} where one of them cannot be rendered."""

    def content(self, channel: str, variables: Variables) -> dict[str, object]:
        """`content` of a Message, as it was resolved: in the request's shape, filled in.

        Of modules, the one of the channel; all where it has none, as before any attempt.
        """
