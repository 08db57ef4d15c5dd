"""The switches of Notify, on and off, as a client meets them."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.message import SECOND

if TYPE_CHECKING:
    from tests.edge.conftest import Answer
    from tests.edge.notify.conftest import Service

YOU = "+14155552671"
TAG_WRONG = "Can not convert incoming parameters to {} object: Parameter 'Tag' is invalid"
ADDRESS_WRONG = "Can not convert incoming parameters to {} object: Parameter 'Address' is invalid"


async def options(service: "Service", **options: Any) -> None:
    """Put these in force."""
    document = json.dumps({"scenario": {"name": "tested", "options": options}}).encode()
    local = {"Host": "localhost", "Content-Type": "application/json"}
    answer = await service.caller.call("PUT", "/_mock/scenario", document, local)
    assert answer.status == 200, answer.body


async def notified(service: "Service", *pairs: tuple[str, str], **form: str) -> "Answer":
    return await service.caller.post([*pairs, *form.items()], f"{service.path}/Notifications")


async def passed(service: "Service", microseconds: int = 0) -> None:
    """Let time pass, and what is due happen."""
    engine = service.caller.sandbox.engine
    await engine.advance(engine.clock.now() + microseconds)


async def outcomes(service: "Service") -> list[int]:
    """What deliveries failed with, 0 for those that did not, in order."""
    await passed(service)
    return [each.error_code for each in service.caller.sandbox.tables.notify.deliveries]


def tags(count: int) -> list[tuple[str, str]]:
    return [("Tag", f"tag {number}") for number in range(count)]


# -- notify_tags -----------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [20, 5])
async def test_tags_of_a_notification(service: "Service", most: int) -> None:
    """So many are taken; one more is refused, and nothing is kept of it."""
    await options(service, notify_tags=most)
    assert (await notified(service, *tags(most))).status == 201
    answer = await notified(service, *tags(most + 1))
    answer.refused(400, 20001, TAG_WRONG.format("Notification"))
    assert len(service.caller.sandbox.tables.notify.notifications) == 1


@pytest.mark.parametrize("most", [20, 5])
async def test_tags_of_a_filter(service: "Service", most: int) -> None:
    """The same in both lists of bindings."""
    await options(service, notify_tags=most)
    await service.bind(Tag=[tag for _, tag in tags(20)])
    for path, kind in (("Bindings", "Binding"), ("Users/Bob/Bindings", "UserBinding")):
        few, many = ("&".join(f"Tag=tag+{n}" for n in range(count)) for count in (most, most + 1))
        assert len((await service.listed(path, few))["bindings"]) == 1
        answer = await service.caller.call("GET", f"{service.path}/{path}?{many}")
        answer.refused(400, 20001, TAG_WRONG.format(kind))


# -- notify_per_second -----------------------------------------------------------------------------


async def test_notifications_within_a_second(service: "Service") -> None:
    """The one past the limit is told to come again; a second after the first, it may."""
    await options(service, notify_per_second=2)
    form = {"Identity": "Bob", "Body": "x"}
    assert (await notified(service, **form)).status == 201
    await passed(service, SECOND // 2)
    assert (await notified(service, **form)).status == 201
    await passed(service, SECOND // 2 - 1)
    answer = await notified(service, **form)
    answer.refused(429, 20429, "Too Many Requests")
    assert answer.header("Retry-After") == "1"
    await passed(service, 1)
    assert (await notified(service, **form)).status == 201
    assert (await notified(service, **form)).status == 429


async def test_each_service_has_its_own_second(service: "Service") -> None:
    """What one of them sends is not counted for the other, nor is what was refused."""
    await options(service, notify_per_second=1)
    other = await service.caller.made({}, "/v1/Services")
    path = f"/v1/Services/{other['sid']}/Notifications"
    assert (await service.caller.post({"Title": "nobody"}, path)).code == 20001
    assert (await notified(service, Identity="Bob")).status == 201
    assert (await service.caller.post({"Identity": "Bob"}, path)).status == 201
    assert (await service.caller.post({"Identity": "Bob"}, path)).status == 429
    assert (await notified(service, Identity="Bob")).status == 429


async def test_any_number_of_notifications(service: "Service") -> None:
    """Without the option; other refusals say nothing of a time."""
    for _ in range(150):
        assert (await notified(service, Identity="Bob")).status == 201
    assert (await notified(service)).header("Retry-After") is None


# -- notify_address_check --------------------------------------------------------------------------


async def test_a_bad_address_shows_when_something_is_sent(service: "Service") -> None:
    """The binding is made, and what goes to it fails."""
    await service.bind(BindingType="sms", Address="12")
    await notified(service, Identity="Bob", Body="x", Sms=json.dumps({"from": "+15017122661"}))
    assert await outcomes(service) == [52001]


async def test_a_bad_address_is_refused_at_once(service: "Service") -> None:
    """On both paths that make bindings, and only of text messages; nothing is made."""
    await options(service, notify_address_check="at_once")
    await service.bind(BindingType="sms", Address=YOU)
    await service.bind(BindingType="fcm", Address="12")
    form = {"Identity": "Bob", "BindingType": "sms", "Address": "12"}
    for path, kind in (("Bindings", "Binding"), ("Users/Bob/Bindings", "UserBinding")):
        answer = await service.caller.post(form, f"{service.path}/{path}")
        answer.refused(400, 20001, ADDRESS_WRONG.format(kind))
    assert len((await service.listed())["bindings"]) == 2


# -- notify_conflicts ------------------------------------------------------------------------------


async def test_what_is_there_is_refused(service: "Service") -> None:
    """With 409, for a user and for a membership."""
    await options(service, notify_conflicts=409)
    users = f"{service.path}/Users"
    await service.caller.made([("Identity", "Bob"), ("Segment", "VIP")], users)
    (await service.caller.post({"Identity": "Bob"}, users)).refused(409, 52304)
    answer = await service.caller.post({"Segment": "VIP"}, f"{users}/Bob/SegmentMemberships")
    answer.refused(409, 52305)


async def test_what_is_there_is_answered(service: "Service") -> None:
    """With 200, and as it was: segments that the request names are not joined."""
    await options(service, notify_conflicts=200)
    users = f"{service.path}/Users"
    user = await service.caller.made({"Identity": "Bob"}, users)
    again = await service.caller.post([("Identity", "Bob"), ("Segment", "new")], users)
    assert (again.status, again.json) == (200, user)
    members = f"{users}/Bob/SegmentMemberships"
    member = await service.caller.made({"Segment": "VIP"}, members)
    again = await service.caller.post({"Segment": "VIP"}, members)
    assert (again.status, again.json) == (200, member)
    assert [each["segments"] for each in (await service.listed("Users"))["users"]] == [["VIP"]]


# -- push_payload_max, push_credentials ------------------------------------------------------------


async def credential(service: "Service", **form: str) -> str:
    """The SID of a new one."""
    return str((await service.caller.made(form, "/v1/Credentials"))["sid"])


@pytest.mark.parametrize("most", [4_096, 2_048])
async def test_the_size_of_a_push(service: "Service", most: int) -> None:
    """So many bytes pass, one more is 52138."""
    await options(service, push_payload_max=most)
    sid = await credential(service, Type="apn", Certificate="c", PrivateKey="k")
    await service.bind(CredentialSid=sid)
    room = most - len(json.dumps({"aps": {"alert": {"body": ""}}}, separators=(",", ":")))
    for count in (room, room + 1):
        await notified(service, Identity="Bob", Body="x" * count)
    assert await outcomes(service) == [0, 52138]


@pytest.mark.parametrize(("kept", "codes"), [("required", [52161, 52004]), ("lenient", [0, 0])])
async def test_pushes_without_a_credential(service: "Service", kept: str, codes: list[int]) -> None:
    """One that was deleted, and none at all: a failure, or all the same where that is said."""
    await options(service, push_credentials=kept)
    sid = await credential(service, Type="apn", Certificate="c", PrivateKey="k")
    await service.bind(CredentialSid=sid)
    await service.bind(Address="other")
    await service.caller.call("DELETE", f"/v1/Credentials/{sid}")
    await notified(service, Identity="Bob", Body="x")
    assert await outcomes(service) == codes


async def test_lenient_is_not_blind(service: "Service") -> None:
    """A credential of another channel, and an address that fails, fail as ever."""
    await options(service, push_credentials="lenient")
    sid = await credential(service, Type="fcm", Secret="s")
    await service.bind(CredentialSid=sid)
    await service.bind(Address="fail-52143")
    await notified(service, Identity="Bob", Body="x")
    assert await outcomes(service) == [52003, 52143]
