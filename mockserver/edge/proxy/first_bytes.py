"""How a connection begins that is not plain HTTP for the mock itself."""

from typing import Final

CONNECT: Final = b"CONNECT "

TLS_HANDSHAKE: Final = 0x16
"""The first byte of TLS. Source: RFC 8446, 5.1."""
