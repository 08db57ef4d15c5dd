"""What a handset can send by `POST /_mock/inbound`, as a real application is told of it."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from twilio.request_validator import RequestValidator

from mockserver.domain.accounts import DEFAULT_TOKEN
from mockserver.domain.inbound import Params

HANDSET, NUMBER = "+14155552671", "+15017122661"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
VCARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nEND:VCARD\r\n"
ONLY_WHATSAPP = {
    "profile_name": "Ada",
    "list": {"id": "1", "title": "One"},
    "forwarded": True,
    "frequently_forwarded": False,
    "replied_to": "SM1",
    "referral": {"body": "Buy"},
}


@dataclass
class Application:
    """Keeps what it is posted."""

    url: str = ""
    forms: list[dict[str, str]] = field(default_factory=list)
    signed: list[tuple[str, Params, str]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append(form)
        validator = RequestValidator(DEFAULT_TOKEN)
        signature = request.headers["X-Twilio-Signature"]
        assert validator.validate(str(request.url), form, signature)
        return web.Response(status=204)

    @property
    def form(self) -> dict[str, str]:
        """The latest."""
        return self.forms[-1]


@pytest.fixture
async def app(desk: Any) -> AsyncIterator[Application]:
    """One that the number's SMS and other channels go to."""
    app, routes = Application(), web.Application()
    routes.router.add_post("/sms", app.answer)
    async with TestServer(routes) as server:
        app.url = f"http://127.0.0.1:{server.port}/sms"
        channels = ("", "whatsapp:", "rcs:", "messenger:")
        numbers = [{"phone_number": f"{each}{NUMBER}", "sms_url": app.url} for each in channels]
        await desk.post("/seed", {"numbers": numbers})
        yield app


async def texted(desk: Any, channel: str = "sms", **more: Any) -> Any:
    """A text that arrives."""
    text = {"from": HANDSET, "to": NUMBER, "channel": channel, **more}
    said = await desk.post("/inbound", text)
    assert (said["webhook"]["response_status"], said["stored"]) == (204, True)
    return said


def file(content: bytes = PNG, kind: str = "image/png", **named: str) -> dict[str, str]:
    return {"content_type": kind, "content": b64encode(content).decode(), **named}


CARD = file(VCARD, "text/vcard")


# -- places and people -----------------------------------------------------------------------------


async def test_an_sms_says_where_the_numbers_are_at_home(desk: Any, app: Application) -> None:
    """Town, state and postal code of the US, the same for each text of a number."""
    await texted(desk, body="Hi")
    form = app.form
    assert (form["FromState"], form["FromCountry"]) == ("CA", "US")
    assert (form["ToState"], form["ToCountry"]) == ("AR", "US")
    assert form["FromCity"] in ("SAN FRANCISCO", "SAN RAFAEL", "NOVATO")
    assert form["FromZip"].startswith("94")
    await texted(desk, body="Hi")
    where = ("FromCity", "FromZip", "ToCity", "ToZip")
    assert [app.forms[0][name] for name in where] == [app.forms[1][name] for name in where]


async def test_a_text_without_anything_is_one(desk: Any, app: Application) -> None:
    """Handsets can send those."""
    said = await texted(desk)
    assert (app.form["Body"], app.form["NumMedia"], said["message"]["body"]) == ("", "0", "")


async def test_a_profile_is_made_up_set_up_or_given(desk: Any, app: Application) -> None:
    """In this order; on WhatsApp, without geography."""
    await texted(desk, "whatsapp")
    await texted(desk, "whatsapp")
    assert app.forms[0]["ProfileName"] == app.forms[1]["ProfileName"] != ""
    assert "FromCity" not in app.form
    handset = {"phone_number": HANDSET, "profile_name": "Zoë"}
    await desk.post("/seed", {"handsets": [handset]})
    await texted(desk, "whatsapp")
    assert (app.form["ProfileName"], app.form["WaId"]) == ("Zoë", HANDSET[1:])
    await texted(desk, "whatsapp", profile_name="Ada")
    context = json.loads(app.form["ChannelMetadata"])["data"]["context"]
    assert context == {"ProfileName": "Ada", "WaId": HANDSET[1:]}


# -- more than text --------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["whatsapp", "rcs", "messenger"])
async def test_a_button_is_pressed(desk: Any, app: Application, channel: str) -> None:
    """What it says is the message's text; without a payload it stands for itself."""
    said = await texted(desk, channel, button={"text": "Yes", "payload": "yes_1"})
    assert (app.form["ButtonText"], app.form["ButtonPayload"]) == ("Yes", "yes_1")
    assert said["message"]["body"] == app.form["Body"] == "Yes"
    await texted(desk, channel, button={"text": "No"}, body="Nope")
    assert (app.form["ButtonPayload"], app.form["Body"]) == ("No", "Nope")
    assert app.form.get("MessageType", "button") == "button"


async def test_an_item_is_picked(desk: Any, app: Application) -> None:
    """Out of a list."""
    await texted(desk, "whatsapp", list={"id": "s", "title": "Small", "description": "8 cm"})
    assert (app.form["MessageType"], app.form["Body"]) == ("interactive", "Small")
    assert [app.form[f"List{part}"] for part in ("Id", "Title", "Description")] == [
        *("s", "Small", "8 cm"),
    ]


@pytest.mark.parametrize("channel", ["whatsapp", "rcs"])
async def test_a_place_is_sent(desk: Any, app: Application, channel: str) -> None:
    """In degrees, with the decimals that it needs."""
    spot = {"latitude": 25.018766403198, "longitude": -77, "label": "Beach", "address": "Nassau"}
    await texted(desk, channel, location=spot)
    told = [app.form[name] for name in ("Latitude", "Longitude", "Label", "Address")]
    assert told == ["25.018766403198", "-77", "Beach", "Nassau"]
    assert app.form.get("MessageType", "location") == "location"
    await texted(desk, channel, location={"latitude": 0, "longitude": 0.0000001})
    assert (app.form["Latitude"], app.form["Longitude"]) == ("0", "0.0000001")


async def test_an_answer_names_what_it_answers(desk: Any, app: Application) -> None:
    """By SID and sender; the flags of forwarded messages come along."""
    form = {"From": f"whatsapp:{NUMBER}", "To": f"whatsapp:{HANDSET}", "Body": "Ahoy"}
    await texted(desk, "whatsapp")
    sid = await desk.create(**form)
    await texted(desk, "whatsapp", body="Nice", replied_to=sid)
    assert app.form["OriginalRepliedMessageSid"] == sid
    assert app.form["OriginalRepliedMessageSender"] == f"whatsapp:{NUMBER}"
    assert (app.form["Forwarded"], app.form["FrequentlyForwarded"]) == ("false", "false")
    assert "Forwarded" not in app.forms[0]


async def test_a_text_is_forwarded(desk: Any, app: Application) -> None:
    """Once, or by many."""
    await texted(desk, "whatsapp", forwarded=True)
    assert (app.form["Forwarded"], app.form["FrequentlyForwarded"]) == ("true", "false")
    await texted(desk, "whatsapp", frequently_forwarded=True)
    assert (app.form["Forwarded"], app.form["FrequentlyForwarded"]) == ("false", "true")


async def test_an_advertisement_brings_somebody(desk: Any, app: Application) -> None:
    """Its picture is counted."""
    await texted(desk, "whatsapp", referral={"headline": "Buy", "ctwa_clid": "c1"})
    told = [app.form[f"Referral{part}"] for part in ("Headline", "CtwaClid", "NumMedia")]
    assert told == ["Buy", "c1", "0"]
    await texted(desk, "whatsapp", referral={"media_url": "https://a/b.png", "source_type": "ad"})
    assert (app.form["ReferralNumMedia"], app.form["ReferralSourceType"]) == ("1", "ad")


async def test_further_parameters_have_the_last_word(desk: Any, app: Application) -> None:
    """For what this mock does not know, and for what it would say otherwise; signed as well."""
    params = {"AddOns": '{"status":"successful"}', "FromCity": ""}
    await texted(desk, params=params)
    assert app.form.items() >= params.items()
    await texted(desk, "whatsapp", params={"MessageType": "reaction"})
    assert app.form["MessageType"] == "reaction"


# -- media -----------------------------------------------------------------------------------------


async def test_files_are_served_to_the_application(desk: Any, app: Application) -> None:
    """Each at its `MediaUrl`, without credentials, by one redirect as Twilio's; bytes and name."""
    said = await texted(desk, body="Look", media=[file(filename="cat.png"), CARD])
    message = said["message"]
    assert (message["sid"][:2], message["channel"]) == ("MM", "mms")
    assert [media["content_type"] for media in message["media"]] == ["image/png", "text/vcard"]
    assert (app.form["NumMedia"], app.form["MediaContentType1"]) == ("2", "text/vcard")
    assert app.form["MediaUrl0"].startswith(
        f"{desk.url}/2010-04-01/Accounts/{desk.sid}/Messages/MM"
    )
    async with desk.session.get(app.form["MediaUrl0"], allow_redirects=False) as way:
        assert (way.status, "/twiliocdn/" in way.headers["Location"]) == (307, True)
    async with desk.session.get(app.form["MediaUrl0"]) as picture:
        assert (picture.status, picture.content_type, await picture.read()) == (
            *(200, "image/png", PNG),
        )
        assert picture.headers["Content-Disposition"] == 'inline; filename="cat.png"'
    async with desk.session.get(app.form["MediaUrl1"]) as card:
        assert await card.read() == VCARD


async def test_twilios_api_lists_them(desk: Any, app: Application) -> None:
    """Media of inbound messages as those of others: listed, fetched, deleted."""
    sid = (await texted(desk, media=[file(), CARD]))["message"]["sid"]
    status, listed = await desk.rest("GET", f"/Messages/{sid}/Media.json")
    assert (status, [each["content_type"] for each in listed["media_list"]]) == (
        *(200, ["image/png", "text/vcard"]),
    )
    first = listed["media_list"][0]
    assert app.form["MediaUrl0"].endswith(f"/Messages/{sid}/Media/{first['sid']}")
    path = f"/Messages/{sid}/Media/{first['sid']}.json"
    assert await desk.rest("GET", path) == (200, first)
    assert (await desk.rest("GET", f"/Messages/{sid}.json"))[1]["num_media"] == "2"
    assert (await desk.rest("DELETE", path))[0] == 204
    async with desk.session.get(app.form["MediaUrl0"]) as gone:
        assert gone.status == 404


async def test_media_may_be_locked(desk: Any, app: Application) -> None:
    """With the account's setting for it, an application has to show its credentials."""
    await desk.put("/scenario", {"scenario": {"options": {"media_auth": True}}})
    await texted(desk, media=[file()])
    async with desk.session.get(app.form["MediaUrl0"]) as refused:
        assert refused.status == 401
    login = b64encode(f"{desk.sid}:{desk.token}".encode()).decode()
    headers = {"Authorization": f"Basic {login}"}
    async with desk.session.get(app.form["MediaUrl0"], headers=headers) as shown:
        assert (shown.status, await shown.read()) == (200, PNG)


async def test_a_url_is_fetched_and_served_again(desk: Any, app: Application) -> None:
    """The application is told the mock's address of it, not the handset's."""
    await texted(desk, media=[file()])
    first = app.form["MediaUrl0"]
    await texted(desk, media_urls=[first], media=[CARD])
    assert app.form["MediaUrl0"] != first
    kinds = (app.form["MediaContentType0"], app.form["MediaContentType1"])
    assert kinds == ("image/png", "text/vcard")
    async with desk.session.get(app.form["MediaUrl0"]) as picture:
        assert await picture.read() == PNG


async def test_a_sticker_is_for_whatsapp(desk: Any, app: Application) -> None:
    """WebP is refused on MMS, as Twilio has it."""
    sticker = file(b"RIFF\x24\0\0\0WEBPVP8 " + bytes(40), "image/webp")
    await texted(desk, "whatsapp", media=[sticker])
    assert app.form["MessageType"] == "sticker"
    text = {"from": HANDSET, "to": NUMBER, "media": [sticker]}
    said = await desk.ask("POST", "/inbound", text)
    assert (said.status, said.type) == (400, "bad_body")
    assert said.message.startswith("media: ")


# -- what no handset sends -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ONLY_WHATSAPP)
@pytest.mark.parametrize("channel", ["sms", "rcs", "messenger"])
async def test_what_only_whatsapp_has(desk: Any, name: str, channel: str) -> None:
    """The key is named, and where it belongs."""
    text = {"from": HANDSET, "to": NUMBER, "channel": channel, name: ONLY_WHATSAPP[name]}
    said = await desk.ask("POST", "/inbound", text)
    assert (said.status, said.type) == (400, "bad_body")
    assert said.message.startswith(f"{name}: only whatsapp can have it")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"button": {"text": "Yes"}}, "button: only whatsapp and rcs and messenger can have it"),
        ({"location": {"latitude": 1, "longitude": 1}}, "location: only whatsapp and rcs can"),
        ({"channel": "whatsapp", "replied_to": "SM1"}, "replied_to: there is no message SM1"),
        ({"channel": "whatsapp", "button": {"payload": "x"}}, "button: needs the key 'text'"),
        (
            {"channel": "whatsapp", "location": {"latitude": 91, "longitude": 0}},
            "location.latitude",
        ),
        ({"channel": "whatsapp", "list": {"id": "1", "titel": "x"}}, "did you mean 'title'"),
        ({"media": [{**file(), "content": "?"}]}, "media[0].content: is not base64"),
        ({"media": [file(kind="png")]}, "media[0].content_type: must be a content type such as"),
        ({"media": [file()] * 6, "media_urls": ["http://a/"] * 5}, "media: 11 files in all"),
        ({"media": [file(b"<html>")]}, "media: data:image/png;base64: declared image/png"),
        ({"media_urls": ["http://127.0.0.1:1/a.png"]}, "media: http://127.0.0.1:1/a.png: "),
        ({"media_urls": ["data:x"]}, "media: data:x: a data URL is"),
        ({"params": {"A": 1}}, "params.A"),
        ({"from": f"whatsapp:{HANDSET}"}, "name the channel with both, or once as `channel`"),
        ({"body": "x" * 1601}, "x … x"),
        ({"params": {"": "1"}}, "params"),
    ],
)
async def test_what_cannot_be_sent(desk: Any, change: dict[str, Any], told: str) -> None:
    """A sentence that names the key; nothing is kept, nobody is called."""
    said = await desk.ask("POST", "/inbound", {"from": HANDSET, "to": NUMBER, **change})
    assert (said.status, said.type) == (400, "bad_body")
    assert told in said.message
    assert len(said.message) < 300
    assert (await desk.get("/messages"))["total"] == 0
    assert (await desk.get("/callbacks"))["total"] == 0


# -- keywords and closed doors ---------------------------------------------------------------------


async def test_a_keyword_is_named_and_answered(desk: Any, app: Application) -> None:
    """The answer is Twilio's own: marked, and hidden from its API."""
    said = await texted(desk, body="stop")
    assert said["opt_out"] == "stop"
    (reply,) = said["replies"]
    assert (reply["automatic"], reply["origin"], "test" in reply) == (True, "reply", False)
    for query in ("", "?DateSent%3E=2000-01-01"):
        _, listed = await desk.rest("GET", f"/Messages.json{query}")
        assert [each["direction"] for each in listed["messages"]] == ["inbound"]
    assert (await desk.rest("GET", f"/Messages/{reply['sid']}.json"))[0] == 404
    assert (await texted(desk, body="hello"))["opt_out"] is None


async def test_a_message_that_is_not_kept(desk: Any) -> None:
    """Where a service has inbound messages switched off; it is shown all the same."""
    service = {"sid": "MG" + "a" * 32, "senders": [NUMBER]}
    await desk.post("/seed", {"numbers": [{"phone_number": NUMBER}], "services": [service]})
    said = await desk.post("/inbound", {"from": HANDSET, "to": NUMBER, "body": "Hi"})
    assert (said["stored"], said["webhook"], said["message"]["body"]) == (False, None, "Hi")
    assert (said["message"]["status"], said["message"]["media"]) == ("received", [])
    assert said["warnings"]
    assert (await desk.get("/messages"))["total"] == 0
