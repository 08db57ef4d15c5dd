"""Numbers of Notify, each with its unit and its source.

`OpenAPI` is Twilio's published description of notify.twilio.com/v1, `limits` its page of limits.
"""

from typing import Final, Literal

SERVICES: Final = 1_000
"""Services of an account. Source: limits."""
BINDINGS: Final = 20
"""Bindings of one identity in a service. Source: OpenAPI."""
TAGS: Final[Literal[20]] = 20
"""Tags of a binding, of a notification, of a filter. Source: OpenAPI; for the last two it has
said 5 since about 2019 and older documents 20."""
IDENTITIES: Final = 20
"""Identities that a notification may name. Source: OpenAPI."""

RECIPIENTS: Final = 10_000
"""`ToBinding` parameters of a notification; more are refused with 52302. Source: the announcement
of the Passthrough API, limits."""
ENTITY: Final = 1_048_576
"""Bytes of a notification's request; more are refused with 20413. Source: OpenAPI ("1MB"); that
its megabyte is this one is ours."""

TTL: Final = 2_419_200
"""Seconds (four weeks) that a notification is valid at the most, and unless it says otherwise.
Source: OpenAPI."""

FCM_PAYLOAD: Final = 4_096
"""Bytes of what FCM or GCM is handed, its address aside; 52106. Source: error dictionary, 52106.
That the address does not count is inferred from FCM's own documents."""
APN_PAYLOAD: Final = 4_096
"""Bytes of what APNs is handed; 52138. Source: Apple. The dictionary still has the 2 KB of 2014."""

DEPTH: Final = 100
"""Levels of nesting in a parameter's JSON; ours. No payload that may be sent has so many."""
