"""What Event Streams refuses a request with. Titles and codes are Twilio's.

HTTP statuses and texts are ours where no answer was captured.
"""

from typing import Final

from mockserver.domain.errors import Problem, problem

MISSING: Final = Problem(20001, 400, "Missing required parameter {parameter}")
"""Captured, of `Description` and `TestId`."""
MISSING_TYPE: Final = Problem(
    20001, 400, "Missing required input parameter event_types[{place}].type"
)
"""Captured, of a JSON array in one `Types` value."""

BAD_SINK: Final = problem(91000)
NO_SUCH_SINK: Final = problem(91001)
TOO_MANY_SINKS: Final = problem(91003)
NO_TEST: Final = problem(91004)
WRONG_TEST: Final = problem(91005)
BAD_SINK_SID: Final = problem(91006)
SINK_IN_USE: Final = Problem(91007, 409, "Sink with SID {sid} is in use")
"""The text is captured, of a second subscription; code and status are ours."""

SINK_NOT_READY: Final = problem(91100)
BAD_SUBSCRIPTION: Final = problem(91101)
NO_SUCH_SUBSCRIPTION: Final = problem(91102)
NO_TYPES: Final = problem(91103)
UNKNOWN_TYPE: Final = Problem(91104, 404, "Type not found in the system")
"""The text is captured."""

BAD_REQUEST: Final = problem(91201)
NOT_FOUND: Final = problem(91202)
NOT_ALLOWED: Final = problem(91203)
"""Of types and schemas, as the two before."""
