"""`/v1/Deactivations`: US numbers that were taken out of service on a day. Here there are none.

Twilio leads to a file that lies elsewhere; ours is at the same host, so that who follows the
redirect stays here.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final

from msgspec.structs import replace

from mockserver.domain.errors import INVALID_PARAMETER, TwilioError
from mockserver.domain.message import SECOND
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.resource import schema
from mockserver.edge.messaging.shared import FOLDER, reply

PLAIN: Final = "text/plain"

BAD_DATE: Final = replace(INVALID_PARAMETER, text=f"{INVALID_PARAMETER.text}: Date")


async def fetch(call: Call) -> Reply:
    """Lead to the list of a day, which is yesterday where none is given."""
    asked = call.read_query(schema(f"{FOLDER}/FetchDeactivation")).values
    url = f"{call.base_url}{ROOT}/{_day(asked['Date']) if 'Date' in asked else _yesterday(call)}"
    answer = reply(307, {"redirect_to": url})
    answer.headers = (("Location", url),)
    return answer


async def fetch_list(call: Call) -> Reply:
    """A number a line; none was taken out of service."""
    _day(call.params["Date"])
    return Reply(200, content_type=PLAIN)


ROOT: Final = "/v1/Deactivations"

ROUTES: Final = (
    Route("GET", ROOT, "FetchDeactivation", fetch, schema=f"{FOLDER}/Deactivation"),
    Route("GET", f"{ROOT}/{{Date}}", "FetchDeactivationList", fetch_list),
)


def _day(text: str) -> date:
    """`2026-01-31`; raise `TwilioError` 20422 for what is no day."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise TwilioError(BAD_DATE) from None


def _yesterday(call: Call) -> date:
    now = datetime.fromtimestamp(call.sandbox.clock.now() // SECOND, UTC)
    return (now - timedelta(days=1)).date()
