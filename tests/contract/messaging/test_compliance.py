"""Brands, campaigns, toll-free verifications and their neighbours, by the official client."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from twilio.base.exceptions import TwilioRestException

if TYPE_CHECKING:
    from tests.contract.conftest import MakeStage, Stage

BUNDLES = ("BU" + "a" * 32, "BU" + "b" * 32)
UNKNOWN = "BN" + "0" * 32
TOLL_FREE = "+18005550199"

CAMPAIGN: dict[str, Any] = {
    "description": "Send marketing messages about sales to opted in customers.",
    "message_flow": "End users opt in by visiting www.example.com and ticking a box.",
    "message_samples": ["EXPRESS: Denim Days Event is ON", "LAST CHANCE: Book your next flight"],
    "us_app_to_person_usecase": "MARKETING",
    "has_embedded_links": True,
    "has_embedded_phone": False,
}
VERIFICATION: dict[str, Any] = {
    "business_name": "Owl, Inc.",
    "business_website": "http://www.example.com",
    "notification_email": "support@example.com",
    "use_case_categories": ["TWO_FACTOR_AUTHENTICATION", "MARKETING"],
    "use_case_summary": "Codes and coupons",
    "production_message_sample": "Your code is 123456",
    "opt_in_image_urls": ["https://example.com/a.png", "https://example.com/b.png"],
    "opt_in_type": "WEB_FORM",
    "message_volume": "2,000",
    "tollfree_phone_number_sid": "PN" + "a" * 32,
}


@pytest.fixture
def staged(stage: "MakeStage") -> "Stage":
    return stage({"given": {"numbers": [TOLL_FREE]}}, seed=7)


def refused(call: Any, status: int, code: int, text: str = "") -> None:
    with pytest.raises(TwilioRestException) as error:
        call()
    assert (error.value.status, error.value.code) == (status, code)
    assert text in error.value.msg


def service_of(staged: "Stage") -> Any:
    services = staged.client.messaging.v1.services
    return services(services.create(friendly_name="Mine").sid)


def approved_brand(staged: "Stage", **options: Any) -> str:
    brands = staged.client.messaging.v1.brand_registrations
    sid: str = brands.create(*BUNDLES, mock=True, **options).sid
    return sid


# -- brands ----------------------------------------------------------------------------------------


def test_a_brands_life(staged: "Stage") -> None:
    """Registered, looked at, approved, on the sandbox's clock; handed in again from the start."""
    brands = staged.client.messaging.v1.brand_registrations
    made = brands.create(*BUNDLES, skip_automatic_sec_vet=True)
    assert (made.customer_profile_bundle_sid, made.a2p_profile_bundle_sid) == BUNDLES
    assert (made.brand_type, made.status, made.tcr_id) == ("STANDARD", "PENDING", None)
    assert (made.skip_automatic_sec_vet, made.mock, made.identity_status) == (
        True,
        False,
        "UNVERIFIED",
    )
    staged.advance(seconds=5)
    assert brands(made.sid).fetch().status == "IN_REVIEW"
    staged.advance(seconds=25)
    approved = brands(made.sid).fetch()
    assert (approved.status, approved.identity_status) == ("APPROVED", "VERIFIED")
    assert approved.date_updated - approved.date_created == timedelta(seconds=30)
    assert approved.tcr_id.startswith("B")
    assert 1 <= approved.brand_score <= 100
    assert brands(made.sid).update().status == "PENDING"
    assert [each.sid for each in brands.list()] == [made.sid]
    refused(brands(UNKNOWN).fetch, 404, 20404, f"/a2p/BrandRegistrations/{UNKNOWN} was not found")


def test_a_mock_brand(staged: "Stage") -> None:
    """Is approved at once."""
    brands = staged.client.messaging.v1.brand_registrations
    made = brands.create(*BUNDLES, mock=True, brand_type="SOLE_PROPRIETOR")
    assert (made.status, made.mock, made.brand_type) == ("APPROVED", True, "SOLE_PROPRIETOR")
    assert made.date_updated == made.date_created


def test_codes_and_vettings(staged: "Stage") -> None:
    """Of a brand, under its SID."""
    sid = approved_brand(staged)
    brand = staged.client.messaging.v1.brand_registrations(sid)
    assert brand.brand_registration_otps.create().brand_registration_sid == sid
    political = brand.brand_vettings.create("campaign-verify", vetting_id="cv|1.0|tcr")
    standard = brand.brand_vettings.create("aegis")
    assert (political.vetting_class, political.vetting_status) == ("POLITICAL", "PENDING")
    assert (standard.vetting_class, standard.vetting_id) == ("STANDARD", None)
    assert [each.brand_vetting_sid for each in brand.brand_vettings.list()] == [
        standard.brand_vetting_sid,
        political.brand_vetting_sid,
    ]
    [only] = brand.brand_vettings.list(vetting_provider="aegis")
    assert only.brand_vetting_sid == standard.brand_vetting_sid
    staged.advance(seconds=30)
    fetched = brand.brand_vettings(political.brand_vetting_sid).fetch()
    assert (fetched.vetting_status, fetched.vetting_id) == ("SUCCESS", "cv|1.0|tcr")
    other = staged.client.messaging.v1.brand_registrations(approved_brand(staged))
    refused(other.brand_vettings(political.brand_vetting_sid).fetch, 404, 20404)


# -- campaigns -------------------------------------------------------------------------------------


def test_a_campaigns_life(staged: "Stage") -> None:
    """Filed, looked at, verified; then its service is registered, until it is withdrawn."""
    service, brand = service_of(staged), approved_brand(staged)
    made = service.us_app_to_person.create(brand, **CAMPAIGN)
    assert {name: getattr(made, name) for name in CAMPAIGN} == CAMPAIGN
    assert (made.brand_registration_sid, made.campaign_status) == (brand, "PENDING")
    assert (made.campaign_id, made.mock, made.is_externally_registered) == (None, True, False)
    assert made.rate_limits["att"] == {"mps": 600, "msg_class": "A"}
    staged.advance(seconds=29)
    assert service.us_app_to_person(made.sid).fetch().campaign_status == "IN_PROGRESS"
    assert service.fetch().us_app_to_person_registered is False
    staged.advance(seconds=1)
    [verified] = service.us_app_to_person.list()
    assert (verified.campaign_status, verified.campaign_id[0]) == ("VERIFIED", "C")
    assert service.fetch().us_app_to_person_registered is True
    assert service.us_app_to_person(made.sid).delete()
    assert service.us_app_to_person.list() == []
    assert service.fetch().us_app_to_person_registered is False


def test_what_a_campaign_says_by_itself(staged: "Stage") -> None:
    """The default answers and keywords, where none are given; else those."""
    made = service_of(staged).us_app_to_person.create(UNKNOWN, **CAMPAIGN)
    assert made.opt_out_message.startswith("You have successfully been unsubscribed. You will")
    assert made.help_message == "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
    assert made.opt_out_keywords == ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"]
    assert (made.help_keywords, made.opt_in_message, made.opt_in_keywords) == (
        ["HELP", "INFO"],
        None,
        [],
    )
    given: dict[str, Any] = {
        "opt_in_message": "Welcome to the club of Acme.",
        "opt_out_message": "We are sorry to see you go.",
        "help_message": "Look at www.example.com for help.",
        "opt_in_keywords": ["JOIN", "IN"],
        "opt_out_keywords": ["LEAVE"],
        "help_keywords": ["SOS"],
        "subscriber_opt_in": False,
        "age_gated": True,
        "direct_lending": True,
    }
    made = service_of(staged).us_app_to_person.create(
        UNKNOWN, **{**CAMPAIGN, "us_app_to_person_usecase": "SOLE_PROPRIETOR"}, **given
    )
    assert {name: getattr(made, name) for name in given} == given
    assert made.rate_limits["tmobile"] == {"brand_tier": "LOW"}


def test_a_campaign_is_handed_in_again(staged: "Stage") -> None:
    """What is given changes, and the review begins anew."""
    service = service_of(staged)
    made = service.us_app_to_person.create(UNKNOWN, **CAMPAIGN)
    staged.advance(seconds=60)
    form = {**CAMPAIGN, "description": "Something else entirely, but just as long."}
    del form["us_app_to_person_usecase"]
    changed = made.update(**form, age_gated=True, direct_lending=False)
    assert (changed.description, changed.age_gated) == (form["description"], True)
    assert (changed.campaign_status, changed.us_app_to_person_usecase) == ("PENDING", "MARKETING")
    assert changed.date_updated - changed.date_created == timedelta(seconds=60)


def test_campaigns_that_are_not_taken(stage: "MakeStage", staged: "Stage") -> None:
    """A use case there is not, a brand that is not approved, a second one of a service."""
    service, brands = service_of(staged), staged.client.messaging.v1.brand_registrations
    create = service.us_app_to_person.create
    spam = {**CAMPAIGN, "us_app_to_person_usecase": "SPAM"}
    refused(lambda: create(UNKNOWN, **spam), 400, 21720, "A2P Use Case is Invalid")
    pending = brands.create(*BUNDLES).sid
    refused(lambda: create(pending, **CAMPAIGN), 400, 21717)
    staged.advance(seconds=30)
    create(pending, **CAMPAIGN)
    refused(lambda: create(pending, **CAMPAIGN), 409, 20409)
    strict = service_of(stage({"senders": "strict"}))
    refused(lambda: strict.us_app_to_person.create(UNKNOWN, **CAMPAIGN), 400, 21717)


def test_a_campaign_from_elsewhere(staged: "Stage") -> None:
    """Is the service's campaign from then on."""
    service = service_of(staged)
    sid = service.fetch().sid
    bring = staged.client.messaging.v1.external_campaign.create
    made = bring(campaign_id="CFOOBAR", messaging_service_sid=sid, cnp_migration=False)
    assert (made.campaign_id, made.messaging_service_sid) == ("CFOOBAR", sid)
    [shown] = service.us_app_to_person.list()
    assert (shown.sid, shown.is_externally_registered) == (made.sid, True)
    assert (shown.campaign_id, shown.description) == ("CFOOBAR", None)
    refused(lambda: bring("CFOOBAR", sid), 409, 20409)
    nobody = "MG" + "0" * 32
    refused(lambda: bring("C1", nobody), 404, 20404, f"/Services/{nobody} was not found")


def test_use_cases(staged: "Stage") -> None:
    """Plain objects, without pages; all that a service and a campaign may say is there."""
    usecases = staged.client.messaging.v1.usecases.fetch().usecases
    for each in usecases:
        services = staged.client.messaging.v1.services
        assert services.create(friendly_name="x", usecase=each["usecase"]).usecase
    found = service_of(staged).us_app_to_person_usecases.fetch(brand_registration_sid=UNKNOWN)
    assert len(found.us_app_to_person_usecases) == 20
    for row in found.us_app_to_person_usecases:
        campaign = {**CAMPAIGN, "us_app_to_person_usecase": row["code"]}
        made = service_of(staged).us_app_to_person.create(UNKNOWN, **campaign)
        assert made.us_app_to_person_usecase == row["code"]


# -- toll-free numbers -----------------------------------------------------------------------------


def test_a_verifications_life(staged: "Stage") -> None:
    """Handed in, looked at, approved; changed, and reviewed anew; withdrawn."""
    verifications = staged.client.messaging.v1.tollfree_verifications
    made = verifications.create(**VERIFICATION)
    assert {name: getattr(made, name) for name in VERIFICATION} == VERIFICATION
    assert (made.status, made.tollfree_phone_number) == ("PENDING_REVIEW", None)
    staged.advance(seconds=5)
    assert verifications(made.sid).fetch().status == "IN_REVIEW"
    staged.advance(seconds=25)
    assert verifications(made.sid).fetch().status == "TWILIO_APPROVED"
    changed = verifications(made.sid).update(business_city="Anytown", edit_reason="Website fixed")
    assert (changed.status, changed.business_city) == ("PENDING_REVIEW", "Anytown")
    assert changed.business_name == VERIFICATION["business_name"]
    assert verifications(made.sid).delete()
    refused(verifications(made.sid).fetch, 404, 20404)


def test_every_field_of_a_verification(staged: "Stage") -> None:
    """All that may be said comes back; the number by its SID."""
    sid = staged.control("GET", "/snapshot")["numbers"][0]["sid"]
    given: dict[str, Any] = {
        **VERIFICATION,
        "tollfree_phone_number_sid": sid,
        "customer_profile_sid": BUNDLES[0],
        "business_street_address": "123 Main Street",
        "business_street_address2": "Suite 101",
        "business_city": "Anytown",
        "business_state_province_region": "AA",
        "business_postal_code": "11111",
        "business_country": "US",
        "additional_information": "None",
        "business_contact_first_name": "Ann",
        "business_contact_last_name": "Other",
        "business_contact_email": "ann@example.com",
        "business_contact_phone": "+11231231234",
        "external_reference_id": "abc",
        "business_registration_number": "123456789",
        "business_registration_authority": "EIN",
        "business_registration_country": "US",
        "business_type": "PRIVATE_PROFIT",
        "business_registration_phone_number": "+13023334444",
        "doing_business_as": "Widgets",
        "opt_in_confirmation_message": "Thank you",
        "help_message_sample": "Help yourself",
        "privacy_policy_url": "https://example.com/privacy",
        "terms_and_conditions_url": "https://example.com/terms",
        "age_gated_content": True,
        "opt_in_keywords": ["START"],
        "vetting_provider": "CAMPAIGN_VERIFY",
        "vetting_id": "cv|1",
    }
    made = staged.client.messaging.v1.tollfree_verifications.create(**given)
    assert {name: getattr(made, name) for name in given} == given
    assert made.tollfree_phone_number == TOLL_FREE


def test_lists_of_verifications(staged: "Stage") -> None:
    """Newest first, filtered, and still there to the end for whoever deletes what he streams."""
    verifications = staged.client.messaging.v1.tollfree_verifications
    made = [
        verifications.create(**VERIFICATION, external_reference_id=str(place % 2)).sid
        for place in range(5)
    ]
    assert [each.sid for each in verifications.list(page_size=2)] == made[::-1]
    odd = verifications.list(external_reference_id="1", page_size=1)
    assert [each.sid for each in odd] == [made[3], made[1]]
    assert verifications.list(tollfree_phone_number_sid="PN" + "0" * 32) == []
    assert verifications.list(trust_product_sid=[BUNDLES[0]]) == []
    staged.advance(seconds=30)
    newest = verifications.create(**VERIFICATION).sid
    pending = verifications.list(status="PENDING_REVIEW", include_sub_accounts=True)
    assert [each.sid for each in pending] == [newest]
    for each in verifications.stream(page_size=2):
        each.delete()
    assert verifications.list() == []


# -- numbers out of service ------------------------------------------------------------------------


def test_deactivations(staged: "Stage") -> None:
    """A redirect to the list of a day, which lies at the same host; nothing is on it."""
    deactivations = staged.client.messaging.v1.deactivations
    fetched = deactivations().fetch(date=date(2026, 1, 31))
    assert fetched.redirect_to == "https://messaging.twilio.com/v1/Deactivations/2026-01-31"
    answer = staged.client.request("GET", fetched.redirect_to)
    assert (answer.status_code, answer.text) == (200, "")
    yesterday = deactivations().fetch()
    assert yesterday.redirect_to.endswith("/2026-11-30")
    answer = staged.client.request("GET", "https://messaging.twilio.com/v1/Deactivations/someday")
    assert (answer.status_code, "Invalid Parameter: Date" in answer.text) == (400, True)


# -- all of it -------------------------------------------------------------------------------------


def test_a_snapshot_carries_filings(staged: "Stage", stage: "MakeStage") -> None:
    """With their dates, so that reviews go on, and with what page tokens name."""
    service = service_of(staged)
    sid = service.fetch().sid
    made = service.us_app_to_person.create(UNKNOWN, **CAMPAIGN)
    verifications = staged.client.messaging.v1.tollfree_verifications
    kept = [verifications.create(**VERIFICATION).sid for _ in range(3)]
    page = verifications.page(page_size=2)
    verifications(kept[1]).delete()
    staged.advance(seconds=20)
    other = stage(seed=8)
    other.control("PUT", "/snapshot", staged.control("GET", "/snapshot"))
    campaign = other.client.messaging.v1.services(sid).us_app_to_person(made.sid)
    assert campaign.fetch().campaign_status == "IN_PROGRESS"
    other.advance(seconds=10)
    assert campaign.fetch().campaign_status == "VERIFIED"
    again = other.client.messaging.v1.tollfree_verifications
    assert [each.sid for each in again.get_page(page.next_page_url)] == kept[:1]
    forked = staged.http.session.post(
        f"{staged.http.base_url}/_mock/sandboxes", json={"from": staged.id}, timeout=20
    ).json()
    tables = staged.http.session.get(
        f"{staged.http.base_url}/_mock/sandboxes/{forked['id']}/snapshot", timeout=20
    ).json()
    assert {each["sid"] for each in tables["filings"]} == {made.sid, kept[0], kept[2]}


def test_the_same_seed_files_the_same(stage: "MakeStage") -> None:
    """SIDs, registry names and journals, in two sandboxes; neither sees the other's."""

    def filed(staged: "Stage") -> list[Any]:
        service = service_of(staged)
        brand = staged.client.messaging.v1.brand_registrations(approved_brand(staged)).fetch()
        made = service.us_app_to_person.create(brand.sid, **CAMPAIGN)
        staged.advance(seconds=30)
        verified = service.us_app_to_person(made.sid).fetch()
        return [brand.sid, brand.tcr_id, brand.brand_score, verified.sid, verified.campaign_id]

    first, second = stage(seed=7), stage(seed=7)
    known = filed(first)
    assert second.client.messaging.v1.brand_registrations.list() == []
    refused(second.client.messaging.v1.brand_registrations(known[0]).fetch, 404, 20404)
    second.control("POST", "/reset")
    assert filed(second) == known
    path = "/journal?canonical=1"
    assert first.control("GET", path) == second.control("GET", path)
    assert filed(stage(seed=8)) != known
