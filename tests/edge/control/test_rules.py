"""`/_mock/scenario`, `/scenarios`, `/delivery`, `/faults`, `/weather`."""

from typing import Any

import pytest

FAULT = {"when": {"operation": "api.v2010.CreateMessage"}, "then": {"error": 20429}, "times": 1}


async def code(desk: Any) -> int:
    """The error that a create is answered with; 0 for none."""
    _, document = await desk.rest(
        "POST", "/Messages.json", To="+14155550001", From="+15017122661", Body="x"
    )
    return int(document.get("code", 0))


async def test_the_scenarios_there_are(desk: Any) -> None:
    """By name, with a sentence each."""
    listed = (await desk.get("/scenarios"))["scenarios"]
    assert "trial-account" in [each["name"] for each in listed]
    assert all(each["summary"] for each in listed)


async def test_a_scenario_is_put_in_force(desk: Any) -> None:
    """Its rules decide from now on, and it tells how often they fired."""
    said = await desk.put("/scenario", {"name": "flaky-api"})
    assert said["name"] == "flaky-api"
    assert [await code(desk) for _ in range(4)][:2] == [20429, 20429]
    counts = (await desk.get("/scenario"))["counts"]
    assert [each["fired"] for each in counts.values()] == [2, 1]


async def test_a_document_replaces_rules_and_counters(desk: Any) -> None:
    """What was added goes; the clock stays."""
    await desk.post("/faults", FAULT)
    await desk.post("/clock/advance", {"seconds": 60})
    now = (await desk.get("/clock"))["now"]
    rule = {"id": "all", "outcome": "failed", "error_code": 30001}
    said = await desk.put("/scenario", {"scenario": {"name": "mine", "delivery": [rule]}})
    assert said["scenario"] == {"name": "mine", "delivery": [rule]}
    assert (await desk.get("/faults"))["faults"] == []
    assert (await desk.get("/clock"))["now"] == now
    assert await code(desk) == 0
    assert (await desk.get("/delivery"))["counts"]["all"]["fired"] == 1


async def test_what_a_scenario_makes_of_the_account_goes_with_it(desk: Any) -> None:
    """A Trial account is full again once the scenario that made it one is gone."""
    before = (await desk.get("/scenario"))["scenario"]
    await desk.put("/scenario", {"name": "trial-account"})
    assert await code(desk) == 21219
    await desk.put("/scenario", {"scenario": before})
    assert await code(desk) == 0
    await desk.put("/scenario", {"name": "trial-account"})
    assert (await desk.ask("DELETE", "/scenario")).status == 200
    assert await code(desk) == 0


async def test_removing_a_scenario_brings_back_the_first(desk: Any) -> None:
    """The one that the sandbox was made with."""
    sandbox = await desk.in_sandbox(scenario="carrier-outage")
    await sandbox.put("/scenario", {"name": "happy-path"})
    await sandbox.post("/delivery", {"outcome": "failed"})
    said = await sandbox.ask("DELETE", "/scenario")
    assert said["name"] == "carrier-outage"
    assert said["added"] == {"delivery": [], "faults": [], "weather": [], "handsets": []}


@pytest.mark.parametrize(
    ("body", "status", "kind", "hint"),
    [
        ({}, 400, "bad_body", "either"),
        ({"name": "x", "scenario": {}}, 400, "bad_body", "either"),
        ({"name": "happy-pth"}, 404, "unknown_scenario", "happy-path"),
        ({"scenario": {"delivery": [{"outcom": "x"}]}}, 400, "bad_scenario", "outcome"),
        ({"senario": {}}, 400, "bad_body", "scenario"),
    ],
)
async def test_bad_scenarios(desk: Any, body: Any, status: int, kind: str, hint: str) -> None:
    """Each with what was meant; the one in force stays."""
    await desk.put("/scenario", {"name": "happy-path"})
    said = await desk.ask("PUT", "/scenario", body)
    assert (said.status, said.type) == (status, kind)
    assert hint in said.message
    assert (await desk.get("/scenario"))["name"] == "happy-path"


async def test_a_scenario_may_not_take_accounts(desk: Any) -> None:
    """That another sandbox holds."""
    other = await desk.in_sandbox()
    given = {"accounts": [{"sid": other.sid}]}
    said = await desk.ask("PUT", "/scenario", {"scenario": {"given": given}})
    assert (said.status, said.type) == (409, "account_taken")


# Single rules


async def test_faults_wait_for_each_other(desk: Any) -> None:
    """Added twice, they are two failures in a row; each is an id, and as it was given."""
    first = await desk.post("/faults", FAULT)
    second = await desk.post("/faults", {**FAULT, "id": "later", "then": {"error": 20503}})
    assert second["id"] == "later"
    assert [await code(desk) for _ in range(3)] == [20429, 20503, 0]
    said = await desk.get("/faults")
    assert said["faults"][0] == {"id": first["id"], **FAULT}
    assert said["counts"]["later"] == {"matched": 2, "fired": 1}
    assert (await desk.get("/requests", error="20503"))["requests"][0]["fault"] == "later"


async def test_the_latest_delivery_rule_goes_first(desk: Any) -> None:
    """It is what the test means now."""
    await desk.post("/delivery", {"outcome": "undelivered"})
    await desk.post("/delivery", {"when": {"to": "+14155552671"}, "outcome": "failed"})
    sids = [await desk.create(), await desk.create(To="+14155550001")]
    statuses = [(await desk.get(f"/messages/{sid}"))["status"] for sid in sids]
    assert statuses == ["failed", "undelivered"]


async def test_rules_are_taken_out(desk: Any) -> None:
    """One or all, a scenario's own too; and one added again starts counting anew."""
    made = await desk.post("/faults", FAULT)
    assert await code(desk) == 20429
    assert (await desk.ask("DELETE", f"/faults/{made['id']}")).status == 204
    said = await desk.ask("DELETE", f"/faults/{made['id']}")
    assert (said.status, said.type) == (404, "not_found")
    assert (await desk.post("/faults", FAULT))["id"] == made["id"]
    assert await code(desk) == 20429
    await desk.put("/scenario", {"name": "carrier-outage"})
    assert (await desk.ask("DELETE", "/delivery")).status == 204
    await desk.post("/delivery", {"when": {"to": "+1999*"}, "outcome": "failed"})
    message = await desk.get(f"/messages/{await desk.create()}")
    assert message["status"] == "delivered"


async def test_nth_counts_what_matches(desk: Any) -> None:
    """Also what it does not fire for."""
    rule = {"id": "second", "when": {"body": "x", "nth": 2}, "outcome": "failed"}
    await desk.post("/delivery", rule)
    assert [await code(desk) for _ in range(3)] == [0, 0, 0]
    assert (await desk.get("/delivery"))["counts"]["second"] == {"matched": 3, "fired": 1}


@pytest.mark.parametrize(
    ("path", "rule", "hint"),
    [
        ("/faults", {}, "needs the key 'then'"),
        ("/faults", {"then": {"eror": 1}}, "did you mean 'error'?"),
        ("/faults", {"then": {"error": 20429}, "when": {"status": "sent"}}, "unknown key"),
        ("/faults", {"then": {"error": 20429}, "id": "taken"}, "already"),
        ("/delivery", {"outcome": "lost"}, "must be one of"),
        ("/delivery", {"after": {"sent": "soon"}}, "not a duration"),
        ("/delivery", {"error_code": 12345}, "outcome"),
    ],
)
async def test_bad_rules(desk: Any, path: str, rule: dict[str, Any], hint: str) -> None:
    """400 with what was meant."""
    await desk.post("/faults", {"id": "taken", "then": {"error": 20429}})
    said = await desk.ask("POST", path, rule)
    assert (said.status, said.type in ("bad_body", "bad_scenario")) == (400, True)
    assert hint in said.message
