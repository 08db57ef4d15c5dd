"""What a Messaging Service may be told, and how it is refused."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from mockserver.domain.errors import Problem, TwilioError, rank
from mockserver.domain.numbers import Service

FIELDS: Final[Mapping[str, str]] = {
    "FriendlyName": "friendly_name",
    "InboundRequestUrl": "inbound_request_url",
    "InboundMethod": "inbound_method",
    "FallbackUrl": "fallback_url",
    "FallbackMethod": "fallback_method",
    "StatusCallback": "status_callback",
    "StickySender": "sticky_sender",
    "MmsConverter": "mms_converter",
    "SmartEncoding": "smart_encoding",
    "ScanMessageContent": "scan_message_content",
    "FallbackToLongCode": "fallback_to_long_code",
    "AreaCodeGeomatch": "area_code_geomatch",
    "ValidityPeriod": "validity_period",
    "SynchronousValidation": "synchronous_validation",
    "Usecase": "usecase",
    "UseInboundWebhookOnNumber": "use_inbound_webhook_on_number",
}
"""Parameters, and what each sets. Source: OpenAPI description of the Services resource."""


def check(form: Mapping[str, Any], breaches: Iterable[Problem]) -> None:
    """Raise the `TwilioError` that comes first, if anything is wrong with typed parameters."""
    if worst := sorted(breaches, key=lambda breach: rank(breach.code)):
        raise TwilioError(worst[0], **form)


def changed(service: Service, form: Mapping[str, Any], at: int) -> Service:
    """The service as checked parameters make it at a time, in microseconds."""
    fields = {FIELDS[name]: value for name, value in form.items()}
    return replace(service, **fields, updated_at=at)
