"""How notify.twilio.com refuses: as all hosts, and to those who ask too often it says how long."""

from typing import Final

from mockserver.domain.errors import TwilioError
from mockserver.edge.http.call import Reply
from mockserver.edge.http.refusals import flat, reply

TOO_MANY: Final = 429


def refusal(error: TwilioError, _: bool) -> Reply:
    """The body of all hosts. A service's limit is that of a second, so that one is enough."""
    more = (("Retry-After", "1"),) if error.status == TOO_MANY else ()
    return reply(error, flat(error), *more)
