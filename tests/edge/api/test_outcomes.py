"""How messages end, through the API: every documented path, and recipients with an end of their
own, which need no configuration."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from mockserver.domain.accounts import Account
from mockserver.domain.built_in import CODES
from mockserver.domain.faults import FINAL_STATUS
from mockserver.domain.titles import TITLES

if TYPE_CHECKING:
    from tests.edge.api.conftest import Control, Put
    from tests.edge.conftest import Caller, Serve, Webhook

BLOCK = "+1500556"
ME, YOU = "+15017122661", "+14155552671"
SERVICE = "MG" + "a" * 32
THROUGH = {"From": "-", "MessagingServiceSid": SERVICE}
WHATSAPP = f"whatsapp:{ME}"
TRIAL = Account("AC" + "b" * 32, "t" * 32, type="Trial")

CLOCKS = ["instant", "manual", "scaled:1000", "real"]


async def advanced(api: "Caller", seconds: float) -> None:
    """Everything up to then has happened, callbacks included."""
    engine = api.sandbox.engine
    engine.catch_up()
    await engine.advance(api.sandbox.clock.now() + round(seconds * 1_000_000))


def in_an_hour(api: "Caller") -> dict[str, str]:
    """The parameters of a message that is to be sent then."""
    now = datetime.fromtimestamp(api.sandbox.clock.now() // 1_000_000, UTC)
    at = now + timedelta(hours=1)
    return {**THROUGH, "ScheduleType": "fixed", "SendAt": at.isoformat()}


async def story(
    api: "Caller", control: "Control", form: dict[str, str], seconds: float = 60
) -> dict[str, Any]:
    """The control API's view of a message, so many seconds after it was made."""
    created = await api.create(**form)
    assert created.status == 201, created.body
    await advanced(api, seconds)
    message: dict[str, Any] = await control(api, "GET", f"/messages/{created.json['sid']}")
    return message


def path(message: dict[str, Any]) -> list[str]:
    return [step["status"] for step in message["timeline"]]


# -- the documented paths --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "way"),
    [
        ("delivered", ["sending", "sent", "delivered"]),
        ("undelivered", ["sending", "sent", "undelivered"]),
        ("sent", ["sending", "sent"]),
        ("failed", ["failed"]),
    ],
)
@pytest.mark.parametrize("through", ["number", "service", "schedule"])
async def test_the_paths_of_a_text(
    api: "Caller", control: "Control", outcome: str, way: list[str], through: str
) -> None:
    """With a number `queued` at once; with a service it is a step after `accepted`/`scheduled`."""
    await control(api, "POST", "/delivery", {"outcome": outcome})
    forms: dict[str, dict[str, str]] = {
        "number": {},
        "service": THROUGH,
        "schedule": in_an_hour(api),
    }
    before = {
        "number": ["queued"],
        "service": ["accepted", "queued"],
        "schedule": ["scheduled", "queued"],
    }
    message = await story(api, control, forms[through], 7_200)
    assert path(message) == before[through] + way


@pytest.mark.parametrize("sender", ["number", "service"])
@pytest.mark.parametrize(
    ("to", "way"),
    [
        (f"whatsapp:{YOU}", ["sent", "delivered"]),
        (f"rcs:{YOU}", ["sent", "delivered"]),
        (f"whatsapp:{BLOCK}8001", ["sent", "delivered", "read"]),
        (f"whatsapp:{BLOCK}3016", ["sent", "undelivered"]),
        (f"whatsapp:{BLOCK}3010", ["failed"]),
        (f"rcs:{BLOCK}3036", ["sent", "undelivered"]),
    ],
)
async def test_the_paths_of_a_channel(
    api: "Caller", control: "Control", to: str, way: list[str], sender: str
) -> None:
    """No `sending`; `read` may follow."""
    channel = to.partition(":")[0]
    form = {"From": f"{channel}:{ME}"} if sender == "number" else THROUGH
    first = ["queued"] if sender == "number" else ["accepted", "queued"]
    assert path(await story(api, control, {"To": to, **form})) == first + way


async def test_a_cancelled_message(api: "Caller", control: "Control") -> None:
    """Goes nowhere, also when its time has come."""
    created = (await api.create(**in_an_hour(api))).json
    assert created["status"] == "scheduled"
    canceled = await api.call("POST", created["uri"], b"Status=canceled")
    assert canceled.json["status"] == "canceled"
    await advanced(api, 7_200)
    assert path(await control(api, "GET", f"/messages/{created['sid']}")) == [
        "scheduled",
        "canceled",
    ]


async def test_a_text_that_came_in(api: "Caller", control: "Control") -> None:
    """`receiving`, then `received`."""
    said = await control(api, "POST", "/inbound", {"from": YOU, "to": ME, "body": "Hi"})
    assert path(said["message"]) == ["receiving", "received"]


async def test_a_message_tells_when_it_changed(serve: "Serve") -> None:
    """`date_sent` with `sent`, `date_updated` with every change."""
    api = await serve(clock="manual", seed=1)
    created = (await api.create(To=f"{BLOCK}9060")).json
    midnight = "Tue, 01 Dec 2026 00:00"
    assert (created["date_sent"], created["date_updated"]) == (None, f"{midnight}:00 +0000")
    for status, updated in (("sent", f"{midnight}:30 +0000"), ("delivered", midnight[:-2])):
        await advanced(api, 30)
        message = (await api.get(created["uri"])).json
        assert (message["status"], message["date_sent"]) == (status, f"{midnight}:30 +0000")
        assert message["date_updated"].startswith(updated)
    assert message["date_updated"] == "Tue, 01 Dec 2026 00:01:00 +0000"


# -- recipients with an end of their own -----------------------------------------------------------


@pytest.mark.parametrize(("digits", "code"), CODES.items())
async def test_every_code(api: "Caller", control: "Control", digits: str, code: int) -> None:
    """Its last four digits behind +1 500 556 end a message with it, and its title says why."""
    message = await story(api, control, {"To": BLOCK + digits})
    assert (message["status"], message["error_code"]) == (FINAL_STATUS[code], code)
    shown = (await api.get()).json["messages"][0]
    assert (shown["status"], shown["error_code"]) == (FINAL_STATUS[code], code)
    assert shown["error_message"] == TITLES[code]


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize(
    ("digits", "status", "code"),
    [
        ("0000", "delivered", None),
        ("0003", "undelivered", 30003),
        ("0001", "failed", 30001),
        ("0018", "delivered", 30018),
        ("8000", "sent", None),
        ("8001", "read", None),
        ("9002", "delivered", None),
    ],
)
async def test_on_every_clock(
    serve: "Serve", control: "Control", clock: str, digits: str, status: str, code: int | None
) -> None:
    """The same end, whether time runs, leaps or is advanced."""
    api = await serve(clock=clock)
    message = await story(api, control, {"To": BLOCK + digits})
    assert (message["status"], message["error_code"]) == (status, code)


async def test_a_slow_one(serve: "Serve", control: "Control") -> None:
    """9 and three digits: delivered after so many seconds, sent halfway."""
    api = await serve(clock="manual")
    message = await story(api, control, {"To": f"{BLOCK}9120"}, 0)
    assert message["status"] == "queued"
    for seconds, status in ((59.9, "sending"), (0.1, "sent"), (59.9, "sent"), (0.1, "delivered")):
        await advanced(api, seconds)
        now = await control(api, "GET", f"/messages/{message['sid']}")
        assert now["status"] == status


@pytest.mark.parametrize(
    ("digits", "told"),
    [
        ("0003", ["sent", "undelivered 30003"]),
        ("0001", ["failed 30001"]),
        ("0018", ["sent", "delivered 30018"]),
        ("8000", ["sent"]),
        ("8001", ["sent", "delivered", "read"]),
    ],
)
@pytest.mark.parametrize("through", [False, True])
async def test_its_callbacks(
    api: "Caller", webhook: "Webhook", digits: str, told: list[str], through: bool
) -> None:
    """The usual ones, the code with the last; through a service `queued` goes before."""
    form = THROUGH if through else {}
    await api.create(To=BLOCK + digits, StatusCallback=webhook.url, **form)
    await api.settled()
    forms = [dict(parse_qsl(body.decode())) for _, body in webhook.posted]
    said = [f"{form['MessageStatus']} {form.get('ErrorCode', '')}".strip() for form in forms]
    assert said == (["queued"] if through else []) + told


async def test_a_scheduled_one(serve: "Serve", control: "Control") -> None:
    """Its seconds count from `SendAt`."""
    api = await serve(clock="manual")
    message = await story(api, control, {"To": f"{BLOCK}0005", **in_an_hour(api)}, 3_600)
    assert path(message) == ["scheduled", "queued"]
    await advanced(api, 0.5)
    later = await control(api, "GET", f"/messages/{message['sid']}")
    assert (later["status"], later["error_code"]) == ("undelivered", 30005)


async def test_a_rule_goes_before_it(api: "Caller", control: "Control") -> None:
    """What a test asked for is meant; where it is not about the message, the number decides."""
    rule = {"when": {"body": "well"}, "outcome": "delivered"}
    await control(api, "POST", "/delivery", rule)
    ends = [
        (await story(api, control, {"To": f"{BLOCK}0007", "Body": body}))["status"]
        for body in ("all is well", "or not")
    ]
    assert ends == ["delivered", "undelivered"]


async def test_on_trial_it_must_be_verified(serve: "Serve", control: "Control") -> None:
    """As any other recipient."""
    api = await serve(account=(TRIAL,))
    api.account, api.auth = TRIAL.sid, f"{TRIAL.sid}:{TRIAL.auth_token}"
    to = f"{BLOCK}0003"
    assert (await api.create(To=to)).code == 21219
    await control(api, "POST", "/seed", {"verified_callers": [to]})
    assert (await story(api, control, {"To": to}))["error_code"] == 30003


async def test_with_strict_numbers_and_senders(
    serve: "Serve", control: "Control", put: "Put"
) -> None:
    """The block has no country's plan, and passes; its sender must be there."""
    api = await serve(strict_numbers=True, strict_senders=True)
    assert (await api.create(To=f"{BLOCK}0003")).code == 21659
    await put(api, given={"numbers": [ME]})
    assert (await story(api, control, {"To": f"{BLOCK}0003"}))["error_code"] == 30003
