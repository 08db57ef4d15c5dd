"""How a sandbox behaves where Twilio is unknown or inconsistent, or where a user wants it harsher.

A scenario's switches: its top-level keys `senders`, `numbers`, `trial_unverified_code`,
`error_texts`, `magic_numbers` and `rates`, and the rest under its key `options`. The defaults are
the decisions of this project.
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from mockserver.domain import prices
from mockserver.domain.limits import SCHEDULED_MAX, SEND_AT_MAX, SEND_AT_MIN
from mockserver.domain.notify.limits import APN_PAYLOAD, TAGS
from mockserver.domain.personalising.defaults import LiquidDefault
from mockserver.domain.rates import Rates

Strictness = Literal["any", "strict"]
Texts = Literal["newest", "legacy"]


class Options(msgspec.Struct, frozen=True):
    """Every switch of a sandbox."""

    senders: Strictness = "any"
    """`strict`: only senders and services that were set up may be used."""
    numbers: Strictness = "any"
    """`strict`: a recipient must be a valid number of its country's numbering plan."""
    trial_unverified_code: Literal[21219, 21608] = 21219
    error_texts: Texts = "newest"
    """`legacy`: the older text of an error that was seen with two."""
    magic_numbers: bool = True
    """Whether +1500555000x have their meaning for every account; test credentials always do so."""

    rates: Rates = Rates()
    """How fast senders may send."""

    from_not_owned_code: Literal[0, 21606] = 0
    """21606: strict senders answer as until 2023, whatever is wrong with a number."""
    landline_code: Literal[21614, 21635] = 21614
    queue_full_status: Literal[400, 429] = 429
    service_refusals: Literal["later", "at_once"] = "later"
    """`at_once`: 21610, 21703 and 21704 of a Messaging Service refuse the create, as before 2019.

    `later`: they end the message.
    """
    send_at_min: int = SEND_AT_MIN
    send_at_max: int = SEND_AT_MAX
    """Seconds from the create to `SendAt`."""
    scheduled_max: int = SCHEDULED_MAX
    """Messages that an account may have scheduled at a time; 35125."""
    daily_messages: int = 0
    """Messages of an account in a day (UTC), then 63038; 0: any number."""
    total_messages: int = 0
    """Messages of an account in all, then 30454; 0: any number."""
    no_alphanumeric: tuple[str, ...] = ("CA", "US")
    """ISO 3166 codes of countries that take no alphanumeric sender; 21612."""
    prices: Mapping[str, int] = prices.USUAL
    """Hundred-thousandths of a dollar per segment, by how a number begins; others cost as usual."""

    sending_callbacks: bool = False
    """Whether `sending` makes a status callback too."""
    error_message_in_callbacks: bool = False
    """Whether callbacks with `ErrorCode` have `ErrorMessage` too."""

    whatsapp_session: int = 0
    """Seconds after a recipient's last message in which free text may be sent, then 63016; 0: ever.

    Twilio's window is 24 hours.
    """
    whatsapp_join: bool = False
    """Whether only those who joined it can be reached from the WhatsApp sandbox; others: 63015."""
    template_review: int = 500_000
    """Microseconds until WhatsApp takes a content template up, and then until it has decided."""
    template_verdict: Literal["usual", "rejected"] = "usual"
    """`rejected`: WhatsApp rejects every template; `usual`: those with a fault."""
    suspended_answer: Literal[20003, 20005] = 20003
    """What a suspended or closed account is refused with: 401 as for a wrong token, or 403."""
    loop_protection: bool = True
    """Whether replies at a machine's pace fail in the end; 14107."""
    empty_answers: Literal["fine", "alert"] = "fine"
    """Whether an inbound webhook that answers nothing raises an alert; 11770."""
    comms_accept_style: Literal["headers", "body", "both"] = "both"
    """What `POST /v1/Messages` of the Communications API answers: headers alone, as its overview
    says, a JSON body alone, as its reference says, or both."""
    liquid_default: LiquidDefault = "if_missing"
    """Whether a Liquid variable without `default` is refused: where a recipient lacks it, always
    (`require`, as users saw it), or never (`off`: it is empty)."""
    strict_queries: bool = False
    """Whether the Communications API refuses what it does not know in queries and bodies."""
    comms_retention: int = 7 * 86_400
    """Seconds that operations and their messages are shown; 0: for ever."""
    comms_horizon: int = 7 * 86_400
    """Seconds that `sendAt` may lie ahead."""
    comms_too_large: Literal[413, 400] = 413
    """HTTP status for more than 10 MB; what nobody reads, beyond 16 MiB, is always a 413."""
    events_always_array: bool = False
    """Whether a sink without `batch_events` gets an array of one event, and no bare object."""
    queued_events: bool = False
    """Whether queued messages make an event; Twilio documents it, but nobody has seen one."""
    murano_strict_strings: bool = False
    """Whether Twilionotify answers with text where Notify has numbers, lists and objects, and with
    dates of RFC 2822: as its tables of results say."""
    murano_service_sid: str = ""
    """The Notify Service that calls of Twilionotify without a `ServiceSid` mean."""
    notify_tags: Literal[20, 5] = TAGS
    """Tags that a notification, or the filter of a list of bindings, may name.

    Twilio has said both.
    """
    notify_per_second: int = 0
    """Notifications of a Notify Service within a second, then 20429; 0: any number.

    Twilio's usual limit is 100.
    """
    notify_address_check: Literal["later", "at_once"] = "later"
    """`at_once`: a binding that nothing can be sent to is not made; `later`: its deliveries fail
    with 52001."""
    notify_conflicts: Literal[409, 200] = 409
    """HTTP status for a user, or a membership in a segment, that is there: a 409 with 52304 or
    52305, or a 200 with what is there."""
    push_payload_max: int = APN_PAYLOAD
    """Bytes of what APNs is handed, then 52138."""
    push_credentials: Literal["required", "lenient"] = "required"
    """`lenient`: pushes without a credential, or with one that was deleted, count as sent."""
    media_auth: bool = False
    """Whether media content needs credentials: "enforce HTTP auth on media URLs"."""


USUAL: Final = Options()
