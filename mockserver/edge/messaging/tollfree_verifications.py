"""`/v1/Tollfree/Verifications`: who uses a toll-free number, and for what."""

from collections.abc import Callable
from typing import Any, Final

from mockserver.domain.filings import VERIFICATION, Filing, changed_at, status
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.http.resource import Ask
from mockserver.edge.messaging.shared import FOLDER, ask, date, listed, read, reply
from mockserver.world.filings import Filings


async def create(call: Call) -> Reply:
    """Hand in a verification; it is approved a while later, on the sandbox's clock."""
    form = read(call, "CreateTollfreeVerification")
    filing = await Filings(call.sandbox).file(call.account, VERIFICATION, form)
    return reply(201, render(call, filing))


async def list_(call: Call) -> Reply:
    """The account's own, newest first; those of subaccounts are not among them."""
    asked = ask(call, "ListTollfreeVerification")
    if asked.filters.get("IncludeSubAccounts"):
        call.warnings.append("`IncludeSubAccounts` is not heeded: each account lists its own")
    fits = _filter(call, asked)
    found = Filings(call.sandbox).of_kind(call.account, asked.page, VERIFICATION, fits=fits)
    return listed(call, ROOT, "verifications", asked, found, render)


async def fetch(call: Call) -> Reply:
    """One verification."""
    return reply(200, render(call, _find(call)))


async def update(call: Call) -> Reply:
    """Set what is given; the review begins anew."""
    filing = _find(call)
    form = read(call, "UpdateTollfreeVerification")
    return reply(202, render(call, await Filings(call.sandbox).hand_in(filing, form)))


async def delete(call: Call) -> Reply:
    """Withdraw it."""
    await Filings(call.sandbox).withdraw(_find(call))
    return Reply(204)


ROOT: Final = "/v1/Tollfree/Verifications"
ONE: Final = f"{ROOT}/{{Sid}}"
SCHEMA: Final = f"{FOLDER}/TollfreeVerification"

ROUTES: Final = (
    Route("POST", ROOT, "CreateTollfreeVerification", create, schema=SCHEMA),
    Route("GET", ROOT, "ListTollfreeVerification", list_, schema=SCHEMA),
    Route("GET", ONE, "FetchTollfreeVerification", fetch, schema=SCHEMA),
    Route("POST", ONE, "UpdateTollfreeVerification", update, schema=SCHEMA),
    Route("DELETE", ONE, "DeleteTollfreeVerification", delete),
)


def _find(call: Call) -> Filing:
    """The verification that the path names, or 20404."""
    filing = Filings(call.sandbox).one(call.account, call.params["Sid"], VERIFICATION)
    if filing is None:
        raise call.missing()
    return filing


def _filter(call: Call, asked: Ask) -> Callable[[Filing], bool]:
    now = call.sandbox.clock.now()
    wanted, of_status = asked.filters, asked.filters.get("Status")
    echoed = [name for name in ("TollfreePhoneNumberSid", "ExternalReferenceId") if name in wanted]

    def fits(filing: Filing) -> bool:
        return (
            of_status in (None, status(filing, now))
            and all(filing.form.get(name) == wanted[name] for name in echoed)
            and "TrustProductSid" not in wanted  # none here has one
        )

    return fits


# Rendering


ECHOED: Final = (
    "BusinessName",
    "BusinessStreetAddress",
    "BusinessStreetAddress2",
    "BusinessCity",
    "BusinessStateProvinceRegion",
    "BusinessPostalCode",
    "BusinessCountry",
    "BusinessWebsite",
    "BusinessContactFirstName",
    "BusinessContactLastName",
    "BusinessContactEmail",
    "BusinessContactPhone",
    "NotificationEmail",
    "UseCaseCategories",
    "UseCaseSummary",
    "ProductionMessageSample",
    "OptInImageUrls",
    "OptInType",
    "MessageVolume",
    "AdditionalInformation",
    "TollfreePhoneNumberSid",
    "ExternalReferenceId",
    "BusinessRegistrationNumber",
    "BusinessRegistrationAuthority",
    "BusinessRegistrationCountry",
    "BusinessType",
    "BusinessRegistrationPhoneNumber",
    "DoingBusinessAs",
    "AgeGatedContent",
    "HelpMessageSample",
    "OptInConfirmationMessage",
    "OptInKeywords",
    "PrivacyPolicyUrl",
    "TermsAndConditionsUrl",
    "VettingId",
    "VettingProvider",
)
"""Parameters that come back as they were, in the order of the published description's example."""

BEHIND: Final = ECHOED.index("TollfreePhoneNumberSid") + 1
"""Where the fields stand that have no parameter."""


def render(call: Call, filing: Filing) -> dict[str, Any]:
    """A verification in the key order of the published description's example."""
    now = call.sandbox.clock.now()
    echoed = [(_snake(name), filing.form.get(name)) for name in ECHOED]
    return {
        "sid": filing.sid,
        "account_sid": filing.account_sid,
        "regulated_item_sid": None,
        "customer_profile_sid": filing.form.get("CustomerProfileSid"),
        "trust_product_sid": None,
        "status": status(filing, now),
        "date_created": date(call, filing.created_at),
        "date_updated": date(call, changed_at(filing, now)),
        **dict(echoed[:BEHIND]),
        "rejection_reason": None,
        "error_code": None,
        "edit_expiration": None,
        "edit_allowed": None,
        "rejection_reasons": None,
        "resource_links": {},
        "url": f"{call.base_url}{ROOT}/{filing.sid}",
        **dict(echoed[BEHIND:]),
        "tollfree_phone_number": _number(call, filing),
        "vetting_id_expiration": None,
    }


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def _number(call: Call, filing: Filing) -> str | None:
    """The number that it is about, if the account has it."""
    sid = filing.form.get("TollfreePhoneNumberSid")
    owned = call.sandbox.tables.numbers.values()
    found = (each for each in owned if (each.sid, each.account_sid) == (sid, filing.account_sid))
    return next((each.phone_number for each in found), None)
