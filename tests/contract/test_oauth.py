"""The official library with an OAuth app's credentials in place of an Auth Token."""

from typing import TYPE_CHECKING

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.credential.client_credential_provider import ClientCredentialProvider
from twilio.rest import Client

if TYPE_CHECKING:
    from mockserver import MockTwilio

CLIENT = "OQ" + "7" * 32


def test_messages_are_sent(twilio_mock_env: "MockTwilio") -> None:
    """With a token that the library gets by itself."""
    provider = ClientCredentialProvider(CLIENT, "secret")
    client = Client(account_sid=twilio_mock_env.account_sid, credential_provider=provider)
    sent = client.messages.create(to="+15558675310", from_="+15017122661", body="Ahoy")
    assert sent.account_sid == twilio_mock_env.account_sid
    twilio_mock_env.assert_sent(to="+15558675310", times=1)


def test_a_wrong_secret(twilio_mock_env: "MockTwilio") -> None:
    """The library raises 20003."""
    client = Client()
    order = {"grant_type": "client_credentials", "client_id": CLIENT}
    client.oauth.v2.token.create(client_secret="right", **order)
    with pytest.raises(TwilioRestException, match="Authenticate"):
        client.oauth.v2.token.create(client_secret="wrong", **order)
