"""Media as the handle shows it."""

from mockserver import MockTwilio

TO, FROM = "+14155552671", "+15017122661"


def test_what_is_attached() -> None:
    """A record for each; one that was not fetched says why, and what to do about it."""
    with MockTwilio(seed=7) as twilio:
        url = "https://images.example.com/menu.pdf"
        twilio.client().messages.create(to=TO, from_=FROM, media_url=[url])
        twilio.clock.run_until_idle()
        [message] = twilio.messages(to=TO)
        [menu] = message.media
        assert (menu.url, menu.content_type, menu.size) == (url, "application/pdf", 0)
        assert (menu.sid[:2], menu.fetched) == ("ME", False)
        assert "--webhook-allow images.example.com" in menu.note
        twilio.client().messages.create(to=TO, from_=FROM, body="Ahoy")
        assert twilio.last_message(to=TO).media == []
