"""The official Python client, synchronous and asynchronous, through all of its Messages API."""

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

if TYPE_CHECKING:
    from tests.contract.conftest import Application, ToMock

ME, YOU, THEM = "+15017122661", "+14155552671", "+14155552672"
SERVICE = "MG" + "a" * 32


def test_a_new_user(client: Client, application: "Application") -> None:
    """Sends, fetches, and hears `sent` and then `delivered` from whom it can trust."""
    message = client.messages.create(to=YOU, from_=ME, body="Ahoy", status_callback=application.url)
    assert message.status == "queued"
    assert message.date_created is not None
    told = application.wait_for(2)
    assert [(form["MessageSid"], form["MessageStatus"]) for form in told] == [
        (message.sid, "sent"),
        (message.sid, "delivered"),
    ]
    fetched = client.messages(message.sid).fetch()
    assert (fetched.status, fetched.body, fetched.to, fetched.from_) == (
        "delivered",
        "Ahoy",
        YOU,
        ME,
    )
    assert fetched.date_sent >= fetched.date_created


def test_fields(client: Client) -> None:
    """As the library types them."""
    message = client.messages.create(to=YOU, from_=ME, body="Ahoy")
    fetched = message.fetch()
    assert isinstance(fetched.date_created, datetime)
    assert (fetched.num_segments, fetched.num_media, fetched.api_version) == (
        "1",
        "0",
        "2010-04-01",
    )
    assert (fetched.price, fetched.price_unit, fetched.error_code) == ("-0.00790", "USD", None)
    assert fetched.direction == "outbound-api"
    assert fetched.account_sid == client.account_sid
    assert set(fetched.subresource_uris) == {"media", "feedback"}


def test_a_refusal(client: Client) -> None:
    """It raises the library's exception with Twilio's code."""
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to="me", from_=ME, body="Ahoy")
    assert (refused.value.status, refused.value.code) == (400, 21211)
    assert refused.value.msg == "Unable to create record: Invalid 'To' Phone Number: me"


def test_every_parameter(client: Client) -> None:
    """All that the library can send is taken."""
    message = client.messages.create(
        to=YOU,
        messaging_service_sid=SERVICE,
        body="Ahoy “you”",
        media_url=["https://example.com/a.png", "https://example.com/b.png"],
        application_sid="AP" + "a" * 32,
        max_price=0.5,
        provide_feedback=True,
        attempt=2,
        validity_period=3_600,
        force_delivery=False,
        content_retention="retain",
        address_retention="obfuscate",
        smart_encoded=True,
        persistent_action=["geo:1,2|here"],
        traffic_type="free",
        shorten_urls=True,
        schedule_type="fixed",
        send_at=datetime.now(UTC) + timedelta(days=1),
        send_as_mms=True,
        risk_check="disable",
    )
    assert (message.status, message.num_media) == ("scheduled", "2")
    canceled = client.messages(message.sid).update(status="canceled")
    assert canceled.status == "canceled"


def test_redact_and_delete(client: Client) -> None:
    """As the library does it."""
    message = client.messages.create(to=YOU, from_=ME, body="secret")
    assert client.messages(message.sid).update(body="").body == ""
    assert client.messages(message.sid).delete() is True
    with pytest.raises(TwilioRestException) as refused:
        client.messages(message.sid).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)


def _send(client: Client) -> dict[str, str]:
    """Four messages; their bodies by SID."""
    made = {}
    for body, to, sender in (("1", YOU, ME), ("2", THEM, ME), ("3", YOU, THEM), ("4", YOU, ME)):
        made[client.messages.create(to=to, from_=sender, body=body).sid] = body
    return made


def test_filters_by_address(client: Client) -> None:
    """`to`, `from_`, and both."""
    _send(client)

    def shown(**filters: str) -> str:
        return "".join(message.body for message in client.messages.list(**filters))

    assert shown() == "4321"
    assert shown(to=YOU) == "431"
    assert shown(from_=THEM) == "3"
    assert shown(to=YOU, from_=ME) == "41"
    assert shown(to=ME) == ""


def test_filters_by_date(client: Client) -> None:
    """`date_sent`, `date_sent_before`, `date_sent_after`, with days and with moments."""
    made = len(_send(client))
    sent = client.messages.list(limit=1)[0].fetch().date_sent
    today, day = sent.date(), timedelta(days=1)

    def count(**filters: date) -> int:
        return len(client.messages.list(**filters))

    assert count(date_sent=today) == made
    assert count(date_sent=today - day) == 0
    assert count(date_sent=sent) == made
    assert count(date_sent_after=today) == made
    assert count(date_sent_after=sent + day) == 0
    assert count(date_sent_before=today) == 0
    assert count(date_sent_before=today + day) == made
    assert count(date_sent_before=sent - day) == 0
    assert count(date_sent_after=today, date_sent_before=today + day) == made


def test_paging(client: Client, http: "ToMock") -> None:
    """The library follows the pages by itself; nothing twice, nothing left out."""
    made = [client.messages.create(to=YOU, from_=ME, body=str(n)).sid for n in range(7)]
    http.answers.clear()
    assert [message.sid for message in client.messages.list(page_size=3)] == made[::-1]
    assert len(http.answers) == 3
    assert len(client.messages.list(limit=5, page_size=2)) == 5
    assert [message.sid for message in client.messages.stream(page_size=1)] == made[::-1]


def test_pages_there_and_back(client: Client) -> None:
    """`page`, `next_page`, `previous_page`, `get_page`."""
    for number in range(5):
        client.messages.create(to=YOU, from_=ME, body=str(number))
    first = client.messages.page(page_size=2)
    assert [message.body for message in first] == ["4", "3"]
    second = first.next_page()
    assert [message.body for message in second] == ["2", "1"]
    assert second.next_page().next_page() is None
    assert [message.body for message in second.previous_page()] == ["4", "3"]
    again = client.messages.get_page(second.previous_page_url)
    assert [message.body for message in again] == ["4", "3"]


def test_an_api_key(http: "ToMock") -> None:
    """User and password are the key's, the account is named beside them."""
    key = Client("SK" + "1" * 32, "secret", "AC" + "2" * 32, http_client=http)
    message = key.messages.create(to=YOU, from_=ME, body="Ahoy")
    assert message.account_sid == "AC" + "2" * 32
    assert key.messages(message.sid).fetch().sid == message.sid


def test_another_accounts_messages(client: Client) -> None:
    """401."""
    others = client.api.accounts("AC" + "3" * 32).messages
    with pytest.raises(TwilioException, match=r'HTTP 401 \{"code": 20003'):
        others.list()
    with pytest.raises(TwilioRestException) as refused:
        others.create(to=YOU, from_=ME, body="Ahoy")
    assert (refused.value.status, refused.value.code) == (401, 20003)


class Abroad(TwilioHttpClient):  # type: ignore[misc]  # twilio has no types
    """Goes where the library has chosen, as a proxy would."""

    HOST = "api.dublin.ie1.twilio.com"

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=20)
        self.base_url = base_url

    def request(self, method: str, url: str, **options: Any) -> Any:
        assert url.startswith(f"https://{self.HOST}/")
        options["headers"] = {**options["headers"], "Host": self.HOST}
        return super().request(
            method, url.replace(f"https://{self.HOST}", self.base_url), **options
        )


def test_region_and_edge(http: "ToMock", token: str) -> None:
    """The library's own host names lead to the same place."""
    sid = "AC" + "4" * 32
    Client(sid, token, http_client=http).messages.create(to=YOU, from_=ME, body="Ahoy")
    abroad = Abroad(http.base_url)
    client = Client(sid, token, region="ie1", edge="dublin", http_client=abroad)
    assert len(client.messages.list()) == 1
    abroad.session.close()


# -- the asynchronous client -----------------------------------------------------------------------


async def test_create_and_fetch(async_client: Client) -> None:
    """As the synchronous one."""
    message = await async_client.messages.create_async(to=YOU, from_=ME, body="Ahoy")
    assert message.status == "queued"
    fetched = await async_client.messages(message.sid).fetch_async()
    assert (fetched.status, fetched.body) == ("delivered", "Ahoy")


async def test_list_update_delete(async_client: Client) -> None:
    """As the synchronous one."""
    made = [
        (await async_client.messages.create_async(to=YOU, from_=ME, body=str(n))).sid
        for n in range(5)
    ]
    listed = await async_client.messages.list_async(page_size=2)
    assert [message.sid for message in listed] == made[::-1]
    redacted = await async_client.messages(made[0]).update_async(body="")
    assert redacted.body == ""
    assert await async_client.messages(made[0]).delete_async() is True
    assert len(await async_client.messages.list_async(to=YOU)) == 4


async def test_refused(async_client: Client) -> None:
    """As the synchronous one."""
    with pytest.raises(TwilioRestException) as refused:
        await async_client.messages.create_async(to=YOU, from_=ME)
    assert refused.value.code == 21602
