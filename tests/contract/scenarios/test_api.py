"""Ready-made scenarios about what becomes of API calls."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from mockserver.world.scenarios import Library
from mockserver.world.schema_files import folder

if TYPE_CHECKING:
    from tests.contract.scenarios.conftest import Shop

OpenShop = Callable[..., "Shop"]

TO, FROM = "+14155552671", "+15017122661"
TO_BINDING = f'{{"binding_type": "sms", "address": "{TO}"}}'


def attempt(act: Callable[..., Any], *words: Any, **form: Any) -> int:
    """What comes of a call: 0, the HTTP status of a refusal, or -1 for a broken connection."""
    try:
        act(*words, **form)
    except TwilioRestException as refusal:
        return int(refusal.status)
    except requests.ConnectionError:
        return -1
    return 0


def test_flaky_api(shop: OpenShop) -> None:
    """Whoever tries again is served at the fourth try; reads are never refused."""
    mine = shop("flaky-api")
    found = []
    for _ in range(5):
        found.append(attempt(mine.send))
        assert mine.client.messages.list() == [] or found[-1] == 0
    assert found == [429, 429, 503, 0, 0]


def test_rate_limited(shop: OpenShop) -> None:
    """Ten calls pass, the next is told how long to wait; who waits so long is served."""
    mine = shop("rate-limited", "manual")
    found = [attempt(mine.send) for _ in range(14)]
    assert found == [0] * 10 + [429] * 4
    with pytest.raises(TwilioRestException) as refusal:
        mine.send()
    assert refusal.value.code == 20429
    last = mine.twilio.requests()[-1].response
    wait = int(last.headers["Retry-After"])
    assert wait >= 1
    mine.twilio.clock.advance(seconds=wait)
    assert attempt(mine.send) == 0


def test_rate_limited_otherwise(shop: OpenShop) -> None:
    """With another bucket; callers at once share it."""
    mine = shop("rate-limited", "manual", per_second=1, burst=3)
    with ThreadPoolExecutor(8) as pool:
        found = Counter(pool.map(lambda n: attempt(mine.send, f"{n}"), range(8)))
    assert found == {0: 3, 429: 5}


def test_slow_api(shop: OpenShop) -> None:
    """Each call takes as long as chance has it, and is answered all the same."""
    mine = shop("slow-api", median="20ms", p99="100ms")
    for n in range(10):
        mine.send(f"{n}")
    taken = [each.duration_ms for each in mine.twilio.requests()]
    assert len(taken) == 10
    assert all(each > 1 for each in taken)
    assert sorted(taken)[5] > 10


def test_slow_api_as_it_is() -> None:
    """Without other parameters it is slow enough to meet a client's timeout."""
    [rule] = Library([folder("scenarios")]).get("slow-api").faults
    latency: Any = rule.then
    assert latency.latency.at(0.5) == 800_000
    assert latency.latency.at(0.99) == pytest.approx(10_000_000)


def test_region_outage(shop: OpenShop) -> None:
    """Nobody is served by the region's hosts, some calls get no answer at all; others work."""
    mine = shop("region-outage")
    regional = mine.twilio.client()
    regional.region, regional.edge = "ie1", "dublin"
    found = Counter(
        attempt(regional.messages.create, to=TO, from_=FROM, body=f"{n}") for n in range(30)
    )
    assert set(found) == {-1, 503}
    assert found[-1] >= 5
    assert attempt(mine.send) == 0
    regional.region, regional.edge = "au1", "sydney"
    assert regional.messages.list(limit=1)
    assert [message.body for message in mine.twilio.messages()] == ["Ahoy"]


def test_region_outage_of_another_one(shop: OpenShop) -> None:
    """The region is a parameter."""
    mine = shop("region-outage", region="au1")
    regional = mine.twilio.client()
    regional.region, regional.edge = "ie1", "dublin"
    assert regional.messages.list() == []
    regional.region, regional.edge = "au1", "sydney"
    assert attempt(regional.messages.list) in (-1, 503)


def test_exactly_once_trap(shop: OpenShop) -> None:
    """A client that tries again what it had no answer to has sent some messages twice.

    Each attempt it saw succeed is there, and so are the others; `no_duplicates` names them.
    """
    mine = shop("exactly-once-trap")
    orders, lost = [f"Order {n} is on its way" for n in range(20)], 0
    for order in orders:
        while attempt(mine.send, order):
            lost += 1
    bodies = Counter(message.body for message in mine.twilio.messages())
    assert lost >= 3
    assert set(bodies) == set(orders)
    assert sum(bodies.values()) == len(orders) + lost
    twice = next(body for body, count in bodies.items() if count > 1)
    with pytest.raises(AssertionError) as told:
        mine.twilio.invariants()
    assert twice in str(told.value)
    with pytest.raises(AssertionError, match="twice"):
        mine.twilio.verify(no_duplicates=True)


@pytest.mark.parametrize("product", ["comms", "notify"])
def test_exactly_once_trap_of_other_products(shop: OpenShop, product: str) -> None:
    """An operation, or a notification, whose answer never came is there as well."""
    mine = shop("exactly-once-trap", share=1)
    twilio = mine.twilio
    login = (twilio.account_sid, twilio.auth_token)
    if product == "comms":
        sender = {"address": FROM, "channel": "SMS"}
        to = [{"address": TO, "channel": "PHONE"}]
        body: dict[str, Any] = {"from": sender, "to": to, "content": {"text": "Sale!"}}
        call: dict[str, Any] = {"json": body}
        where = "/comms/v1/Messages"
    else:
        service = mine.client.notify.v1.services.create(messaging_service_sid="MG" + "a" * 32)
        call = {"data": {"Body": "Sale!", "ToBinding": TO_BINDING}}
        where = f"/notify/v1/Services/{service.sid}/Notifications"
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{twilio.base_url}{where}", auth=login, timeout=20, **call)
    twilio.clock.run_until_idle()
    assert [message.body for message in twilio.messages()] == ["Sale!"]


def test_who_looks_before_trying_again_falls_into_no_trap(shop: OpenShop) -> None:
    """The message is in the list, which is how a careful client finds out."""
    mine = shop("exactly-once-trap")
    for n in range(20):
        body = f"Order {n}"
        while attempt(mine.send, body):
            if any(each.body == body for each in mine.client.messages.list()):
                break
    assert len(mine.twilio.messages()) == 20
    mine.twilio.invariants()


def test_black_friday(shop: OpenShop) -> None:
    """Before and after the peak calls are quick and served; at it some are refused, all are slow.

    Every message that was accepted is delivered in the end, one a second.
    """
    mine = shop("black-friday", "manual", median="2ms", p99="10ms", refused=0.2)

    def crowd(size: int) -> Counter[int]:
        numbers = range(size)
        with ThreadPoolExecutor(8) as pool:
            return Counter(pool.map(lambda n: attempt(mine.send, f"{n}", mine.handset(n)), numbers))

    assert crowd(20) == {0: 20}
    mine.twilio.clock.advance(seconds=300)
    peak = crowd(100)
    assert peak[0] + peak[429] == 100
    assert 5 <= peak[429] <= 40
    mine.twilio.clock.advance(seconds=1800)
    assert crowd(20) == {0: 20}
    mine.twilio.clock.run_until_idle()
    messages = mine.twilio.messages()
    assert {message.status for message in messages} == {"delivered"}
    assert len(messages) == 40 + peak[0]
    steps = [step for each in messages for step in each.timeline]
    sent = sorted(step.at for step in steps if step.status == "sent" and step.at)
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(sent))
