"""`/_mock/webhook_map`: a sandbox's own map; and the webhook of numbers that have none."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.edge.control.webhook_map import MOST
from mockserver.server import contained

if TYPE_CHECKING:
    from tests.edge.conftest import Webhook

ME, YOU = "+15017122661", "+14155552671"
APP, OTHER = "https://app.example.com", "https://other.example.com"


def base(webhook: "Webhook") -> str:
    return webhook.url.removesuffix("/status")


async def entries(desk: Any) -> list[tuple[str, str, str]]:
    found = (await desk.get("/webhook_map"))["webhook_map"]
    return [(each["id"], each["from"], each["to"]) for each in found]


async def reached(desk: Any, url: str) -> int:
    """The status that a webhook at `url` answered; 0 where nobody did."""
    await desk.create(StatusCallback=url)
    await desk.post("/clock/advance", {"until": "idle"})
    found = (await desk.get("/callbacks", order="desc", limit=1))["callbacks"]
    return found[0]["response_status"] or 0


async def test_entries_are_added_listed_and_removed(desk: Any, webhook: "Webhook") -> None:
    """In force at once, each under an id of its own."""
    assert await entries(desk) == []
    assert await reached(desk, f"{APP}/status") == 0
    said = await desk.ask("POST", "/webhook_map", {"from": APP, "to": base(webhook)})
    assert said.status == 201
    await desk.post("/webhook_map", {"from": "localhost", "to": "127.0.0.2"})
    assert await entries(desk) == [
        ("map-1", APP, base(webhook)),
        ("map-2", "localhost", "127.0.0.2"),
    ]
    assert await reached(desk, f"{APP}/status") == 204
    headers, _ = webhook.posted[-1]
    assert dict(headers)["Host"] == dict(headers)["X-Forwarded-Host"] == "app.example.com"
    assert (await desk.ask("DELETE", f"/webhook_map/{said['id']}")).status == 204
    assert await reached(desk, f"{APP}/status") == 0
    assert (await desk.post("/webhook_map", {"from": OTHER, "to": APP}))["id"] == "map-3"
    assert (await desk.ask("DELETE", "/webhook_map")).status == 204
    assert await entries(desk) == []


async def test_the_newer_of_two_counts(desk: Any, webhook: "Webhook") -> None:
    """And that with the longer path before both."""
    for goal in (base(webhook), "http://127.0.0.1:1"):
        await desk.post("/webhook_map", {"from": APP, "to": goal})
    await desk.post("/webhook_map", {"from": f"{APP}/hooks", "to": base(webhook)})
    await desk.post("/webhook_map", {"from": f"{APP}/", "to": "http://127.0.0.1:1"})
    assert await reached(desk, f"{APP}/hooks/x") == 204
    assert await reached(desk, f"{APP}/x") == 0


async def test_it_survives_a_reset(desk: Any, webhook: "Webhook") -> None:
    """Whoever put it there is outside, and does not know of a reset."""
    await desk.post("/webhook_map", {"from": APP, "to": base(webhook)})
    await desk.post("/reset")
    assert [each[1:] for each in await entries(desk)] == [(APP, base(webhook))]
    assert await reached(desk, f"{APP}/status") == 204


async def test_sandboxes_have_maps_of_their_own(desk: Any, webhook: "Webhook") -> None:
    """A fork, too, begins with none."""
    box = await desk.in_sandbox()
    await box.post("/webhook_map", {"from": APP, "to": base(webhook)})
    fork = await desk.in_sandbox(**{"from": box.prefix.rpartition("/")[2]})
    assert [await reached(each, f"{APP}/status") for each in (desk, box, fork)] == [0, 204, 0]


async def test_it_goes_before_the_servers(opened: Any, webhook: "Webhook") -> None:
    """Whose entries hold where it has none, even for longer paths."""
    goal = base(webhook)
    desk = await opened(webhook_map=((f"{APP}/hooks", "http://127.0.0.1:1"), (OTHER, goal)))
    assert await reached(desk, f"{APP}/hooks/x") == 0
    await desk.post("/webhook_map", {"from": APP, "to": goal})
    assert await reached(desk, f"{APP}/hooks/x") == 204
    assert await reached(desk, OTHER) == 204


async def test_media_and_inbound_webhooks_go_there(desk: Any, webhook: "Webhook") -> None:
    """As status callbacks do."""
    await desk.post("/webhook_map", {"from": APP, "to": base(webhook)})
    await desk.post("/seed", {"numbers": [{"phone_number": ME, "sms_url": f"{APP}/sms"}]})
    received = await desk.post("/inbound", {"from": YOU, "to": ME, "body": "Hi"})
    assert received["webhook"]["response_status"] == 204
    webhook.answers = [200, 404]
    sid = await desk.create(MediaUrl=f"{APP}/cat.png")
    await desk.post("/clock/advance", {"until": "idle"})
    assert (await desk.get(f"/messages/{sid}"))["status"] == "failed"
    assert [dict(headers)["X-Forwarded-Proto"] for headers, _ in webhook.posted] == ["https"] * 3


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"from": APP}, "to"),
        ({"from": APP, "to": ""}, "to"),
        ({"from": APP, "to": "localhost"}, "is one of each"),
        ({"from": APP, "to": "http://localhost:0"}, "Port 0"),
        ({"from": "localhost", "to": "a b"}, "not a host name"),
        ({"from": f"{APP}?x", "to": "http://localhost"}, "scheme, host, port and path"),
    ],
)
async def test_what_leads_nowhere_is_refused(desk: Any, entry: dict[str, str], said: str) -> None:
    """With the reason, and nothing changes."""
    refusal = await desk.ask("POST", "/webhook_map", entry)
    assert (refusal.status, refusal.type) == (400, "bad_body")
    assert said in refusal.message
    assert await entries(desk) == []


async def test_an_unknown_entry_is_not_found(desk: Any) -> None:
    """It may be gone already."""
    refusal = await desk.ask("DELETE", "/webhook_map/map-1")
    assert (refusal.status, refusal.type) == (404, "not_found")


async def test_a_map_is_bounded(desk: Any) -> None:
    """Every webhook carries it."""
    desk.sandbox.routes.update({f"map-{n}": (APP, OTHER) for n in range(MOST)})
    refusal = await desk.ask("POST", "/webhook_map", {"from": APP, "to": OTHER})
    assert (refusal.status, refusal.type) == (400, "bad_body")
    assert "at most 1,000" in refusal.message


# -- the server's settings -------------------------------------------------------------------------


async def test_numbers_without_a_webhook_have_the_servers(opened: Any, webhook: "Webhook") -> None:
    """`--inbound-url`, as it is written; a number's own goes before it."""
    desk = await opened(inbound_url=f"{webhook.url}?from=mock")
    await desk.post("/seed", {"numbers": [{"phone_number": ME, "sms_url": "http://127.0.0.1:1/"}]})
    own, other = [
        (await desk.post("/inbound", {"from": YOU, "to": to, "body": "Hi"}))["webhook"]
        for to in (ME, "+14155550123")
    ]
    assert (own["url"], own["response_status"]) == ("http://127.0.0.1:1/", None)
    assert (other["url"], other["response_status"]) == (f"{webhook.url}?from=mock", 204)


@pytest.mark.parametrize("mark", [".dockerenv", "run/.containerenv", None])
def test_a_container_is_known_by_its_mark(tmp_path: Path, mark: str | None) -> None:
    """Of Docker, and of Podman."""
    if mark is not None:
        (tmp_path / mark).parent.mkdir(exist_ok=True)
        (tmp_path / mark).touch()
    assert contained(tmp_path) == (mark is not None)
