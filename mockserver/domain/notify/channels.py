"""What a binding may lead to. Source: OpenAPI description of the Binding resource."""

from typing import Final

CHANNELS: Final = ("apn", "gcm", "sms", "fcm", "facebook-messenger", "alexa")
"""Values of `BindingType`."""

PUSH: Final = ("apn", "fcm", "gcm")
"""Those that need a credential."""

UNVERSIONED: Final = ("sms", "facebook-messenger")
"""Those whose bindings have no version of the notification protocol."""

EVERYBODY: Final = "all"
"""A tag that every binding has without saying so, as it has the name of its channel."""
