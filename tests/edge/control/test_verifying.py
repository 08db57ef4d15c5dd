"""`/_mock/verify`: one check or several, each told with what breaks it."""

from typing import Any

import pytest

TO, OTHER = "+14155552671", "+14155550002"
STOP = {"direction": "inbound", "body": "STOP"}


async def test_one_check(desk: Any) -> None:
    """Answers as a count does: whether it holds, a sentence, what is nearest, and SIDs."""
    first, second = await desk.create(To=OTHER), await desk.create(To=TO)
    said = await desk.post("/verify", {"order": [{"to": OTHER}, {"to": TO}]})
    assert (said["ok"], said["matched"], said["matches"]) == (True, 2, [first, second])
    assert "checks" not in said.document
    said = await desk.post("/verify", {"order": [{"to": TO}, {"to": OTHER}]})
    assert not said["ok"]
    [miss] = said["near_misses"]
    assert miss["sid"] == first
    assert miss["differences"]["created_at"]["expected"] == f"after {second}"


async def test_several_checks(desk: Any) -> None:
    """Each by itself, and all together: those that hold do not hide those that do not."""
    await desk.create()
    again = await desk.create()
    checks = [{"final": True}, {"no_duplicates": True}, {"cost": {"segments_each": 0}}]
    said = await desk.post("/verify", {"checks": checks})
    assert [(each["check"], each["ok"], each["matched"]) for each in said["checks"]] == [
        ("final", True, 2),
        ("no_duplicates", False, 2),
        ("cost", False, 2),
    ]
    assert (said["ok"], said["matched"]) == (False, 6)
    assert said["explanation"].startswith("2 of 3 checks do not hold:\n- no_duplicates: Expected")
    assert said["near_misses"] == [
        miss for each in said["checks"][1:] for miss in each["near_misses"]
    ]
    assert said["matches"][0] == again
    fine = await desk.post("/verify", {"checks": [{"final": True}]})
    assert (fine["ok"], len(fine["checks"]), fine["near_misses"]) == (True, 1, [])


async def test_in_a_sandbox_of_its_own(desk: Any) -> None:
    """Durations count from when that began."""
    other = await desk.in_sandbox(clock="manual", seed=5)
    await other.create()
    assert (await other.post("/verify", {"within": {"to": "1s"}, "count": {"exactly": 1}}))["ok"]
    assert not (await desk.post("/verify", {}))["ok"]


@pytest.mark.parametrize(
    ("check", "ok"),
    [
        ({"count": {"at_most": 2, "per": "60s"}}, True),
        ({"count": {"at_most": 1, "per": 60}}, False),
        ({"where": {"to": TO, "direction": "outbound-api"}, "never_after": STOP}, True),
        ({"where": {"to": TO}, "never_after": "0s"}, False),
        ({"acknowledged": True}, True),
        ({"opt_outs_heeded": True}, True),
        ({"within": {"from": {"body": "1"}, "to": STOP}, "count": {"exactly": 1}}, False),
        ({"within": {"from": {"body": "0"}, "to": STOP}, "count": {"exactly": 1}}, True),
        ({"cost": {"segments": 2, "price": 1}}, True),
        ({"cost": {"price": "0.01", "price_each": "0.01"}}, False),
    ],
)
async def test_every_kind(desk: Any, check: dict[str, Any], ok: bool) -> None:
    """Of two messages to somebody who then writes STOP."""
    for number in range(2):
        await desk.create(Body=str(number))
    await desk.post("/inbound", {"from": TO, "to": "+15017122661", "body": "STOP"})
    said = await desk.post("/verify", check)
    assert said["ok"] is ok, said.document
    assert said["explanation"].endswith(".")


@pytest.mark.parametrize(
    ("document", "kind", "said"),
    [
        ({"finall": True}, "bad_body", "finall: unknown key; did you mean 'final'?"),
        ({"checks": [{"odrer": []}]}, "bad_body", "did you mean 'order'?"),
        ({"order": [{}, {"boddy": "x"}]}, "bad_body", "order.1.boddy: unknown key"),
        ({"never_after": {"form": "x"}}, "bad_body", "did you mean 'from'?"),
        ({"count": {"per": "1s", "by": "To"}}, "bad_body", "must be one of to, from, all"),
        ({"cost": {"segments": -1}}, "bad_body", "must be at least 0"),
        ({"final": True, "acknowledged": True}, "bad_check", "put both into `checks`"),
        ({"within": {"from": "soon"}}, "bad_check", "within.from: 'soon' is no time"),
        ({"checks": [{"order": [{"body_regex": "("}, {}]}]}, "bad_filter", "checks[0].order[0]."),
        ({"where": {"channel": "apn"}}, "bad_filter", "/_mock/push_deliveries"),
    ],
)
async def test_what_cannot_be_verified(
    desk: Any, document: dict[str, Any], kind: str, said: str
) -> None:
    """Is refused with its place, and what was probably meant."""
    refusal = await desk.ask("POST", "/verify", document)
    assert (refusal.status, refusal.type) == (400, kind)
    assert said in refusal.message.replace("[1]", ".1")


async def test_a_bad_check_is_told_apart(desk: Any) -> None:
    """With its field and the reason."""
    refusal = await desk.ask("POST", "/verify", {"strict": True})
    assert refusal["error"]["details"] == {"field": "strict", "reason": "means nothing to `count`"}


async def test_an_operation_is_verified(desk: Any) -> None:
    """Messages of the Communications API count as others do."""
    operation = await desk.operation("+14155550001", "+14155550002")
    await desk.post("/clock/advance", {"until": "idle"})
    where = {"operation_id": operation}
    checks = [{"where": where, **each} for each in ({"final": True}, {"count": {"exactly": 2}})]
    assert (await desk.post("/verify", {"checks": checks}))["ok"]
