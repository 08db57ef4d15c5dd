"""What a delivery callback says. Source: docs on delivery callbacks, which name its parameters."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from mockserver.domain.notify.notifications import Notification, NotifyDelivery
from mockserver.domain.titles import TITLES

MOST: Final = 1_000
"""Deliveries that one callback reports. Source: docs on delivery callbacks."""

Params = tuple[tuple[str, str], ...]


def callback_params(
    notification: Notification, deliveries: Sequence[NotifyDelivery], number: int, *, final: bool
) -> Params:
    """The form of the callback of this number, from 0; each delivery is a `DeliveryState`.

    The order is that of the docs' table; that `IsFinal` is in lower case is ours.
    """
    return (
        ("NotificationSid", notification.sid),
        ("AccountSid", notification.account_sid),
        ("ServiceSid", notification.service.sid),
        ("Count", str(len(deliveries))),
        ("SequenceId", str(number)),
        ("IsFinal", "true" if final else "false"),
        *_states(deliveries),
    )


def _states(deliveries: Iterable[NotifyDelivery]) -> list[tuple[str, str]]:
    encode = msgspec.json.Encoder().encode
    return [("DeliveryState", encode(state(each)).decode()) for each in deliveries]


def state(delivery: NotifyDelivery) -> dict[str, Any]:
    """A delivery's members; only `sid` and `status` are documented, the others are ours."""
    found: dict[str, Any] = {
        "sid": delivery.sid or None,
        "id": delivery.sid or None,
        "type": delivery.channel,
        "identity": delivery.identity or None,
        "binding_sid": delivery.binding_sid or None,
        "address": delivery.address,
        "status": delivery.status,
    }
    if delivery.error_code:
        found["error_code"] = delivery.error_code
        found["error_message"] = TITLES.get(delivery.error_code, "")
    return found
