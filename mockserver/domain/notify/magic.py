"""Addresses on push channels that fail by themselves, so that a test needs no configuration.

Ours: what a real token would be answered only its provider knows. Rules of a scenario go before it.
"""

import re
from collections.abc import Mapping
from typing import Final

UNINSTALLED: Final = 52103
"""GCM or FCM say that the application is gone: its binding is used no more."""

_CODE: Final = re.compile(r"fail-([0-9]{5})(?![0-9])").search

WORDS: Final[Mapping[str, Mapping[str, int]]] = {
    "unregistered": {"fcm": UNINSTALLED, "gcm": UNINSTALLED, "apn": 52141},
    "invalid": {"fcm": 52102, "gcm": 52102, "apn": 52134, "alexa": 52213},
}
"""Codes by a word that the address contains, and the channel."""


def built_in(channel: str, address: str) -> int:
    """The code that a delivery to an address fails with; 0 for nearly all.

    `fail-NNNNN` names it itself.
    """
    if (named := _CODE(address)) is not None:
        return int(named[1])
    for word, codes in WORDS.items():
        if word in address:
            return codes.get(channel, 0)
    return 0
