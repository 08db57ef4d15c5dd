"""Which templates a list of the second version asks for, and in which order.

Source: OpenAPI description of content.twilio.com/v2. How orders are spelt, and that an
expression may fit anywhere in a text, are ours.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from mockserver.domain.content.submission import APPROVALS
from mockserver.domain.content.template import ContentTemplate, texts
from mockserver.domain.errors import INVALID_CONTENT, TwilioError
from mockserver.domain.message import SECOND

CHANNELS: Final = frozenset({"sms", "rcs", "whatsapp", "messenger"})

Expression = Callable[[str], bool]
"""Whether something fits in a text."""


class Eligibility(msgspec.Struct, frozen=True):
    """`whatsapp:approved`. No other channel is asked: templates are `unsubmitted` there."""

    channel: str
    status: str

    def fits(self, template: ContentTemplate) -> bool:
        found = template.approval if self.channel == "whatsapp" else "unsubmitted"
        return self.status == found


class Search(msgspec.Struct, frozen=True):
    """The filters; nothing stands for any."""

    since: int = 0
    """Seconds."""
    until: int = 1 << 62
    name: Expression | None = None
    content: Expression | None = None
    languages: Sequence[str] = ()
    types: Sequence[str] = ()
    eligible: tuple[Eligibility, ...] = ()
    legacy: bool = False
    """Only those that were there before there were content templates."""

    def fits(self, template: ContentTemplate, made: int) -> bool:
        """Whether a template that was made at a time, in microseconds, is asked for."""
        return (
            self.since <= made // SECOND <= self.until
            and (not self.legacy or bool(template.legacy_template_name))
            and (not self.languages or template.language in self.languages)
            and (not self.types or any(name in template.types for name in self.types))
            and (not self.eligible or any(each.fits(template) for each in self.eligible))
            and (self.name is None or self.name(template.friendly_name))
            and (self.content is None or _any(self.content, texts(template.types)))
        )


def _any(looks: Expression, found: Iterable[str]) -> bool:
    return any(looks(text) for text in found)


def read_search(filters: Mapping[str, Any], expression: Callable[[str], Expression]) -> Search:
    """The filters of a query; raise `TwilioError` 20001 for one that cannot be read.

    `expression` reads what strangers write, and raises `ValueError`.
    """
    return Search(
        _second(filters, "DateCreatedAfter", 0),
        _second(filters, "DateCreatedBefore", 1 << 62),
        _expression(filters, "ContentName", expression),
        _expression(filters, "Content", expression),
        filters.get("Language", ()),
        filters.get("ContentType", ()),
        tuple(map(_eligibility, filters.get("ChannelEligibility", ()))),
    )


def unreadable(parameter: str) -> TwilioError:
    """20001 for a parameter."""
    return TwilioError(INVALID_CONTENT, parameter=parameter)


def _second(filters: Mapping[str, Any], name: str, otherwise: int) -> int:
    if name not in filters:
        return otherwise
    try:
        moment = datetime.fromisoformat(filters[name])
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        raise unreadable(name) from None


def _expression(
    filters: Mapping[str, Any], name: str, expression: Callable[[str], Expression]
) -> Expression | None:
    if name not in filters:
        return None
    try:
        return expression(filters[name])
    except ValueError:
        raise unreadable(name) from None


def _eligibility(text: str) -> Eligibility:
    channel, _, status = text.lower().partition(":")
    if channel not in CHANNELS or status not in APPROVALS:
        raise unreadable("ChannelEligibility")
    return Eligibility(channel, status)


# The order


DESCENDING: Final = {"asc": False, "desc": True}

SORTED_BY: Final[Mapping[str, Callable[[ContentTemplate], Any]]] = {
    "SortByDate": lambda template: template.updated_at,
    "SortByContentName": lambda template: template.friendly_name,
}
"""By parameter; of two that are given, the first decides."""


def ordered(
    templates: Iterable[ContentTemplate], filters: Mapping[str, Any]
) -> list[ContentTemplate]:
    """Templates, made oldest first, as they are asked for; of equal ones as they were made.

    Raise `TwilioError` 20001 for an order that is none.
    """
    found = list(templates)
    names = [name for name in SORTED_BY if name in filters]
    turned = [_turned(filters[name], name) for name in names]
    if turned[:1] == [True]:
        found.reverse()
    for name, turn in reversed([*zip(names, turned, strict=True)]):
        found.sort(key=SORTED_BY[name], reverse=turn)
    return found


def _turned(order: str, name: str) -> bool:
    if order.lower() not in DESCENDING:
        raise unreadable(name)
    return DESCENDING[order.lower()]
