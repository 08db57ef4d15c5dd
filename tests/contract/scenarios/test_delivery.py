"""Ready-made scenarios about how messages end."""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from twilio.base.exceptions import TwilioRestException

if TYPE_CHECKING:
    from tests.contract.scenarios.conftest import Program, Shop

OpenShop = Callable[..., "Shop"]

TO, FROM = "+14155552671", "+15017122661"


def refused(act: Callable[..., object], *words: Any, **form: Any) -> int:
    """The code that a call is refused with."""
    with pytest.raises(TwilioRestException) as refusal:
        act(*words, **form)
    return int(refusal.value.code)


def ends(shop: "Shop", sids: list[str]) -> Counter[tuple[str, int | None]]:
    """How often messages ended in each way, as the library reads them."""
    found = [shop.fetch(sid) for sid in sids]
    return Counter((each.status, each.error_code) for each in found)


def test_happy_path(shop: OpenShop) -> None:
    """Every message is delivered."""
    mine = shop("happy-path")
    sids = [mine.send(to=mine.handset(n)).sid for n in range(20)]
    assert ends(mine, sids) == {("delivered", None): 20}


def test_trial_account(shop: OpenShop) -> None:
    """The verified number is written to, with Twilio's prefix; any other is refused."""
    mine = shop("trial-account")
    assert mine.send().body == "Sent from your Twilio trial account - Ahoy"
    assert refused(mine.send, to="+14155552672") == 21219


def test_trial_account_of_another_one(shop: OpenShop) -> None:
    """The number is a parameter, and so is the error."""
    mine = shop("trial-account", verified="+14155552672", code=21608)
    assert mine.send(to="+14155552672").sid
    assert refused(mine.send) == 21608


def test_carrier_outage(shop: OpenShop) -> None:
    """A message is sent, and four seconds later undelivered."""
    mine = shop("carrier-outage", "manual")
    sid = mine.send().sid
    mine.twilio.clock.advance(seconds=3)
    assert mine.fetch(sid).status == "sent"
    mine.twilio.clock.advance(seconds=1)
    assert (mine.fetch(sid).status, mine.fetch(sid).error_code) == ("undelivered", 30003)


def test_carrier_outage_of_some(shop: OpenShop) -> None:
    """Which recipients it is about, and with which code it ends."""
    mine = shop("carrier-outage", to="+1212*", code=30005)
    sids = [mine.send(to=to).sid for to in ("+12125552671", TO)]
    mine.twilio.clock.run_until_idle()
    assert ends(mine, sids) == {("undelivered", 30005): 1, ("delivered", None): 1}


def test_carrier_filtering(shop: OpenShop) -> None:
    """What looks like spam does not arrive; what does not, does."""
    mine = shop("carrier-filtering")
    bodies = ("Your code is 123456", "WINNER!", "See https://example.com")
    sids = [mine.send(body).sid for body in bodies]
    assert ends(mine, sids) == {("delivered", None): 1, ("undelivered", 30007): 2}


def test_carrier_filtering_of_other_words(shop: OpenShop) -> None:
    """What spam is, is a parameter; links always are."""
    mine = shop("carrier-filtering", words="casino|loan")
    sids = [mine.send(body).sid for body in ("WINNER!", "A loan!", "See https://example.com")]
    mine.twilio.clock.run_until_idle()
    assert [mine.fetch(sid).error_code for sid in sids] == [None, 30007, 30007]


def test_queue_overflow(shop: OpenShop) -> None:
    """A long code's queue takes 36 segments, one a second; what comes on top has failed."""
    mine = shop("queue-overflow", "manual")
    sids = [mine.send(to=mine.handset(n)).sid for n in range(50)]
    mine.twilio.clock.advance(seconds=10)
    early = ends(mine, sids)
    assert early["failed", 30001] == 14
    assert 8 <= early["delivered", None] <= 11
    mine.twilio.clock.advance(seconds=60)
    assert ends(mine, sids) == {("delivered", None): 36, ("failed", 30001): 14}


def test_queue_overflow_of_a_shorter_queue(shop: OpenShop) -> None:
    """What it holds can be chosen, in hours."""
    mine = shop("queue-overflow", "manual", queue_hours=0.002)
    sids = [mine.send(to=mine.handset(n)).sid for n in range(10)]
    mine.twilio.clock.run_until_idle()
    assert ends(mine, sids) == {("delivered", None): 7, ("failed", 30001): 3}


def test_opt_out_wave(shop: OpenShop, program: "Program") -> None:
    """Some handsets answer STOP; who writes to one of them again is refused."""
    mine = shop("opt-out-wave")
    mine.twilio.given(numbers=[{"phone_number": FROM, "sms_url": f"{program.url}/sms"}])
    everybody = [mine.handset(n) for n in range(60)]
    for to in everybody:
        mine.send("Sale!", to=to)
    mine.twilio.clock.run_until_idle()
    gone = {text["From"] for text in program.texts}
    assert {text["Body"] for text in program.texts} == {"STOP"}
    assert 8 <= len(gone) <= 28
    for to in everybody:
        if to in gone:
            assert refused(mine.send, "Sale!", to) == 21610
        else:
            assert mine.send("Sale!", to=to).sid


def test_opt_out_wave_of_everybody(shop: OpenShop, program: "Program") -> None:
    """With another word, at another time; the application hears which word it was."""
    mine = shop("opt-out-wave", "manual", share=1, word="Unsubscribe", delay="1h")
    mine.twilio.given(numbers=[{"phone_number": FROM, "sms_url": f"{program.url}/sms"}])
    mine.send()
    mine.twilio.clock.advance(seconds=3600)
    assert (program.texts, mine.send().error_code) == ([], None)
    mine.twilio.clock.advance(seconds=1)
    assert [text["Body"] for text in program.texts] == ["Unsubscribe"]
    assert refused(mine.send) == 21610


def test_whatsapp_window(shop: OpenShop) -> None:
    """Free text arrives for a day after a recipient wrote, then no more; a template does."""
    mine = shop("whatsapp-window", "manual")
    sid = "HX" + "a" * 32
    mine.twilio.given(content=[{"sid": sid, "types": {"twilio/text": {"body": "Hello"}}}])
    ends_ = {"from_": f"whatsapp:{FROM}", "to": f"whatsapp:{TO}"}

    def sent(**form: Any) -> tuple[str, int | None]:
        message = mine.client.messages.create(**ends_, **form)
        mine.twilio.clock.advance(seconds=5)
        found = mine.fetch(message.sid)
        return found.status, found.error_code

    assert sent(body="Ahoy") == ("undelivered", 63016)
    mine.twilio.receive(from_=ends_["to"], to=ends_["from_"], body="Hi")
    assert sent(body="Ahoy") == ("delivered", None)
    mine.twilio.clock.advance(seconds=24 * 3600)
    assert sent(body="Ahoy") == ("undelivered", 63016)
    assert sent(content_sid=sid) == ("delivered", None)


def test_sender_suspended(shop: OpenShop) -> None:
    """All is well for ten minutes of the clock, nothing is until the hour is over."""
    mine = shop("sender-suspended", "manual")
    codes = []
    for minutes in (9, 2, 48, 2):
        mine.twilio.clock.advance(seconds=60 * minutes - 5)
        sid = mine.send().sid
        mine.twilio.clock.advance(seconds=5)
        codes.append(mine.fetch(sid).error_code)
    assert codes == [None, 30002, 30002, None]


def test_sender_suspended_of_one_sender(shop: OpenShop) -> None:
    """Others go on."""
    mine = shop("sender-suspended", "manual", sender=FROM, begins="1m", code=30007)
    mine.twilio.clock.advance(seconds=60)
    sids = [mine.send().sid, mine.send(from_="+14155550100").sid]
    mine.twilio.clock.advance(seconds=5)
    assert [mine.fetch(sid).error_code for sid in sids] == [30007, None]


def test_bulk_partial_failure(shop: OpenShop) -> None:
    """The operation is over, and tells how many of its messages were not delivered."""
    mine = shop("bulk-partial-failure")
    told = mine.twilio.comms.post(
        "/Messages",
        {
            "from": {"address": FROM, "channel": "SMS"},
            "to": [{"address": mine.handset(n), "channel": "PHONE"} for n in range(200)],
            "content": {"text": "Sale!"},
        },
    )
    mine.twilio.clock.run_until_idle()
    where = f"/Messages/Operations/{told.json()['operationId']}"
    operation = mine.twilio.comms.get(where).json()
    assert operation["status"] == "COMPLETED"
    codes = Counter(message.error_code for message in mine.twilio.messages())
    assert set(codes) == {None, 30003, 30007, 30008}
    assert 25 <= codes[30003] <= 55
    assert operation["stats"]["delivered"] == codes[None]
    assert mine.send().error_code is None


def test_notify_dead_tokens(shop: OpenShop) -> None:
    """Some devices are gone: the delivery says so, and Notify leaves FCM's out from then on."""
    mine = shop("notify-dead-tokens")
    credentials = {
        kind: mine.client.notify.v1.credentials.create(type=kind).sid for kind in ("fcm", "apn")
    }
    service = mine.client.notify.v1.services.create(
        fcm_credential_sid=credentials["fcm"], apn_credential_sid=credentials["apn"]
    )
    for n in range(80):
        kind = ("fcm", "apn")[n % 2]
        service.bindings.create(
            identity=f"user{n}", binding_type=kind, address=f"token{n}", tag="t"
        )
    counts = []
    for _ in range(2):
        before = len(mine.twilio.push_deliveries())
        service.notifications.create(tag="all", body="Sale!")
        mine.twilio.clock.run_until_idle()
        pushed = mine.twilio.push_deliveries()[before:]
        counts.append(Counter((each.channel, each.error_code) for each in pushed))
    first, second = counts
    assert 5 <= first["fcm", 52103] <= 20
    assert 5 <= first["apn", 52141] <= 20
    again = sum(count for (channel, _), count in second.items() if channel == "fcm")
    assert again == 40 - first["fcm", 52103]
