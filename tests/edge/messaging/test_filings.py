"""Brands, campaigns and verifications: what is refused, whose they are, anything at all."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.domain.accounts import DEFAULT_SID, Account
from mockserver.domain.faults import Given, GivenService
from mockserver.world.schema_files import load
from mockserver.world.seed import furnish
from mockserver.world.tables import Unit

if TYPE_CHECKING:
    from tests.edge.conftest import Caller

MG = "MG" + "a" * 32
CHILD = "AC" + "5" * 32
CAMPAIGNS = f"/v1/Services/{MG}/Compliance/Usa2p"
BRANDS = "/v1/a2p/BrandRegistrations"
VERIFICATIONS = "/v1/Tollfree/Verifications"
PREREGISTERED = "/v1/Services/PreregisteredUsa2p"

Form = list[tuple[str, str]]

CAMPAIGN: Form = [
    ("BrandRegistrationSid", "BN" + "0" * 32),
    ("Description", "d" * 40),
    ("MessageFlow", "f" * 40),
    ("MessageSamples", "s" * 20),
    ("MessageSamples", "t" * 20),
    ("UsAppToPersonUsecase", "2FA"),
    ("HasEmbeddedLinks", "false"),
    ("HasEmbeddedPhone", "true"),
]
BRAND: Form = [
    ("CustomerProfileBundleSid", "BU" + "0" * 32),
    ("A2PProfileBundleSid", "BU" + "1" * 32),
]
VERIFICATION: Form = [
    ("BusinessName", "Owl"),
    ("BusinessWebsite", "http://www.example.com"),
    ("NotificationEmail", "support@example.com"),
    ("UseCaseCategories", "MARKETING"),
    ("UseCaseSummary", "Coupons"),
    ("ProductionMessageSample", "20% off"),
    ("OptInImageUrls", "https://example.com/a.png"),
    ("OptInType", "VERBAL"),
    ("MessageVolume", "10"),
    ("TollfreePhoneNumberSid", "PN" + "a" * 32),
]
FILED: list[tuple[str, Form]] = [
    (BRANDS, BRAND),
    (CAMPAIGNS, CAMPAIGN),
    (VERIFICATIONS, VERIFICATION),
]


@pytest.fixture
async def filing(services: "Caller") -> "Caller":
    """The default account has a service."""
    sandbox = services.sandbox
    given = Given(services=(GivenService(MG),))
    furnish(given, sandbox.tables, sandbox.accounts, sandbox.dice, Unit())
    return services


@pytest.mark.parametrize(("path", "form"), FILED)
async def test_filed(filing: "Caller", path: str, form: Form) -> None:
    """201; listed, fetched, and the answers are as their schemas say."""
    made = await filing.post(form, path)
    assert made.status == 201
    one = f"{path}/{made.json['sid']}"
    assert made.json["url"] == f"https://messaging.twilio.com{one}"
    assert (await filing.get(one)).json == made.json
    page = (await filing.get(path)).json
    assert page[page["meta"]["key"]] == [made.json]
    assert not any(entry.warnings for entry in filing.journal)  # --check-responses is content


@pytest.mark.parametrize(("path", "form"), [*FILED, (f"{BRANDS}/{{sid}}/Vettings", [])])
async def test_what_is_missing(filing: "Caller", path: str, form: Form) -> None:
    """20001 for each parameter that must be there."""
    form = form or [("VettingProvider", "aegis")]
    brand = (await filing.post(BRAND, BRANDS)).json["sid"]
    path = path.replace("{sid}", brand)
    for name in dict.fromkeys(name for name, _ in form):
        rest = [pair for pair in form if pair[0] != name]
        said = f"Missing required parameter {name} in the post body"
        (await filing.post(rest, path)).refused(400, 20001, said)
    assert len(filing.sandbox.tables.filings) == 1


@pytest.mark.parametrize(
    ("path", "form", "name", "value"),
    [
        (BRANDS, BRAND, "CustomerProfileBundleSid", "BU1"),
        (BRANDS, BRAND, "Mock", "perhaps"),
        (CAMPAIGNS, CAMPAIGN, "BrandRegistrationSid", "QE" + "0" * 32),
        (CAMPAIGNS, CAMPAIGN, "Description", "d" * 39),
        (CAMPAIGNS, CAMPAIGN, "Description", "d" * 4097),
        (CAMPAIGNS, CAMPAIGN, "MessageFlow", "f" * 2049),
        (CAMPAIGNS, CAMPAIGN, "MessageSamples", "s" * 20),
        (CAMPAIGNS, CAMPAIGN, "OptInMessage", "o" * 19),
        (CAMPAIGNS, CAMPAIGN, "HelpKeywords", "h" * 256),
        (CAMPAIGNS, CAMPAIGN, "HasEmbeddedLinks", "maybe"),
        (CAMPAIGNS, CAMPAIGN, "PrivacyPolicyUrl", "here"),
        (VERIFICATIONS, VERIFICATION, "OptInType", "SHOUTED"),
        (VERIFICATIONS, VERIFICATION, "UseCaseCategories", "SPAM"),
        (VERIFICATIONS, VERIFICATION, "TollfreePhoneNumberSid", "+18005550199"),
        (VERIFICATIONS, VERIFICATION, "BusinessType", "SECRET"),
    ],
)
async def test_what_is_wrong(
    filing: "Caller", path: str, form: Form, name: str, value: str
) -> None:
    """20422 with the parameter's name, and only that."""
    changed = [*(pair for pair in form if pair[0] != name), (name, value)]
    said = f"Invalid Parameter: {name}"
    (await filing.post(changed, path)).refused(400, 20422, said)
    assert not filing.sandbox.tables.filings


@pytest.mark.parametrize(
    "path",
    [
        f"{CAMPAIGNS}/QE{'0' * 32}",
        f"{CAMPAIGNS}/nonsense",
        f"{BRANDS}/BN{'0' * 32}",
        f"{BRANDS}/BN{'0' * 32}/SmsOtp",
        f"{BRANDS}/BN{'0' * 32}/Vettings",
        f"{VERIFICATIONS}/HH{'0' * 32}",
        f"/v1/Services/MG{'b' * 32}/Compliance/Usa2p",
        f"/v1/Services/MG{'b' * 32}/Compliance/Usa2p/Usecases",
    ],
)
async def test_what_is_not_there(filing: "Caller", path: str) -> None:
    """20404 for each method that is served there."""
    methods = (await filing.call("OPTIONS", path)).header("Allow") or ""
    for method in ("GET", "POST", "DELETE"):
        if method in methods:
            body = b"" if method == "POST" else None
            said = f"The requested resource {path.removeprefix('/v1')} was not found"
            (await filing.call(method, path, body)).refused(404, 20404, said)


async def test_what_is_another(filing: "Caller") -> None:
    """A filing of one kind is not found as another."""
    brand = (await filing.post(BRAND, BRANDS)).json["sid"]
    campaign = (await filing.post(CAMPAIGN, CAMPAIGNS)).json["sid"]
    (await filing.get(f"{VERIFICATIONS}/{brand}")).refused(404, 20404)
    (await filing.get(f"{BRANDS}/{campaign}")).refused(404, 20404)
    (await filing.get(f"{CAMPAIGNS}/{brand}")).refused(404, 20404)


async def test_a_subaccount(filing: "Caller") -> None:
    """Has its own."""
    brand = (await filing.post([*BRAND, ("Mock", "true")], BRANDS)).json["sid"]
    filing.sandbox.accounts.set_up(Account(CHILD, "token", owner_account_sid=DEFAULT_SID), Unit())
    filing.server.sandboxes.holders.claim(CHILD, filing.sandbox)
    filing.auth = f"{CHILD}:token"
    assert (await filing.get(BRANDS)).json["data"] == []
    (await filing.get(f"{BRANDS}/{brand}")).refused(404, 20404)
    (await filing.get(CAMPAIGNS)).refused(404, 20404)
    form = {"CampaignId": "C1", "MessagingServiceSid": MG}
    said = f"The requested resource /Services/{MG} was not found"
    (await filing.post(form, PREREGISTERED)).refused(404, 20404, said)


@pytest.mark.parametrize(
    "path", [CAMPAIGNS, BRANDS, VERIFICATIONS, "/v1/Services/Usecases", "/v1/Deactivations"]
)
async def test_test_credentials(filing: "Caller", path: str) -> None:
    """403 with 20008."""
    filing.sandbox.accounts.set_up(Account(CHILD, "token", mode="test"), Unit())
    filing.server.sandboxes.holders.claim(CHILD, filing.sandbox)
    filing.auth = f"{CHILD}:token"
    (await filing.get(path)).refused(403, 20008)


@pytest.mark.parametrize("day", ["2026-02-30", "yesterday", "20260131"])
async def test_days_that_are_none(filing: "Caller", day: str) -> None:
    """20422, for the list and where it lies."""
    said = "Invalid Parameter: Date"
    (await filing.get("/v1/Deactivations", Date=day)).refused(400, 20422, said)
    (await filing.get(f"/v1/Deactivations/{day}")).refused(400, 20422, said)


async def test_a_redirect(filing: "Caller") -> None:
    """307, in header and body."""
    answer = await filing.get("/v1/Deactivations", Date="2026-01-31")
    url = "https://messaging.twilio.com/v1/Deactivations/2026-01-31"
    assert (answer.status, answer.header("Location")) == (307, url)
    assert answer.json == {"redirect_to": url}


# -- anything at all -------------------------------------------------------------------------------

OPERATIONS = {
    CAMPAIGNS: "CreateUsAppToPerson",
    BRANDS: "CreateBrandRegistrations",
    VERIFICATIONS: "CreateTollfreeVerification",
    PREREGISTERED: "CreateExternalCampaign",
}
NAMES = st.sampled_from(
    [name for each in OPERATIONS.values() for name in load(f"messaging/v1/{each}")["properties"]]
)
VALUES = st.sampled_from(["", "true", "2FA", "x" * 50, MG]) | st.text(max_size=40)
FORMS = st.lists(st.tuples(NAMES, VALUES), max_size=6)


@given(st.sampled_from([*OPERATIONS]), FORMS, st.booleans())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_form(filing: "Caller", path: str, form: Any, complete: bool) -> None:
    """Gives a documented answer; what was answered 201 is there, and can be handed in again."""
    base = dict(FILED).get(path, [("CampaignId", "C1"), ("MessagingServiceSid", MG)])
    extra = [(name, value.encode("utf-8", "replace").decode()) for name, value in form]
    pairs = [*extra, *base] if complete else extra
    answer = await filing.post(pairs, path)
    if answer.status != 201:
        assert answer.code in (20001, 20404, 20409, 20422, 21717, 21720)
        return
    assert answer.json["sid"] in filing.sandbox.tables.filings
    if path != PREREGISTERED:
        one = f"{path}/{answer.json['sid']}"
        assert (await filing.get(one)).json == answer.json
        assert (await filing.post(extra, one)).status in (200, 202, 400)
        assert (await filing.get(one)).status == 200
    filing.sandbox.tables.filings.clear()
    said = "".join(warning for entry in filing.journal for warning in entry.warnings)
    assert "this answer breaks" not in said
