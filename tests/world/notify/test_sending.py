"""Notifications on the clock: whom they reach, how, and what becomes of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.domain.accounts import Account
from mockserver.world.notify.credentials import Credentials
from mockserver.world.notify.inspection import subject
from mockserver.world.notify.services import NotifyServices
from mockserver.world.notify.work import ROWS

if TYPE_CHECKING:
    from tests.world.notify.conftest import MakeSending, Sending

MG, CR = f"MG{'a' * 32}", f"CR{'a' * 32}"
YOU = "+14155552671"
PUSHES = ("apn", "fcm", "gcm", "alexa")
MESSENGER = "facebook-messenger"


@pytest.fixture
async def notify(sending: "MakeSending") -> "Sending":
    return await sending()


# -- text messages --


async def test_a_text_message(notify: "Sending") -> None:
    """Is an ordinary one with its whole life, through the Messaging Service."""
    told = await notify.send(("sms", YOU))
    [message] = notify.world
    assert (message.to, message.body, message.origin) == (YOU, "Ahoy", "notify")
    assert (message.direction, message.messaging_service_sid) == ("outbound-api", MG)
    assert message.created_at == told.created_at
    steps = [status for status, _ in notify.world.timeline(message)]
    assert steps == ["accepted", "queued", "sending", "sent", "delivered"]
    assert notify.deliveries == []
    assert notify.counts(told) == (1, 1, 0)


async def test_what_sms_says(notify: "Sending") -> None:
    """Its own sender and body go first; media make an MMS, callbacks go to its address."""
    sms = {
        "from": "+15017122661",
        "body": "Look",
        "media_urls": ["https://example.com/1.png"],
        "status_callback": "https://example.com/x",
        "max_price": 0.5,
    }
    await notify.send(("sms", YOU), sms=sms)
    [message] = notify.world
    assert (message.from_, message.body, message.channel) == ("+15017122661", "Look", "mms")
    assert message.sid.startswith("MM")
    assert message.media_urls == ("https://example.com/1.png",)
    assert message.status_callback == "https://example.com/x"
    assert message.messaging_service_sid == ""


async def test_each_gets_one_and_a_duplicate_two(notify: "Sending") -> None:
    """In the order of the request."""
    others = [f"+1415555{n:04d}" for n in range(200, 320)]
    told = await notify.send(*(("sms", each) for each in (YOU, *others, YOU)))
    assert [message.to for message in notify.world] == [YOU, *others, YOU]
    assert len({message.sid for message in notify.world}) == 122
    assert notify.counts(told) == (122, 122, 0)


@pytest.mark.parametrize(
    ("asked", "form", "code"),
    [
        ({"body": ""}, {}, 21619),
        ({"body": "", "sms": {"from": "+15017122661"}}, {}, 21602),
        ({}, {"MessagingServiceSid": ""}, 52182),
        ({"sms": {"from": "nonsense!"}}, {}, 21212),
        ({"sms": {"status_callback": "no url"}}, {}, 21609),
        ({"sms": {"media_urls": ["https://e.com"] * 11}}, {}, 21623),
        ({"body": "a" * 1_601}, {}, 21617),
    ],
)
async def test_a_text_message_that_cannot_be(
    notify: "Sending", asked: Mapping[str, Any], form: Mapping[str, Any], code: int
) -> None:
    """Fails for what the create of a Message says; an alert has it too, and there is no Message."""
    await notify.change(**form)
    told = await notify.send(("sms", YOU), **asked)
    assert list(notify.world) == []
    [lost] = notify.deliveries
    assert (lost.status, lost.error_code, lost.sid) == ("FAILED", code, "")
    assert notify.counts(told) == (1, 0, 1)
    [alert] = notify.world.sandbox.journal.alerts
    assert (alert.code, alert.resource_sid, alert.at) == (code, told.sid, told.created_at)
    assert alert.text


async def test_a_bad_address_is_dropped_alone(notify: "Sending") -> None:
    """52001 with its text; the others go out."""
    await notify.send(("sms", "+86"), ("sms", YOU), ("apn", ""))
    assert [message.to for message in notify.world] == [YOU]
    assert notify.codes == [52001, 52001]
    first, second = notify.world.sandbox.journal.alerts
    assert first.text == (
        "Invalid sms binding with address '+86' sid 'null': "
        "Address of sms binding must be a valid phone number"
    )
    assert first.sid != second.sid


async def test_a_stored_bad_address_is_named(notify: "Sending") -> None:
    """By the SID of its binding."""
    sid = await notify.bind("sms", "not a number")
    await notify.send(tags=("sms",))
    [alert] = notify.world.sandbox.journal.alerts
    assert f"sid '{sid}'" in alert.text


async def test_who_has_opted_out(notify: "Sending") -> None:
    """The Message is refused, and so the delivery fails; through a service the Message fails."""
    number = "+15017122661"
    notify.put(given={"numbers": [number], "opt_outs": [{"from": number, "to": YOU}]})
    await notify.send(("sms", YOU), sms={"from": number})
    assert notify.codes == [21610]
    service = {"sid": MG, "senders": [number]}
    notify.put(given={"services": [service], "opt_outs": [{"from": MG, "to": YOU}]})
    await notify.send(("sms", YOU))
    [message] = notify.world
    assert notify.world.delivery(message).error_code == 21610
    assert notify.codes == [21610]


async def test_a_trial_account(sending: "MakeSending") -> None:
    """Writes to numbers it has verified; the others fail."""
    notify = await sending(given={"account": {"type": "Trial"}})
    await notify.send(("sms", YOU))
    assert notify.codes == [21219]


# -- Messenger --


async def test_a_message_on_messenger(notify: "Sending") -> None:
    """Is an ordinary one from the service's page, and its SID is the delivery's.

    What its Send API would have got stays to be looked at.
    """
    quick = {"message": {"quick_replies": [{"title": "Hi"}]}}
    told = await notify.send((MESSENGER, "987"), (MESSENGER, YOU), facebook_messenger=quick)
    first, second = notify.world
    assert (first.from_, first.to, first.body) == ("messenger:4", "messenger:987", "Ahoy")
    assert (first.origin, first.channel, first.direction) == ("notify", "messenger", "outbound-api")
    assert second.to == f"messenger:{YOU}"
    steps = [status for status, _ in notify.world.timeline(first)]
    assert steps == ["queued", "sent", "delivered"]
    assert [each.sid for each in notify.deliveries] == [first.sid, second.sid]
    assert subject(notify.world.sandbox, 1).payload[0] == {
        "recipient": {"phone_number": YOU},
        "message": {"text": "Ahoy", **quick["message"]},
    }
    assert notify.counts(told) == (2, 2, 0)


async def test_a_file_on_messenger(notify: "Sending") -> None:
    """Is the Message's media."""
    url = "https://example.com/1.png"
    file = {"message": {"attachment": {"type": "image", "payload": {"url": url}}}}
    await notify.send((MESSENGER, "987"), body="", facebook_messenger=file)
    [message] = notify.world
    assert (message.body, message.media_urls) == ("", (url,))


@pytest.mark.parametrize(
    ("address", "asked", "page", "code"),
    [
        ("987", {}, "", 52202),
        ("987", {"body": ""}, "4", 52203),
        ("987", {"body": "a" * 1_601}, "4", 21617),
        ("", {}, "4", 52001),
        ("not an id", {}, "4", 21211),
        ("4", {}, "4", 63031),
        ("987", {}, "not an id", 63007),
        ("fail-52201", {}, "4", 52201),
    ],
)
async def test_a_message_on_messenger_that_cannot_be(
    notify: "Sending", address: str, asked: Mapping[str, Any], page: str, code: int
) -> None:
    """Fails by Notify's own rules, by its address, or for what the create of a Message says."""
    await notify.change(FacebookMessengerPageId=page)
    told = await notify.send((MESSENGER, address), **asked)
    assert list(notify.world) == []
    assert notify.codes == notify.world.alerts == [code]
    assert (notify.deliveries[0].sid, notify.counts(told)) == ("", (1, 0, 1))


async def test_a_rule_about_messenger(notify: "Sending") -> None:
    """Is about the Message, once: the delivery was handed over."""
    rules = [{"when": {"channel": "messenger", "nth": 2}, "outcome": "failed", "error_code": 52201}]
    notify.put(delivery=rules)
    await notify.send(*((MESSENGER, each) for each in "123"))
    assert [notify.world.status(each) for each in notify.world] == [
        *("delivered", "failed", "delivered")
    ]
    assert notify.codes == [0, 0, 0]


async def test_strict_senders_on_messenger(notify: "Sending") -> None:
    """The page must be one of them."""
    notify.put(senders="strict")
    await notify.send((MESSENGER, "987"))
    assert notify.codes == [63007]
    notify.put(senders="strict", given={"numbers": ["messenger:4"]})
    await notify.send((MESSENGER, "987"))
    assert notify.codes == [63007, 0]


async def test_text_and_messenger_together(notify: "Sending") -> None:
    """Each by its own parameters."""
    await notify.send(("sms", YOU), (MESSENGER, "987"), ("sms", YOU), sms={"body": "Other"})
    assert [(each.to, each.body) for each in notify.world] == [
        (YOU, "Other"),
        ("messenger:987", "Ahoy"),
        (YOU, "Other"),
    ]


# -- other channels --


@pytest.mark.parametrize("channel", PUSHES)
async def test_a_push(notify: "Sending", channel: str) -> None:
    """Is a delivery with the name that its provider gives it; there is no Message."""
    told = await notify.send((channel, "token"), title="T")
    [made] = notify.deliveries
    assert (made.channel, made.address, made.status) == (channel, "token", "SENT")
    assert (made.notification_sid, made.at, made.error_code) == (told.sid, told.created_at, 0)
    assert made.sid
    assert made.sid.startswith("projects/") == (channel in ("fcm", "gcm"))
    assert bool(made.credential_sid) == (channel in ("apn", "fcm", "gcm"))
    assert list(notify.world) == []


async def test_every_delivery_has_a_name_of_its_own(notify: "Sending") -> None:
    """Whatever the channel, and however alike they are."""
    await notify.send(*[(channel, "t") for channel in PUSHES] * 2, title="T")
    assert len({each.sid for each in notify.deliveries}) == 8


@pytest.mark.parametrize(
    ("channel", "asked", "form", "code"),
    [
        ("fcm", {"data": {"from": 1}}, {}, 52107),
        ("fcm", {"body": "a" * 5_000}, {}, 52106),
        ("apn", {"body": ""}, {}, 52136),
        ("apn", {"body": "a" * 5_000}, {}, 52138),
        ("alexa", {"title": "T"}, {"AlexaSkillId": ""}, 52212),
        ("alexa", {}, {}, 52215),
        ("apn", {}, {"ApnCredentialSid": ""}, 52004),
        ("gcm", {}, {"GcmCredentialSid": CR}, 52161),
    ],
)
async def test_a_push_that_cannot_be(
    notify: "Sending", channel: str, asked: Mapping[str, Any], form: Mapping[str, Any], code: int
) -> None:
    """Fails with the code that is for it, which an alert has too."""
    await notify.change(**form)
    await notify.send((channel, "token"), **asked)
    assert notify.codes == notify.world.alerts == [code]


async def test_whose_credential_is_used(notify: "Sending") -> None:
    """The binding's goes before the service's; its type and its account must fit."""
    sandbox = notify.world.sandbox
    credentials = Credentials(sandbox)
    own = await credentials.create(sandbox.accounts.first, {"Type": "apn"})
    other = await credentials.create(sandbox.accounts.first, {"Type": "fcm"})
    foreign = await credentials.create(Account("AC" + "9" * 32), {"Type": "apn"})
    for number, each in enumerate((own, other, foreign)):
        await notify.bind("apn", f"{number}", CredentialSid=each.sid)
    await notify.bind("apn", "3")
    await notify.send(identities=("Bob",))
    assert notify.codes == [0, 52003, 52162, 0]
    sids = [each.credential_sid for each in notify.deliveries]
    assert sids == [own.sid, other.sid, foreign.sid, notify.service.apn_credential_sid]


async def test_a_rule_decides_first(notify: "Sending") -> None:
    """Before an address that fails by itself; a push has no codes of carriers."""
    rules = [
        {"when": {"channel": "apn", "to": "bad"}, "outcome": "failed", "error_code": 52143},
        {"when": {"channel": "apn", "to": "worse"}, "outcome": "undelivered"},
        {"when": {"to": "unregistered"}, "outcome": "delivered"},
        {"when": {"channel": "fcm", "origin": "notify", "nth": 2}, "outcome": "failed"},
    ]
    notify.put(delivery=rules)
    addresses = ("bad", "worse", "unregistered", "invalid", "good")
    await notify.send(*(("apn", each) for each in addresses))
    await notify.send(("fcm", "1"), ("fcm", "2"), ("sms", YOU))
    assert notify.codes == [52143, 52309, 0, 52134, 0, 0, 52309]
    assert [notify.world.status(message) for message in notify.world] == ["delivered"]


# -- whom it means --


async def test_bindings_are_chosen(notify: "Sending") -> None:
    """Each once and oldest first, with identity and SID; all channels in one notification."""
    phone = await notify.bind("sms", YOU, Tag=["x"])
    tablet = await notify.bind("apn", "tablet", Tag=["x", "y"])
    await notify.bind("apn", "other", "Eve", Tag=["x"])
    told = await notify.send(identities=("Bob", "Bob"), tags=("x", "all"))
    assert [message.to for message in notify.world] == [YOU]
    [made] = notify.deliveries
    assert (made.binding_sid, made.identity, made.address) == (tablet, "Bob", "tablet")
    assert phone != tablet
    assert notify.counts(told) == (2, 2, 0)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"identities": ("Nobody",)}, 52301),
        ({"tags": ("none",)}, 52301),
        ({"segments": ("VIP",)}, 52307),
    ],
)
async def test_nobody_is_chosen(notify: "Sending", asked: Mapping[str, Any], code: int) -> None:
    """A warning, and no more."""
    told = await notify.send(**asked)
    assert notify.counts(told) == (0, 0, 0)
    assert notify.world.alerts == [code]


async def test_an_uninstalled_application_is_not_written_to_again(notify: "Sending") -> None:
    """Its binding stays where it is; what APNs says does not count so."""
    for channel in ("fcm", "gcm", "apn"):
        await notify.bind(channel, "unregistered", Tag=[channel])
    await notify.send(tags=("all",))
    assert notify.codes == [52103, 52103, 52141]
    told = await notify.send(tags=("all",))
    assert notify.codes == [52103, 52103, 52141, 52141]
    assert notify.counts(told) == (3, 0, 1)
    assert [each.inactive for each in notify.bindings.table] == [True, True, False]
    quiet = await notify.send(tags=("fcm",))
    assert notify.counts(quiet) == (1, 0, 0)
    assert notify.world.alerts[-1] == 52301


async def test_what_is_asked_for_later_counts_for_later(sending: "MakeSending") -> None:
    """Who is meant is settled when it is accepted; who goes meanwhile is left out."""
    notify = await sending("manual")
    await notify.bind("apn", "1")
    gone = await notify.bind("apn", "2")
    told = await notify.send(identities=("Bob",))
    await notify.bind("apn", "3")
    found = notify.bindings.table.find(gone)
    assert found is not None
    await notify.bindings.delete(found)
    assert notify.deliveries == []
    await notify.world.advance(0)
    assert [each.address for each in notify.deliveries] == ["1"]
    assert notify.counts(told) == (2, 1, 0)


async def test_the_service_as_it_was(sending: "MakeSending") -> None:
    """Counts, even where it is changed or deleted before the clock goes on."""
    notify = await sending("manual")
    await notify.bind("apn", "1")
    await notify.send(("apn", "1"), ("sms", YOU))
    left = await notify.send(identities=("Bob",))
    service = notify.service
    await notify.change(ApnCredentialSid="", MessagingServiceSid="")
    await NotifyServices(notify.world.sandbox).delete(service)
    await notify.world.advance(0)
    assert notify.codes == [0]
    assert len(list(notify.world)) == 1
    assert notify.counts(left) == (1, 0, 0)


async def test_a_service_without_a_log(notify: "Sending") -> None:
    """Keeps none; what is sent, counted and warned of stays the same."""
    await notify.change(LogEnabled=False)
    told = await notify.send(("apn", "1"), ("apn", "invalid"), ("sms", YOU))
    assert notify.deliveries == []
    assert notify.counts(told) == (3, 2, 1)
    assert notify.world.alerts == [52134]
    assert len(list(notify.world)) == 1


# -- names --


async def test_names_are_those_of_what_is_asked(sending: "MakeSending") -> None:
    """Two worlds with one seed call the same notification the same, whatever else came before."""
    names = []
    for before in (0, 3):
        notify = await sending()
        for number in range(before):
            await notify.send(("apn", f"{number}"))
        told = [await notify.send(("apn", "t")) for _ in range(2)]
        names.append([each.sid for each in told])
    assert names[0] == names[1]
    assert len(set(names[0])) == 2
    assert all(each.startswith("NT") for each in names[0])


# -- much at once --


async def test_many_go_in_slices(sending: "MakeSending") -> None:
    """Others have their turn meanwhile, and commands do not wait for it."""
    notify = await sending()
    people = [("sms", f"+1415{n:07d}") for n in range(5_550_000, 5_552_000)]
    told = await notify.send(*people, answered=False)
    sandbox = notify.world.sandbox
    seen = set()
    while not sandbox.tables.notify.progress[told.sid].over:
        sandbox.engine.catch_up()
        seen.add(len(sandbox.tables.messages))
        await notify.world.turns()
    assert len(seen) > 10
    assert sandbox.engine.heavy()
    sandbox.outbox.release(told.sid)
    await sandbox.engine.advance(None)
    assert {notify.world.status(message) for message in notify.world} == {"delivered"}
    assert not sandbox.engine.heavy()
    assert notify.counts(told) == (2_000, 2_000, 0)


@pytest.mark.parametrize("registry", [NotifyServices, Credentials])
async def test_what_is_due_comes_before_the_next_command(
    sending: "MakeSending", registry: type[NotifyServices | Credentials]
) -> None:
    """Who changes a service, what is in it, or a credential, finds all sent: no race decides."""
    notify = await sending()
    for number in range(3 * ROWS):
        await notify.bind("apn", f"a-{number}", f"Bob {number}", Tag=["all"])
    told = await notify.send(tags=("all",), answered=False)
    sandbox = notify.world.sandbox
    progress = sandbox.tables.notify.progress[told.sid]
    assert not progress.over
    registry(sandbox).find(sandbox.accounts.first, notify.service.sid)
    assert (progress.over, progress.sent) == (True, 3 * ROWS)
