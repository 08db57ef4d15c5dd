"""Notify Services: senders, credentials and defaults for what is sent through them."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

CURRENT: Final = "3"
"""The version of the notification protocol that new services have. Source: OpenAPI examples."""


class NotifyService(msgspec.Struct, frozen=True):
    """One service. Defaults are those of one that is made with nothing said; "" stands for none."""

    sid: str
    account_sid: str
    friendly_name: str = ""
    apn_credential_sid: str = ""
    gcm_credential_sid: str = ""
    fcm_credential_sid: str = ""
    messaging_service_sid: str = ""
    """Whose senders text messages come from."""
    facebook_messenger_page_id: str = ""
    alexa_skill_id: str = ""
    default_apn_notification_protocol_version: str = CURRENT
    default_gcm_notification_protocol_version: str = CURRENT
    default_fcm_notification_protocol_version: str = CURRENT
    default_alexa_notification_protocol_version: str = CURRENT
    log_enabled: bool = True
    delivery_callback_url: str = ""
    """Any text: that it is no URL shows when it is called."""
    delivery_callback_enabled: bool = False
    created_at: int = 0
    """Microseconds."""
    updated_at: int = 0

    def default_version(self, channel: str) -> str:
        """Of a channel's bindings that name none; raise `KeyError` for one that has no versions."""
        return {
            "apn": self.default_apn_notification_protocol_version,
            "gcm": self.default_gcm_notification_protocol_version,
            "fcm": self.default_fcm_notification_protocol_version,
            "alexa": self.default_alexa_notification_protocol_version,
        }[channel]


FIELDS: Final[Mapping[str, str]] = {
    "FriendlyName": "friendly_name",
    "ApnCredentialSid": "apn_credential_sid",
    "GcmCredentialSid": "gcm_credential_sid",
    "FcmCredentialSid": "fcm_credential_sid",
    "MessagingServiceSid": "messaging_service_sid",
    "FacebookMessengerPageId": "facebook_messenger_page_id",
    "AlexaSkillId": "alexa_skill_id",
    "DefaultApnNotificationProtocolVersion": "default_apn_notification_protocol_version",
    "DefaultGcmNotificationProtocolVersion": "default_gcm_notification_protocol_version",
    "DefaultFcmNotificationProtocolVersion": "default_fcm_notification_protocol_version",
    "DefaultAlexaNotificationProtocolVersion": "default_alexa_notification_protocol_version",
    "LogEnabled": "log_enabled",
    "DeliveryCallbackUrl": "delivery_callback_url",
    "DeliveryCallbackEnabled": "delivery_callback_enabled",
}
"""Parameters, and what each sets. Source: OpenAPI description of the Service resource."""


def changed(service: NotifyService, form: Mapping[str, Any], at: int) -> NotifyService:
    """The service as checked parameters make it at a time, in microseconds."""
    fields = {FIELDS[name]: value for name, value in form.items()}
    return replace(service, **fields, updated_at=at)
