"""`/_mock/opt_outs`: who has written STOP to whom, and the settings of services."""

from typing import Any

import pytest

ME, OTHER, YOU, THEM = "+15017122661", "+14155550123", "+14155552671", "+14155552672"
SERVICE = "MG" + "a" * 32


async def sent(desk: Any, **form: str) -> tuple[int, int | None]:
    """Status of the create, and the error code: its own, or the message's in the end."""
    usual = {"To": YOU, "From": ME, "Body": "Ahoy"}
    form = {name: value for name, value in {**usual, **form}.items() if value}
    status, document = await desk.rest("POST", "/Messages.json", **form)
    if status != 201:
        return status, document["code"]
    await desk.post("/clock/advance", {"until": "idle"})
    return status, (await desk.get(f"/messages/{document['sid']}"))["error_code"]


async def pairs(desk: Any, **query: Any) -> list[tuple[str, str]]:
    found = (await desk.get("/opt_outs", **query)).document
    return [(each["from"], each["to"]) for each in found["opt_outs"]]


async def text(desk: Any, body: str, to: str = ME) -> list[str]:
    """What a handset's message is answered with."""
    received = await desk.post("/inbound", {"from": YOU, "to": to, "body": body})
    return [each["body"] for each in received["replies"]]


async def test_an_opt_out_is_added_listed_and_removed(desk: Any) -> None:
    """Sends are refused in between; numbers may be written as people write them."""
    assert (await desk.get("/opt_outs")).document == {
        "opt_outs": [],
        "total": 0,
        "next_cursor": None,
    }
    said = await desk.ask("POST", "/opt_outs", {"from": "(501) 712-2661", "to": "415-555-2671"})
    assert (said.status, said["from"], said["to"]) == (201, ME, YOU)
    assert await sent(desk) == (400, 21610)
    assert await sent(desk, To=THEM) == (201, None)
    again = await desk.post("/opt_outs", {"from": ME, "to": YOU})
    assert again["at"] == said["at"]
    assert await pairs(desk) == [(ME, YOU)]
    assert (await desk.ask("DELETE", "/opt_outs")).status == 204
    assert await pairs(desk) == []
    assert await sent(desk) == (201, None)


async def test_the_time_is_the_sandboxs(desk: Any) -> None:
    """That of a fresh sandbox on a clock that stands still; none for what was set up."""
    box = await desk.in_sandbox(clock="manual", seed=7)
    await box.post("/seed", {"opt_outs": [{"from": OTHER, "to": YOU}]})
    await box.post("/opt_outs", {"from": ME, "to": YOU})
    times = [each["at"] for each in (await box.get("/opt_outs"))["opt_outs"]]
    assert times[0] is None
    assert times[1].startswith("2026-12-01T00:00:00")


async def test_filters_pages_and_order(desk: Any) -> None:
    """As in every list: patterns, any of several, oldest first, a cursor."""
    for pair in ((ME, YOU), (SERVICE, YOU), (ME, THEM), (OTHER, THEM)):
        await desk.post("/opt_outs", {"from": pair[0], "to": pair[1]})
    assert await pairs(desk, to=YOU) == [(ME, YOU), (SERVICE, YOU)]
    assert await pairs(desk, **{"from": "+1415*"}) == [(OTHER, THEM)]
    assert await pairs(desk, **{"from": [SERVICE, OTHER]}) == [(SERVICE, YOU), (OTHER, THEM)]
    assert await pairs(desk, order="desc", limit=1) == [(OTHER, THEM)]
    first = await desk.get("/opt_outs", limit=3)
    assert (first["total"], len(first["opt_outs"])) == (4, 3)
    assert await pairs(desk, cursor=first["next_cursor"]) == [(OTHER, THEM)]


async def test_those_that_match_are_removed(desk: Any) -> None:
    """And what does not match, or is not there, is no error."""
    for pair in ((ME, YOU), (OTHER, YOU), (ME, THEM)):
        await desk.post("/opt_outs", {"from": pair[0], "to": pair[1]})
    for query, left in (
        ({"from": ME, "to": YOU}, [(OTHER, YOU), (ME, THEM)]),
        ({"from": ME, "to": YOU}, [(OTHER, YOU), (ME, THEM)]),
        ({"to": THEM}, [(OTHER, YOU)]),
    ):
        assert (await desk.ask("DELETE", "/opt_outs", params=query)).status == 204
        assert await pairs(desk) == left


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "from"),
        ({"from": ME}, "to"),
        ({"from": ME, "to": ""}, "to"),
        ({"from": ME, "to": "nobody"}, "to"),
        ({"from": "no-such-sender-at-all", "to": YOU}, "from"),
        ({"from": ME, "to": YOU, "at": "now"}, "at"),
    ],
)
async def test_what_is_no_opt_out(desk: Any, body: Any, word: str) -> None:
    """400, naming the field."""
    said = await desk.ask("POST", "/opt_outs", body)
    assert (said.status, said.type) == (400, "bad_body")
    assert word in said.message


async def test_unknown_filters(desk: Any) -> None:
    """Are refused, above all where they would delete."""
    said = await desk.ask("DELETE", "/opt_outs", params={"form": ME})
    assert (said.status, said.type) == (400, "bad_parameter")
    assert "'from'" in said.message


async def test_a_sandbox_has_its_own(desk: Any) -> None:
    """And keeps them in its snapshot, with the settings of its services."""
    box = await desk.in_sandbox()
    settings = {"management": "advanced", "help_reply": "Ask."}
    await box.post("/seed", {"services": [{"sid": SERVICE, "opt_out": settings}]})
    await box.post("/opt_outs", {"from": SERVICE, "to": YOU})
    assert await pairs(desk) == []
    before = (await box.get("/opt_outs")).document
    snapshot = (await box.get("/snapshot")).document
    await box.post("/reset")
    assert await pairs(box) == []
    await box.put("/snapshot", snapshot)
    assert (await box.get("/opt_outs")).document == before
    assert (await box.get(f"/opt_outs/settings/{SERVICE}"))["help_reply"] == "Ask."
    snapshot["opt_outs"][0]["at"] = -1
    said = await box.ask("PUT", "/snapshot", snapshot)
    assert (said.status, said.type) == (400, "bad_snapshot")


# -- what handsets write ---------------------------------------------------------------------------


async def test_a_handset_stops_and_starts_a_number(desk: Any) -> None:
    """The reply comes by itself; the block is seen, and gone again."""
    [reply] = await text(desk, " Stop ")
    assert reply.startswith("You have successfully been unsubscribed.")
    assert await text(desk, "stop") == []
    assert await pairs(desk) == [(ME, YOU)]
    assert await sent(desk) == (400, 21610)
    assert await text(desk, "help") == ["Reply STOP to unsubscribe. Msg&Data Rates May Apply."]
    [reply] = await text(desk, "unstop")
    assert reply.startswith("You have successfully been re-subscribed")
    assert await text(desk, "start") == []
    assert await sent(desk) == (201, None)


async def test_a_handset_stops_a_service(desk: Any) -> None:
    """The whole of it: 21610 on the message through it, at once by any of its senders alone."""
    await desk.post("/seed", {"services": [{"sid": SERVICE, "senders": [ME, OTHER]}]})
    assert len(await text(desk, "STOP", OTHER)) == 1
    assert await pairs(desk) == [(SERVICE, YOU)]
    assert await sent(desk, From="", MessagingServiceSid=SERVICE) == (201, 21610)
    assert await sent(desk, From=ME) == (400, 21610)
    assert await sent(desk, From="+15017122669") == (201, None)
    await text(desk, "START", ME)
    assert await sent(desk, From="", MessagingServiceSid=SERVICE) == (201, None)


# -- settings --------------------------------------------------------------------------------------


DEFAULT: dict[str, Any] = {
    "management": "default",
    "stop_keywords": [
        *("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"),
    ],
    "start_keywords": ["START", "YES", "UNSTOP"],
    "help_keywords": ["HELP", "INFO"],
    "stop_reply": "You have successfully been unsubscribed. You will not receive any more messages "
    "from this number. Reply START to resubscribe.",
    "start_reply": "You have successfully been re-subscribed to messages from this number. Reply "
    "HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "help_reply": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}
SETTINGS = f"/opt_outs/settings/{SERVICE}"


async def test_settings_of_a_service(desk: Any) -> None:
    """All of them are told; what is put replaces all, and counts from the next message on."""
    await desk.post("/seed", {"services": [{"sid": SERVICE, "senders": [ME]}]})
    assert (await desk.get(SETTINGS)).document == DEFAULT
    assert (await desk.put(SETTINGS, DEFAULT)).document == DEFAULT
    own = {"management": "advanced", "stop_keywords": ["leave"], "stop_reply": "Bye."}
    changed = {**DEFAULT, **own, "stop_keywords": ["STOP", "LEAVE"]}
    assert (await desk.put(SETTINGS, own)).document == changed
    assert (await desk.get(SETTINGS)).document == changed
    assert await text(desk, "quit") == []
    assert await text(desk, "Leave") == ["Bye."]
    assert await sent(desk) == (400, 21610)
    await desk.put(SETTINGS, {"management": "disabled"})
    assert await text(desk, "start") == []
    assert await sent(desk) == (400, 21610)
    assert (await desk.put(SETTINGS, {})).document == DEFAULT
    assert len(await text(desk, "start")) == 1


async def test_settings_in_a_seed(desk: Any) -> None:
    """The same, as a part of the service; the scenario in force shows what differs."""
    opt_out = {"management": "advanced", "help_keywords": ["aide"], "help_reply": ""}
    service = {"sid": SERVICE, "senders": [SHORT], "opt_out": opt_out}
    said = await desk.post("/seed", {"services": [service]})
    shown = {**opt_out, "help_keywords": ["AIDE"]}
    assert said["given"]["services"] == [{**service, "opt_out": shown}]
    assert (await desk.get(SETTINGS)).document == {**DEFAULT, **shown}
    assert await text(desk, "aide", SHORT) == []
    assert len(await text(desk, "stop", SHORT)) == 1


SHORT = "12345"


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"management": "off"}, "management"),
        ({"management": "advanced", "stop_keywords": ["stop it"]}, "stop_keywords[0]"),
        ({"management": "advanced", "stop_keywords": "leave"}, "stop_keywords"),
        ({"management": "advanced", "help_keywords": ["stop"]}, "help_keywords"),
        ({"management": "advanced", "help_reply": "x" * 1601}, "help_reply"),
        ({"stop_reply": "Bye."}, "stop_reply"),
        ({"stop_words": []}, "stop_words"),
    ],
)
async def test_bad_settings(desk: Any, settings: Any, word: str) -> None:
    """400 by the control API, and in a seed, naming the key."""
    await desk.post("/seed", {"services": [{"sid": SERVICE}]})
    said = await desk.ask("PUT", SETTINGS, settings)
    assert (said.status, said.type) == (400, "bad_body")
    assert word in said.message
    said = await desk.ask("POST", "/seed", {"services": [{"sid": SERVICE, "opt_out": settings}]})
    assert (said.status, said.type) in ((400, "bad_body"), (400, "bad_scenario"))
    assert f"services[0].opt_out.{word}" in said.message
    assert (await desk.get(SETTINGS)).document == DEFAULT


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_settings_of_a_service_that_is_not_there(desk: Any, method: str) -> None:
    """404, with the one that was probably meant."""
    await desk.post("/seed", {"services": [{"sid": SERVICE}]})
    said = await desk.ask(method, f"/opt_outs/settings/MG{'a' * 31}b", {})
    assert (said.status, said.type) == (404, "not_found")
    assert said["error"]["details"]["hint"] == SERVICE
