"""`{error: 20429}`: Twilio refuses, with one of its own codes."""

from collections.abc import Mapping
from string import Formatter

import msgspec

from mockserver.domain.errors import Problem, TwilioError, UnknownCode, problem
from mockserver.domain.faults.headers import NO_HEADERS, Headers, check_headers, with_retry


class ErrorFault(msgspec.Struct, frozen=True):
    """Code, text and HTTP status as the catalogue has them, unless they are given.

    A code that Twilio's dictionary lacks needs a `message`; else `ValueError`.
    """

    error: int
    status: int = 0
    """HTTP status; 0: the catalogue's."""
    message: str = ""
    headers: Mapping[str, str] = NO_HEADERS
    retry_after: int = 0
    """Microseconds; 0: no such header, but where the host sends one by itself."""

    @property
    def more(self) -> Headers:
        """Headers beside the usual ones."""
        return with_retry(self.headers, self.retry_after)

    def __post_init__(self) -> None:
        check_headers(self.headers)
        self._row()

    def refusal(self, /, **values: object) -> TwilioError:
        """What to raise; `values` (the request's parameters) fill the fields of Twilio's text.

        Parameters may have any name, so only those that the text asks for are handed on.
        """
        row = self._row()
        asked = {name for _, name, _, _ in Formatter().parse(row.text) if name}
        return TwilioError(row, **{name: values[name] for name in asked & values.keys()})

    def _row(self) -> Problem:
        own = self.message.replace("{", "{{").replace("}", "}}")
        try:
            usual = problem(self.error)
        except UnknownCode as unknown:
            if not own:
                raise ValueError(
                    f"{unknown}; with a `message` it is answered all the same"
                ) from None
            usual = Problem(self.error, 400, own)
        return Problem(self.error, self.status or usual.status, own or usual.text, usual.detail)
