"""Every refusal of the mock: Twilio's code, HTTP status and text; and which one wins.

Texts are the newest that were captured from the API; where none was captured, the title of the
error dictionary stands in, and the status 400 is an assumption. Fields in braces are named after
the request's parameters, so that a whole form may be handed in as values.

Sources: Twilio's error dictionary and errors pages; captured answers of the API, 2014 to 2026.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from mockserver.domain.titles import TITLES

MORE_INFO: Final = "https://www.twilio.com/docs/errors/"


class Problem(msgspec.Struct, frozen=True):
    """One row of the catalogue."""

    code: int
    status: int
    """HTTP status."""
    text: str
    """The `message` of the answer, with fields such as `{To}`."""
    detail: str = ""
    """The `detail` of the answer; left out of it when empty."""
    legacy: str = ""
    """An older text that was captured too; "" where there is none."""

    def rendered(self, **values: object) -> str:
        """The text with `values` filled in, or the title when one of them is missing."""
        try:
            return self.text.format_map(values)
        except KeyError:
            return TITLES.get(self.code, self.text)


class TwilioError(Exception):
    """A request is refused as Twilio refuses it.

    `values` fill the problem's text; those that it does not name are ignored.
    """

    def __init__(self, problem: Problem, **values: object) -> None:
        self.message = problem.rendered(**values)
        super().__init__(self.message)
        self.problem = problem

    @property
    def code(self) -> int:
        """Twilio's error code."""
        return self.problem.code

    @property
    def status(self) -> int:
        """HTTP status."""
        return self.problem.status

    @property
    def detail(self) -> str:
        """What the answer adds as `detail`; "" for most."""
        return self.problem.detail

    @property
    def more_info(self) -> str:
        """Address of the page about the code."""
        return f"{MORE_INFO}{self.code}"


class UnknownCode(KeyError):
    """Neither the catalogue nor Twilio's dictionary has this code."""

    def __str__(self) -> str:
        return f"Twilio's error dictionary has no code {self.args[0]}"


def masked(number: str) -> str:
    """`number` with XXXX for its last four digits, for the fields `{To_masked}`.

    Shorter than five it stays: the API showed a bare `123` as it is. So does what ends otherwise
    than a number.
    """
    return number[:-4] + "XXXX" if len(number) > 4 and number[-4:].isdigit() else number


def _titled(code: int, status: int = 400) -> Problem:
    """A row whose text was never captured."""
    return Problem(code, status, TITLES[code])


# Authentication. The status is always 401, the text says what was wrong.
INCORRECT: Final = "Your AccountSid or AuthToken was incorrect."
AUTHENTICATE: Final = Problem(20003, 401, "Authenticate", INCORRECT)
INVALID_USERNAME: Final = Problem(20003, 401, "Authentication Error - invalid username", INCORRECT)
NO_CREDENTIALS: Final = Problem(
    20003, 401, "Authentication Error - No credentials provided", INCORRECT
)
TOKEN_NOT_VALID: Final = Problem(
    20003, 401, "authentication failed, auth token is not valid for account {AccountSid}"
)
"""The wording of October 2026 for a wrong token; an option."""
TEST_CREDENTIALS: Final = Problem(
    20008, 403, "Resource not accessible with Test Account Credentials"
)

# Any resource.
BAD_REQUEST: Final = Problem(20001, 400, "Bad request")
MALFORMED: Final = Problem(20001, 400, "Bad request: {said}")
"""The same with a word of ours about what to mend."""
PAGE_TOKEN_REQUIRED: Final = Problem(20001, 400, "PageToken is required for paging.")
PAGE_TOKEN_REQUIRED_ACCOUNTS: Final = Problem(70002, 400, "Paged requests must include a PageToken")
"""For `/Accounts.json` and the subdomain APIs, where messages have 20001."""
MISSING_PARAMETER: Final = Problem(
    20001, 400, "Missing required parameter {parameter} in the post body"
)
"""As sister APIs word it (Chat, 2018 and 2020)."""
INVALID_DATE: Final = Problem(20001, 400, "Invalid {name}")
"""The text is of 2016, the code is ours."""
INVALID_FRIENDLY_NAME: Final = _titled(20002)
KEY_NAME_TOO_LONG: Final = Problem(70001, 400, "FriendlyName must be at most 64 characters long")
"""Of an API key. The code is Twilio's (docs on API keys), the text ours."""
METHOD_NOT_ALLOWED: Final = Problem(20004, 405, "Method not allowed")
ACCOUNT_NOT_ACTIVE: Final = _titled(20005, 403)
ACCESS_DENIED: Final = _titled(20006, 403)
PAGE_SIZE_TOO_LARGE: Final = Problem(20007, 400, "Page size must be no greater than 1000")
ACTION_DISABLED: Final = _titled(20010, 403)
FORBIDDEN: Final = _titled(20403, 403)
NOT_FOUND: Final = Problem(20404, 404, "The requested resource {path} was not found")
CONFLICT: Final = _titled(20409, 409)
GONE: Final = _titled(20410, 410)
ENTITY_TOO_LARGE: Final = _titled(20413, 413)
INVALID_PARAMETER: Final = _titled(20422)
INVALID_SID: Final = _titled(20423, 422)
UPGRADE_REQUIRED: Final = _titled(20426, 426)
TOO_MANY_REQUESTS: Final = _titled(20429, 429)
INTERNAL_ERROR: Final = Problem(20500, 500, "An internal server error has occurred")
NOT_KEPT: Final = Problem(20500, 500, "An internal server error has occurred: {why}")
"""The same with a word of ours: what was done is in no file."""
SERVICE_UNAVAILABLE: Final = _titled(20503, 503)
GATEWAY_TIMEOUT: Final = _titled(20504, 504)
INVALID_PAGE_TOKEN: Final = _titled(21481)

# Create Message: who, what, from whom.
MISSING_TO: Final = Problem(21604, 400, "A 'To' phone number is required.")
MISSING_SENDER: Final = Problem(21603, 400, "A 'From' phone number is required.")
MISSING_BODY: Final = Problem(21602, 400, "Message body is required.")
MISSING_CONTENT: Final = Problem(21619, 400, "A text message body or media urls must be specified.")
"""21602 for requests with a Messaging Service or a channel sender."""
INVALID_TO: Final = Problem(
    21211,
    400,
    "Invalid 'To' Phone Number: {To_masked}",
    legacy="The 'To' number {To} is not a valid phone number.",
)
INVALID_FROM: Final = Problem(
    21212,
    400,
    "The 'From' number {From} is not a valid phone number, shortcode, or alphanumeric sender ID.",
)
TO_SHORT_CODE: Final = _titled(21265)
SAME_TO_AND_FROM: Final = Problem(21266, 400, "'To' and 'From' number cannot be the same")
SAME_ON_CHANNEL: Final = _titled(63031)
"""21266 on a channel."""
TRIAL_ALPHANUMERIC: Final = _titled(21267)
PREMIUM_NUMBER: Final = _titled(21268)
CHANNEL_MISMATCH: Final = Problem(
    21910, 400, "Invalid From and To pair. From and To should be of the same channel"
)
UNKNOWN_CHANNEL_SENDER: Final = Problem(
    63007, 400, "Twilio could not find a Channel with the specified From address"
)

# Create Message: the sender.
OLD_FROM_NOT_SMS_CAPABLE: Final = _titled(21601)
FROM_NOT_OWNED: Final = Problem(
    21606,
    400,
    "The From phone number {From} is not a valid, SMS-capable inbound phone number or short code "
    "for your account.",
)
"""The code of test credentials, and until about 2023 of live accounts."""
TRIAL_SANDBOX_SENDER: Final = _titled(21607)
AMBIGUOUS_SENDER: Final = _titled(21616)
MMS_NOT_ENABLED_FROM: Final = _titled(21621)
MMS_NOT_ENABLED_ACCOUNT: Final = _titled(21622)
INVALID_SENDER_ID: Final = _titled(21657)
FROM_NOT_TWILIO: Final = Problem(
    21659,
    400,
    "'From' {From} is not a Twilio phone number or Short Code country mismatch",
)
FROM_OTHER_ACCOUNT: Final = Problem(
    21660, 400, "Mismatch between the 'From' number {From} and the account {AccountSid}"
)
FROM_NOT_SMS_CAPABLE: Final = Problem(21661, 400, "'From' number {From} is not SMS-capable")
REGION_NOT_AVAILABLE: Final = _titled(21662)
ROUTING_NOT_ALLOWED: Final = _titled(21663)
FALLBACK_FROM_WITH_FROM: Final = _titled(21664)
INVALID_FALLBACK_FROM: Final = _titled(21665)
FALLBACK_FROM_NEEDS_SERVICE: Final = _titled(21666)
FALLBACK_FROM_NEEDS_RCS: Final = _titled(21667)
REGION_RESTRICTED: Final = _titled(21668)
SERVICE_NOT_FOUND: Final = _titled(21701, 404)
SERVICE_NOT_AVAILABLE: Final = _titled(21702)
NO_SENDER_FITS: Final = _titled(21703)
"""On the message afterwards, not in the answer; so is 21704."""
NO_SENDERS: Final = _titled(21704)
INVALID_SERVICE: Final = Problem(
    21705, 400, "The Messaging Service Sid {MessagingServiceSid} is invalid."
)
SENDER_NOT_IN_SERVICE: Final = _titled(21711)

# Create Message: the recipient.
UNVERIFIED_TO: Final = _titled(21219)
"""What a trial account meets here by default; today's hosted service answers 21608."""
UNVERIFIED_TO_HOSTED: Final = Problem(
    21608,
    400,
    "The number {To_masked} is unverified. Trial accounts cannot send messages to unverified "
    "numbers; verify {To_masked} at twilio.com/user/account/phone-numbers/verified, or purchase a "
    "Twilio number to send messages to unverified numbers",
    legacy="The number {To} is unverified. Trial accounts cannot send messages to unverified "
    "numbers; verify {To} at twilio.com/user/account/phone-numbers/verified, or purchase a "
    "Twilio number to send messages to unverified numbers.",
)
GEO_PERMISSION: Final = Problem(
    21408,
    400,
    "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: "
    "{To_masked}",
    legacy="Permission to send an SMS has not been enabled for the region indicated by the 'To' "
    "number: {To}.",
)
BLACKLIST: Final = "The message From/To pair violates a blacklist rule."
UNSUBSCRIBED: Final = Problem(
    21610, 400, "Attempt to send to unsubscribed recipient", legacy=BLACKLIST
)
UNSUBSCRIBED_TEST: Final = Problem(21610, 400, BLACKLIST)
"""What test credentials still get."""
NO_ROUTE: Final = Problem(
    21612,
    400,
    "The 'To' phone number: {To}, is not currently reachable using the 'From' phone number: {From} "
    "via {via}.",
)
"""`via` is SMS or MMS."""
NOT_MOBILE: Final = Problem(21614, 400, "To number: {To}, is not a mobile number")
LANDLINE: Final = _titled(21635)

# Create Message: the content.
OLD_BODY_TOO_LONG: Final = _titled(21605)
BODY_TOO_LONG: Final = Problem(
    21617, 400, "The concatenated message body exceeds the 1600 character limit."
)
BODY_REFUSED: Final = _titled(21618)
INVALID_MEDIA_URL: Final = _titled(21620)
TOO_MANY_MEDIA: Final = _titled(21623)
SUBJECT_TOO_LONG: Final = _titled(21652)
TOO_MANY_RECIPIENTS: Final = _titled(21653)
MISSING_CONTENT_SID: Final = _titled(21654)
INVALID_CONTENT_SID: Final = _titled(21655)
INVALID_CONTENT_VARIABLES: Final = _titled(21656)
CONTENT_NOT_ON_CHANNEL: Final = _titled(216602)

# Create Message: how it is to be sent.
INVALID_APPLICATION_SID: Final = _titled(21218)
INVALID_STATUS_CALLBACK: Final = Problem(
    21609, 400, "The 'StatusCallback' URL {StatusCallback} is not a valid URL."
)
INVALID_VALIDITY_PERIOD: Final = _titled(21624)
INVALID_STATUS_CALLBACK_EVENT: Final = _titled(21626)
INVALID_MAX_PRICE: Final = _titled(21627)
PARAMETER_TOO_LONG: Final = _titled(21658)
INVALID_DLT_ENTITY: Final = _titled(21900)
INVALID_DLT_TEMPLATE: Final = _titled(21901)
INVALID_INVOICE_TAG: Final = _titled(21902)
INVALID_CONTENT_RETENTION: Final = _titled(30029)
INVALID_ADDRESS_RETENTION: Final = _titled(30030)
INVALID_MAX_RATE: Final = _titled(30031)
SEND_AT_MISSING: Final = _titled(35111)
SEND_AT_OUTSIDE_WINDOW: Final = Problem(
    35114,
    400,
    "SendAt time must be between {min_seconds} seconds and {max_days} days ({max_seconds} seconds) "
    "in the future, inclusive.",
)
"""35115 and 35117 mean the same; which request gets which is not documented."""
SCHEDULE_NEEDS_SERVICE: Final = _titled(35118)
TOO_MANY_SCHEDULED: Final = _titled(35125)
INVALID_SCHEDULE_TYPE: Final = _titled(35126)
BODY_AND_CONTENT_VARIABLES: Final = _titled(35127)

# Create Message: limits.
QUEUE_FULL: Final = Problem(21611, 429, "SMS queue is full.")
TRIAL_LIMIT: Final = _titled(30454, 429)
DAILY_LIMIT: Final = Problem(
    63038, 429, "Account {AccountSid} exceeded the {n} daily messages limit"
)

# Numbers.
INVALID_PHONE_NUMBER: Final = Problem(21421, 400, "{PhoneNumber} is not a valid number")
PHONE_NUMBER_NOT_AVAILABLE: Final = Problem(21422, 400, "{PhoneNumber} is not available")

# Pools of Messaging Services. Texts as answered, the last one in 2022.
ALREADY_IN_POOL: Final = Problem(
    21710, 409, "Phone Number or Short Code is already in the Messaging Service."
)
IN_ANOTHER_POOL: Final = Problem(
    21712, 409, "Phone Number or Short Code is associated with another Messaging Service."
)
POOL_FULL: Final = Problem(21714, 412, "Number Pool size limit reached")

# Notify. The first text and the second were answered in 2018, with which status was not recorded;
# the others are ours, as is that the last three have the status 409.
NOT_CONVERTIBLE: Final = Problem(
    20001,
    400,
    "Can not convert incoming parameters to {object} object: Parameter '{parameter}' is invalid",
)
DIRECT_AND_QUERY: Final = Problem(
    20001, 400, "Direct notifications and query notifications can not be requested together"
)
NO_RECIPIENT: Final = Problem(
    20001, 400, "Missing required parameter: one of Identity, Tag, Segment, ToBinding"
)
TOO_MANY_BINDINGS: Final = Problem(
    20001, 400, "Maximum number of bindings per identity ({most}) exceeded"
)
TOO_MANY_SERVICES: Final = Problem(
    20001, 400, "Maximum number of services per account ({most}) exceeded"
)
USER_EXISTS: Final = _titled(52304, 409)
ALREADY_IN_SEGMENT: Final = _titled(52305, 409)
USER_HAS_BINDINGS: Final = _titled(52306, 409)

# Twilionotify, a module that calls Notify. Its errors have no codes: these are for the journal.
ILL_TYPED: Final = Problem(20001, 400, "{said}")
NO_SERVICE_SID: Final = Problem(
    20001, 400, "ServiceSid is needed: neither the call nor the configuration names a service"
)
HALF_A_LOGIN: Final = Problem(20003, 401, "AccountSid and AuthToken are needed together")

# Content templates. The codes and titles are the dictionary's, the texts with 20001 ours.
TYPES_REQUIRED: Final = _titled(92001)
TOO_MANY_VARIABLES: Final = _titled(92002)
LANGUAGE_REQUIRED: Final = _titled(92003)
INVALID_LANGUAGE: Final = _titled(92004)
UNSUPPORTED_TYPE: Final = _titled(92008)
ALREADY_SUBMITTED: Final = _titled(92009)
INVALID_CONTENT: Final = Problem(20001, 400, "Parameter '{parameter}' is invalid")

# Update and delete. That the status is 409 is our decision; it was never captured.
NOT_COMPLETE: Final = Problem(20009, 409, "Cannot delete message in state {state}")
"""`state` in upper case. Also for redacting a message that was not sent yet."""
INVALID_UPDATE: Final = _titled(30400)
NOT_CANCELABLE: Final = _titled(30409, 409)


def _by_code(rows: list[Problem]) -> Mapping[int, Problem]:
    """The first row of each code, which is its usual text."""
    return {row.code: row for row in reversed(rows)}


CATALOGUE: Final = _by_code([row for row in tuple(globals().values()) if isinstance(row, Problem)])
"""Every constant above; `problem` also knows the rest of the dictionary."""

STATUSES: Final[Mapping[int, int]] = {
    30404: 404,
    30410: 504,
    30500: 500,
    91001: 404,
    91004: 404,
    91007: 409,
    91102: 404,
    91104: 404,
    91202: 404,
    91203: 405,
}
"""HTTP status of codes without a row; 400 for all others."""


def problem(code: int) -> Problem:
    """The row of `code`, or its title with a fitting status; raise `UnknownCode` for others."""
    if code in CATALOGUE:
        return CATALOGUE[code]
    if code in TITLES:
        return _titled(code, STATUSES.get(code, 400))
    raise UnknownCode(code)


# fmt: off
VALIDATION_ORDER: Final[tuple[int, ...]] = (
    21604, 21603, 21602, 21619,                      # what is missing
    21617, 21623, 21620, 21609, 21624, 21627,        # formats
    21655, 21656, 21705, 30029, 30030,
    21218, 21626, 21652, 21653, 21654, 21658, 30031, # formats whose place is our choice
    21664, 21665, 21666, 21900, 21901, 21902, 20001,
    35111, 35114, 35115, 35117, 35118, 35125, 35126, 35127,
    21212, 21910, 63007,                             # the form of From, and its channel
    21211,                                           # the form of To
    216602,                                          # a template on that channel
    21265, 21266, 63031, 21268,
    21659, 21660, 21661, 21606, 21601, 21616, 21621, 21622, 21607, 21267,
    21657, 21662, 21663, 21668,
    21701, 21702, 21711, 21667,
    21219, 21608,                                    # trial account
    21408,
    21610,
    21614, 21635, 21612,
    21703, 21704,                                    # only where a service is to say it at once
    21618,
    63038, 30454, 21611, 20429,                      # limits
)
# fmt: on
"""Codes of the create call in the order in which they win when several apply.

No document gives an order; this one contradicts no capture. In test mode the magic `To` numbers
are answered in place of 21211, before anything about the sender.
"""

_RANKS: Final = {code: rank for rank, code in enumerate(VALIDATION_ORDER)}


def rank(code: int) -> int:
    """Place of `code` in `VALIDATION_ORDER`; codes that are not in it come after all others."""
    return _RANKS.get(code, len(VALIDATION_ORDER))
