"""Usage triggers as records, and what they may be told."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from mockserver.domain.usage import Tally, category, dollars, spans, total

_VALUE: Final = re.compile(r"(?P<offset>\+?)(?P<value>[0-9]{1,15}(?:\.[0-9]{1,10})?)").fullmatch

ONCE: Final = "alltime"
"""What is shown of one that does not recur; the published description allows no null."""

SPANS: Final[Mapping[str, str]] = {"daily": "Daily", "monthly": "Monthly", "yearly": "Yearly"}
"""What a trigger that recurs looks at: the present day, month or year."""


class UsageTrigger(msgspec.Struct, frozen=True):
    """A threshold that somebody wants to be told of."""

    sid: str
    account_sid: str
    category: str
    trigger_value: str
    callback_url: str
    callback_method: str = "POST"
    friendly_name: str = ""
    recurring: str = ONCE
    """`daily`, `monthly`, `yearly`, or `alltime` for one that does not recur."""
    trigger_by: str = "usage"
    """Or `count`, `price`."""
    created_at: int = 0
    updated_at: int = 0


UPDATABLE: Final[Mapping[str, str]] = {
    "CallbackUrl": "callback_url",
    "CallbackMethod": "callback_method",
    "FriendlyName": "friendly_name",
}
"""Parameters, and what each sets; the threshold stays.

Source: OpenAPI description of the resource; twilio/twilio-php, issue 911.
"""


def changed(trigger: UsageTrigger, form: Mapping[str, Any], at: int) -> UsageTrigger:
    """The trigger as checked parameters make it at a time, in microseconds."""
    fields = {UPDATABLE[name]: value for name, value in form.items()}
    return replace(trigger, **fields, updated_at=at)


def current_value(trigger: UsageTrigger, tally: Tally, today: int) -> str:
    """What is used now: since ever, or in the present day, month or year."""
    first, last = spans(SPANS.get(trigger.recurring, ""), (None, None), 0, today).span(0)
    amount = total(tally.parts(first, last), category(trigger.category))
    whole = trigger.trigger_by == "price" or category(trigger.category).unit == "usd"
    return dollars(amount.price) if whole else str(amount.count)


def threshold(text: str, current: str) -> str | None:
    """The value that `50`, or `+50` from now, is; `None` for what is not positive."""
    if (found := _VALUE(text.strip())) is None or not Decimal(found["value"]):
        return None
    if not found["offset"]:
        return found["value"]
    value = Decimal(found["value"]) + Decimal(current)
    return f"{value:f}"
