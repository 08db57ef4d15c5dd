"""`/_mock/scenario`: parameters, bases, steps, switching; and that a switch is one moment."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.edge.control.conftest import Desk, Open

OUTAGE = {
    "name": "outage",
    "delivery": [
        {"id": "lost", "enabled": False, "outcome": "undelivered"},
        {"id": "never", "when": {"to": "+1999*"}, "outcome": "failed"},
    ],
    "faults": [{"id": "busy", "when": {"every": 2}, "then": {"status": 503}, "times": 1}],
    "steps": [{"at": "1m", "on": ["lost"], "senders": "strict"}],
}

BROKEN: list[tuple[dict[str, Any], str, str]] = [
    ({"wheather": []}, "wheather", "did you mean 'weather'?"),
    ({"delivery": [{"when": {"body_regex": "("}}]}, "delivery[0].when.body_regex", "not a regular"),
    ({"faults": [{"then": {"error": 1}}]}, "faults[0].then.error", "at least 10000"),
    ({"weather": [{"then": {"drop": True, "cut": True}}]}, "weather[0].then", "contradict"),
    ({"handsets": [{"reply": r"\1"}]}, "handsets[0].reply", "body_regex"),
    ({"steps": [{"at": 1, "on": ["x"]}]}, "steps[0].on[0]", "there is no rule 'x'"),
    ({"extends": "flaky-ap"}, "extends", "did you mean 'flaky-api'?"),
    ({"extends": {"name": "flaky-api", "with": {"x": 1}}}, "extends", "no parameter 'x'"),
    ({"summary": "${x}"}, "summary", "declare it under `parameters`"),
    ({"given": {"services": [{"sid": "MG1"}]}}, "given.services[0].sid", "MG and 32"),
    ({"given": {"stores": [{"name": "a", "file": "/x.csv"}]}}, "given.stores[0].file", "own file"),
]


async def test_whole_numbers_with_a_point(desk: "Desk") -> None:
    """To JSON 503.0 is 503: what is answered, and kept, is whole."""
    rule = {"then": {"status": 503.0, "retry_after": 2.5}, "times": 1.0}
    assert (await desk.post("/faults", rule))["id"] == "faults-1"
    await desk.put("/scenario", {"scenario": {"faults": [rule]}})
    status, _ = await desk.rest("POST", "/Messages.json", To="+14155550001", Body="x")
    assert status == 503
    [entry] = (await desk.get("/requests"))["requests"]
    assert repr(entry["response"]["status"]) == "503"
    [kept] = (await desk.get("/scenario"))["scenario"]["faults"]
    assert (repr(kept["then"]["status"]), repr(kept["times"])) == ("503", "1")
    assert kept["then"]["retry_after"] == "2500ms"


async def test_what_is_told_of_rules(desk: "Desk") -> None:
    """In their order, with what became of each; those that never matched are named."""
    await desk.put("/scenario", {"scenario": OUTAGE})
    for _ in range(2):
        await desk.rest("POST", "/Messages.json", To="+14155550001", From="+15017122661", Body="x")
    said = await desk.get("/scenario")
    assert said["rules"] == [
        {"id": "lost", "section": "delivery", "enabled": False, "matched": 0, "fired": 0},
        {"id": "never", "section": "delivery", "enabled": True, "matched": 0, "fired": 0},
        {"id": "busy", "section": "faults", "enabled": True, "matched": 2, "fired": 1},
    ]
    assert said["unmatched"] == ["lost", "never"]
    assert said["counts"]["busy"] == {"matched": 2, "fired": 1}


async def test_how_far_it_has_come(still: "Desk") -> None:
    """Since when, and what comes next; after the last step nothing."""
    await still.put("/scenario", {"scenario": OUTAGE})
    await still.post("/clock/advance", {"seconds": 20})
    said = await still.get("/scenario")
    assert said["elapsed_s"] == 20
    assert said["next_step"]["on"] == ["lost"]
    assert said["next_step"]["due"] == (await still.get("/clock"))["next"]
    await still.post("/clock/advance", {"seconds": 40})
    said = await still.get("/scenario")
    assert (said["elapsed_s"], said["next_step"]) == (60, None)
    assert said["rules"][0]["enabled"] is True


async def test_rules_are_switched(desk: "Desk") -> None:
    """By id, whatever section they are of."""
    await desk.put("/scenario", {"scenario": OUTAGE})
    said = await desk.post("/scenario/switch", {"on": ["lost"], "off": ["busy"]})
    assert [each["enabled"] for each in said["rules"]] == [True, True, False]
    sids = [await desk.create(), await desk.create()]
    assert {(await desk.get(f"/messages/{sid}"))["status"] for sid in sids} == {"undelivered"}
    said = await desk.post("/scenario/switch", {"off": ["lost"]})
    assert said["rules"][0]["enabled"] is False


@pytest.mark.parametrize(
    ("body", "kind", "hint"),
    [
        ({"on": ["lots"]}, "not_found", "did you mean 'lost'?"),
        ({"on": ["lost"], "off": ["lost"]}, "bad_body", "at once"),
        ({"onn": ["lost"]}, "bad_body", "did you mean 'on'?"),
        ({"on": "lost"}, "bad_body", "must be a list"),
    ],
)
async def test_bad_switches(desk: "Desk", body: Any, kind: str, hint: str) -> None:
    """Nothing is switched then."""
    await desk.put("/scenario", {"scenario": OUTAGE})
    said = await desk.ask("POST", "/scenario/switch", body)
    assert (said.type, hint in said.message) == (kind, True)
    assert (await desk.get("/scenario"))["rules"][0]["enabled"] is False


async def test_a_document_has_bases_and_parameters(desk: "Desk") -> None:
    """The ready-made ones are there to build upon; what is in force is shown flat."""
    document = {
        "parameters": {"code": {}},
        "extends": "carrier-outage",
        "delivery": [{"when": {"body": "x"}, "error_code": "${code}"}],
    }
    body = {"scenario": document, "parameters": {"code": 30006}}
    said = (await desk.put("/scenario", body))["scenario"]
    assert "extends" not in said
    assert "parameters" not in said
    assert said["delivery"][0]["error_code"] == 30006
    assert len(said["delivery"]) == 2
    assert (await desk.put("/scenario", {"scenario": said}))["scenario"] == said


async def test_a_sandbox_is_made_with_parameters(desk: "Desk") -> None:
    """Of its scenario; without one they are nobody's."""
    document = {"parameters": {"code": 30003}, "delivery": [{"error_code": "${code}"}]}
    made = await desk.in_sandbox(scenario=document, parameters={"code": 30005})
    assert (await made.get("/delivery"))["delivery"][0]["error_code"] == 30005
    said = await desk.ask("POST", "/sandboxes", {"parameters": {"code": 1}})
    assert (said.status, said.type) == (400, "bad_body")
    said = await desk.ask("POST", "/sandboxes", {"scenario": document, "parameters": {"c": 1}})
    assert "no parameter 'c': known: code" in said.message


async def test_scenarios_of_ones_own_stand_beside_the_ready_made(
    opened: "Open", tmp_path: Path
) -> None:
    """They are listed with them, build upon them and upon each other, and win by name."""
    (tmp_path / "mine.yaml").write_text(
        "summary: Mine.\nparameters: {share: 1}\nextends: [carrier-outage, other]\n"
        "faults: [{id: half, when: {share: '${share}'}, then: {status: 503}}]\n"
    )
    (tmp_path / "other.yaml").write_text("weather: [{id: twice, then: {duplicate: 1}}]\n")
    (tmp_path / "happy-path.yaml").write_text("summary: Happier.\nextends: happy-path\n")
    desk = await opened(scenarios=str(tmp_path))
    listed = {each["name"]: each["summary"] for each in (await desk.get("/scenarios"))["scenarios"]}
    assert (listed["mine"], listed["happy-path"]) == ("Mine.", "Happier.")
    assert "carrier-outage" in listed
    said = await desk.put("/scenario", {"name": "mine", "parameters": {"share": 0.5}})
    assert {"half", "twice"} < {each["id"] for each in said["rules"]}
    assert said["scenario"]["faults"][0]["when"] == {"share": 0.5}


@pytest.mark.parametrize(("document", "path", "hint"), BROKEN)
async def test_a_broken_one_changes_nothing(
    desk: "Desk", document: dict[str, Any], path: str, hint: str
) -> None:
    """It is refused with path and fix; the one in force goes on, its counters too."""
    await desk.put("/scenario", {"scenario": OUTAGE})
    await desk.create()
    before = (await desk.get("/scenario")).document
    said = await desk.ask("PUT", "/scenario", {"scenario": document})
    assert (said.status, said.type) == (400, "bad_scenario")
    [fault] = said["error"]["details"]["faults"]
    assert fault["path"] == path
    assert hint in said.message
    assert (await desk.get("/scenario")).document == before


@pytest.mark.parametrize("section", ["weather", "handsets"])
async def test_single_rules_of_webhooks_and_handsets(desk: "Desk", section: str) -> None:
    """Added before the others, listed with their counts, switched off, taken out."""
    what: dict[str, Any] = {
        "weather": {"then": {"duplicate": 1}, "when": {"status": "delivered"}},
        "handsets": {"reply": "Hi", "delay": "1s"},
    }
    first = (await desk.post(f"/{section}", what[section]))["id"]
    second = (await desk.post(f"/{section}", {**what[section], "enabled": False}))["id"]
    assert (first, second) == (f"{section}-1", f"{section}-2")
    listed = await desk.get(f"/{section}")
    assert listed[section] == [
        {"id": second, **what[section], "enabled": False},
        {"id": first, **what[section]},
    ]
    assert listed["counts"][first] == {"matched": 0, "fired": 0}
    said = await desk.get("/scenario")
    assert [each["id"] for each in said["added"][section]] == [second, first]
    assert (await desk.ask("DELETE", f"/{section}/{first}")).status == 204
    assert (await desk.ask("DELETE", f"/{section}/{first}")).type == "not_found"
    assert (await desk.ask("DELETE", f"/{section}")).status == 204
    assert (await desk.get(f"/{section}"))[section] == []


async def test_a_switch_during_traffic_is_one_moment(desk: "Desk") -> None:
    """Each call saw one scenario whole: no mixture of one's faults and the other's outcomes.

    Under the first nothing is made, under the second everything fails; a message that is
    delivered would have had the second's faults, of which there are none, and the first's rules.
    """
    refuses = {"name": "refuses", "faults": [{"then": {"error": 20429}}]}
    fails = {"name": "fails", "delivery": [{"outcome": "failed", "error_code": 30001}]}
    await desk.put("/scenario", {"scenario": refuses})
    codes: list[int] = []

    async def send() -> None:
        for _ in range(30):
            _, answer = await desk.rest(
                "POST", "/Messages.json", To="+14155550001", From="+15017122661", Body="x"
            )
            codes.append(int(answer.get("code", 0)))

    async def switch() -> None:
        for turn in range(40):
            await desk.put("/scenario", {"scenario": (fails, refuses)[turn % 2]})

    await asyncio.gather(switch(), *(send() for _ in range(8)))
    assert set(codes) == {0, 20429}
    listed = (await desk.get("/messages", limit="1000"))["messages"]
    assert len(listed) == codes.count(0)
    assert {each["error_code"] for each in listed} == {30001}


async def test_a_server_starts_with_parameters(opened: "Open", tmp_path: Path) -> None:
    """Behind the name, or the file."""
    (tmp_path / "x.yaml").write_text(
        "parameters: {code: 30003}\nextends: carrier-filtering\n"
        "delivery: [{id: own, error_code: '${code}'}]\n"
    )
    for text in ("x:code=30005", f"{tmp_path / 'x.yaml'}:code=30005"):
        desk = await opened(scenario=text, scenarios=str(tmp_path))
        [own, *others] = (await desk.get("/delivery"))["delivery"]
        assert (own["id"], own["error_code"]) == ("own", 30005)
        assert others
