"""Opt-out: which words stop, restart and explain, what answers them, and for which senders.

Sources: Twilio's help articles on opt-out keywords and on toll-free opt-out; docs on Advanced
Opt-Out; the texts also in the OpenAPI description of messaging v3.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from mockserver.domain.rates import SenderKind

Management = Literal["default", "advanced", "disabled"]
Action = Literal["", "stop", "start", "help"]

STOP_WORDS: Final = (
    *("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"),
    *("REVOKE", "OPTOUT"),  # since April 2025
)
START_WORDS: Final = ("START", "YES", "UNSTOP")
HELP_WORDS: Final = ("HELP", "INFO")

RESERVED: Final[Mapping[str, str]] = {"stop_keywords": "STOP", "start_keywords": "START"}
"""Words that Advanced Opt-Out cannot take out of their lists."""

STOP_REPLY: Final = (
    "You have successfully been unsubscribed. You will not receive any more messages from this "
    "number. Reply START to resubscribe."
)
START_REPLY: Final = (
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
)
HELP_REPLY: Final = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."

_STOPPED: Final = (
    'NETWORK MSG: You replied with the word "stop" which blocks all texts sent from this number. '
    'Text back "unstop" to receive messages again.'
)
_STARTED: Final = (
    'NETWORK MSG: You have replied "{}" and will begin receiving messages again from this number.'
)
NETWORK: Final[Mapping[str, tuple[Action, str]]] = {
    "STOP": ("stop", _STOPPED),
    "UNSTOP": ("start", _STARTED.format("unstop")),
    "START": ("start", _STARTED.format("Start")),
}
"""What the network of toll-free numbers does and answers, whatever Twilio's customer has set.

The word in quotes is spelt as in the articles, however it was typed.
"""

WHATSAPP_OPTED_OUT: Final = 63033
"""On a WhatsApp message to somebody who opted out. Source: Twilio's error dictionary."""


class OptOutSettings(msgspec.Struct, frozen=True):
    """What a Messaging Service does about opt-out words. A bare number has the defaults."""

    management: Management = "default"
    """`advanced` has words and texts of its own; with `disabled` Twilio does nothing."""
    stop_keywords: tuple[str, ...] = STOP_WORDS
    """In capitals, as the other two."""
    start_keywords: tuple[str, ...] = START_WORDS
    help_keywords: tuple[str, ...] = HELP_WORDS
    stop_reply: str = STOP_REPLY
    """"" for no reply, as in the other two."""
    start_reply: str = START_REPLY
    help_reply: str = HELP_REPLY

    def meaning(self, word: str) -> tuple[Action, str]:
        """What a word in capitals does, and the reply to it; ("", "") for no keyword."""
        if word in self.stop_keywords:
            return "stop", self.stop_reply
        if word in self.start_keywords:
            return "start", self.start_reply
        return ("help", self.help_reply) if word in self.help_keywords else NO_MEANING


NO_MEANING: Final[tuple[Action, str]] = ("", "")

USUAL: Final = OptOutSettings()

_BESIDE_THE_NETWORK: Final = OptOutSettings(stop_keywords=(), start_keywords=())
"""What Twilio itself does by default on toll-free numbers: help."""

HANDLED: Final[Mapping[SenderKind, tuple[Management, ...]]] = {
    "long_code_us_ca": ("default", "advanced"),
    "long_code": ("default", "advanced"),
    "toll_free": ("default", "advanced"),
    "rcs": ("default", "advanced"),
    "short_code": ("advanced",),
    "whatsapp": ("advanced",),
}
"""Under which management Twilio looks for keywords in what is sent to a kind of sender.

The owner of a short code that no service manages must answer by himself. Alphanumeric senders
cannot be answered. That RCS is as SMS follows from the one opt-out for both, since March 2026.
"""


class Verdict(msgspec.Struct, frozen=True):
    """What a handset's message does to its consent."""

    action: Action = ""
    """"" also for a word that changes nothing: START from somebody who never stopped."""
    reply: str = ""
    """Sent automatically, block or no block; "" for none."""
    opt_out_type: str = ""
    """The webhook's `OptOutType`, which only Advanced Opt-Out adds: `STOP`, `START`, `HELP`."""
    by_network: bool = False
    """Whether the network of toll-free numbers did it: it knows numbers, and no services."""


def decide(
    body: str, *, sender_kind: SenderKind, settings: OptOutSettings, opted_out: bool
) -> Verdict:
    """Whether the whole text is one keyword, and what follows.

    `sender_kind` is that of the number written to; `opted_out` is before this message.
    """
    word = body.strip().upper()
    by_network = sender_kind == "toll_free" and word in NETWORK
    action, reply = NETWORK[word] if by_network else _meaning(word, sender_kind, settings)
    told = action.upper() if settings.management == "advanced" else ""
    if action == "start" and not opted_out:
        return Verdict(opt_out_type=told)  # as any other message
    if opted_out and (action == "stop" or (action == "help" and sender_kind == "toll_free")):
        reply = ""
    return Verdict(action, reply, told, by_network)


def _meaning(word: str, kind: SenderKind, settings: OptOutSettings) -> tuple[Action, str]:
    """What Twilio makes of a word."""
    if settings.management not in HANDLED.get(kind, ()):
        return NO_MEANING
    if kind == "toll_free" and settings.management == "default":
        settings = _BESIDE_THE_NETWORK
    return settings.meaning(word)


# Settings as they are written


class BadSettings(ValueError):
    """Settings that contradict themselves; `field` is where."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


_LISTS: Final = ("stop_keywords", "start_keywords", "help_keywords")


def read_settings(document: Mapping[str, Any]) -> OptOutSettings:
    """Settings out of a document that fits its schema; raise `BadSettings`.

    Keywords are put in capitals; the reserved ones are always there, first.
    """
    words = {name: _keywords(name, document[name]) for name in _LISTS if name in document}
    settings = OptOutSettings(**{**document, **words})
    if settings.management != "advanced":
        _refuse_own(settings)
    _refuse_doubles(settings, document)
    return settings


def _keywords(name: str, words: tuple[str, ...]) -> tuple[str, ...]:
    first = (RESERVED[name],) if name in RESERVED else ()
    return tuple(dict.fromkeys((*first, *(word.upper() for word in words))))


def _refuse_own(settings: OptOutSettings) -> None:
    usual = OptOutSettings(settings.management)
    for name in OptOutSettings.__struct_fields__:
        if getattr(settings, name) != getattr(usual, name):
            raise BadSettings(name, "only `management: advanced` has words and texts of its own")


def _refuse_doubles(settings: OptOutSettings, document: Mapping[str, Any]) -> None:
    """A word has one meaning; the complaint is about a list that somebody wrote."""
    seen: dict[str, str] = {}
    for name in sorted(_LISTS, key=lambda name: name in document):
        for word in getattr(settings, name):
            if word in seen:
                raise BadSettings(name, f"{word} is in {seen[word]} already")
            seen[word] = name
