"""`{wrong_type: text/html}`: the right body under a wrong `Content-Type`."""

import msgspec


class WrongTypeFault(msgspec.Struct, frozen=True):
    """An answer without a body has no type either."""

    wrong_type: str
