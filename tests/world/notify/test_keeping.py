"""Notify in a snapshot: out and in, and what is refused."""

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from mockserver.domain.faults import Scenario
from mockserver.domain.notify.ask import Ask
from mockserver.domain.paging import PageAsk
from mockserver.world import copying
from mockserver.world.notify.credentials import Credentials
from mockserver.world.notify.services import NotifyServices
from mockserver.world.sandbox import Sandbox
from mockserver.world.snapshot import BadSnapshot, parse

if TYPE_CHECKING:
    from tests.world.notify.conftest import MakeBox, MakeSending, Notify, On

OTHER = "AC" + "2" * 32


def document(sandbox: Sandbox) -> dict[str, Any]:
    """A snapshot as it goes over the wire."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(sandbox.snapshot()))
    return found


async def fill(notify: "Notify") -> None:
    """Something in every table, and something gone from every one."""
    made = [await notify.bind("BE"[n % 2], Tag=["x"], Endpoint=f"{n}") for n in range(4)]
    await notify.users.create("Mallory", ["VIP"])
    await notify.users.join(notify.user("B"), "VIP")
    for number in (0, 3):
        await notify.bindings.delete(made[number])
    await notify.users.delete(notify.user("Mallory"), notify.bindings.table)
    credentials = Credentials(notify.sandbox)
    await credentials.delete(await credentials.create(notify.account, {"Type": "gcm"}))
    await credentials.create(notify.account, {"Type": "apn"})
    await notify.services.delete(await notify.services.create(notify.account, {}))


async def test_out_and_in_is_nothing(notify: "Notify", make_box: "MakeBox") -> None:
    """A snapshot of what was restored is the snapshot; the account is the target's."""
    await fill(notify)
    kept, target = document(notify.sandbox), make_box(OTHER)
    target.restore(parse(kept), Scenario(""))
    assert document(target) == kept
    tables = target.tables.notify
    [service] = tables.services.values()
    assert service.account_sid == OTHER
    assert {each.account_sid for each in tables.bindings[service.sid]} == {OTHER}
    assert {each.account_sid for each in tables.users[service.sid]} == {OTHER}


async def test_life_goes_on(notify: "Notify", make_box: "MakeBox", on: "On") -> None:
    """Pages, selections and SIDs to come are as they would have been."""
    await fill(notify)
    target = make_box(OTHER)
    target.restore(parse(document(notify.sandbox)), Scenario(""))
    copy = on(target, target.tables.notify.services[notify.service.sid])

    def sids(of: "Notify", **asked: Any) -> list[str]:
        found = map(of.bindings.table.at, of.bindings.chosen(Ask(**asked)))
        return [each.sid for each in found if each is not None]

    for asked in ({"tags": ("x",)}, {"identities": ("E",)}, {"segments": ("VIP",)}):
        assert sids(copy, **asked) == sids(notify, **asked) != []
    [gone] = [sid for sid, at in notify.bindings.table.gone.items() if at == 3]
    found = [each.bindings.page(PageAsk(0, 1, gone), (), ())[0][0].sid for each in (copy, notify)]
    assert found[0] == found[1]
    made = [await each.bind("New", Endpoint="2") for each in (copy, notify)]
    assert made[0].sid == made[1].sid
    assert (await copy.bind()).sid == (await notify.bind()).sid
    assert copy.user("New").sid == notify.user("New").sid


async def test_a_fork_is_a_world_of_its_own(notify: "Notify", make_box: "MakeBox") -> None:
    """What is done there is not done here."""
    await notify.bind()
    target = make_box(OTHER)
    target.restore(parse(document(notify.sandbox)), Scenario(""))
    [service] = target.tables.notify.services.values()
    await NotifyServices(target).delete(service)
    assert len(list(notify.bindings.table)) == 1


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("services.0.sid", "MG" + "a" * 32, "notify.services[0]: 'MG"),
        ("services.0.account_sid", "AC#9", "notify.services[0]: there is no account 'AC#9'"),
        ("services.0.created_at", -1, "notify.services[0]: a time is out of range"),
        ("credentials.0.sid", "x", "notify.credentials[0]: 'x' is not its SID"),
        ("credentials.0.type", "sms", "'sms' is no channel with credentials"),
        ("segments.0.service_sid", "IS1", "there is no service 'IS1'"),
        ("segments.0.unique_name", "other", "notify.users[0]: a segment is not there"),
        ("bindings.0.sid", "BS", "notify.bindings[0]: 'BS' is not its SID"),
        ("bindings.0.service_sid", "IS1", "there is no service 'IS1'"),
        ("bindings.0.binding_type", "fax", "'fax' is no channel"),
        ("bindings.0.identity", "Nobody", "there is no user 'Nobody'"),
        ("bindings.0.updated_at", 1 << 62, "a time is out of range"),
        ("bindings.0.tags", "x", "Expected `array`"),
        ("bindings.0.more", "x", "more"),
        ("users.1.identity", "B", "users: an identity is there twice"),
        ("users.0.segments", ["nothing"], "a segment is not there"),
        ("gone", {"IS1": {}}, "gone: 'IS1' must be a service"),
    ],
)
async def test_what_cannot_be(notify: "Notify", path: str, value: Any, complaint: str) -> None:
    """Is said, with its place, before anything is touched."""
    await fill(notify)
    kept = document(notify.sandbox)
    at: Any = kept["notify"]
    *way, last = path.split(".")
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    if last == "more":
        kept["notify"]["more"] = value
    else:
        at[last] = value
    with pytest.raises(BadSnapshot) as refused:
        parse(kept)
    assert complaint in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({0: 1}, "two places are one"),
        ({0: 9}, "out of range"),
        ({0: -1}, "out of range"),
    ],
)
async def test_places_that_cannot_be(
    notify: "Notify", changes: dict[int, int], complaint: str
) -> None:
    """Every place is taken once, by what is there or by what was."""
    made = [await notify.bind() for _ in range(3)]
    for binding in made[:2]:
        await notify.bindings.delete(binding)
    kept = document(notify.sandbox)
    gone = kept["notify"]["gone"][notify.service.sid]
    for number, place in changes.items():
        gone[made[number].sid] = place
    with pytest.raises(BadSnapshot, match=complaint):
        parse(kept)


async def test_there_and_gone(notify: "Notify") -> None:
    """Both cannot be; nor can another kind of record be gone, nor a SID be there twice."""
    one, two = await notify.bind(), await notify.bind()
    await notify.bindings.delete(two)
    kept = document(notify.sandbox)
    gone = kept["notify"]["gone"][notify.service.sid]
    gone[one.sid] = gone.pop(two.sid)
    with pytest.raises(BadSnapshot, match="a record is there and gone"):
        parse(kept)
    gone["SG" + "a" * 32] = gone.pop(one.sid)
    with pytest.raises(BadSnapshot, match="with SIDs of bindings and users"):
        parse(kept)
    kept = document(notify.sandbox)
    kept["notify"]["bindings"] *= 2
    with pytest.raises(BadSnapshot, match=r"notify\.bindings: a SID is there twice"):
        parse(kept)


# -- notifications --


async def test_what_is_under_way_goes_on_elsewhere(sending: "MakeSending") -> None:
    """From where it was: nobody is written to twice, and nobody is forgotten."""
    notify = await sending("manual", DeliveryCallbackUrl="https://e.com/x")
    for number in range(120):
        await notify.bind("apn", f"{number}", f"{number % 60}")
    await notify.change(DeliveryCallbackEnabled=True)
    told = await notify.send(tags=("all",))
    late = await notify.send(("sms", "+14155552671"), ("apn", "direct"))
    sandbox = notify.world.sandbox
    sandbox.notifying._step(told.sid, told.created_at)  # a slice, as when the clock goes on
    assert sandbox.tables.notify.progress[told.sid].done == 50
    kept = document(sandbox)
    copying.restore(notify.world.sandboxes, sandbox, parse(kept))
    assert document(sandbox)["notify"] == kept["notify"]
    await sandbox.engine.advance(None)
    addresses = [each.address for each in notify.deliveries]
    assert addresses == [*map(str, range(120)), "direct"]
    assert notify.counts(told) == (120, 120, 0)
    assert notify.counts(late) == (2, 2, 0)
    [report] = [
        parcel for parcel in notify.world.app.posted if dict(parcel.params)["Count"] == "120"
    ]
    assert dict(report.params)["SequenceId"] == "0"
    assert len(list(notify.world)) == 1


async def test_a_snapshot_does_not_change(sending: "MakeSending") -> None:
    """While what it was taken of goes on."""
    notify = await sending("manual", DeliveryCallbackUrl="https://e.com/x")
    await notify.change(DeliveryCallbackEnabled=True)
    told = await notify.send(*(("apn", f"{n}") for n in range(60)))
    sandbox = notify.world.sandbox
    sandbox.notifying._step(told.sid, told.created_at)
    taken = sandbox.snapshot()
    before = msgspec.json.encode(taken)
    await sandbox.engine.advance(None)
    assert msgspec.json.encode(taken) == before


def spoil(kept: dict[str, Any], where: str, value: Any) -> None:
    """Put a value at a dotted path."""
    *parts, last = [int(part) if part.isdigit() else part for part in where.split(".")]
    place: Any = kept
    for part in parts:
        place = place[part]
    place[last] = value


TOLD, COME = "notifications.0.notification", "notifications.0.progress"
MADE = {"notification_sid": "", "channel": "apn", "address": "x"}


def nested(levels: int) -> dict[str, Any]:
    """An object of so many levels."""
    return {"a": nested(levels - 1)} if levels else {}


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        (f"{TOLD}.sid", "NT1", "SID"),
        (f"{TOLD}.service.sid", "MG1", "SID"),
        (f"{TOLD}.account_sid", "AC#7", "account"),
        (f"{TOLD}.service.account_sid", "AC#7", "account"),
        (f"{TOLD}.created_at", -1, "time"),
        (f"{TOLD}.ask.priority", "middle", "priority"),
        (f"{TOLD}.ask.ttl", 2_419_201, "ttl"),
        (f"{TOLD}.ask.sms", {"body": 1}, "sms"),
        (f"{TOLD}.ask.data", nested(101), "nested"),
        (f"{TOLD}.ask.recipients.0.binding_type", "fax", "channel"),
        (f"{COME}.recipients", 3, "recipients"),
        (f"{COME}.places", [0], "recipients"),
        (f"{COME}.done", 5, "add up"),
        (f"{COME}.sent", -1, "add up"),
        (f"{COME}.failed", 2, "add up"),
        (f"{COME}.over", True, "add up"),
        (f"{COME}.pending", [MADE, MADE], "pending"),
        ("notifications.1.progress.places", [0, 0], "twice"),
        ("notifications.1.progress.places", [0, 7], "out of range"),
        ("notifications.1.progress.recipients", 1, "not all there"),
        ("notifications.1.notification.sid", "same", "twice"),
        ("deliveries", [{**MADE, "notification_sid": "NT" + "0" * 32}], "no such delivery"),
        ("deliveries", [{**MADE, "status": "FAILED"}], "no such delivery"),
    ],
)
async def test_notifications_that_cannot_be(
    sending: "MakeSending", where: str, value: Any, said: str
) -> None:
    """Are refused before anything is touched."""
    notify = await sending("manual")
    await notify.bind("apn", "1")
    await notify.bind("apn", "2")
    told = await notify.send(("apn", "1"), ("sms", "2"))
    await notify.send(tags=("all",))
    kept = document(notify.world.sandbox)
    parse(kept)
    value = told.sid if value == "same" else value
    spoil(kept["notify"], where, value)
    with pytest.raises(BadSnapshot, match=said):
        parse(kept)
