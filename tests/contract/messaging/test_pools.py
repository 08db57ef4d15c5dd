"""The pools of Messaging Services, driven by the official client."""

from typing import TYPE_CHECKING, Any

import pytest
from twilio.base.exceptions import TwilioRestException

if TYPE_CHECKING:
    from tests.contract.conftest import MakeStage, Stage

MG = "MG" + "a" * 32
ME, TOLL_FREE, CODE, WHATSAPP = "+14155550123", "+18005550199", "12345", "whatsapp:+14155550123"
NUMBERS = [
    ME,
    TOLL_FREE,
    CODE,
    WHATSAPP,
    "messenger:104794531907950",
    "rcs:agent",
    "+442071838750",
    {"phone_number": "+14155550166", "sms": False, "mms": False},
]


@pytest.fixture
def staged(stage: "MakeStage") -> "Stage":
    """An account with numbers of all kinds, and a service with one of them."""
    services = [{"sid": MG, "friendly_name": "Seeded", "senders": [TOLL_FREE, "Seeded"]}]
    return stage({"given": {"numbers": NUMBERS, "services": services}}, seed=7)


def sid_of(staged: "Stage", sender: str) -> str:
    """As the snapshot has it."""
    numbers = staged.control("GET", "/snapshot")["numbers"]
    return next(str(each["sid"]) for each in numbers if each["phone_number"] == sender)


def pool(staged: "Stage", sid: str) -> list[str]:
    services = staged.control("GET", "/snapshot")["services"]
    return next(list(each["senders"]) for each in services if each["sid"] == sid)


def refused(call: Any, status: int, code: int, text: str = "") -> None:
    with pytest.raises(TwilioRestException) as error:
        call()
    assert (error.value.status, error.value.code) == (status, code)
    assert text in error.value.msg


def test_phone_numbers(staged: "Stage") -> None:
    """Into the pool, seen there, and out of it again."""
    service = staged.client.messaging.v1.services.create(friendly_name="Mine")
    sid = sid_of(staged, ME)
    numbers = staged.client.messaging.v1.services(service.sid).phone_numbers
    added = numbers.create(phone_number_sid=sid)
    assert (added.sid, added.service_sid, added.account_sid) == (
        sid,
        service.sid,
        staged.account_sid,
    )
    assert (added.phone_number, added.country_code) == (ME, "US")
    assert added.capabilities == ["MMS", "SMS", "Voice"]
    assert added.url == f"{service.url}/PhoneNumbers/{sid}"
    assert numbers(sid).fetch().date_created == added.date_created
    assert [each.sid for each in numbers.list()] == [sid]
    assert pool(staged, service.sid) == [ME]
    assert numbers(sid).delete()
    assert (numbers.list(), pool(staged, service.sid)) == ([], [])
    refused(
        numbers(sid).fetch,
        404,
        20404,
        f"The requested resource /Services/{service.sid}/PhoneNumbers/{sid} was not found",
    )


def test_short_codes(staged: "Stage") -> None:
    """The same; they take no calls."""
    codes = staged.client.messaging.v1.services(MG).short_codes
    sid = sid_of(staged, CODE)
    added = codes.create(short_code_sid=sid)
    assert (added.short_code, added.country_code, added.sid) == (CODE, "US", sid)
    assert added.capabilities == ["MMS", "SMS"]
    assert [each.sid for each in codes.list()] == [sid]
    assert codes(sid).fetch().service_sid == MG
    assert pool(staged, MG) == [TOLL_FREE, "Seeded", CODE]
    assert codes(sid).delete()
    refused(codes(sid).delete, 404, 20404)


@pytest.mark.parametrize(
    ("sender", "kind", "country"),
    [
        (WHATSAPP, "WhatsApp", "US"),
        ("messenger:104794531907950", "Messenger", "US"),
        ("rcs:agent", "RCS", "US"),
    ],
)
def test_channel_senders(staged: "Stage", sender: str, kind: str, country: str) -> None:
    """Those that were set up as numbers, by the SID that callbacks call `ChannelInstallSid`."""
    senders = staged.client.messaging.v1.services(MG).channel_senders
    added = senders.create(sid=sid_of(staged, sender))
    assert (added.sender, added.sender_type, added.country_code) == (sender, kind, country)
    assert added.messaging_service_sid == MG
    assert [each.sid for each in senders.list()] == [added.sid]
    assert senders(added.sid).fetch().sender == sender
    assert senders(added.sid).delete()
    assert senders.list() == []


def test_alpha_senders(staged: "Stage") -> None:
    """One for all countries, and it shows among the destination senders too."""
    service = staged.client.messaging.v1.services.create(friendly_name="Mine")
    proxy = staged.client.messaging.v1.services(service.sid)
    added = proxy.alpha_senders.create(alpha_sender="ACME Inc")
    assert (added.alpha_sender, added.capabilities) == ("ACME Inc", ["SMS"])
    assert added.sid.startswith("AI")
    assert proxy.alpha_senders(added.sid).fetch().sid == added.sid
    [shown] = proxy.destination_alpha_senders.list()
    assert (shown.sid, shown.iso_country_code) == (added.sid, None)
    assert proxy.alpha_senders(added.sid).delete()
    again = proxy.alpha_senders.create(alpha_sender="ACME Inc")
    assert again.sid != added.sid


def test_destination_alpha_senders(staged: "Stage") -> None:
    """One for each country; one name may be for several, and stays until it is for none."""
    service = staged.client.messaging.v1.services.create(friendly_name="Mine")
    senders = staged.client.messaging.v1.services(service.sid).destination_alpha_senders
    french = senders.create(alpha_sender="ACME", iso_country_code="fr")
    german = senders.create(alpha_sender="ACME", iso_country_code="DE")
    default = senders.create(alpha_sender="Other")
    assert [each.iso_country_code for each in (french, german, default)] == ["FR", "DE", None]
    assert {each.sid for each in senders.list()} == {french.sid, german.sid, default.sid}
    assert [each.sid for each in senders.list(iso_country_code="DE")] == [german.sid]
    assert pool(staged, service.sid) == ["ACME", "Other"]
    refused(lambda: senders.create("ACME", iso_country_code="FR"), 409, 21710)
    refused(lambda: senders.create("Else", iso_country_code="FR"), 412, 21714)
    refused(lambda: senders.create("Else"), 412, 21714)
    alphas = staged.client.messaging.v1.services(service.sid).alpha_senders
    assert [each.sid for each in alphas.list()] == [default.sid]
    refused(alphas(french.sid).fetch, 404, 20404)
    assert senders(french.sid).delete()
    assert pool(staged, service.sid) == ["ACME", "Other"]
    assert senders(german.sid).delete()
    assert pool(staged, service.sid) == ["Other"]


def test_what_was_set_up(staged: "Stage") -> None:
    """Senders of a seeded service are members as any other, as old as the sandbox."""
    service = staged.client.messaging.v1.services(MG)
    [number] = service.phone_numbers.list()
    [alpha] = service.alpha_senders.list()
    assert (number.sid, number.phone_number) == (sid_of(staged, TOLL_FREE), TOLL_FREE)
    assert alpha.alpha_sender == "Seeded"
    assert number.date_created == alpha.date_created == service.fetch().date_created
    assert alpha.delete()
    assert number.delete()
    assert pool(staged, MG) == []


def test_a_number_belongs_to_one_service(staged: "Stage") -> None:
    """21710 in its own, 21712 in another; deleting its service frees it."""
    services = staged.client.messaging.v1.services
    mine, yours = (services.create(friendly_name=name) for name in ("Mine", "Yours"))
    sid = sid_of(staged, ME)
    services(mine.sid).phone_numbers.create(sid)
    text = "Phone Number or Short Code is already in the Messaging Service."
    refused(lambda: services(mine.sid).phone_numbers.create(sid), 409, 21710, text)
    text = "Phone Number or Short Code is associated with another Messaging Service."
    refused(lambda: services(yours.sid).phone_numbers.create(sid), 409, 21712, text)
    mine.delete()
    assert services(yours.sid).phone_numbers.create(sid).sid == sid
    refused(services(mine.sid).phone_numbers(sid).fetch, 404, 20404)


def test_numbers_that_cannot_join(staged: "Stage") -> None:
    """One that can neither text nor send media, one of another kind, one that there is not."""
    service = staged.client.messaging.v1.services(MG)
    refused(
        lambda: service.phone_numbers.create(sid_of(staged, "+14155550166")),
        400,
        21715,
        "Phone Number Does Not Have Correct Messaging Service Capabilities",
    )
    nobody = "PN" + "0" * 32
    text = f"The requested resource /PhoneNumbers/{nobody} was not found"
    refused(lambda: service.phone_numbers.create(nobody), 404, 20404, text)
    refused(lambda: service.phone_numbers.create(sid_of(staged, CODE)), 404, 20404)
    refused(lambda: service.short_codes.create(sid_of(staged, ME)), 404, 20404, "/ShortCodes/PN")
    refused(lambda: service.channel_senders.create(sid_of(staged, ME)), 404, 20404)


def test_a_full_pool(stage: "MakeStage") -> None:
    """Four hundred numbers and short codes; other senders do not count."""
    crowd = [f"+1415555{place:04d}" for place in range(400)]
    more = ["+14155560000", "whatsapp:+14155560000"]
    services = [{"sid": MG, "senders": crowd}]
    staged = stage({"given": {"numbers": [*crowd, *more], "services": services}})
    service = staged.client.messaging.v1.services(MG)
    refused(
        lambda: service.phone_numbers.create(sid_of(staged, more[0])),
        412,
        21714,
        "Number Pool size limit reached",
    )
    assert service.channel_senders.create(sid_of(staged, more[1])).sender == more[1]
    assert service.alpha_senders.create("ACME").alpha_sender == "ACME"
    assert len(service.phone_numbers.list(page_size=150)) == 400
    service.phone_numbers(sid_of(staged, crowd[0])).delete()
    assert service.phone_numbers.create(sid_of(staged, more[0])).phone_number == more[0]


def test_clearing_up(stage: "MakeStage") -> None:
    """Whoever deletes what he streams gets all of it, whatever else is in the pool."""
    crowd = [f"+1415555{place:04d}" for place in range(7)]
    given = {"numbers": crowd, "services": [{"sid": MG, "senders": [*crowd[:4], "ACME"]}]}
    staged = stage({"given": given})
    service = staged.client.messaging.v1.services(MG)
    for number in crowd[4:]:
        service.phone_numbers.create(sid_of(staged, number))
    listed = [each.phone_number for each in service.phone_numbers.list(page_size=3)]
    assert listed == crowd[::-1]
    for each in service.phone_numbers.stream(page_size=2):
        each.delete()
    assert pool(staged, MG) == ["ACME"]


def test_messages_go_out_through_it(staged: "Stage") -> None:
    """What the API puts into a pool is what a service sends from."""
    services = staged.client.messaging.v1.services
    service = services.create(friendly_name="Mine")
    services(service.sid).phone_numbers.create(sid_of(staged, "+442071838750"))
    sent = staged.client.messages.create(
        to="+447700900123", messaging_service_sid=service.sid, body="Ahoy"
    )
    staged.advance(until="idle")
    assert staged.client.messages(sent.sid).fetch().from_ == "+442071838750"


def test_a_snapshot_carries_pools(staged: "Stage", stage: "MakeStage") -> None:
    """With SIDs and dates, and page tokens that stay good."""
    services = staged.client.messaging.v1.services
    alpha = services(MG).destination_alpha_senders.create("ACME", iso_country_code="FR")
    number = services(MG).phone_numbers.create(sid_of(staged, ME))
    page = services(MG).phone_numbers.page(page_size=1)
    number.delete()
    other = stage(seed=8)
    other.control("PUT", "/snapshot", staged.control("GET", "/snapshot"))
    again = other.client.messaging.v1.services(MG)
    [shown] = again.destination_alpha_senders.list(iso_country_code="FR")
    assert (shown.sid, shown.date_created) == (alpha.sid, alpha.date_created)
    rest = again.phone_numbers.get_page(page.next_page_url)
    assert [each.phone_number for each in rest] == [TOLL_FREE]


def test_the_same_seed_makes_the_same_pool(stage: "MakeStage") -> None:
    """SIDs and journals, in two sandboxes and after a reset; neither sees the other's."""
    given = {"numbers": [ME, CODE]}

    def made(staged: "Stage") -> list[str]:
        services = staged.client.messaging.v1.services
        service = services(services.create(friendly_name="Mine").sid)
        number = service.phone_numbers.create(sid_of(staged, ME)).sid
        code = service.short_codes.create(sid_of(staged, CODE)).sid
        return [number, code, service.alpha_senders.create("ACME").sid]

    first, second = (stage({"given": given}, seed=7) for _ in range(2))
    sids = made(first)
    assert second.client.messaging.v1.services.list() == []
    second.control("POST", "/reset")
    assert made(second) == sids
    path = "/journal?canonical=1"
    assert first.control("GET", path) == second.control("GET", path)
    first.control("POST", "/reset")
    assert first.client.messaging.v1.services.list() == []
    assert made(first) == sids
    assert made(stage({"given": given}, seed=8)) != sids
