"""TwiML applications: webhooks under one SID, for numbers and messages to name."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace


class Application(msgspec.Struct, frozen=True):
    """One application. Defaults are those of one that is made with nothing said."""

    sid: str
    account_sid: str
    friendly_name: str = ""
    api_version: str = "2010-04-01"
    sms_url: str = ""
    sms_method: str = "POST"
    sms_fallback_url: str = ""
    sms_fallback_method: str = "POST"
    sms_status_callback: str = ""
    """The older name of `message_status_callback`."""
    message_status_callback: str = ""
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    """Of calls."""
    status_callback_method: str = "POST"
    voice_caller_id_lookup: bool = False
    public_application_connect_enabled: bool = False
    created_at: int = 0
    """Microseconds."""
    updated_at: int = 0

    @property
    def callback(self) -> str:
        """Where the status of messages goes that name this application."""
        return self.message_status_callback or self.sms_status_callback


FIELDS: Final[Mapping[str, str]] = {
    "FriendlyName": "friendly_name",
    "ApiVersion": "api_version",
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsFallbackMethod": "sms_fallback_method",
    "SmsStatusCallback": "sms_status_callback",
    "MessageStatusCallback": "message_status_callback",
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "VoiceCallerIdLookup": "voice_caller_id_lookup",
    "PublicApplicationConnectEnabled": "public_application_connect_enabled",
}
"""Parameters, and what each sets. Source: OpenAPI description of the Applications resource."""


def changed(application: Application, form: Mapping[str, Any], at: int) -> Application:
    """The application as checked parameters make it at a time, in microseconds."""
    fields = {FIELDS[name]: value for name, value in form.items()}
    return replace(application, **fields, updated_at=at)
