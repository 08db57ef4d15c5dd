"""`/v1/Services/{Sid}/Compliance/Usa2p`: the US A2P campaign of a Messaging Service.

And `/v1/Services/PreregisteredUsa2p`, which brings one that was registered elsewhere.
"""

from typing import Any, Final

from mockserver.domain import campaigns
from mockserver.domain.errors import CONFLICT, TwilioError
from mockserver.domain.filings import (
    BRAND,
    CAMPAIGN,
    DECIDED_STAGE,
    Filing,
    changed_at,
    stage,
    status,
)
from mockserver.domain.numbers import Service
from mockserver.edge.http.call import Call, Reply, Route
from mockserver.edge.messaging import services
from mockserver.edge.messaging.members import SERVICE
from mockserver.edge.messaging.shared import FOLDER, ask, date, listed, no_such, read, reply
from mockserver.world.filings import Filings


async def create(call: Call) -> Reply:
    """File a campaign; it is verified a while later, on the sandbox's clock."""
    service, form = services.find(call), read(call, "CreateUsAppToPerson")
    strict = call.sandbox.rules.options.senders == "strict"
    filings = Filings(call.sandbox)
    filing = await filings.file_campaign(call.account, service, form, strict=strict)
    return reply(201, render(call, filing))


async def list_(call: Call) -> Reply:
    """The campaign, if there is one, as a page."""
    service, asked = services.find(call), ask(call, "ListUsAppToPerson")
    found = Filings(call.sandbox).of_kind(call.account, asked.page, CAMPAIGN, service.sid)
    return listed(call, _path(service.sid), "compliance", asked, found, render)


async def fetch(call: Call) -> Reply:
    """The campaign."""
    return reply(200, render(call, _find(call)))


async def update(call: Call) -> Reply:
    """Hand it in again, changed; the review begins anew."""
    filing = _find(call)
    form = read(call, "UpdateUsAppToPerson")
    return reply(200, render(call, await Filings(call.sandbox).hand_in(filing, form)))


async def delete(call: Call) -> Reply:
    """Withdraw it."""
    await Filings(call.sandbox).withdraw(_find(call))
    return Reply(204)


async def bring(call: Call) -> Reply:
    """Take over a campaign that was registered elsewhere."""
    form = read(call, "CreateExternalCampaign")
    service = _service(call, form["MessagingServiceSid"])
    filings = Filings(call.sandbox)
    if filings.campaign(service) is not None:
        raise TwilioError(CONFLICT)
    filing = await filings.file(call.account, CAMPAIGN, form, service.sid)
    return reply(
        201,
        {
            "sid": filing.sid,
            "messaging_service_sid": service.sid,
            "campaign_id": form["CampaignId"],
            "account_sid": filing.account_sid,
            "date_created": date(call, filing.created_at),
        },
    )


EVERY: Final = f"{SERVICE}/Compliance/Usa2p"
ONE: Final = f"{EVERY}/{{Campaign}}"
SCHEMA: Final = f"{FOLDER}/UsAppToPerson"

ROUTES: Final = (
    Route("POST", EVERY, "CreateUsAppToPerson", create, schema=SCHEMA),
    Route("GET", EVERY, "ListUsAppToPerson", list_, schema=SCHEMA),
    Route("GET", ONE, "FetchUsAppToPerson", fetch, schema=SCHEMA),
    Route("POST", ONE, "UpdateUsAppToPerson", update, schema=SCHEMA),
    Route("DELETE", ONE, "DeleteUsAppToPerson", delete),
    Route(
        "POST",
        f"{services.ROOT}/PreregisteredUsa2p",
        "CreateExternalCampaign",
        bring,
        schema=f"{FOLDER}/ExternalCampaign",
    ),
)


def _path(service_sid: str) -> str:
    return f"{services.ROOT}/{service_sid}/Compliance/Usa2p"


def _find(call: Call) -> Filing:
    """The campaign that the path names, or 20404."""
    service, sid = services.find(call), call.params["Campaign"]
    filing = Filings(call.sandbox).one(call.account, sid, CAMPAIGN, service.sid)
    if filing is None:
        raise call.missing()
    return filing


def _service(call: Call, sid: str) -> Service:
    """The service that a parameter names, or 20404."""
    service = call.sandbox.services.find(call.account, sid)
    if service is None:
        raise no_such("Services", sid)
    return service


# Rendering


def render(call: Call, filing: Filing) -> dict[str, Any]:
    """A campaign in the key order of the published description's example.

    Its second version with `privacy_policy_url` and `terms_and_conditions_url`, which a header
    asks for, is not served.
    """
    now, form = call.sandbox.clock.now(), filing.form
    usecase = form.get("UsAppToPersonUsecase")
    return {
        "sid": filing.sid,
        "account_sid": filing.account_sid,
        "brand_registration_sid": form.get("BrandRegistrationSid"),
        "messaging_service_sid": filing.of,
        "description": form.get("Description"),
        "message_samples": form.get("MessageSamples"),
        "us_app_to_person_usecase": usecase,
        "has_embedded_links": form.get("HasEmbeddedLinks"),
        "has_embedded_phone": form.get("HasEmbeddedPhone"),
        "subscriber_opt_in": form.get("SubscriberOptIn", True),
        "age_gated": form.get("AgeGated", False),
        "direct_lending": form.get("DirectLending", False),
        "campaign_status": status(filing, now),
        "campaign_id": _campaign_id(call, filing, now),
        "is_externally_registered": "CampaignId" in form,
        "rate_limits": campaigns.RATE_LIMITS[usecase == campaigns.SOLE_PROPRIETOR],
        **_talk(form),
        "date_created": date(call, filing.created_at),
        "date_updated": date(call, changed_at(filing, now)),
        "url": f"{call.base_url}{_path(filing.of)}/{filing.sid}",
        "mock": _of_mock_brand(call, filing),
        "errors": [],
    }


def _talk(form: dict[str, Any]) -> dict[str, Any]:
    """What recipients write and read."""
    return {
        "message_flow": form.get("MessageFlow"),
        "opt_in_message": form.get("OptInMessage"),
        "opt_out_message": form.get("OptOutMessage", campaigns.OPT_OUT_MESSAGE),
        "help_message": form.get("HelpMessage", campaigns.HELP_MESSAGE),
        "opt_in_keywords": form.get("OptInKeywords", ()),
        "opt_out_keywords": form.get("OptOutKeywords", campaigns.OPT_OUT_KEYWORDS),
        "help_keywords": form.get("HelpKeywords", campaigns.HELP_KEYWORDS),
    }


def _campaign_id(call: Call, filing: Filing, now: int) -> str | None:
    """The Campaign Registry's name for it, once it is verified: C and six characters."""
    if given := filing.form.get("CampaignId"):
        return str(given)
    if stage(filing, now) < DECIDED_STAGE:
        return None
    return "C" + call.sandbox.dice.of("campaign-id", filing.sid).hex()[:6].upper()


def _of_mock_brand(call: Call, filing: Filing) -> bool:
    sid = filing.form.get("BrandRegistrationSid", "")
    brand = Filings(call.sandbox).one(call.account, sid, BRAND)
    return brand is not None and bool(brand.form.get("Mock"))
