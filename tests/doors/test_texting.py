"""Handsets that write in, through the handles and the command line."""

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest

from mockserver import AsyncMockTwilio, MockTwilio
from mockserver.cli import main
from mockserver.handle import ControlError, Inbound
from mockserver.handles.connection import ControlClient, Pool
from mockserver.handles.texting import attached, document

TO, FROM = "+14155552671", "+15017122661"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@pytest.fixture(scope="module")
def shared() -> Iterator[MockTwilio]:
    with MockTwilio(seed=7) as started:
        yield started


@pytest.fixture
def twilio(shared: MockTwilio, hook: Any) -> MockTwilio:
    """One whose number's webhooks are called."""
    shared.reset()
    numbers = [{"phone_number": each, "sms_url": hook.url} for each in (FROM, f"whatsapp:{FROM}")]
    shared.given(numbers=numbers)
    return shared


def fetched(url: str) -> bytes:
    with build_opener(ProxyHandler({})).open(url, timeout=20) as answer:
        return bytes(answer.read())


# -- what is sent ----------------------------------------------------------------------------------


def test_only_what_is_said_is_sent() -> None:
    """Empty things are as those left out; a trailing underscore is Python's."""
    assert document(TO, FROM, "", {"media_urls": (), "channel": ""}) == {"from": TO, "to": FROM}
    more: Any = {
        "list_": {"id": "1", "title": "x"},
        "forwarded": False,
        "media_urls": ("http://a",),
    }
    assert document(TO, FROM, "Hi", more) == {
        "from": TO,
        "to": FROM,
        "body": "Hi",
        "list": {"id": "1", "title": "x"},
        "forwarded": False,
        "media_urls": ["http://a"],
    }


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("cat.PNG", "image/png"),
        ("a.vcf", "text/vcard"),
        ("a.amr", "audio/amr"),
        ("a.pdf", "application/pdf"),
        ("a", "application/octet-stream"),
    ],
)
def test_a_path_is_a_file_with_type_and_name(tmp_path: Path, name: str, kind: str) -> None:
    """The type is told by its ending."""
    path = tmp_path / name
    path.write_bytes(PNG)
    for given in (path, str(path)):
        made = attached(given)
        assert (made["content_type"], made["filename"]) == (kind, name)
        assert b64decode(made["content"]) == PNG


def test_a_file_without_a_path() -> None:
    """Bytes and their type."""
    made = attached({"content_type": "image/png", "content": PNG})
    assert made == {"content_type": "image/png", "content": made["content"]}
    assert b64decode(made["content"]) == PNG


# -- the handle ------------------------------------------------------------------------------------


def test_a_picture_is_texted(twilio: MockTwilio, hook: Any, tmp_path: Path) -> None:
    """The application finds it where the webhook says."""
    path = tmp_path / "cat.png"
    path.write_bytes(PNG)
    inbound = twilio.receive(from_=TO, to=FROM, body="Look", media=[path])
    form = hook.posted.get(timeout=20)
    assert (form["NumMedia"], form["MediaContentType0"]) == ("1", "image/png")
    assert form["MediaUrl0"].startswith(twilio.base_url)
    assert fetched(form["MediaUrl0"]) == PNG
    assert [(each.content_type, each.size) for each in inbound.message.media] == [
        ("image/png", len(PNG)),
    ]


def test_a_button_on_whatsapp(twilio: MockTwilio, hook: Any) -> None:
    """With all that such a message may have."""
    sent = twilio.receive(from_=TO, to=FROM, channel="whatsapp").message
    answer = twilio.receive(
        from_=TO,
        to=FROM,
        channel="whatsapp",
        profile_name="Ada",
        button={"text": "Yes", "payload": "1"},
        replied_to=sent.sid,
        params={"ExternalUserId": "whatsapp:US.1"},
    )
    assert (answer.message.body, answer.stored, answer.opt_out) == ("Yes", True, "")
    hook.posted.get(timeout=20)
    form = hook.posted.get(timeout=20)
    told = [form[name] for name in ("ProfileName", "ButtonPayload", "OriginalRepliedMessageSid")]
    assert told == ["Ada", "1", sent.sid]
    assert form["ExternalUserId"] == "whatsapp:US.1"


def test_what_cannot_be_sent(twilio: MockTwilio) -> None:
    """The server says why."""
    with pytest.raises(ControlError, match="list: only whatsapp can have it"):
        twilio.receive(from_=TO, to=FROM, list_={"id": "1", "title": "One"})
    with pytest.raises(FileNotFoundError):
        twilio.receive(from_=TO, to=FROM, media=["/no/such/file.png"])


def test_a_keyword(twilio: MockTwilio) -> None:
    """Named, and answered by Twilio itself."""
    inbound = twilio.receive(from_=TO, to=FROM, body="Stop")
    assert inbound.opt_out == "stop"
    assert [reply.automatic for reply in inbound.replies] == [True]
    assert twilio.messages(origin="reply") == inbound.replies


async def test_the_twin(shared: MockTwilio) -> None:
    """The same, awaited."""
    twin = AsyncMockTwilio.beside(shared)
    await twin.reset()
    inbound = await twin.receive(from_=TO, to=FROM, channel="whatsapp", button={"text": "Yes"})
    assert isinstance(inbound, Inbound)
    assert (inbound.message.body, inbound.message.channel) == ("Yes", "whatsapp")


# -- the command line ------------------------------------------------------------------------------


def receive(twilio: MockTwilio, *words: str) -> int:
    ends = ("--from", TO, "--to", FROM, "--url", twilio.base_url)
    return main(["receive", *ends, *words])


def seeded(twilio: MockTwilio, url: str) -> MockTwilio:
    """The server's `default` sandbox, in which the number has a webhook."""
    pool = Pool(twilio.base_url)
    control = ControlClient(pool)
    control.call("POST", "/reset")
    numbers = [{"phone_number": each, "sms_url": url} for each in (FROM, f"whatsapp:{FROM}")]
    control.call("POST", "/seed", {"numbers": numbers})
    pool.close()
    return twilio


def test_receive_takes_files_and_urls(shared: MockTwilio, hook: Any, tmp_path: Path) -> None:
    """In any number; files go along, URLs are fetched."""
    path = tmp_path / "cat.png"
    path.write_bytes(PNG)
    twilio = seeded(shared, hook.url)
    assert receive(twilio, "--media", str(path)) == 0
    first = hook.posted.get(timeout=20)
    assert receive(twilio, "--media", first["MediaUrl0"], "--media", str(path)) == 0
    form = hook.posted.get(timeout=20)
    assert (form["NumMedia"], form["Body"]) == ("2", "")
    assert fetched(form["MediaUrl0"]) == fetched(form["MediaUrl1"]) == PNG


def test_receive_speaks_whatsapp(shared: MockTwilio, hook: Any) -> None:
    """Channel, profile, a button with or without a payload, further parameters."""
    twilio = seeded(shared, hook.url)
    words = ("--channel", "whatsapp", "--profile-name", "Ada", "--param", "AddOns={}=")
    assert receive(twilio, *words, "--button", "Yes=yes_1") == 0
    form = hook.posted.get(timeout=20)
    told = [form[name] for name in ("ProfileName", "ButtonText", "ButtonPayload", "AddOns")]
    assert told == ["Ada", "Yes", "yes_1", "{}="]
    assert receive(twilio, *words, "--button", "No") == 0
    assert hook.posted.get(timeout=20)["ButtonPayload"] == "No"


def test_receive_says_what_a_keyword_did(
    shared: MockTwilio, hook: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Behind Twilio's answer to it; also where the number has no webhook."""
    twilio = seeded(shared, hook.url)
    assert receive(twilio, "--body", "STOP") == 0
    reply, done = capsys.readouterr().out.splitlines()
    assert "unsubscribed" in reply
    assert done == f"{TO} gets no more messages from {FROM} until it writes START"
    assert receive(twilio, "--body", "START") == 0
    assert capsys.readouterr().out.endswith(f"\n{TO} gets messages from {FROM} again\n")
    words = ["receive", "--from", TO, "--to", "+15017122662", "--url", twilio.base_url]
    assert main([*words, "--body", "STOP"]) == 0
    told = capsys.readouterr()
    assert "gets no more messages from +15017122662" in told.out
    assert "warning: no webhook was called" in told.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--media", "no-such-file.png"), "--media no-such-file.png: No such file"),
        (("--param", "AddOns"), "--param AddOns: it is NAME=VALUE"),
        (("--param", "=1"), "--param =1: it is NAME=VALUE"),
    ],
)
def test_receive_knows_what_it_cannot_send(
    shared: MockTwilio, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    """Before it asks anybody."""
    assert receive(shared, *words) == 2
    assert told in capsys.readouterr().err


def test_receive_hands_on_what_the_server_refuses(
    shared: MockTwilio, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its sentence."""
    assert receive(shared, "--button", "Yes") == 1
    assert "button: only whatsapp and rcs and messenger can have it" in capsys.readouterr().err
