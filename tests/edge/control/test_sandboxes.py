"""`/_mock/health`, `/sandboxes`, `/reset`, `/seed` and `/snapshot`."""

import time
from typing import Any

import pytest

from mockserver.domain.version import __version__

ACCOUNT = "AC" + "5" * 32


async def test_health(desk: Any) -> None:
    """Alive, of which version, since when, with how many sandboxes."""
    said = await desk.get("/health")
    assert said.document | {"uptime_s": 0} == {
        "status": "ok",
        "version": __version__,
        "uptime_s": 0,
        "sandboxes": 1,
    }


async def test_sandboxes_do_not_know_each_other(desk: Any) -> None:
    """Each has its own account, messages, clock and journal."""
    one, two = await desk.in_sandbox(), await desk.in_sandbox()
    await one.create()
    assert (await one.get("/messages"))["total"] == 1
    assert (await two.get("/messages"))["total"] == 0
    assert (await desk.get("/requests"))["total"] == 0
    assert one.sid != two.sid
    listed = (await desk.get("/sandboxes"))["sandboxes"]
    assert [each["account_sid"] for each in listed] == [desk.sid, one.sid, two.sid]


async def test_a_sandbox_as_ordered(desk: Any) -> None:
    """Account, clock, start, seed, time to live, scenario by name."""
    made = await desk.ask(
        "POST",
        "/sandboxes",
        {
            "account": {"sid": ACCOUNT, "auth_token": "secret"},
            "clock": "scaled:60",
            "start": "2030-01-01T00:00:00Z",
            "seed": 7,
            "ttl_s": 60,
            "scenario": "trial-account",
        },
    )
    assert made.status == 201
    assert (made["account_sid"], made["auth_token"], made["seed"]) == (ACCOUNT, "secret", 7)
    assert (made["clock"], made["ttl_s"]) == ("scaled:60", 60)
    assert made["now"].startswith("2030-01-01T00:00:")
    assert made["scenario"] == "trial-account"
    assert (await desk.get(f"/sandboxes/{made['id']}"))["account_sid"] == ACCOUNT


async def test_a_seed_sets_the_start_of_a_frozen_clock(desk: Any) -> None:
    """2026-12-01, so that two runs begin alike."""
    made = await desk.ask("POST", "/sandboxes", {"clock": "manual", "seed": 1})
    assert made["now"] == "2026-12-01T00:00:00.000000Z"


async def test_a_scenario_may_come_as_a_document(desk: Any) -> None:
    """With its rules in force."""
    sandbox = await desk.in_sandbox(scenario={"delivery": [{"outcome": "failed"}]})
    sid = await sandbox.create()
    assert (await sandbox.get(f"/messages/{sid}"))["status"] == "failed"


async def test_an_account_belongs_to_one_sandbox(desk: Any) -> None:
    """409 `account_taken`, naming who holds it; free again once that one is dropped."""
    first = await desk.in_sandbox(account={"sid": ACCOUNT})
    said = await desk.ask("POST", "/sandboxes", {"account": {"sid": ACCOUNT}})
    assert (said.status, said.type) == (409, "account_taken")
    held_by = said["error"]["details"]["sandbox"]
    assert first.prefix.endswith(held_by)
    assert (await desk.ask("DELETE", f"/sandboxes/{held_by}")).status == 204
    assert (await desk.in_sandbox(account={"sid": ACCOUNT})).sid == ACCOUNT


async def test_a_refused_order_leaves_nothing_behind(opened: Any) -> None:
    """Accounts that were claimed before the one that was too many are free again."""
    desk = await opened(max_accounts=2)
    order = {"scenario": {"given": {"accounts": [{"sid": "AC" + "6" * 32}]}}}
    said = await desk.ask("POST", "/sandboxes", {**order, "account": {"sid": ACCOUNT}})
    assert (said.status, said.type) == (409, "too_many_accounts")
    assert (await desk.in_sandbox(account={"sid": ACCOUNT})).sid == ACCOUNT


@pytest.mark.parametrize(
    ("order", "status", "kind", "hint"),
    [
        ({"clok": "manual"}, 400, "bad_body", "did you mean 'clock'?"),
        ({"clock": "fast"}, 400, "bad_body", "scaled:60"),
        ({"clock": "scaled:0"}, 400, "bad_body", "scaled:60"),
        ({"start": "soon"}, 400, "bad_body", "ISO 8601"),
        ({"seed": "7"}, 400, "bad_body", "whole number"),
        ({"account": {"sid": "AC1"}}, 400, "bad_body", "32 hexadecimal digits"),
        ({"account": {"type": "trial"}}, 400, "bad_body", "Trial"),
        ({"scenario": "tryal-account"}, 404, "unknown_scenario", "trial-account"),
        ({"scenario": {"delivry": []}}, 400, "bad_scenario", "delivery"),
        ({"from": "nobody"}, 404, "unknown_sandbox", "nobody"),
        ({"from": "default", "account": {"type": "Trial"}}, 400, "bad_body", "fork"),
    ],
)
async def test_bad_orders(desk: Any, order: Any, status: int, kind: str, hint: str) -> None:
    """Each with what was meant."""
    said = await desk.ask("POST", "/sandboxes", order)
    assert (said.status, said.type) == (status, kind)
    assert hint in said.message
    assert (await desk.get("/health"))["sandboxes"] == 1


async def test_unknown_sandboxes(desk: Any) -> None:
    """404 with the nearest id; the default one cannot be dropped."""
    said = await desk.ask("GET", "/sandboxes/defualt/messages")
    assert (said.status, said.type) == (404, "unknown_sandbox")
    assert "did you mean 'default'?" in said.message
    said = await desk.ask("DELETE", "/sandboxes/default")
    assert (said.status, said.type) == (409, "default_sandbox")


# Reset


async def test_reset_begins_again(desk: Any) -> None:
    """Same account, first scenario, clock and dice from the beginning; nothing else is left."""
    sandbox = await desk.in_sandbox(seed=7, scenario="carrier-outage", clock="manual")
    first = await sandbox.create()
    await sandbox.put("/scenario", {"name": "happy-path"})
    await sandbox.post("/clock/advance", {"seconds": 60})
    assert (await sandbox.ask("POST", "/reset")).status == 204
    assert (await sandbox.get("/messages"))["total"] == 0
    assert (await sandbox.get("/requests"))["total"] == 0
    assert (await sandbox.get("/scenario"))["name"] == "carrier-outage"
    assert (await sandbox.get("/clock"))["now"] == "2026-12-01T00:00:00.000000Z"
    assert await sandbox.create() == first


async def test_reset_lets_newcomers_go(desk: Any) -> None:
    """An account that came into being by itself is nobody's again, and its token is forgotten."""
    other = type(desk)(desk.server, desk.session, sid=ACCOUNT, token="first")
    await other.create()
    await desk.post("/reset")
    assert (await desk.in_sandbox(account={"sid": ACCOUNT})).sid == ACCOUNT


async def test_reset_of_many_messages_is_quick(still: Any) -> None:
    """The tables are swapped, the old ones freed in slices behind the answer."""
    sid = await still.create()
    table = still.sandbox.tables.messages
    fill(still.sandbox, table.get(sid), 10_000)
    assert (await still.get("/messages", limit=1))["total"] == 10_001
    before = time.perf_counter()
    await still.post("/reset")
    assert time.perf_counter() - before < 0.25  # the benchmark holds it to 5 ms
    assert (await still.get("/messages"))["total"] == 0
    while len(table):
        await still.get("/health")


def fill(sandbox: Any, message: Any, count: int) -> None:
    """Many copies of a message."""
    from msgspec.structs import replace

    from mockserver.world.tables import Unit

    table = sandbox.tables.messages
    for number in range(count):
        copy = replace(message, sid=f"SM{number:032x}", ordinal=len(table.places))
        table.add(copy, table.delivery(message.sid), Unit())


# Seed


async def test_seeding(desk: Any) -> None:
    """What a scenario gives may come later, too."""
    await desk.post(
        "/seed", {"account": {"type": "Trial"}, "verified_callers": ["+1 415 555 2671"]}
    )
    assert (
        await desk.rest("POST", "/Messages.json", To="+14155550001", From="+15017122661", Body="x")
    )[1]["code"] == 21219
    assert await desk.create()


async def test_seeding_routes_accounts(desk: Any) -> None:
    """And refuses those that another sandbox holds; then nothing is set up."""
    await desk.in_sandbox(account={"sid": ACCOUNT})
    token = "7" * 32
    accounts = [{"sid": "AC" + "6" * 32, "auth_token": token}, {"sid": ACCOUNT}]
    said = await desk.ask("POST", "/seed", {"accounts": accounts})
    assert (said.status, said.type) == (409, "account_taken")
    await desk.post("/seed", {"accounts": accounts[:1]})
    other = type(desk)(desk.server, desk.session, sid=accounts[0]["sid"], token="wrong")
    assert (await other.rest("GET", "/Messages.json"))[0] == 401
    said = await desk.ask("POST", "/seed", {"numbrs": []})
    assert (said.status, said.type) == (400, "bad_body")
    assert "did you mean 'numbers'?" in said.message


# Snapshots and forks


async def test_a_fork_goes_on_from_where_the_other_is(desk: Any) -> None:
    """With its messages under its own account, the steps still to take, and its own future."""
    source = await desk.in_sandbox(clock="manual", scenario="carrier-outage", seed=7)
    await source.post("/faults", {"then": {"error": 20429}, "when": {"body": "never"}})
    sid = await source.create()
    await source.post("/clock/advance", {"seconds": 1})
    fork = await desk.in_sandbox(**{"from": source.prefix.rpartition("/")[2]})
    assert fork.sid != source.sid
    message = await fork.get(f"/messages/{sid}")
    assert (message["account_sid"], message["status"]) == (fork.sid, "sent")
    assert (await fork.get("/clock"))["now"] == (await source.get("/clock"))["now"]
    assert len((await fork.get("/faults"))["faults"]) == 1
    await fork.post("/clock/advance", {"until": "idle"})
    assert (await fork.get(f"/messages/{sid}"))["error_code"] == 30003
    assert (await source.get(f"/messages/{sid}"))["status"] == "sent"
    await fork.post("/reset")
    assert (await fork.get(f"/messages/{sid}"))["status"] == "sent"


async def test_a_forks_other_accounts_have_fresh_sids(desk: Any) -> None:
    """The source still holds the old ones."""
    await desk.post("/seed", {"accounts": [{"sid": ACCOUNT, "auth_token": "7" * 32}]})
    other = type(desk)(desk.server, desk.session, sid=ACCOUNT, token="7" * 32)
    await other.create()
    fork = await desk.in_sandbox(**{"from": "default"})
    [message] = (await fork.get("/messages"))["messages"]
    assert message["account_sid"] not in (ACCOUNT, fork.sid, desk.sid)
    assert desk.server.sandboxes.of_account(message["account_sid"]).id == message["sandbox"]


async def test_a_snapshot_goes_back_in(still: Any) -> None:
    """Everything is as it was, its own account and time included; and into another sandbox."""
    await still.post(
        "/seed",
        {
            "accounts": [{"sid": ACCOUNT, "auth_token": "7" * 32, "owner_account_sid": still.sid}],
            "numbers": ["+14155550123"],
            "services": [{"sid": "MG" + "a" * 32, "senders": ["+14155550123"]}],
            "opt_outs": [{"from": "+14155550123", "to": "+14155550001"}],
            "verified_callers": ["+14155552671"],
        },
    )
    sids = [await still.create(Body=body) for body in ("one", "two", "one")]
    await still.post("/clock/advance", {"seconds": 60})
    await still.sandbox.messages.delete(still.sandbox.messages.table.get(sids[1]))
    kept = (await still.get("/snapshot")).document
    listed = (await still.get("/messages"))["messages"]
    sids.append(await still.create(Body="three"))
    await still.put("/snapshot", kept)
    assert (await still.get("/messages"))["messages"] == listed
    assert (await still.get("/snapshot")).document == kept
    assert still.server.sandboxes.of_account(ACCOUNT) is still.sandbox
    other = await still.in_sandbox(clock="manual")
    await other.put("/snapshot", kept)
    moved = (await other.get("/messages"))["messages"]
    assert [each["sid"] for each in moved] == [each["sid"] for each in listed]
    assert {each["account_sid"] for each in moved} == {other.sid}
    assert other.server.sandboxes.of_account(ACCOUNT) is still.sandbox
    assert await other.create(Body="one") not in sids


async def test_no_token_is_in_a_snapshot(desk: Any) -> None:
    """The target has its own."""
    assert desk.token.encode() not in (await desk.get("/snapshot")).body


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"acounts": []}, "bad_body"),
        ({"at": "now"}, "bad_body"),
        ({"version": 2}, "bad_snapshot"),
        ({"accounts": []}, "bad_snapshot"),
        ({"numbers": [{"phone": 1}]}, "bad_snapshot"),
        ({"messages": [{"message": {}, "delivery": {}}]}, "bad_snapshot"),
        ({"scenario": {"delivry": []}}, "bad_scenario"),
    ],
)
async def test_what_is_no_snapshot(desk: Any, change: dict[str, Any], kind: str) -> None:
    """400, and the sandbox is as it was."""
    await desk.create()
    kept = (await desk.get("/snapshot")).document
    said = await desk.ask("PUT", "/snapshot", {**kept, **change})
    assert (said.status, said.type) == (400, kind)
    assert (await desk.get("/messages"))["total"] == 1


async def test_what_dropped_sandboxes_saw(opened: Any) -> None:
    """Is told on a server that keeps it: whether they were dropped, reset, or idled too long."""
    desk = await opened(keep_dropped=True)
    for end in ("drop", "reset"):
        one = await desk.in_sandbox()
        await one.create(StatusCallback="http://127.0.0.1:9/hook")
        await one.post("/clock/advance", {"until": "idle"})
        await one.rest("GET", "/Messages/SM1.json")
        ended = await (one.ask("DELETE", "") if end == "drop" else one.ask("POST", "/reset"))
        assert ended.status == 204
    told = await desk.get("/dropped")
    assert (told["kept"], told["lives"], told["statuses"]) == (True, 2, {"delivered": 2})
    assert (told["totals"]["messages"], told["totals"]["requests"]) == (2, 4)
    assert told["totals"]["callbacks"] == len(told["callbacks"]) >= 2
    assert [(each["life"], each["entry"]["status"]) for each in told["messages"]] == [
        (1, "delivered"),
        (2, "delivered"),
    ]
    statuses = [(each["life"], each["entry"]["response"]["status"]) for each in told["requests"]]
    assert statuses == [(1, 201), (1, 404), (2, 201), (2, 404)]
    assert {each["entry"]["sandbox"] for each in told["messages"]} == {
        each["sandbox"] for each in (*told["requests"], *told["callbacks"])
    }


async def test_nothing_is_kept_unasked(desk: Any) -> None:
    """And it says so."""
    one = await desk.in_sandbox()
    await one.create()
    await one.ask("DELETE", "")
    told = await desk.get("/dropped")
    assert (told["kept"], told["lives"], told["messages"]) == (False, 0, [])
