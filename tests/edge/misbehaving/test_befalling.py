"""What befalls a call before it is processed, as a raw client sees it."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import DEFAULT_SID
from mockserver.edge.control.rendering import request as rendered
from mockserver.world.journal import RequestEntry
from mockserver.world.scenarios import parse_rule

if TYPE_CHECKING:
    from tests.edge.conftest import Answer, Caller, Serve
    from tests.edge.misbehaving.conftest import Rule

LATE = 0.05
"""Seconds."""

ALL: dict[str, Any] = {}


def last(api: "Caller") -> RequestEntry:
    return api.journal[-1]


async def test_an_error_with_headers(api: "Caller", rule: "Rule") -> None:
    """They stand beside those that the refusal has anyway; `Retry-After` is in whole seconds."""
    rule({"error": 20429, "retry_after": "1500ms", "headers": {"X-Why": "busy"}})
    answer = await api.create()
    answer.refused(429, 20429, "Too Many Requests")
    assert (answer.header("Retry-After"), answer.header("X-Why")) == ("2", "busy")
    assert await api.sids() == []


async def test_a_status_with_a_document(api: "Caller", rule: "Rule") -> None:
    """A mapping is answered as JSON, and a header in the place of the usual one."""
    headers = {"twilio-concurrent-requests": "99", "X-Home-Region": "de1"}
    rule({"status": 502, "body": {"error": "bad gateway"}, "headers": headers, "retry_after": 3})
    answer = await api.create()
    assert (answer.status, answer.json) == (502, {"error": "bad gateway"})
    assert answer.header("Content-Type") == "application/json"
    assert answer.header("Retry-After") == "3"
    assert answer.header("Twilio-Concurrent-Requests") == "99"
    assert answer.header("X-Home-Region") == "de1"
    assert rendered(last(api))["response"]["headers"]["X-Home-Region"] == "de1"


async def test_a_body_of_ones_own_stays_as_it_is(api: "Caller", rule: "Rule") -> None:
    """Also where the request asked for XML."""
    rule({"status": 503, "body": "<h1>Sorry", "content_type": "text/html"}, ALL)
    answer = await api.get(f"/2010-04-01/Accounts/{DEFAULT_SID}/Messages")
    assert (answer.status, answer.body, answer.header("Content-Type")) == (
        503,
        b"<h1>Sorry",
        "text/html",
    )


async def test_what_is_only_late_is_as_ever(api: "Caller", rule: "Rule") -> None:
    """XML where the request asked for it; the journal has the rule and the time that it took."""
    rule({"latency": f"{LATE}s"}, ALL)
    answer = await api.get(f"/2010-04-01/Accounts/{DEFAULT_SID}/Messages")
    assert (answer.status, answer.header("Content-Type")) == (200, "application/xml")
    assert last(api).duration >= LATE
    assert (last(api).fault, last(api).status) == ("fault-1", 200)


async def test_a_late_message_is_made_late(serve: "Serve") -> None:
    """Its request waits first, and is processed then."""
    api = await serve(clock="real")
    rules = api.sandbox.rules
    rules.add(parse_rule("faults", {"then": {"latency": LATE}}))
    asked = api.sandbox.clock.now()
    answer = await api.create()
    message = api.sandbox.tables.messages.get(answer.json["sid"])
    assert message is not None
    assert message.created_at - asked >= LATE * 1_000_000


async def test_a_late_error(api: "Caller", rule: "Rule") -> None:
    """Latency goes with any other kind."""
    rule({"latency": "50ms", "error": 20503})
    assert (await api.create()).code == 20503
    assert last(api).duration >= LATE


async def test_latency_by_chance_is_that_of_the_call(api: "Caller", rule: "Rule") -> None:
    """It hangs on the seed and on what is asked, not on what came before."""
    rule({"latency": {"uniform": ["1ms", "60ms"]}}, ALL)
    rules = api.sandbox.rules
    calls = [{"method": "POST", "path": "/x", "body": body} for body in ("one", "two", "three")]

    def waits(order: list[dict[str, str]]) -> dict[str, float]:
        found = {}
        for call in order:
            mishap = rules.fault(call)
            assert mishap is not None
            found[call["body"]] = mishap.roll()
        return found

    first = waits(calls)
    assert len(set(first.values())) == len(calls)
    rules.put(rules.in_force())
    assert waits(calls[::-1]) == first


async def test_a_bucket_of_tokens(api: "Caller", rule: "Rule") -> None:
    """What it has not is refused with the seconds until it has; then it goes on."""
    rule({"rate_limit": {"per_second": 0.5, "burst": 2}})
    answers = [await api.create() for _ in range(3)]
    assert [answer.status for answer in answers] == [201, 201, 429]
    answers[2].refused(429, 20429)
    assert answers[2].header("Retry-After") == "2"
    assert answers[2].header("Twilio-Concurrent-Requests") == "1"
    assert len(await api.sids()) == 2
    await api.sandbox.engine.advance(api.sandbox.clock.now() + 2_000_000)
    assert (await api.create()).status == 201
    counters = api.sandbox.rules.counters
    assert (counters["fault-1.matched"], counters["fault-1.fired"]) == (4, 1)


async def test_another_code_for_what_is_over_the_limit(api: "Caller", rule: "Rule") -> None:
    """It is 429 all the same, whatever status the code has elsewhere."""
    rule({"rate_limit": {"per_second": 1, "code": 14107}})
    [_, over] = [await api.create() for _ in range(2)]
    over.refused(429, 14107)


async def test_what_is_within_the_limit_meets_the_next_rule(api: "Caller", rule: "Rule") -> None:
    """As if the limit were not there."""
    rule({"rate_limit": {"per_second": 1}})
    rule({"error": 20503})
    assert [(await api.create()).code for _ in range(2)] == [20503, 20429]


@pytest.mark.parametrize(("per", "expected"), [("account", 1), ("key", 1), ("sender", 2)])
async def test_who_has_a_bucket(api: "Caller", rule: "Rule", per: str, expected: int) -> None:
    """The account, whoever's credentials are used, or each sender."""
    rule({"rate_limit": {"per_second": 1, "per": per}})
    senders = ("+15017122661", "+15017122662")
    made = [await api.create(From=sender) for sender in senders]
    assert sum(answer.status == 201 for answer in made) == expected


async def test_too_many_at_once(api: "Caller", rule: "Rule") -> None:
    """Of one account: those that are late are under way, and the next is refused."""
    rule({"rate_limit": {"concurrency": 2}})
    rule({"latency": "100ms"})
    answers = await asyncio.gather(*(api.create() for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [201, 201, 429, 429]
    refused = [answer for answer in answers if answer.status == 429]
    assert {answer.header("Retry-After") for answer in refused} == {"1"}
    assert {answer.header("Twilio-Concurrent-Requests") for answer in refused} <= {"3", "4"}
    assert (await api.create()).status == 201


async def test_comms_refuses_in_its_own_words(api: "Caller", rule: "Rule") -> None:
    """Its envelope, and one `Retry-After`: the limit's in place of the host's own."""
    rule({"rate_limit": {"per_second": 0.1}}, ALL)
    api.host = "comms.twilio.com"
    answers: list[Answer] = [await api.get("/v1/Messages") for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 429]
    assert answers[1].header("Retry-After") == "10"
    [error] = answers[1].json["errors"]
    assert error["code"] == 20429


async def test_a_new_message_cannot_be_read(api: "Caller", rule: "Rule") -> None:
    """For so long of the sandbox's clock, alone or in a list; what is older is there."""
    old = (await api.create()).json["sid"]
    await api.sandbox.engine.advance(api.sandbox.clock.now() + 60_000_000)
    rule({"stale": {"for": "30s"}}, ALL)
    new = (await api.create()).json["sid"]
    path = api.path.replace(".json", "/{}.json").format
    answer = await api.get(path(new))
    answer.refused(404, 20404, f"The requested resource {path(new)} was not found")
    assert (await api.call("HEAD", path(new))).status == 404
    assert (await api.get(path(old))).status == 200
    assert await api.sids() == [old]
    await api.sandbox.engine.advance(api.sandbox.clock.now() + 30_000_000)
    assert (await api.get(path(new))).json["sid"] == new
    assert await api.sids() == [new, old]


async def test_pages_lack_what_is_new(api: "Caller", rule: "Rule") -> None:
    """They are full of what is there, and the next one begins where the last one ended."""
    old = [(await api.create()).json["sid"] for _ in range(3)]
    await api.sandbox.engine.advance(api.sandbox.clock.now() + 60_000_000)
    rule({"stale": {"for": "30s"}}, ALL)
    await api.create()
    page = (await api.get(f"{api.path}?PageSize=2")).json
    assert [each["sid"] for each in page["messages"]] == old[:0:-1]
    page = (await api.get(page["next_page_uri"])).json
    assert [each["sid"] for each in page["messages"]] == old[:1]
    assert api.sandbox.rules.counters["fault-1.fired"] == 2


async def test_a_list_that_lacks_nothing_is_as_ever(api: "Caller", rule: "Rule") -> None:
    """The rule has not fired, and the rules behind it have their turn."""
    await api.create()
    await api.sandbox.engine.advance(api.sandbox.clock.now() + 60_000_000)
    rule({"stale": {"for": "30s"}}, ALL)
    rule({"error": 20503}, ALL)
    (await api.get(api.path)).refused(503, 20503)
    assert "fault-1.fired" not in api.sandbox.rules.counters


async def test_a_list_is_a_read_of_what_it_would_show(api: "Caller", rule: "Rule") -> None:
    """So a message is there after so many reads, of whatever kind; further pages do not count."""
    sids = [(await api.create()).json["sid"] for _ in range(3)][::-1]
    rule({"stale": {"reads": 2}}, ALL)
    path = api.path.replace(".json", "/{}.json").format
    assert (await api.get(path(sids[0]))).status == 404
    assert await api.sids() == []
    page = (await api.get(f"{api.path}?PageSize=1")).json
    assert [each["sid"] for each in page["messages"]] == sids[:1]
    assert (await api.get(path(sids[0]))).status == 200
    assert await api.sids() == sids


async def test_further_pages_are_no_reads(api: "Caller", rule: "Rule") -> None:
    """Their messages are older than those of the first one."""
    for _ in range(3):
        await api.create()
    second = (await api.get(f"{api.path}?PageSize=1")).json["next_page_uri"]
    rule({"stale": {"reads": 1}}, ALL)
    assert len((await api.get(second)).json["messages"]) == 1
    assert await api.sids() == []


@pytest.mark.parametrize(
    "when",
    [
        {"host": "notify.twilio.com"},
        {"host": "notify.twilio.com", "path": "/v1/Services*"},
        {"host": "localhost*", "path": "/notify/v1/*"},
    ],
)
async def test_a_host_by_its_short_name(api: "Caller", rule: "Rule", when: dict[str, str]) -> None:
    """What is asked of localhost with a product's name in the path is asked of its host."""
    rule({"error": 20503}, when)
    api.host = "localhost:2010"
    assert (await api.get("/notify/v1/Services")).status == 503
    assert (await api.get("/messaging/v1/Services")).status == 200
    assert (await api.get(api.path)).status == 200


async def test_a_region_is_a_host_of_its_own(api: "Caller", rule: "Rule") -> None:
    """A rule about api.twilio.com is not about api.dublin.ie1.twilio.com."""
    rule({"error": 20503}, {"host": "api.twilio.com"})
    api.host = "api.dublin.ie1.twilio.com"
    assert (await api.get(api.path)).status == 200
    api.host = "localhost:2010"
    assert (await api.get(api.path)).status == 503


async def test_the_first_reads_of_anything_fail(api: "Caller", rule: "Rule") -> None:
    """Each path by itself; what is not a GET is as ever."""
    rule({"stale": {"reads": 2}}, ALL)
    path = f"/2010-04-01/Accounts/{DEFAULT_SID}/Keys"
    keys = [(await api.post({}, f"{path}.json")).json["sid"] for _ in range(2)]
    assert [(await api.get(f"{path}/{keys[0]}.json")).status for _ in range(3)] == [404, 404, 200]
    assert (await api.get(f"{path}/{keys[1]}.json")).status == 404
    assert (await api.call("DELETE", f"{path}/{keys[1]}.json")).status == 204
