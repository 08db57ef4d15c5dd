"""`/v1/a2p/BrandRegistrations`: US A2P brands, their vettings, and codes for sole proprietors."""

from typing import Any, Final

from mockserver.domain.filings import (
    BRAND,
    DECIDED_STAGE,
    VETTING,
    Filing,
    changed_at,
    stage,
    status,
)
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.messaging.shared import FOLDER, ask, date, listed, read, reply
from mockserver.world.filings import Filings


async def create(call: Call) -> Reply:
    """Register a brand; it is approved a while later on the sandbox's clock, a mock one at once."""
    form = read(call, "CreateBrandRegistrations")
    return reply(201, render(call, await Filings(call.sandbox).file(call.account, BRAND, form)))


async def list_(call: Call) -> Reply:
    """The account's brands, newest first."""
    asked = ask(call, "ListBrandRegistrations")
    found = Filings(call.sandbox).of_kind(call.account, asked.page, BRAND)
    return listed(call, ROOT, "data", asked, found, render)


async def fetch(call: Call) -> Reply:
    """One brand."""
    return reply(200, render(call, _find(call)))


async def update(call: Call) -> Reply:
    """Hand it in again; the review begins anew."""
    brand = _find(call)
    form = read(call, "UpdateBrandRegistrations")
    return reply(202, render(call, await Filings(call.sandbox).hand_in(brand, form)))


async def send_code(call: Call) -> Reply:
    """Text a sole proprietor a code once more; nobody gets it here."""
    brand = _find(call)
    read(call, "CreateBrandRegistrationOtp")
    return reply(201, {"account_sid": brand.account_sid, "brand_registration_sid": brand.sid})


async def vet(call: Call) -> Reply:
    """Have a brand vetted; that succeeds a while later."""
    brand = _find(call)
    form = read(call, "CreateBrandVetting")
    filing = await Filings(call.sandbox).file(call.account, VETTING, form, brand.sid)
    return reply(201, render_vetting(call, filing))


async def list_vettings(call: Call) -> Reply:
    """Of one brand."""
    brand, asked = _find(call), ask(call, "ListBrandVetting")
    provider = asked.filters.get("VettingProvider")
    found = Filings(call.sandbox).of_kind(
        call.account,
        asked.page,
        VETTING,
        brand.sid,
        lambda each: provider in (None, each.form.get("VettingProvider")),
    )
    return listed(call, f"{ROOT}/{brand.sid}/Vettings", "data", asked, found, render_vetting)


async def fetch_vetting(call: Call) -> Reply:
    """One vetting of a brand."""
    brand = _find(call)
    found = Filings(call.sandbox).one(call.account, call.params["Vetting"], VETTING, brand.sid)
    if found is None:
        raise call.missing()
    return reply(200, render_vetting(call, found))


ROOT: Final = "/v1/a2p/BrandRegistrations"
ONE: Final = f"{ROOT}/{{Sid}}"
VETTINGS: Final = f"{ONE}/Vettings"
SCHEMA: Final = f"{FOLDER}/BrandRegistrations"
VETTING_SCHEMA: Final = f"{FOLDER}/BrandVetting"

ROUTES: Final = (
    Route("POST", ROOT, "CreateBrandRegistrations", create, schema=SCHEMA),
    Route("GET", ROOT, "ListBrandRegistrations", list_, schema=SCHEMA),
    Route("GET", ONE, "FetchBrandRegistrations", fetch, schema=SCHEMA),
    Route("POST", ONE, "UpdateBrandRegistrations", update, schema=SCHEMA),
    Route(
        "POST",
        f"{ONE}/SmsOtp",
        "CreateBrandRegistrationOtp",
        send_code,
        schema=f"{FOLDER}/BrandRegistrationOtp",
    ),
    Route("POST", VETTINGS, "CreateBrandVetting", vet, schema=VETTING_SCHEMA),
    Route("GET", VETTINGS, "ListBrandVetting", list_vettings, schema=VETTING_SCHEMA),
    Route(
        "GET",
        f"{VETTINGS}/{{Vetting}}",
        "FetchBrandVetting",
        fetch_vetting,
        schema=VETTING_SCHEMA,
    ),
)


def _find(call: Call) -> Filing:
    """The brand that the path names, or 20404."""
    filing = Filings(call.sandbox).one(call.account, call.params["Sid"], BRAND)
    if filing is None:
        raise call.missing()
    return filing


# Rendering


def render(call: Call, brand: Filing) -> dict[str, Any]:
    """A brand in the key order of the published description's example."""
    now, form = call.sandbox.clock.now(), brand.form
    approved = stage(brand, now) == DECIDED_STAGE
    known = call.sandbox.dice.of("brand", brand.sid)
    url = f"{call.base_url}{ROOT}/{brand.sid}"
    return {
        "sid": brand.sid,
        "account_sid": brand.account_sid,
        "customer_profile_bundle_sid": form.get("CustomerProfileBundleSid"),
        "a2p_profile_bundle_sid": form.get("A2PProfileBundleSid"),
        "date_created": date(call, brand.created_at),
        "date_updated": date(call, changed_at(brand, now)),
        "brand_type": form.get("BrandType", "STANDARD"),
        "status": status(brand, now),
        "tcr_id": "B" + known.hex()[:6].upper() if approved else None,
        "failure_reason": None,
        "url": url,
        "brand_score": known[0] % 100 + 1 if approved else None,
        "brand_feedback": [] if approved else None,
        "identity_status": "VERIFIED" if approved else "UNVERIFIED",
        "russell_3000": False,
        "government_entity": False,
        "tax_exempt_status": None,
        "skip_automatic_sec_vet": form.get("SkipAutomaticSecVet", False),
        "errors": [],
        "mock": form.get("Mock", False),
        "links": {
            "brand_vettings": f"{url}/Vettings",
            "brand_registration_otps": f"{url}/SmsOtp",
        },
    }


def render_vetting(call: Call, vetting: Filing) -> dict[str, Any]:
    """A vetting in the key order of the published description's example."""
    now, provider = call.sandbox.clock.now(), vetting.form.get("VettingProvider")
    return {
        "account_sid": vetting.account_sid,
        "brand_sid": vetting.of,
        "brand_vetting_sid": vetting.sid,
        "vetting_provider": provider,
        "vetting_id": vetting.form.get("VettingId"),
        "vetting_class": "POLITICAL" if provider == "campaign-verify" else "STANDARD",
        "vetting_status": status(vetting, now),
        "date_created": date(call, vetting.created_at),
        "date_updated": date(call, changed_at(vetting, now)),
        "url": f"{call.base_url}{ROOT}/{vetting.of}/Vettings/{vetting.sid}",
    }
